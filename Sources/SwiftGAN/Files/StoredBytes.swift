import Tensors

/// Bytes that can be read at any place: of a file, of a part of one, or in memory. Any thread may read them.
protocol StoredBytes: Sendable {
  /// What they are called in messages.
  var path: String { get }
  var size: Int { get }
  var isInMemory: Bool { get }

  /// Fills a buffer from an offset.
  /// - Throws: `Failure` of kind truncated if they end before.
  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure)
}

extension StoredBytes {
  var isInMemory: Bool { false }

  /// All of them or a part.
  func bytes(at offset: Int, count: Int) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
      try read(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return bytes
  }

  /// The same bytes, in memory if they are few, and where the wanted part begins there.
  /// - Parameters:
  ///   - start: where the wanted part begins.
  ///   - memory: the most bytes that are taken to memory.
  /// - Throws: `Failure` of kind noMemory or of the file.
  func kept(
    from start: Int, count: Int, memory: Int
  ) throws(Failure) -> (bytes: any StoredBytes, start: Int) {
    if isInMemory || count > memory { return (self, start) }
    guard Memory.canTake(count) else {
      throw Failure(.noMemory, "\(path): not enough memory for \(count) bytes")
    }
    return (MemoryBytes(path: path, bytes: try bytes(at: start, count: count)), 0)
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
struct MemoryBytes: StoredBytes {
  let path: String
  let bytes: [UInt8]
  var size: Int { bytes.count }
  var isInMemory: Bool { true }

  func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    guard offset + buffer.count <= size else {
      throw Failure(
        .truncated,
        "\(path): ends at byte \(size), \(offset + buffer.count - size) bytes too early")
    }
    bytes.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count]))
    }
  }
}
