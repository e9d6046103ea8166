import SGBasics
import SGTensors

/// The IDX files in which MNIST and its kin are published (LeCun et al. 1998), plain or in gzip:
/// big-endian header, then bytes.
package struct IDX {
  let path: String
  package let shape: [Int]
  /// Where the elements, unsigned bytes, are, and where they begin.
  package let stored: any StoredBytes
  package let start: Int

  package var count: Int { shape[0] }

  /// The most elements that are read.
  static let mostElements = 1 << 34

  /// What a file holds.
  private enum Content: String {
    case images, labels
    /// QMNIST's labels: numbers of four bytes, of each sample the class and seven more.
    case extendedLabels = "extended labels"

    var rank: Int {
      switch self {
      case .images: 3
      case .labels: 1
      case .extendedLabels: 2
      }
    }

    /// IDX's code of the elements' type.
    var type: UInt8 { self == .extendedLabels ? 0xC : 8 }
    var elementSize: Int { self == .extendedLabels ? 4 : 1 }
    var headerSize: Int { 4 + 4 * rank }
  }

  private let content: Content

  /// A file of images, [count, height, width].
  package init(readingImages path: String) throws(Failure) {
    try self.init(path, .images)
  }

  /// A file of labels: bytes [count], or 32-bit numbers [count, n], the first of each sample the
  /// class.
  package init(readingLabels path: String) throws(Failure) {
    let file = try InputFile(path)
    var start = try file.bytes(at: 0, count: min(file.size, 4))
    if Inflate.isGzip(start) {
      let bytes = try Buffer(count: 4, for: path)
      let count = try Inflate(file, .gzip).read(bytes.bytes)
      start = withExtendedLifetime(bytes) { Array(bytes.bytes.prefix(count)) }
    }
    try self.init(path, start == [0, 0, 0xC, 2] ? .extendedLabels : .labels)
  }

  /// The elements as labels.
  package func labels() throws(Failure) -> [Int32] {
    let (size, width) = (content.elementSize, shape.dropFirst().reduce(1, *))
    try Memory.expectRoom(for: (12 + size * width) * count, path)
    let bytes = try stored.buffer(at: start, count: count * size * width)
    return withExtendedLifetime(bytes) {
      (0..<count).map { i in
        let place = i * size * width
        return bytes.elements[place..<place + size].reduce(0) { $0 << 8 | Int32($1) }
      }
    }
  }

  private init(_ path: String, _ content: Content) throws(Failure) {
    self.path = path
    self.content = content
    let file = try InputFile(path)
    let start = try file.bytes(at: 0, count: min(file.size, content.headerSize))
    if Inflate.isGzip(start) {
      let unpacked = try Self.unpacked(file, content)
      (shape, stored, self.start) = (unpacked.shape, unpacked.elements, 0)
    } else {
      shape = try Self.header(start, path, content)
      try Self.check(shape, path, content, size: file.size)
      (stored, self.start) = (file, content.headerSize)
    }
  }

  /// A file in gzip: memory is taken for what its header says, and no more is unpacked than that.
  private static func unpacked(
    _ file: InputFile, _ content: Content
  ) throws(Failure) -> (shape: [Int], elements: MemoryBytes) {
    let inflate = try Inflate(file, .gzip)
    let start = try Buffer(count: content.headerSize, for: file.path)
    let found = try inflate.read(start.bytes)
    let head = withExtendedLifetime(start) { Array(start.bytes.prefix(found)) }
    let shape = try header(head, file.path, content)
    let count = shape.reduce(content.elementSize, *)
    guard count / Inflate.largestRatio <= file.size else {
      try check(shape, file.path, content, size: head.count + Inflate.largestRatio * file.size)
      throw Failure(.truncated, "\(file.path): \(file.size) bytes cannot hold \(shape)")
    }
    let buffer = try Buffer(count: count, for: file.path)
    let size = head.count + (try inflate.read(buffer.bytes))
    try check(shape, file.path, content, size: size)
    if try inflate.hasMore() {
      throw Failure(
        .format,
        "\(file.path), byte \(size): IDX: longer than its header says: \(shape) end there")
    }
    return (shape, MemoryBytes(path: file.path, buffer))
  }

  /// The extents in a header.
  private static func header(
    _ bytes: [UInt8], _ path: String, _ content: Content
  ) throws(Failure) -> [Int] {
    let (rank, what) = (content.rank, content.rawValue)
    func fail(_ kind: Failure.Kind, _ offset: Int, _ message: String) -> Failure {
      Failure(kind, "\(path), byte \(offset): IDX: \(message)")
    }
    guard bytes.count >= 4 else { throw fail(.truncated, bytes.count, "ends within its header") }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw fail(
        .format, 0,
        "expected two zero bytes, found \(bytes[0]) and \(bytes[1])"
          + (FileSignature.name(of: bytes).map { "; the file is \($0)" } ?? ""))
    }
    guard bytes[2] == content.type else {
      let known: [UInt8] = [9, 0xB, 0xC, 0xD, 0xE]
      throw fail(
        known.contains(bytes[2]) ? .unsupported : .format, 2,
        "expected type \(content.type), found \(bytes[2])"
          + (content.type == 8 ? "; 8 is unsigned bytes" : ""))
    }
    guard bytes[3] == UInt8(rank) else {
      throw fail(.format, 3, "expected \(rank) axes for \(what), found \(bytes[3])")
    }
    guard bytes.count == 4 + 4 * rank else {
      throw fail(.truncated, bytes.count, "ends within its header")
    }
    var shape: [Int] = []
    var count = 1
    for axis in 0..<rank {
      let n = bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
      guard n >= 1 else { throw fail(.format, 4 + 4 * axis, "axis \(axis) has no extent") }
      guard n <= Int(Int32.max) else {
        throw fail(.limit, 4 + 4 * axis, "axis \(axis) has the extent \(n)")
      }
      shape.append(n)
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product <= mostElements else {
        throw fail(.limit, 4 + 4 * axis, "\(shape) are more than \(mostElements) elements")
      }
      count = product
    }
    return shape
  }

  /// Compares a header with the size of the whole file.
  private static func check(
    _ shape: [Int], _ path: String, _ content: Content, size: Int
  ) throws(Failure) {
    let expected = content.headerSize + shape.reduce(content.elementSize, *)
    guard size >= expected else {
      let swapped = shape[0].byteSwapped >> 32
      let hint = swapped < shape[0] ? "; is the header little-endian?" : ""
      throw Failure(
        .truncated,
        "\(path), byte \(size): IDX: \(shape) need \(expected) bytes, found \(size)\(hint)")
    }
    guard size == expected else {
      throw Failure(
        .format,
        "\(path), byte \(expected): IDX: \(size - expected) bytes after the last element")
    }
  }
}
