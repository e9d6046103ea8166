import SGBasics
import SGTensors

/// Where a dataset's samples lie: in memory, in files. Reading is a pure function of the indices,
/// so any thread may do it, ahead of time or once more.
protocol SampleSource: Sendable {
  /// Whether reading takes so long that training has it done ahead, on a thread of its own.
  var readsAhead: Bool { get }
  /// Whether samples were found finite, and their range measured, when the data set was opened.
  var isChecked: Bool { get }

  /// Writes samples one after another.
  /// - Parameters:
  ///   - index: which ones, each below the dataset's count.
  ///   - range: what stored bytes 0...255 become; samples that were stored as floats stay as they
  ///     are.
  ///   - y: room for `index.count` samples.
  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure)
}

extension SampleSource {
  var isChecked: Bool { true }
}

/// Floats in memory: [count] + shape.
struct FloatsInMemory: SampleSource {
  let samples: Tensor
  var readsAhead: Bool { false }

  func read(_ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>) {
    let size = samples.count / samples.shape[0]
    samples.withElements { x in
      for (row, i) in index.enumerated() {
        (y.baseAddress! + row * size).update(from: x.baseAddress! + i * size, count: size)
      }
    }
  }
}

/// Some samples of another source.
struct SelectedSamples: SampleSource {
  let source: any SampleSource
  /// Their places there.
  let index: [Int]
  var readsAhead: Bool { source.readsAhead }
  var isChecked: Bool { source.isChecked }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    try source.read(index.map { self.index[$0] }, range: range, into: y)
  }
}

/// Floats of a known scale, brought to the range that is wanted.
struct RescaledFloats: SampleSource {
  let source: any SampleSource
  /// The stored values of black and white.
  let values: ValueRange
  var readsAhead: Bool { source.readsAhead }
  var isChecked: Bool { source.isChecked }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    try source.read(index, range: range, into: y)
    guard range != values else { return }
    let scale = (range.high - range.low) / (values.high - values.low)
    for i in y.indices { y[i] = (y[i] - values.low) * scale + range.low }
  }
}

/// Samples of bytes 0...255.
protocol ByteSource: SampleSource {
  /// Bytes in a sample.
  var size: Int { get }

  /// Writes one sample's bytes.
  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure)
}

extension ByteSource {
  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    let (scale, low) = ((range.high - range.low) / 255, range.low)
    let buffer = try Buffer(count: size, for: "a sample")
    let bytes = buffer.elements
    defer { withExtendedLifetime(buffer) {} }
    for (row, i) in index.enumerated() {
      try read(i, into: bytes)
      let (from, to) = (bytes.baseAddress!, y.baseAddress! + row * size)
      for k in 0..<size { to[k] = Float(from[k]) * scale + low }
    }
  }
}
