import SGBasics
import SGFormats
import SGNets
import SGTensors

/// The tensors of a PyTorch model, module by module in natural order of their names.
final class TorchModules {
  private let file: SafetensorsFile
  private let path: String
  private var modules: [(name: String, tensors: [String: SafetensorsFile.Entry])] = []
  private var used: Set<String> = []

  init(_ path: String, prefix: String) throws(Failure) {
    file = try SafetensorsFile(path)
    self.path = path
    for entry in file.tensors.sorted(by: { naturallyPrecedes($0.name, $1.name) })
    where entry.name.hasPrefix(prefix) {
      let (module, name) = Self.parts(entry.name)
      // A counter that only a momentum of None would use.
      if name == "num_batches_tracked" { continue }
      if modules.last?.name != module { modules.append((module, [:])) }
      modules[modules.count - 1].tensors[name] = entry
    }
  }

  /// A tensor's module and its name there; what `parametrizations.weight_norm` says as the older
  /// `weight_norm` does.
  private static func parts(_ whole: String) -> (module: String, name: String) {
    for (end, name) in [("original0", "weight_g"), ("original1", "weight_v")] {
      let end = ".parametrizations.weight.\(end)"
      if whole.hasSuffix(end) { return (String(whole.dropLast(end.count)), name) }
    }
    let dot = whole.lastIndex(of: ".") ?? whole.startIndex
    return (String(whole[..<dot]), String(whole[dot...].drop { $0 == "." }))
  }

  func tensor(
    module index: Int, _ form: TorchForm, for layer: String
  ) throws(Failure) -> Tensor {
    guard index < modules.count else {
      throw Failure(
        .mismatch, "\(path): has \(modules.count) modules with weights and none for \(layer)")
    }
    let module = modules[index]
    guard let entry = module.tensors[form.normalizedName] else {
      throw Failure(
        .mismatch, "\(path): \(module.name), taken for \(layer), has no \(form.normalizedName)")
    }
    guard entry.shape == form.shape else {
      throw Failure(
        .mismatch,
        "\(path): \(entry.name.shown): expected shape \(form.shape) for \(layer), found \(entry.shape)"
      )
    }
    let value = try file.tensor(entry)
    guard value.isFinite else {
      throw Failure(.format, "\(path): \(entry.name.shown) holds NaN or infinity")
    }
    used.insert(entry.name)
    return value
  }

  func expectAllUsed() throws(Failure) {
    for module in modules {
      for entry in module.tensors.values.sorted(by: { $0.name < $1.name })
      where !used.contains(entry.name) {
        throw Failure(
          .mismatch, "\(path): the network has no place for the tensor \(entry.name.shown)")
      }
    }
  }

  /// Four axes and the order of modules: what is needed to know a DCGAN again.
  var convolutions: [[Int]] {
    modules.compactMap { $0.tensors["weight"]?.shape }.filter { $0.count == 4 }
  }
}

/// Whether a name comes before another, runs of digits compared as numbers: `main.9.weight` before
/// `main.10.weight`.
func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  func parts(_ text: String) -> [(Int, String)] {
    text.split(separator: ".").map { (Int($0) ?? -1, String($0)) }
  }
  for (x, y) in zip(parts(a), parts(b)) where x != y { return x < y }
  return a.utf8.count < b.utf8.count
}
