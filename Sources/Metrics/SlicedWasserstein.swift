import SGBasics
import SGTensors

/// The sliced Wasserstein distance of two sets of features.
public struct SlicedWasserstein: Sendable {
  /// The mean over directions of the 2-Wasserstein distance W₂ of the projections.
  public let distance: Double
  /// (mean W₂²)^½, which Bonneel et al. 2015 call the sliced Wasserstein distance; at least
  /// `distance`.
  public let rootMeanSquare: Double
  /// The deviation of W₂ over directions (divided by their number).
  public let deviation: Double
  /// How many directions.
  public let projections: Int
  /// Samples of each set.
  public let realCount, fakeCount: Int
  /// The length of a feature vector.
  public let features: Int

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("sliced_wasserstein", .number(distance)), ("root_mean_square", .number(rootMeanSquare)),
      ("deviation", .number(deviation)), ("projections", JSON(projections)),
      ("n_real", JSON(realCount)), ("n_fake", JSON(fakeCount)), ("features", JSON(features)),
    ])
  }
}

/// The 2-Wasserstein distance of the sets' projections on random directions, averaged (Rabin et al.
/// 2011; Bonneel et al. 2015). In one dimension it is that of the quantile functions, ∫ (F⁻¹ −
/// G⁻¹)², exact for any two counts.
/// - Parameters:
///   - real: [n, d]
///   - fake: [m, d]
///   - projections: how many directions, uniform on the sphere.
///   - seed: what they are drawn from.
/// - Throws: `Failure` of kind argument (shape, NaN, more than a million projections), mismatch (d)
///   or noMemory.
public func slicedWasserstein(
  real: Tensor, fake: Tensor, projections: Int = 128, seed: UInt64 = 1
) throws(Failure) -> SlicedWasserstein {
  try Memory.checked { () throws(Failure) in
    try Tensor.expectFeatures(real: real, fake: fake)
    guard (1...1_000_000).contains(projections) else {
      throw Failure(.argument, "projections: expected 1...1000000, found \(projections)")
    }
    let d = real.shape[1]
    try Memory.reserve(floats: d, copies: 2 * projections, for: "\(projections) directions")
    let key = RandomKey(seed: seed, stream: RandomStream.projections.rawValue, step: 0)
    return try slicedWasserstein(real: real, fake: fake, directions: key.normal([projections, d]))
  }
}

/// - Parameter directions: [projections, d], of any length above 0.
func slicedWasserstein(
  real: Tensor, fake: Tensor, directions: Tensor
) throws(Failure) -> SlicedWasserstein {
  // A common center does not change the distances and keeps float32's digits for them.
  let sets = try PointSet.sharingCenter([real, fake])
  let count = directions.shape[0]
  try Memory.expectRoom(
    for: 32 * (16 * (real.shape[0] + fake.shape[0]) + count), "projections of the samples")
  let unit = directions.normalizedRows
  var distances: [Double] = []
  // Some at a time, to bound the memory of projections.
  for first in stride(from: 0, to: count, by: 16) {
    let some = unit.rows(first..<min(first + 16, count))
    let (x, y) = (try some.projections(of: sets[0]), try some.projections(of: sets[1]))
    distances += zip(x, y).map { squaredWasserstein($0, $1) * sets[0].unit }
  }
  let (mean, deviation) = meanAndDeviation(distances.map { $0.squareRoot() })
  return SlicedWasserstein(
    distance: mean, rootMeanSquare: meanAndDeviation(distances).mean.squareRoot(),
    deviation: deviation, projections: count, realCount: real.shape[0], fakeCount: fake.shape[0],
    features: real.shape[1])
}

/// ∫ (F⁻¹ − G⁻¹)² of two samples in ascending order. Both quantile functions are steps; position is
/// counted in 1 / (n m).
private func squaredWasserstein(_ x: [Float], _ y: [Float]) -> Double {
  let (n, m) = (x.count, y.count)
  var (i, j, position, sum) = (0, 0, 0, 0.0)
  while i < n && j < m {
    let end = min((i + 1) * m, (j + 1) * n)
    let difference = Double(x[i]) - Double(y[j])
    sum += difference * difference * Double(end - position)
    position = end
    if end == (i + 1) * m { i += 1 }
    if end == (j + 1) * n { j += 1 }
  }
  return sum / (Double(n) * Double(m))
}

extension Tensor {
  /// The rows, each divided by its length.
  fileprivate var normalizedRows: Tensor {
    let d = shape[1]
    if isSpare { return self }
    return withElements { x in
      Tensor(shape: shape) { y in
        for start in stride(from: 0, to: x.count, by: d) {
          let squares = (start..<start + d).reduce(0.0) { $0 + Double(x[$1]) * Double(x[$1]) }
          for k in start..<start + d { y[k] = Float(Double(x[k]) / squares.squareRoot()) }
        }
      }
    }
  }

  /// The projections of a set on each of these rows, ascending.
  fileprivate func projections(of set: PointSet) throws(Failure) -> [[Float]] {
    let n = set.count
    let product = matmul(self, set.values, transposeB: true)
    try Memory.check()
    let values = product.array
    return (0..<shape[0]).map { values[($0 * n)..<(($0 + 1) * n)].sorted() }
  }
}
