import SGBasics
import SGFormats
import SGTensors

/// Which files an IDX data set consists of: MNIST's (also with a dot before idx3), Fashion-MNIST's,
/// EMNIST's and QMNIST's names.
struct IDXFiles {
  let images: String
  let labels: String?
  /// Whether the images are stored column by column, as EMNIST's are, whose files were written by
  /// MATLAB; IDX says nothing of it, so only their names tell.
  var areTransposed: Bool { LastName.of(images).lowercased().hasPrefix("emnist-") }

  private static let suffix = ".gz"

  /// Whether a file in a folder is one of images by its name.
  static func isName(_ name: String) -> Bool {
    let bare = name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    return bare.contains("images") && bare.hasSuffix("idx3-ubyte")
  }

  /// - Parameters:
  ///   - path: a file of images, or a folder that holds one, or one for each split.
  ///   - labels: a file of labels; nil: the one beside the images whose name has labels-idx1 for
  ///     images-idx3, if there is one.
  /// - Throws: `Failure` of kind io where the split's file is missing, format where there are
  ///   several.
  init(_ path: String, split: String, labels: String?) throws(Failure) {
    images = FileIO.isDirectory(path) ? try Self.images(in: path, split: split) : path
    self.labels = labels ?? Self.labels(beside: images)
  }

  private static func images(in folder: String, split: String) throws(Failure) -> String {
    let files = try FileIO.list(folder).files.filter(isName)
    let words = split == "train" ? ["train-images"] : ["t10k-images", "test-images"]
    var found = files.filter { name in words.contains(where: name.contains) }
    let isPart = { (name: String) in
      ["train-images", "t10k-images", "test-images"].contains(where: name.contains)
    }
    // A single file that is of no split.
    if found.isEmpty, files.count == 1, !isPart(files[0]) { found = files }
    // The same file twice, in gzip and unpacked.
    if found.count == 2, found[1] == found[0] + suffix { found = [found[1]] }
    guard let first = found.first else {
      throw Failure(
        .io,
        "\(folder): holds no \(words[0])-idx3-ubyte[.gz] (option split), only "
          + files.prefix(4).map(\.shown).joined(separator: ", "))
    }
    guard found.count == 1 else {
      throw Failure(
        .format,
        "\(folder): holds several files of images, one of which must be named, as in"
          + " \(folder)/\(first): "
          + found.prefix(12).map(\.shown).joined(separator: ", "))
    }
    return "\(folder)/\(first)"
  }

  /// The labels' file is called as the images' is, but for "labels" and the rank, in gzip or not.
  private static func labels(beside images: String) -> String? {
    let isPacked = images.hasSuffix(suffix)
    let bare = isPacked ? String(images.dropLast(suffix.count)) : images
    guard let word = bare.range(ofLast: "images"),
      !bare[word.upperBound...].contains("/")
    else { return nil }
    let named = bare.replacingCharacters(in: word, with: "labels")
    guard let rank = named.range(ofLast: "idx3-ubyte") else { return nil }
    for ending in ["idx1-ubyte", "idx2-int"] {
      let name = named.replacingCharacters(in: rank, with: ending)
      for file in isPacked ? [name + suffix, name] : [name, name + suffix]
      where FileIO.isRegularFile(file) {
        return file
      }
    }
    return nil
  }
}

extension Dataset {
  /// Images and labels of IDX files.
  /// - Parameter transposed: whether the images are stored column by column; nil: as the files'
  ///   names say.
  static func idx(
    _ files: IDXFiles, transposed: Bool?, range: ValueRange, limit: Int, memory: Int
  ) throws(Failure) -> Dataset {
    let images = try IDX(readingImages: files.images)
    var labels: [Int32] = []
    if let path = files.labels {
      labels = try IDX(readingLabels: path).labels()
      guard labels.count == images.count else {
        throw Failure(
          .mismatch,
          "\(path): \(labels.count) labels for the \(images.count) images of \(files.images)")
      }
    }
    let count = min(limit, images.count)
    let (height, width) = (images.shape[1], images.shape[2])
    let stored = try StoredSamples(
      images.stored, from: images.start, count: count, size: height * width, memory: memory)
    let areTransposed = transposed ?? files.areTransposed
    if areTransposed, transposed == nil {
      Log.notice(
        "\(files.images): EMNIST stores images column by column; rows and columns were exchanged"
          + " (option transposed: false leaves them)")
    }
    return try Dataset(
      areTransposed ? TransposedBytes(images: stored, height: height, width: width) : stored,
      count: count, shape: areTransposed ? [width, height, 1] : [height, width, 1], range: range,
      labels: Array(labels.prefix(count)), source: files.images)
  }
}

/// Images [height, width] of bytes whose rows and columns are exchanged when they are read.
private struct TransposedBytes: ByteSource {
  let images: StoredSamples
  let height, width: Int
  var size: Int { images.size }
  var readsAhead: Bool { images.readsAhead }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    let buffer = try Buffer(count: size, for: "an image")
    let pixels = buffer.elements
    defer { withExtendedLifetime(buffer) {} }
    try images.read(i, into: pixels)
    for row in 0..<height {
      for column in 0..<width { bytes[column * height + row] = pixels[row * width + column] }
    }
  }
}

extension String {
  /// Where a text occurs last.
  fileprivate func range(ofLast part: String) -> Range<String.Index>? {
    var end = endIndex
    while end > startIndex {
      let start = index(end, offsetBy: -part.count, limitedBy: startIndex)
      guard let start else { return nil }
      if self[start..<end] == part { return start..<end }
      end = index(before: end)
    }
    return nil
  }

  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}

extension DataFormat {
  static var idx: DataFormat {
    DataFormat(
      name: "IDX files",
      summary: """
        IDX files: a file of images (...-idx3-ubyte, also .gz) with its labels beside it, or a \
        folder that holds MNIST's, Fashion-MNIST's, EMNIST's or QMNIST's files.
        """,
      files: "an IDX file",
      isFile: { (_, name, head) throws(Failure) in
        // A damaged IDX file is still one by its name.
        let isGzip = head.starts(with: [0x1F, 0x8B])
        return name.contains("idx") || name.contains("ubyte")
          || head.prefix(2).allSatisfy { $0 == 0 } || isGzip && !name.contains(".csv")
      }, contents: "IDX files of images",
      isFolder: { (_, entries) throws(Failure) in entries.files.contains(where: IDXFiles.isName) },
      hasImages: true,
      options: [
        DataOption("split", "train", "Or test: which files of a folder."),
        DataOption(
          "labels", "PATH",
          "The IDX file of labels. Without: the file beside the images, if it has the usual name.",
          isPath: true),
        DataOption(
          "transposed", "true",
          "Stored column by column. Without: files emnist-..., which are turned upright."),
      ]
    ) { (o, files) throws(Failure) in
      let split = try o.string("split", oneOf: ["train", "test"], default: "train")
      let shape = try ImageShape(&o)
      let labels = try o.optionalString("labels")
      let transposed = try o.optionalBool("transposed")
      return { (path) throws(Failure) in
        try Dataset.idx(
          IDXFiles(path, split: split, labels: labels), transposed: transposed,
          range: files.range, limit: files.limit, memory: files.memory
        ).reshaped(shape, memory: files.memory)
      }
    }
  }
}
