import Tensors

/// The kernel distance of two sets of features: mean and deviation over subsets.
public struct KernelDistance: Sendable {
  /// The mean of the unbiased estimates; it may be negative where the sets are alike.
  public let distance: Double
  /// The deviation of the estimates (divided by their number).
  public let deviation: Double
  /// How many subsets, and samples of each set in one.
  public let subsets, subsetSize: Int
  /// Samples of each set.
  public let realCount, fakeCount: Int
  /// The length of a feature vector.
  public let features: Int

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("kernel_distance", .number(distance)), ("deviation", .number(deviation)),
      ("subsets", JSON(subsets)), ("subset_size", JSON(subsetSize)), ("n_real", JSON(realCount)),
      ("n_fake", JSON(fakeCount)), ("features", JSON(features)),
    ])
  }
}

/// The squared maximum mean discrepancy with the kernel (x·y / d + 1)³, unbiased, averaged over random subsets drawn without
/// replacement (Bińkowski et al. 2018, section 4.1; of Inception's features it is KID).
/// - Parameters:
///   - real: [n, d]
///   - fake: [m, d]
///   - subsets: how many are drawn; one, where a subset is the whole of both sets.
///   - subsetSize: samples of each set in a subset; at most the smaller set's count are taken.
///   - seed: what the subsets are drawn from.
/// - Throws: `Failure` of kind argument (shape, NaN, fewer than two samples, features so large that their kernel is
///   infinite) or mismatch (d).
public func kernelDistance(
  real: Tensor, fake: Tensor, subsets: Int = 100, subsetSize: Int = 1000, seed: UInt64 = 1
) throws(Failure) -> KernelDistance {
  try Memory.checked { () throws(Failure) in
    try Tensor.expectFeatures(real: real, fake: fake, atLeast: 2)
    try subsets.expectPositive("subsets")
    guard subsetSize >= 2 else {
      throw Failure(.argument, "subset_size: expected at least 2, found \(subsetSize)")
    }
    let (n, m) = (real.shape[0], fake.shape[0])
    try Memory.expectRoom(for: 40 * max(n, m), "subsets of \(max(n, m)) samples")
    let size = min(subsetSize, n, m)
    let count = size == n && size == m ? 1 : subsets
    let estimates = (0..<count).map { s in
      squaredDiscrepancy(
        real.subset(size, seed: seed, number: 2 * s),
        fake.subset(size, seed: seed, number: 2 * s + 1))
    }
    guard estimates.allSatisfy(\.isFinite) else {
      throw Failure(.argument, "the features are too large: their kernel is not finite")
    }
    let (mean, deviation) = meanAndDeviation(estimates)
    return KernelDistance(
      distance: mean, deviation: deviation, subsets: count, subsetSize: size, realCount: n,
      fakeCount: m, features: real.shape[1])
  }
}

extension Tensor {
  /// Rows drawn without replacement.
  func subset(_ wanted: Int, seed: UInt64, number: Int) -> Tensor {
    let key = RandomKey(
      seed: seed, stream: GAN.Stream.subsets.rawValue, step: UInt64(number))
    return gather(key.draw(wanted, of: shape[0]).map(Int32.init))
  }
}

/// The unbiased estimate of MMD² of two sets of equal size (Gretton et al. 2012, equation 3).
private func squaredDiscrepancy(_ x: Tensor, _ y: Tensor) -> Double {
  let n = Double(x.shape[0])
  let pairs = n * (n - 1)
  return kernelSum(x, x, diagonal: false) / pairs + kernelSum(y, y, diagonal: false) / pairs
    - 2 * kernelSum(x, y, diagonal: true) / (n * n)
}

/// Σ (x·y / d + 1)³ over all pairs, with or without those of one index.
private func kernelSum(_ x: Tensor, _ y: Tensor, diagonal: Bool) -> Double {
  let (n, d) = (x.shape[0], Double(x.shape[1]))
  let products = matmul(x, y, transposeB: true)
  if products.isSpare { return 0 }
  return products.withElements { products in
    var sum = 0.0
    for i in 0..<n {
      var row = 0.0
      for j in 0..<n where diagonal || j != i {
        let k = Double(products[i * n + j]) / d + 1
        row += k * k * k
      }
      sum += row
    }
    return sum
  }
}
