import SGBasics
import SGFormats
import SGTensors

extension Dataset {
  /// Opens what `path` names: "ring", "grid", or a file or folder in one of the formats that the
  /// README lists.
  /// - Parameters:
  ///   - path: of the data.
  ///   - options: an object; `swiftgan_dataset_open` in the C header lists the keys of each format.
  /// - Throws: `Failure` of kind io, format, truncated, checksum, unsupported or limit (the files),
  ///   configuration (an option), or noMemory.
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
      let what = "the synthetic set \"ring\""
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let modes = try o.int("modes", in: 1...1_000_000, default: 8)
      let radius = Float(try o.double("radius", in: 0...1e6, default: 1))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.01))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish(what)
      return try ring(count: count, modes: modes, radius: radius, deviation: deviation, seed: seed)
    case "grid":
      let what = "the synthetic set \"grid\""
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let side = try o.int("side", in: 1...1000, default: 5)
      let spacing = Float(try o.double("spacing", in: 0...1e6, default: 2))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.05))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish(what)
      return try grid(count: count, side: side, spacing: spacing, deviation: deviation, seed: seed)
    default:
      // Whether there is something comes first, then what it is, then what can be asked of that.
      let format = try DataFormat(of: path)
      do throws(Failure) {
        let files = try FileOptions(&o, format)
        let changed = try DatasetChanges(&o)
        return try changed(open(path, format, files, &o))
      } catch {
        guard error.kind == .configuration, !error.message.contains(path) else { throw error }
        throw Failure(error.kind, "\(path.shown): \(error.message)")
      }
    }
  }

  /// - Throws: `Failure` where nothing has this path: of kind io, or argument where it can be none.
  package static func expect(_ path: String) throws(Failure) {
    if path != "ring" && path != "grid" { try FileIO.expect(path) }
  }

  /// A file or folder.
  private static func open(
    _ path: String, _ format: DataFormat, _ options: FileOptions, _ o: inout JSONObject
  ) throws(Failure) -> Dataset {
    let (range, limit, memory) = (options.range, options.limit, options.memory)
    if format == .csv {
      let columns = try CSVColumns(&o)
      let missing = try o.bool("missing", default: false)
      try o.finish(format.name)
      return try csv(path, columns, limit: limit, missing: missing)
    }
    if format == .sounds {
      let windows = try SoundWindows(&o)
      try o.finish(format.name)
      return try sounds(SoundFolder(path), windows, limit: limit, memory: memory)
    }
    var shape = try ImageShape(&o)
    let data: Dataset
    switch format {
    case .images:
      shape.background = try o.color("background", default: .white)
      let skipping = try o.bool("skip_corrupt", default: false)
      let inputs = try FolderInputs(&o)
      let isUnpaired = try o.unpaired()
      try o.finish(format.name)
      if skipping, inputs != nil, !isUnpaired {
        throw Failure(
          .configuration, "skip_corrupt: images that come in pairs cannot be left out one by one")
      }
      func images(_ path: String, _ half: ImageShape.Half?) throws(Failure) -> Dataset {
        var shape = shape
        shape.half = half
        return try Dataset.images(
          ImageFolder(path, split: options.split), as: shape, range: range, limit: limit,
          memory: memory, skippingCorrupt: skipping)
      }
      switch inputs {
      case nil: return try images(path, nil)
      case .folder(let other):
        return try images(path, nil).paired(with: images(other, nil), inOrder: !isUnpaired)
      case .half(let half):
        return try images(path, half.other).paired(with: images(path, half))
      }
    case .cifar:
      let coarse = try o.bool("coarse", default: false)
      try o.finish(format.name)
      data = try cifar(
        CIFAR(path, split: options.split), coarse: coarse, range: range, limit: limit,
        memory: memory)
    case .npz:
      let (samples, labels) = (try o.optionalString("samples"), try o.optionalString("labels"))
      let inputs = try o.optionalString("inputs")
      let isUnpaired = try o.unpaired()
      let missing = try o.bool("missing", default: false)
      try o.finish(format.name)
      let arrays = try NPZ(path, split: options.isSplitGiven ? options.split : nil)
      func read(_ array: NPY, _ labels: NPY?, missing: Bool) throws(Failure) -> Dataset {
        let data = try npy(
          array, labels: labels, range: range, limit: limit, memory: memory, missing: missing,
          source: path)
        return shape.isNone ? data : try data.reshaped(shape, memory: memory)
      }
      let targets = try read(arrays.samples(samples), arrays.labels(labels), missing: missing)
      return try inputs.map { (name) throws(Failure) in
        try targets.paired(
          with: read(arrays.inputs(name), nil, missing: false), inOrder: !isUnpaired)
      } ?? targets
    case .npy, .csv, .sounds:
      let labels = try o.optionalString("labels")
      let inputs = try o.optionalString("inputs")
      let isUnpaired = try o.unpaired()
      let missing = try o.bool("missing", default: false)
      try o.finish(format.name)
      func read(_ path: String, labels: String?, missing: Bool) throws(Failure) -> Dataset {
        let data = try npy(
          NPY(InputFile(path)),
          labels: labels.map { (path) throws(Failure) in try NPY(InputFile(path)) }, range: range,
          limit: limit, memory: memory, missing: missing, source: path)
        return shape.isNone ? data : try data.reshaped(shape, memory: memory)
      }
      let targets = try read(path, labels: labels, missing: missing)
      return try inputs.map { (path) throws(Failure) in
        try targets.paired(
          with: read(path, labels: nil, missing: false), inOrder: !isUnpaired)
      } ?? targets
    case .idx:
      let labels = try o.optionalString("labels")
      let transposed = try o.optionalBool("transposed")
      try o.finish(format.name)
      data = try idx(
        IDXFiles(path, split: options.split, labels: labels), transposed: transposed, range: range,
        limit: limit, memory: memory)
    }
    return shape.isNone ? data : try data.reshaped(shape, memory: memory)
  }
}

