import SGBasics
import SGFormats
import SGTensors

/// Pictures that are read when they are wanted.
struct ImagesInFiles: ByteSource {
  let folder: ImageFolder
  let shape: ImageShape
  /// Of a sample.
  let extents: [Int]
  var size: Int { extents.reduce(1, *) }
  var readsAhead: Bool { true }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    var pixels: [UInt8] = []
    try read(i, &pixels, into: bytes)
  }

  /// - Parameter pixels: room that the next file can use, too.
  func read(
    _ i: Int, _ pixels: inout [UInt8], into bytes: UnsafeMutableBufferPointer<UInt8>
  ) throws(Failure) {
    let path = folder.file(i)
    let picture = try PNG.read(path, into: &pixels)
    try check(picture, path)
    try shape.convert(pixels, picture, path, into: bytes)
  }

  /// - Throws: `Failure` of kind mismatch, naming the file, where a picture's sample has not the others' shape.
  func check(_ picture: PNG.Header, _ path: String) throws(Failure) {
    let found = try shape.sample(of: picture, path)
    guard found != extents else { return }
    throw Failure(
      .mismatch,
      "\(path): \(found) where the first picture is \(extents) (height, width, channels); the options"
        + " resize, crop and channels bring pictures to one shape")
  }
}

extension Dataset {
  /// The pictures of a folder: in memory, or read anew whenever they are wanted, where they would take too much of it.
  /// - Parameters:
  ///   - limit: the most files that are looked at.
  ///   - memory: the most bytes that samples may take.
  ///   - skippingCorrupt: whether damaged files are left out; they are then all looked for at once.
  static func images(
    _ folder: ImageFolder, as shape: ImageShape, range: ValueRange, limit: Int, memory: Int,
    skippingCorrupt: Bool
  ) throws(Failure) -> Dataset {
    var folder = folder
    if limit < folder.names.count { folder.keep(Array(0..<limit)) }
    var omissions = Omissions()
    omissions.others = folder.others

    /// Nil for a damaged file that may be left out.
    func allowed<R>(_ i: Int, _ body: () throws(Failure) -> R) throws(Failure) -> R? {
      do throws(Failure) {
        return try body()
      } catch {
        guard skippingCorrupt, error.isDamage else { throw error }
        omissions.corrupt.append(Omissions.File(path: folder.file(i), reason: error.message))
        return nil
      }
    }

    // The first picture that can be read says what the others must be.
    var pixels: [UInt8] = []
    var first: [Int]?
    for i in folder.names.indices where first == nil {
      first = try allowed(i) { () throws(Failure) in
        let path = folder.file(i)
        return try shape.sample(of: PNG.read(path, into: &pixels), path)
      }
    }
    guard let extents = first else {
      throw Failure(
        .format,
        "\(folder.path): all \(folder.names.count) PNG files are damaged; the first:"
          + " \(omissions.corrupt.first?.reason ?? "")")
    }
    omissions.corrupt = []

    let images = ImagesInFiles(folder: folder, shape: shape, extents: extents)
    let size = images.size
    let (total, overflow) = size.multipliedReportingOverflow(by: folder.names.count)
    let isKept = !overflow && total <= memory
    try Memory.expectRoom(
      for: 16 * folder.names.count, "the \(folder.names.count) files of \(folder.path)")
    let buffer = try Buffer(count: isKept ? total : size, for: "the samples of \(folder.path)")
    defer { withExtendedLifetime(buffer) {} }
    var good: [Int] = []
    for i in folder.names.indices {
      let done: Void? = try allowed(i) { () throws(Failure) in
        guard isKept || skippingCorrupt else {
          return try images.check(PNG.header(folder.file(i)), folder.file(i))
        }
        let place = isKept ? good.count * size : 0
        try images.read(
          i, &pixels,
          into: UnsafeMutableBufferPointer(rebasing: buffer.elements[place..<place + size]))
      }
      if done != nil { good.append(i) }
    }
    if good.count < folder.names.count { folder.keep(good) }
    return try Dataset(
      isKept
        ? StoredSamples(
          MemoryBytes(path: folder.path, buffer, count: good.count * size), size: size)
        : ImagesInFiles(folder: folder, shape: shape, extents: extents),
      count: good.count, shape: Shape(extents), range: range, labels: folder.labels,
      classNames: folder.classes, omissions: omissions, source: folder.path)
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
