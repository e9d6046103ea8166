import SGBasics
import SGFormats
import SGTensors

extension Dataset {
  /// Opens what `path` names: "ring", "grid", or a file or folder in one of the formats that the README lists.
  /// - Parameters:
  ///   - path: of the data.
  ///   - options: an object; `swiftgan_dataset_open` in the C header lists the keys of each format.
  /// - Throws: `Failure` of kind io, format, truncated, checksum, unsupported or limit (the files), configuration (an option), or noMemory.
  public static func open(
    _ path: String, options: JSON = .object([])
  ) throws(Failure) -> Dataset {
    try Memory.checked { () throws(Failure) in
      try open(path, options: JSONObject(options, path: ""))
    }
  }

  /// The same with options that were taken from elsewhere.
  package static func open(_ path: String, options: JSONObject) throws(Failure) -> Dataset {
    var o = options
    switch path {
    case "ring":
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let modes = try o.int("modes", in: 1...1_000_000, default: 8)
      let radius = Float(try o.double("radius", in: 0...1e6, default: 1))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.01))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish()
      return try ring(count: count, modes: modes, radius: radius, deviation: deviation, seed: seed)
    case "grid":
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let side = try o.int("side", in: 1...1000, default: 5)
      let spacing = Float(try o.double("spacing", in: 0...1e6, default: 2))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.05))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish()
      return try grid(count: count, side: side, spacing: spacing, deviation: deviation, seed: seed)
    default:
      let files = try FileOptions(&o)
      let changed = try DatasetChanges(&o)
      return try changed(open(path, files, &o))
    }
  }

  /// A file or folder.
  private static func open(
    _ path: String, _ options: FileOptions, _ o: inout JSONObject
  ) throws(Failure) -> Dataset {
    switch try DataFormat(of: path) {
    case .images:
      let shape = try ImageShape(&o)
      let skipping = try o.bool("skip_corrupt", default: false)
      try o.finish()
      return try images(
        ImageFolder(path, split: options.split), as: shape, range: options.range,
        limit: options.limit, memory: options.memory, skippingCorrupt: skipping)
    case .cifar:
      let coarse = try o.bool("coarse", default: false)
      try o.finish()
      return try cifar(
        CIFAR(path, split: options.split), coarse: coarse, range: options.range,
        limit: options.limit, memory: options.memory)
    case .npy:
      let labels = try o.optionalString("labels")
      try o.finish()
      return try npy(
        NPY(InputFile(path)),
        labels: labels.map { (path) throws(Failure) in try NPY(InputFile(path)) },
        range: options.range, limit: options.limit, memory: options.memory, source: path)
    case .npz:
      let (samples, labels) = (try o.optionalString("samples"), try o.optionalString("labels"))
      try o.finish()
      let arrays = try NPZ(path)
      return try npy(
        arrays.samples(samples), labels: arrays.labels(labels), range: options.range,
        limit: options.limit, memory: options.memory, source: path)
    case .csv:
      let columns = try CSVColumns(&o)
      try o.finish()
      return try csv(path, columns, limit: options.limit)
    case .idx:
      let labels = try o.optionalString("labels")
      try o.finish()
      return try idx(
        IDXFiles(path, split: options.split, labels: labels), range: options.range,
        limit: options.limit, memory: options.memory)
    }
  }
}

/// What all files have in common.
private struct FileOptions {
  let split: String
  let range: ValueRange
  let limit: Int
  /// The most bytes that samples may take in memory.
  let memory: Int

  init(_ o: inout JSONObject) throws(Failure) {
    split = try o.string("split", oneOf: ["train", "test"], default: "train")
    range = try o.range("range", default: ValueRange(-1, 1)) ?? ValueRange(0, 255)
    limit = try o.int("limit", in: 1...Int.max, default: .max)
    memory = try o.int("memory", in: 0...(1 << 30), default: 512) << 20
  }
}
