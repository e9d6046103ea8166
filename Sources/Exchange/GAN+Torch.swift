import SGBasics
import SGFormats
import SGModels
import SGNets
import SGTensors

extension GAN {
  /// Writes one network's weights as a safetensors file whose names, axes and order of elements
  /// `load_state_dict` of an `nn.Sequential` of the same layers takes. The generator is the
  /// averaged one if there is one. Weights under `WeightNorm` and `SpectralNorm` are written as the
  /// plain ones that they make. Where the model
  /// standardizes vectors, the network of the file sees and makes standardized ones, which a
  /// warning says; the columns' offsets and factors are lists of numbers in the file's metadata.
  /// - Parameters:
  ///   - role: which network.
  ///   - path: of the file.
  ///   - prefix: in front of every name; `main.` as in PyTorch's own DCGAN example.
  /// - Throws: `Failure` of kind unsupported, which names the layer, or io.
  public func exportTorch(
    _ role: NetworkRole, to path: String, prefix: String = "main."
  ) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let network = try trained(role)
      let tensors = try TorchForms(network).forms.filter { $0.name != "gain" }.map { form in
        (
          name: "\(prefix)\(form.module).\(form.name)",
          value: form.exported(network.weight(form.layer, form.name))
        )
      }
      let units = network.standardization.texts
      if !units.isEmpty {
        Log.warning(
          "\(path): this network's vectors are standardized, x = offset + factor * network's; weights"
            + " cannot say so, so apply it yourself: the file's metadata has"
            + " \(units.keys.sorted().joined(separator: ", "))")
      }
      try Safetensors.write(
        tensors, metadata: ["format": "pt"].merging(units) { $1 }, to: path)
    }
  }

  /// Replaces one network's weights by those of a PyTorch model. Its modules with weights must be
  /// those of the network, in the same order by name (numbers as numbers); nothing has changed if
  /// it fails. Optimizers keep their state. Where a weight is normalized it must be so there, by
  /// PyTorch's `weight_norm` over the outputs (the older or the one of `parametrizations`);
  /// `SpectralNorm` reads a plain weight, which it goes on to normalize. A model that standardizes vectors goes on doing so, and one without a step begins when it is first
  /// trained on a data set; `standardize` false keeps it from that.
  /// - Parameters:
  ///   - role: which network.
  ///   - path: of a safetensors file.
  ///   - prefix: of the names that are read; others are passed over.
  /// - Throws: `Failure` of a file's kinds; mismatch, which names tensor and layer; unsupported.
  public func importTorch(
    _ role: NetworkRole, from path: String, prefix: String = ""
  ) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let network = try trained(role)
      let theirs = try TorchModules(path, prefix: prefix)
      let all = try TorchForms(network)
      if step == 0, let (_, name) = all.normalized.first(where: { $0.layer.takesFirstBatch }) {
        throw Failure(
          .unsupported,
          "\(role.rawValue).\(name): the first step would replace what is read; expected weight_norm with first_batch false"
        )
      }
      var new: [String: Tensor] = [:]
      var modules: [String] = []
      for form in all.forms.sorted(by: {
        naturallyPrecedes($0.module, $1.module)
      }) {
        if modules.last != form.module { modules.append(form.module) }
        let value = try theirs.tensor(
          module: modules.count - 1, form, for: "\(role.rawValue).\(form.layer)")
        let ours = form.imported(value, as: network.weight(form.layer, form.name).shape)
        new["\(role.rawValue).\(form.layer).\(form.name)"] = ours
        if role == .generator { new["generator_average.\(form.layer).\(form.name)"] = ours }
      }
      try theirs.expectAllUsed(new.count, modules: modules.count)
      var state = state
      state.write(new)
      state.settleStatistics()
      self.state = state
    }
  }
}

/// The tensors of a PyTorch model, module by module in natural order of their names.
private final class TorchModules {
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

  func expectAllUsed(_ count: Int, modules wanted: Int) throws(Failure) {
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

extension Configuration {
  /// The DCGAN preset that has the layers of PyTorch's DCGAN example, found out from the shapes of
  /// its tensors.
  /// - Parameters:
  ///   - generator: a safetensors file of the generator.
  ///   - discriminator: one of the discriminator; nil: it is as wide as the generator.
  /// - Throws: `Failure` of kind mismatch where they are no such networks.
  public init(torchGenerator generator: String, discriminator: String? = nil) throws(Failure) {
    let g = try TorchModules(generator, prefix: "").convolutions
    guard let first = g.first, let last = g.last, g.count >= 2, first[2] == first[3],
      (2...6).contains(g.count)
    else {
      throw Failure(
        .mismatch, "\(generator): expected the convolutions of a DCGAN generator, found \(g)")
    }
    var width = last[0]
    if let discriminator {
      let d = try TorchModules(discriminator, prefix: "").convolutions
      guard let front = d.first else {
        throw Failure(.mismatch, "\(discriminator): expected convolutions, found none")
      }
      width = front[0]
    }
    let side = first[2] << (g.count - 1)
    self.init(
      shape: [side, side, last[1]], latent: Prior(size: first[0]),
      generator: .dcgan(width: last[0]),
      discriminator: .dcgan(width: width))
  }
}
