import SGBasics
import SGFormats
import SGTensors

/// Samples of bytes that lie one after another: in memory, or in a file, to be read when they are
/// wanted.
struct StoredSamples: ByteSource {
  private let stored: any StoredBytes
  /// Where the first one begins.
  private let start: Int
  let size: Int
  var readsAhead: Bool { !stored.isInMemory }

  /// - Parameters:
  ///   - count: of samples.
  ///   - memory: the most bytes of a file that are taken to memory.
  /// - Throws: `Failure` of kind noMemory or of the file.
  init(
    _ stored: any StoredBytes, from start: Int, count: Int, size: Int, memory: Int
  ) throws(Failure) {
    self.size = size
    (self.stored, self.start) = try stored.kept(from: start, count: count * size, memory: memory)
  }

  init(_ bytes: MemoryBytes, size: Int) {
    (stored, start) = (bytes, 0)
    self.size = size
  }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    try stored.read(UnsafeMutableRawBufferPointer(bytes), at: start + i * size)
  }
}

/// Numbers of a file, to be read when they are wanted.
struct NumbersInFile: SampleSource {
  private let array: NPY
  /// Numbers in a sample.
  private let size: Int
  /// The lowest and the highest one.
  let extremes: (low: Float, high: Float)
  var readsAhead: Bool { true }

  /// Looks at all numbers once.
  /// - Parameter missing: whether numbers may be NaN, which are missing.
  /// - Throws: `Failure` of kind argument where one is not finite, or of the file.
  init(_ array: NPY, count: Int, size: Int, missing: Bool) throws(Failure) {
    (self.array, self.size) = (array, size)
    var (low, high) = (Float.infinity, -Float.infinity)
    let piece = max(1, (1 << 20) / size)
    let most = min(piece, count) * size
    let buffer = try Buffer(count: most * MemoryLayout<Float>.stride, for: array.path)
    let room = buffer.bytes.bindMemory(to: Float.self)
    defer { withExtendedLifetime(buffer) {} }
    for first in stride(from: 0, to: count, by: piece) {
      let values = UnsafeMutableBufferPointer(
        rebasing: room[..<(min(piece, count - first) * size)])
      try array.read(from: first * size, into: values)
      for (i, x) in values.enumerated() {
        if missing, x.isNaN {
          guard (i + 1) % size != 0 || values[(i + 1 - size)...i].contains(where: { !$0.isNaN })
          else {
            throw Failure(
              .argument, "\(array.path): samples[\(first + i / size)]: nothing is known of it")
          }
          continue
        }
        guard x.isFinite else {
          throw Failure(
            .argument,
            "\(array.path): samples[\(first + i / size)]: element \(i % size) is \(x); expected finite values"
          )
        }
        (low, high) = (min(low, x), max(high, x))
      }
    }
    extremes = (low, high)
  }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    for (row, i) in index.enumerated() {
      try array.read(
        from: i * size, into: UnsafeMutableBufferPointer(rebasing: y[row * size..<(row + 1) * size])
      )
    }
  }
}
