import SGBasics
import SGFormats

/// The binary version of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): records of one label (100: a
/// coarse one, then a fine one) and 3072 bytes, a 32 x 32 picture's red, green and blue planes.
struct CIFAR {
  /// 10 or 100.
  let classes: Int
  let paths: [String]
  /// Bytes in a record before its pixels.
  private var labelBytes: Int { classes == 10 ? 1 : 2 }

  private static let side = 32
  static let size = side * side * 3

  /// Whether a file in a folder is one of these by its name.
  static func isName(_ name: String) -> Bool {
    name.hasSuffix(".bin")
      && (name.hasPrefix("data_batch_")
        || ["test_batch.bin", "train.bin", "test.bin"].contains(name))
  }

  /// Whether a file is one of the version for Python by its name.
  static func isPickledName(_ name: String) -> Bool {
    name.hasPrefix("data_batch_")
      || ["test_batch", "batches.meta", "train", "test", "meta"].contains(name)
  }

  /// What to do about the version for Python.
  static let advice =
    "its files are pickles, which can run code when they are read, and are not read here: download"
    + " the binary version (cifar-10-binary.tar.gz or cifar-100-binary.tar.gz from"
    + " www.cs.toronto.edu/~kriz/cifar.html)"

  /// - Parameter path: a folder with files of the usual names, or one file, whose size says which
  ///   kind it is.
  /// - Throws: `Failure` of kind io where the split's files, or one of the batches, are missing, or
  ///   of the file.
  init(_ path: String, split: String) throws(Failure) {
    if FileIO.isDirectory(path) {
      try self.init(folder: path, split: split)
    } else {
      try self.init(file: path)
    }
  }

  private init(folder: String, split: String) throws(Failure) {
    let files = try FileIO.list(folder).files
    let batches = files.filter { $0.hasPrefix("data_batch_") && $0.hasSuffix(".bin") }
    let names: [String]
    if !batches.isEmpty || files.contains("test_batch.bin") {
      classes = 10
      let wanted = (1...max(batches.count, 1)).map { "data_batch_\($0).bin" }
      names = split == "train" ? wanted : ["test_batch.bin"]
    } else {
      classes = 100
      names = ["\(split).bin"]
    }
    if let missing = names.first(where: { !files.contains($0) }) {
      throw Failure(.io, "\(folder): holds no \(missing)")
    }
    paths = names.map { "\(folder)/\($0)" }
  }

  private init(file path: String) throws(Failure) {
    let size = try InputFile(path).size
    let (is10, is100) = (size % (Self.size + 1) == 0, size % (Self.size + 2) == 0)
    guard size > 0 else { throw Failure(.truncated, "\(path): CIFAR: the file is empty") }
    guard is10 != is100 else {
      throw Failure(
        .format,
        "\(path): CIFAR: expected whole records of \(Self.size + 1) (CIFAR-10) or \(Self.size + 2) (CIFAR-100)"
          + " bytes, found \(size) bytes\(is10 ? ", which both divide" : "")")
    }
    classes = is10 ? 10 : 100
    paths = [path]
  }

  /// The files' samples and labels.
  /// - Parameters:
  ///   - coarse: whether the coarse labels of CIFAR-100 are wanted.
  ///   - memory: the most bytes of files that are taken to memory.
  func samples(
    coarse: Bool, memory: Int
  ) throws(Failure) -> (samples: CIFARSamples, labels: [Int32]) {
    guard !coarse || classes == 100 else {
      throw Failure(.configuration, "coarse: \(paths[0]) is CIFAR-10, which has one kind of labels")
    }
    let record = labelBytes + Self.size
    var files: [any StoredBytes] = []
    for path in paths {
      let file = try InputFile(path)
      guard file.size > 0, file.size % record == 0 else {
        throw Failure(
          file.size < record ? .truncated : .format,
          "\(path), byte \(file.size / record * record): CIFAR-\(classes): expected whole records of \(record)"
            + " bytes, found \(file.size) bytes")
      }
      files.append(file)
    }
    let isKept = files.reduce(0) { $0 + $1.size } <= memory
    var labels: [Int32] = []
    for i in files.indices {
      if isKept {
        files[i] = try files[i].kept(from: 0, count: files[i].size, memory: memory).bytes
      }
      for r in 0..<files[i].size / record {
        let bytes = try files[i].bytes(at: r * record, count: labelBytes)
        let limits = classes == 10 ? [10] : [20, 100]
        for (k, limit) in limits.enumerated() where bytes[k] >= limit {
          throw Failure(
            .format,
            "\(files[i].path), byte \(r * record + k): CIFAR-\(classes): expected a label 0...\(limit - 1), found"
              + " \(bytes[k])")
        }
        labels.append(Int32(bytes[coarse ? 0 : labelBytes - 1]))
      }
    }
    return (CIFARSamples(files: files, labelBytes: labelBytes), labels)
  }

