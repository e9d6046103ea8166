import SGBasics
import SGFormats

/// NumPy's archives of arrays (`numpy.savez`, `savez_compressed`): zip files whose members are
/// `.npy` files.
struct NPZ {
  private let archive: ZipArchive
  private static let suffix = ".npy"

  /// Which part is meant, where the archive has several, such as Keras' and MedMNIST's; nil: it has
  /// none.
  private let split: String?

  /// What samples and labels are usually called, the likeliest first.
  private static let usualSamples = ["samples", "x", "images", "arr_0", "data"]
  private static let usualLabels = ["labels", "y"]

  private static func samples(of split: String) -> [String] {
    ["x_\(split)", "X_\(split)", "\(split)_images", "\(split)_x", "\(split)_X"]
  }

  private static func labels(of split: String) -> [String] {
    ["y_\(split)", "\(split)_labels", "\(split)_y"]
  }

  /// - Parameter split: which part is wanted; nil: "train" where the archive has parts.
  init(_ path: String, split: String?) throws(Failure) {
    archive = try ZipArchive(path)
    guard !archive.members.isEmpty else { throw Failure(.format, "\(path): NPZ: holds no arrays") }
    if let other = archive.members.first(where: { !$0.name.hasSuffix(Self.suffix) }) {
      throw Failure(
        .format, "\(path): NPZ: expected only arrays (*.npy), found \"\(other.name.shown)\"")
    }
    let names = archive.members.map { String($0.name.dropLast(Self.suffix.count)) }
    let parts = ["train", "test", "val"].filter {
      !Set(Self.samples(of: $0)).isDisjoint(with: names)
    }
    if let split, !parts.contains(split) {
      throw Failure(
        .configuration,
        "split: \(path) has "
          + (parts.isEmpty
            ? "no parts, such as x_train and x_test"
            : "the parts \(parts.joined(separator: ", ")), not \(split)"))
    }
    self.split = split ?? (parts.contains("train") ? "train" : parts.first)
  }

  private var names: [String] { archive.members.map { String($0.name.dropLast(4)) } }

  /// The samples.
  /// - Parameter name: what they are called; nil: one of the usual names, or the only array.
  func samples(_ name: String?) throws(Failure) -> NPY {
    if let name { return try array(name, "samples") }
    guard
      let usual = usual(split.map(Self.samples) ?? Self.usualSamples)
        ?? (names.count == 1 ? names[0] : nil)
    else {
      throw Failure(
        .configuration,
        "samples: \(archive.path) holds \(list), none of which is called as usual; name one")
    }
    return try array(usual, "samples")
  }

  /// The labels.
  /// - Parameter name: what they are called; nil: one of the usual names, or there are none.
  func labels(_ name: String?) throws(Failure) -> NPY? {
    guard let name = name ?? usual(split.map(Self.labels) ?? Self.usualLabels) else { return nil }
    return try array(name, "labels")
  }

  /// The inputs of pairs.
  func inputs(_ name: String) throws(Failure) -> NPY { try array(name, "inputs") }

  private func usual(_ wanted: [String]) -> String? { wanted.first(where: names.contains) }

  private var list: String {
    names.prefix(20).map { "\"\($0.shown)\"" }.joined(separator: ", ")
      + (names.count > 20 ? ", …" : "")
  }

  private func array(_ name: String, _ key: String) throws(Failure) -> NPY {
    guard let place = names.firstIndex(of: name) else {
      throw Failure(
        .configuration,
        "\(key): \(archive.path) holds no \"\(name.shown)\", only \(list)"
          + JSONObject.suggestion(for: name, among: names))
    }
    return try NPY(archive.contents(of: archive.members[place]))
  }
}

extension DataFormat {
  static var npz: DataFormat {
    DataFormat(
      name: "an NPZ archive", summary: "An archive of NumPy arrays, .npz.", files: ".npz",
      endings: [".npz"], hasImages: true,
      options: [
        DataOption(
          "split", "train", "Or test, val: x_train (Keras), train_images (MedMNIST)."),
        DataOption(
          "samples", "NAME",
          "Without: samples, x, images, arr_0 or data, or the split's, or the only array."),
        DataOption("labels", "NAME", "Without: labels or y, or the split's, if there is one."),
        DataOption("inputs", "NAME", "The array of what each sample is made from."),
        DataOption("unpaired", "true", "Inputs of any number, which belong to no sample."),
        DataOption("missing", "true", "NaN elements are missing."),
      ]
    ) { (o, files) throws(Failure) in
      let split =
        try o.isNull("split")
        ? nil : o.string("split", oneOf: ["train", "test", "val"])
      let (samples, labels) = (try o.optionalString("samples"), try o.optionalString("labels"))
      let inputs = try o.optionalString("inputs")
      let options = try ArrayOptions(&o)
      return { (path) throws(Failure) in
        let archive = try NPZ(path, split: split)
        return try Dataset.arrays(
          archive.samples(samples), labels: archive.labels(labels),
          inputs: inputs.map(archive.inputs), options, files, source: path)
      }
    }
  }
}
