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
    // Whether there is something comes first, then what it is, then what can be asked of that.
    let format = try DataFormat.of(path)
    if format.word != nil {
      let open = try format.opener(&o, FileOptions())
      try o.finish(format.name)
      return try open(path)
    }
    do throws(Failure) {
      let files = try FileOptions(&o)
      let changed = try DatasetChanges(&o)
      let open = try format.opener(&o, files)
      try o.finish(format.name)
      return try changed(open(path))
    } catch {
      guard error.kind == .configuration, !error.message.contains(path) else { throw error }
      throw Failure(error.kind, "\(path.shown): \(error.message)")
    }
  }

  /// - Throws: `Failure` where nothing has this path: of kind io, or argument where it can be none.
  package static func expect(_ path: String) throws(Failure) {
    if !isSynthetic(path) { try FileIO.expect(path) }
  }

  /// The options of what a path names whose values are paths, too.
  package static func pathOptions(of path: String) -> [String] {
    ((try? DataFormat.of(path))?.options ?? []).filter(\.isPath).map(\.key)
  }

  /// Whether a word stands for data that is drawn, such as "ring".
  package static func isSynthetic(_ path: String) -> Bool {
    DataFormat.all.contains { $0.word == path }
  }
}

/// The options of all files.
struct FileOptions: Sendable {
  var range = ValueRange(-1, 1)
  var limit = Int.max
  /// The most bytes that samples may take in memory.
  var memory = 512 << 20

  init() {}

  /// - Parameter o: reads `range`, `limit` and `memory`.
  init(_ o: inout JSONObject) throws(Failure) {
    range = try o.range("range", default: range) ?? ValueRange(0, 255)
    limit = try o.int("limit", in: 1...Int.max, default: limit)
    memory = try o.int("memory", in: 0...(1 << 30), default: memory >> 20) << 20
  }

  static var options: [DataOption] {
    [
      DataOption(
        "range", "[-1,1]",
        "What the stored values 0...255 become (in training: the configuration's data.range)."),
      DataOption("limit", "1000", "Only the first samples."),
      DataOption(
        "memory", "512",
        """
        MiB in memory; more are read from the files while training, by a thread of its own, to the \
        same bits. Tables, sounds, compressed files and .npy in Fortran's order are always kept in \
        memory.
        """),
    ]
  }
}