  /// The classes' names, where the file that is published with the others lies beside them; or
  /// empty.
  /// - Throws: `Failure` of kind format where there are not as many as classes.
  func names(coarse: Bool) throws(Failure) -> [String] {
    let name =
      classes == 10
      ? "batches.meta.txt" : coarse ? "coarse_label_names.txt" : "fine_label_names.txt"
    let folder = paths[0].lastIndex(of: "/").map { String(paths[0][...$0]) } ?? ""
    guard FileIO.isRegularFile(folder + name) else { return [] }
    let names = try FileIO.readText(folder + name).split(whereSeparator: \.isNewline).map(
      String.init)
    let count = coarse ? 20 : classes
    guard names.count == count else {
      throw Failure(.format, "\(folder + name): expected \(count) names, found \(names.count)")
    }
    return names
  }
}

/// Records of CIFAR's files: labels, then red, green and blue planes, which become rows of RGB.
struct CIFARSamples: ByteSource {
  fileprivate let files: [any StoredBytes]
  fileprivate let labelBytes: Int
  var size: Int { CIFAR.size }
  var readsAhead: Bool { files.contains { !$0.isInMemory } }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    let record = labelBytes + size
    var (file, place) = (0, i * record)
    while place >= files[file].size {
      place -= files[file].size
      file += 1
    }
    let planes = try files[file].bytes(at: place + labelBytes, count: size)
    let plane = size / 3
    for p in 0..<plane {
      for c in 0..<3 { bytes[3 * p + c] = planes[c * plane + p] }
    }
  }
}

extension Dataset {
  /// Pictures and labels of CIFAR files.
  static func cifar(
    _ files: CIFAR, coarse: Bool, range: ValueRange, limit: Int, memory: Int
  ) throws(Failure) -> Dataset {
    let (samples, labels) = try files.samples(coarse: coarse, memory: memory)
    let count = min(limit, labels.count)
    return try Dataset(
      samples, count: count, shape: [32, 32, 3], range: range, labels: Array(labels.prefix(count)),
      classNames: files.names(coarse: coarse), source: files.paths[0])
  }
}

extension DataFormat {
  static var cifar: DataFormat {
    DataFormat(
      name: "CIFAR's binary files",
      summary: """
        CIFAR-10's or CIFAR-100's binary version: a folder of data_batch_*.bin or train.bin, or \
        one such file.
        """,
      files: "CIFAR's .bin", endings: [".bin"],
      isFile: { (path, name, head) throws(Failure) in
        if CIFAR.isPickledName(name), let what = FileSignature.name(of: head) {
          throw Failure(.unsupported, "\(path): \(what); \(CIFAR.advice)")
        }
        return false
      }, contents: "CIFAR batches",
      isFolder: { (path, entries) throws(Failure) in
        if entries.files.contains(where: CIFAR.isName) { return true }
        if entries.files.contains("batches.meta")
          || ["train", "test", "meta"].allSatisfy(entries.files.contains)
        {
          throw Failure(
            .unsupported, "\(path): holds CIFAR's version for Python; \(CIFAR.advice)")
        }
        return false
      }, hasImages: true,
      options: [
        DataOption("split", "train", "Or test."),
        DataOption("coarse", "true", "CIFAR-100's 20 classes instead of its 100."),
      ]
    ) { (o, files) throws(Failure) in
      let split = try o.string("split", oneOf: ["train", "test"], default: "train")
      let shape = try ImageShape(&o)
      let coarse = try o.bool("coarse", default: false)
      return { (path) throws(Failure) in
        try Dataset.cifar(
          CIFAR(path, split: split), coarse: coarse, range: files.range, limit: files.limit,
          memory: files.memory
        ).reshaped(shape, memory: files.memory)
      }
    }
  }
}
