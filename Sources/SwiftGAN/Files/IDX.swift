/// The IDX files in which MNIST and its kin are published (LeCun et al. 1998), plain or in gzip: big-endian header, then bytes.
struct IDX {
  let path: String
  let shape: [Int]
  /// Where the elements, unsigned bytes, are, and where they begin.
  let stored: any StoredBytes
  let start: Int

  var count: Int { shape[0] }

  /// The most elements that are read.
  static let mostElements = 1 << 34

  /// A file of images, [count, height, width].
  init(readingImages path: String) throws(Failure) { try self.init(path, rank: 3, "images") }

  /// A file of labels, [count].
  init(readingLabels path: String) throws(Failure) { try self.init(path, rank: 1, "labels") }

  /// The elements as labels.
  func labels() throws(Failure) -> [Int32] {
    try GAN.reserve(floats: count, copies: 2, for: path)
    return try stored.bytes(at: start, count: count).map(Int32.init)
  }

  private init(_ path: String, rank: Int, _ what: String) throws(Failure) {
    self.path = path
    let file = try InputFile(path)
    let head = 4 + 4 * rank
    let start = try file.bytes(at: 0, count: min(file.size, head))
    if Inflate.isGzip(start) {
      let all = try Inflate.bytes(of: file, .gzip, limit: Self.mostElements)
      shape = try Self.header(Array(all.prefix(head)), path, rank, what, size: all.count)
      stored = MemoryBytes(path: path, bytes: all)
    } else {
      shape = try Self.header(start, path, rank, what, size: file.size)
      stored = file
    }
    self.start = head
  }

  /// Checks a header against the size of the whole file, before anything is taken for the elements.
  private static func header(
    _ bytes: [UInt8], _ path: String, _ rank: Int, _ what: String, size: Int
  ) throws(Failure) -> [Int] {
    func fail(_ kind: Failure.Kind, _ offset: Int, _ message: String) -> Failure {
      Failure(kind, "\(path), byte \(offset): IDX: \(message)")
    }
    guard bytes.count >= 4 else { throw fail(.truncated, bytes.count, "ends within its header") }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw fail(
        .format, 0,
        "expected two zero bytes, found \(bytes[0]) and \(bytes[1])"
          + (FileSignature.name(of: bytes).map { "; this is \($0)" } ?? ""))
    }
    guard bytes[2] == 8 else {
      let known: [UInt8] = [9, 0xB, 0xC, 0xD, 0xE]
      throw fail(
        known.contains(bytes[2]) ? .unsupported : .format, 2,
        "expected type 8 (unsigned bytes), found \(bytes[2])")
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
    let expected = 4 + 4 * rank + count
    guard size >= expected else {
      let swapped = shape[0].byteSwapped >> 32
      let hint = swapped < shape[0] ? "; is the header little-endian?" : ""
      throw fail(.truncated, size, "\(shape) need \(expected) bytes, found \(size)\(hint)")
    }
    guard size == expected else {
      throw fail(.format, expected, "\(size - expected) bytes after the last element")
    }
    return shape
  }
}
