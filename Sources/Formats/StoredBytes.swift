import SGBasics
import SGTensors

/// Bytes that can be read at any place: of a file, of a part of one, or in memory. Any thread may
/// read them.
package protocol StoredBytes: Sendable {
  /// What they are called in messages.
  var path: String { get }
  var size: Int { get }
  var isInMemory: Bool { get }

  /// Fills a buffer from an offset.
  /// - Throws: `Failure` of kind truncated if they end before.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure)
}

extension StoredBytes {
  package var isInMemory: Bool { false }

  /// All of them or a part, as an array: of headers, and of texts whose length is bounded.
  package func bytes(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
    try Memory.expectRoom(for: count, path)
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
      try read(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return bytes
  }

  /// All of them or a part, in checked memory.
  package func buffer(at offset: Int, count: Int) throws(Failure) -> Buffer {
    let buffer = try Buffer(count: count, for: path)
    try read(buffer.bytes, at: offset)
    return buffer
  }

  /// The same bytes, in memory if they are few, and where the wanted part begins there.
  /// - Parameters:
  ///   - start: where the wanted part begins.
  ///   - memory: the most bytes that are taken to memory.
  /// - Throws: `Failure` of kind noMemory or of the file.
  package func kept(
    from start: Int, count: Int, memory: Int
  ) throws(Failure) -> (bytes: any StoredBytes, start: Int) {
    if isInMemory || count > memory { return (self, start) }
    return (MemoryBytes(path: path, try buffer(at: start, count: count)), 0)
  }
}

/// A part of other bytes, under a name of its own.
struct StoredPart: StoredBytes {
  let path: String
  let whole: any StoredBytes
  let start: Int
  let size: Int
  var isInMemory: Bool { whole.isInMemory }

  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    try whole.read(buffer, at: start + offset)
  }
}

/// Bytes in memory.
package struct MemoryBytes: StoredBytes {
  package let path: String
  package let size: Int
  private let buffer: Buffer
  package var isInMemory: Bool { true }

  /// - Parameter count: how many of the buffer's bytes there are; nil: all.
  package init(path: String, _ buffer: Buffer, count: Int? = nil) {
    self.path = path
    self.buffer = buffer
    size = count ?? buffer.count
  }

  /// In place.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    withExtendedLifetime(buffer) { body(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<size])) }
  }

  package func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    guard offset + buffer.count <= size else {
      throw Failure(
        .truncated,
        "\(path): ends at byte \(size), \(offset + buffer.count - size) bytes too early")
    }
    withBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }
}
