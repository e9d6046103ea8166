import SGBasics
import SGTensors

/// What is taken from images to make inputs of them, from which a model learns to make the images
/// again. All of it applies in the order of the properties.
public struct Degradation: Sendable, Equatable {
  /// Whether colors become gray (ITU-R BT.601), [height, width, 1].
  public var gray = false
  /// Means over blocks of so many pixels a side take the pixels' place; 1: none.
  public var downsample = 1
  /// The share of each side that a rectangle covers, drawn for each image; covered pixels have the
  /// middle of the range. 0: none.
  public var mask: Float = 0
  /// Standard deviation of normal noise, drawn for each image; 0: none.
  public var noise: Float = 0
  /// The seed of the rectangles and the noise, which an image keeps whenever it is read.
  public var seed: UInt64 = 1

  /// Nothing is taken yet.
  public init() {}

  /// - Parameter o: reads `gray`, `downsample`, `mask`, `noise` and `seed`.
  init(_ o: inout JSONObject) throws(Failure) {
    gray = try o.bool("gray", default: false)
    downsample = try o.int("downsample", in: 1...64, default: 1)
    mask = Float(try o.double("mask", in: 0...1, default: 0))
    noise = Float(try o.double("noise", in: 0...1e6, default: 0))
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    try o.finish()
    guard gray || downsample > 1 || mask > 0 || noise > 0 else {
      throw Failure(
        .configuration, "degrade: expected one of gray, downsample, mask and noise, found nothing")
    }
  }

  /// The shape of what images of a shape become.
  /// - Throws: `Failure` of kind mismatch where samples are no images, or not such as it needs.
  func shape(of image: Shape) throws(Failure) -> Shape {
    guard image.rank == 3 else {
      throw Failure(.mismatch, "degrade: expected images, found samples \(image)")
    }
    guard !gray || image[2] == 3 else {
      throw Failure(.mismatch, "degrade.gray: expected RGB images, found \(image)")
    }
    guard image[0] % downsample == 0, image[1] % downsample == 0 else {
      throw Failure(
        .mismatch,
        "degrade.downsample: \(image[0]) x \(image[1]) pixels have no blocks of \(downsample) x"
          + " \(downsample)")
    }
    return [image[0] / downsample, image[1] / downsample, gray ? 1 : image[2]]
  }

  /// - Parameters:
  ///   - images: [count, height, width, channels].
  ///   - index: their places in the data set, by which rectangles and noise are drawn.
  ///   - middle: what covered pixels become.
  func callAsFunction(_ images: Tensor, _ index: [Int], middle: Float) -> Tensor {
    var x = images
    let n = x.shape[0]
    if gray {
      x = (x * Tensor([0.299, 0.587, 0.114], shape: [1, 1, 1, 3])).sum([3])
        .reshaped([n, x.shape[1], x.shape[2], 1])
    }
    if downsample > 1 {
      let (k, h, w, c) = (downsample, x.shape[1] / downsample, x.shape[2] / downsample, x.shape[3])
      x = x.reshaped([n, h, k, w, k, c]).mean([2, 4])
    }
    if mask > 0 { x = covered(x, index, middle) }
    if noise > 0 {
      let rows = index.map { i in
        key(i, use: 1).normal(x.shape.droppingFirst().prepending(1), deviation: noise)
      }
      x = x + .concatenate(rows, axis: 0)
    }
    return x
  }

  private func key(_ i: Int, use: UInt64) -> RandomKey {
    RandomKey(seed: seed, stream: RandomStream.degradation.rawValue, step: UInt64(i) << 1 | use)
  }

  private func covered(_ x: Tensor, _ index: [Int], _ middle: Float) -> Tensor {
    let (h, w, c) = (x.shape[1], x.shape[2], x.shape[3])
    let (height, width) = (side(h), side(w))
    return Tensor(shape: x.shape) { y in
      x.withElements { _ = y.update(from: $0) }
      for (row, i) in index.enumerated() {
        let words = key(i, use: 0).words(4)[...]
        let top = words.draw(below: h - height + 1)
        let left = words.dropFirst(2).draw(below: w - width + 1)
        for line in top..<top + height {
          let first = ((row * h + line) * w + left) * c
          for k in first..<first + width * c { y[k] = middle }
        }
      }
    }
  }

  private func side(_ n: Int) -> Int { min(n, max(1, Int((Float(n) * mask).rounded()))) }
}

/// Inputs that are made of the images when they are wanted.
private struct DegradedSamples: SampleSource {
  let images: any SampleSource
  /// The height and width of an image, and of what it becomes.
  let from, to: Shape
  let degradation: Degradation
  /// Whether the images' values have a known scale, so that there is a middle of it.
  let hasRange: Bool
  var readsAhead: Bool { images.readsAhead }
  var isChecked: Bool { images.isChecked }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    try Memory.reserve(floats: 3 * index.count, copies: from.count, for: "degraded images")
    let whole = try Tensor(shape: from.prepending(index.count)) { (x) throws(Failure) in
      try images.read(index, range: range, into: x)
    }
    let middle = hasRange ? 0.5 * (range.low + range.high) : 0
    let made = degradation(whole, index, middle: middle)
    try Memory.check()
    made.withElements { _ = y.update(from: $0) }
  }
}

extension Dataset {
  /// The same images, each with an input that is made of it by taking something away.
  /// - Throws: `Failure` of kind mismatch (no images, or not such as are needed) or argument (there
  ///   are conditions already).
  public func degraded(_ degradation: Degradation) throws(Failure) -> Dataset {
    let shape = try degradation.shape(of: self.shape)
    let inputs = try Dataset(
      DegradedSamples(
        images: samples, from: self.shape, to: shape, degradation: degradation,
        hasRange: range != nil), count: count, shape: shape, range: range, source: source)
    return try paired(with: inputs)
  }
}
