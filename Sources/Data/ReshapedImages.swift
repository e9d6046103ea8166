import SGBasics
import SGFormats
import SGTensors

/// Images of bytes that are brought to another shape when they are read.
struct ReshapedBytes: ByteSource {
  let images: any ByteSource
  let from: ImageFile.Header
  let shape: ImageShape
  let size: Int
  var readsAhead: Bool { true }

  func read(_ i: Int, into bytes: UnsafeMutableBufferPointer<UInt8>) throws(Failure) {
    var pixels = [UInt8](repeating: 0, count: from.count)
    try pixels.withUnsafeMutableBufferPointer { (pixels) throws(Failure) in
      try images.read(i, into: pixels)
    }
    try shape.convert(pixels, from, "samples[\(i)]", into: bytes)
  }
}

/// Images of floats that are brought to another shape when they are read.
struct ReshapedFloats: SampleSource {
  let images: any SampleSource
  let from: ImageFile.Header
  let shape: ImageShape
  let size: Int
  var readsAhead: Bool { true }
  var isChecked: Bool { images.isChecked }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    var pixels = [Float](repeating: 0, count: from.count)
    for (row, i) in index.enumerated() {
      try pixels.withUnsafeMutableBufferPointer { (pixels) throws(Failure) in
        try images.read([i], range: range, into: pixels)
      }
      try shape.convert(
        pixels, from, "samples[\(i)]",
        into: UnsafeMutableBufferPointer(rebasing: y[row * size..<(row + 1) * size]))
    }
  }
}

extension Dataset {
  /// These images, cut and brought to another size or number of channels.
  /// - Parameter memory: the most bytes that they may take in memory; more are converted anew
  ///   whenever they are read.
  /// - Throws: `Failure` of kind mismatch where samples are no images of 1 or 3 channels, or too
  ///   small, limit or noMemory.
  func reshaped(_ shape: ImageShape, memory: Int) throws(Failure) -> Dataset {
    guard !shape.isNone else { return self }
    guard self.shape.rank == 3, [1, 3].contains(self.shape[2]) else {
      throw Failure(
        .mismatch,
        "\(source): size, crop, resize and channels are for images of 1 or 3 channels; these samples"
          + " are \(self.shape)"
      )
    }
    let from = ImageFile.Header(
      width: self.shape[1], height: self.shape[0], channels: self.shape[2])
    let extents = try shape.sample(of: from, source)
    let size = extents.reduce(1, *)
    guard let bytes = samples as? any ByteSource else {
      return replacing(
        ReshapedFloats(images: samples, from: from, shape: shape, size: size), Shape(extents))
    }
    let reshaped = ReshapedBytes(images: bytes, from: from, shape: shape, size: size)
    let (total, overflow) = size.multipliedReportingOverflow(by: count)
    guard !overflow, total <= memory else { return replacing(reshaped, Shape(extents)) }
    let buffer = try Buffer(count: total, for: "the samples of \(source)")
    defer { withExtendedLifetime(buffer) {} }
    for i in 0..<count {
      try reshaped.read(
        i, into: UnsafeMutableBufferPointer(rebasing: buffer.elements[i * size..<(i + 1) * size]))
    }
    return replacing(
      StoredSamples(MemoryBytes(path: source, buffer), size: size), Shape(extents))
  }
}