extension JSONObject {
  /// `unpaired`, which goes with `inputs`.
  fileprivate mutating func unpaired() throws(Failure) -> Bool {
    let isUnpaired = try bool("unpaired", default: false)
    guard !isUnpaired || ![nil, .null].contains(take("inputs")) else {
      throw Failure(.configuration, "unpaired: goes with inputs")
    }
    return isUnpaired
  }
}

/// Where the inputs of a folder's images are.
private enum FolderInputs {
  /// Another folder, with files of the same names.
  case folder(String)
  /// A half of each picture.
  case half(ImageShape.Half)

  /// - Parameter o: reads `inputs`, a path, or `side_by_side`, "left" or "right".
  init?(_ o: inout JSONObject) throws(Failure) {
    let folder = try o.optionalString("inputs")
    let isHalf = ![nil, .null].contains(o.take("side_by_side"))
    if folder == nil, !isHalf { return nil }
    if let folder {
      guard !isHalf else {
        throw Failure(
          .configuration, "side_by_side: not with inputs, which says where the inputs are")
      }
      self = .folder(folder)
    } else {
      self = .half(try o.choice("side_by_side", default: .left))
    }
  }
}

/// What all files have in common.
private struct FileOptions {
  /// Which part of a data set that has several.
  let split: String
  let isSplitGiven: Bool
  let range: ValueRange
  let limit: Int
  /// The most bytes that samples may take in memory.
  let memory: Int

  init(_ o: inout JSONObject, _ format: DataFormat) throws(Failure) {
    switch format {
    case .npy, .csv, .sounds: (split, isSplitGiven) = ("train", false)
    case .images, .npz:
      let name = try o.optionalString("split")
      isSplitGiven = name != nil
      split =
        name == nil
        ? "train" : try o.string("split", oneOf: ["train", "test", "val"], default: "train")
    case .idx, .cifar:
      split = try o.string("split", oneOf: ["train", "test"], default: "train")
      isSplitGiven = true
    }
    range = try o.range("range", default: ValueRange(-1, 1)) ?? ValueRange(0, 255)
    limit = try o.int("limit", in: 1...Int.max, default: .max)
    memory = try o.int("memory", in: 0...(1 << 30), default: 512) << 20
  }
}
