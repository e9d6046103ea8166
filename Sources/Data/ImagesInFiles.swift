import SGBasics
import SGFormats
import SGTensors

/// Pictures that are read when they are wanted.
struct ImagesInFiles: ByteSource {
  let folder: ImageFolder
  let shape: ImageShape
  /// The extents of a sample.
  let extents: [Int]
  var size: Int { extents.reduce(1, *) }
  var readsAhead: Bool { true }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    var pixels: [UInt8] = []
    try read(i, &pixels, into: bytes)
  }

  /// - Parameter pixels: room that the next file can use, too.
  @discardableResult
  func read(
    _ i: Int, _ pixels: inout [UInt8], into bytes: UnsafeMutableBufferPointer<UInt8>
  ) throws(Failure) -> ImageFile.Header {
    let path = folder.file(i)
    let picture = try decode(path, &pixels)
    try check(picture, path)
    try shape.convert(pixels, picture, path, into: bytes)
    return picture
  }

  private func decode(
    _ path: String, _ pixels: inout [UInt8]
  ) throws(Failure) -> ImageFile.Header {
    try ImageFile.read(
      path, rgb: shape.channels == 3, background: shape.background, into: &pixels)
  }

  /// - Throws: `Failure` of kind mismatch, naming the file, where a picture's sample has not the
  ///   others' shape.
  func check(_ picture: ImageFile.Header, _ path: String) throws(Failure) {
    let found = try shape.sample(of: picture, path)
    guard found != extents else { return }
    throw Failure(
      .mismatch,
      "\(path): \(found) where the first picture is \(extents) (height, width, channels); the option"
        + " size, or resize, crop and channels, brings pictures to one shape")
  }
}

extension Dataset {
  /// The pictures of a folder: in memory, or read anew whenever they are wanted, where they would
  /// take too much of it.
  /// - Parameters:
  ///   - limit: the most files that are looked at.
  ///   - memory: the most bytes that samples may take.
  ///   - skippingCorrupt: whether damaged files are left out; they are then all looked for at once.
  static func images(
    _ folder: ImageFolder, as shape: ImageShape, range: ValueRange, limit: Int, memory: Int,
    skippingCorrupt: Bool
  ) throws(Failure) -> Dataset {
    var (folder, shape) = (folder, shape)
    if limit < folder.names.count { folder.keep(Array(0..<limit)) }
    var skippedFiles = SkippedFiles()
    skippedFiles.others = folder.others
    if shape.isRGBIfAnyIs, Self.isAnyRGB(folder) { shape.channels = 3 }

    /// Nil for a damaged file that may be left out.
    func allowed<R>(_ i: Int, _ body: () throws(Failure) -> R) throws(Failure) -> R? {
      do throws(Failure) {
        return try body()
      } catch {
        guard skippingCorrupt, error.isDamage else { throw error }
        skippedFiles.corrupt.append(SkippedFiles.File(path: folder.file(i), reason: error.message))
        return nil
      }
    }

    // The first picture that can be read says what the others must be.
    var pixels: [UInt8] = []
    var first: [Int]?
    for i in folder.names.indices where first == nil {
      first = try allowed(i) { () throws(Failure) in
        let path = folder.file(i)
        return try shape.sample(of: ImageFile.read(path, into: &pixels), path)
      }
    }
    guard let extents = first else {
      throw Failure(
        .format,
        "\(folder.path): all \(folder.names.count) pictures are damaged; the first:"
          + " \(skippedFiles.corrupt.first?.reason ?? "")")
    }
    skippedFiles.corrupt = []

    let images = ImagesInFiles(folder: folder, shape: shape, extents: extents)
    let size = images.size
    let (total, overflow) = size.multipliedReportingOverflow(by: folder.names.count)
    let isKept = !overflow && total <= memory
    try Memory.expectRoom(
      for: 16 * folder.names.count, "the \(folder.names.count) files of \(folder.path)")
    let buffer = try Buffer(count: isKept ? total : size, for: "the samples of \(folder.path)")
    defer { withExtendedLifetime(buffer) {} }
    var good: [Int] = []
    var notes = PictureNotes()
    for i in folder.names.indices {
      let done: Void? = try allowed(i) { () throws(Failure) in
        guard isKept || skippingCorrupt else {
          let header = try ImageFile.header(folder.file(i))
          try images.check(header, folder.file(i))
          return notes.add(header, nil)
        }
        let place = isKept ? good.count * size : 0
        let sample = UnsafeMutableBufferPointer(rebasing: buffer.elements[place..<place + size])
        try notes.add(images.read(i, &pixels, into: sample), sample)
      }
      if done != nil { good.append(i) }
    }
    skippedFiles.transparent = notes.transparent
    notes.tell(folder, shape)
    if good.count < folder.names.count { folder.keep(good) }
    return try Dataset(
      isKept
        ? StoredSamples(
          MemoryBytes(path: folder.path, buffer, count: good.count * size), size: size)
        : ImagesInFiles(folder: folder, shape: shape, extents: extents),
      count: good.count, shape: Shape(extents), range: range, labels: folder.labels,
      classNames: folder.classes, skippedFiles: skippedFiles,
      fileNames: folder.names.indices.map(folder.name), source: folder.path)
  }

  /// Whether a picture of a folder is RGB; damaged ones do not count.
  private static func isAnyRGB(_ folder: ImageFolder) -> Bool {
    folder.names.indices.contains {
      (try? ImageFile.header(folder.file($0)))?.channels == 3
    }
  }
}

/// What is worth a notice about the pictures of a folder.
private struct PictureNotes {
  private(set) var transparent = 0
  /// Pictures of 16 bits, and their largest value after scaling to 8.
  private var deep = 0
  private var brightest: UInt8 = 0

  /// Values of 14 bits or fewer end here when 16 bits are scaled to 8.
  private static let darkest: UInt8 = 64

  /// - Parameter sample: what became of the picture; nil: it was not read.
  mutating func add(_ picture: ImageFile.Header, _ sample: UnsafeMutableBufferPointer<UInt8>?) {
    if picture.isTransparent { transparent += 1 }
    if picture.depth == 16, let sample {
      deep += 1
      brightest = max(brightest, sample.max() ?? 0)
    }
  }

  func tell(_ folder: ImageFolder, _ shape: ImageShape) {
    let count = folder.names.count
    if transparent > 0 {
      let color = shape.background
      Log.notice(
        "\(folder.path): \(transparent) of \(count) pictures have transparency, composed on the"
          + " background [\(color.red), \(color.green), \(color.blue)] (option background)")
    }
    if deep > 0, brightest > 0, brightest <= Self.darkest {
      Log.warning(
        "\(folder.path): the values of \(deep) pictures of 16 bits go up to about"
          + " \(Int(brightest) * 257) of 65535, as if they held fewer bits, and will be dark: scale them to 65535"
      )
    }
  }
}

extension Failure {
  /// Whether it is about a file's contents.
  fileprivate var isDamage: Bool {
    switch kind {
    case .format, .truncated, .checksum, .unsupported, .limit: true
    default: false
    }
  }
}
