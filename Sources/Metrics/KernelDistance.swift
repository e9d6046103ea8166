import CSGOpenBLAS
import SGBasics
import SGTensors

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

/// The squared maximum mean discrepancy with the kernel (x·y / d + 1)³, unbiased, averaged over
/// random subsets drawn without replacement (Bińkowski et al. 2018, section 4.1; of Inception's
/// features it is KID). Computed in Double.
/// - Parameters:
///   - real: [n, d]
///   - fake: [m, d]
///   - subsets: how many are drawn; one, where a subset is the whole of both sets.
///   - subsetSize: samples of each set in a subset; at most the smaller set's count are taken.
///   - seed: what the subsets are drawn from.
/// - Throws: `Failure` of kind argument (shape, NaN, fewer than two samples), mismatch (d) or
///   noMemory.
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
    // Products and both sets in Double.
    try Memory.expectRoom(
      for: 8 * size * (size + 2 * real.shape[1]) + Memory.forOpenBLAS,
      "the kernel of \(size) samples a set")
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
      seed: seed, stream: RandomStream.subsets.rawValue, step: UInt64(number))
    return gather(key.draw(wanted, of: shape[0]).map(Int32.init))
  }
}

/// The unbiased estimate of MMD² of two sets of equal size (Gretton et al. 2012, equation 3).
///
/// The kernel is not shift invariant, and far from the origin its values are so large that their
/// differences would drown in rounding. So they are written about the sets' common mean c. With x =
/// c + u, y = c + v and K = c·c / d + 1 the kernel is (K + t)³, where t = (c·u + c·v + u·v) / d.
/// The estimate does not change when a constant is taken off the kernel, and what is left without
/// K³ is t (t² + 3 K (K + t)), of the size of the differences.
private func squaredDiscrepancy(_ x: Tensor, _ y: Tensor) -> Double {
  let n = Double(x.shape[0])
  let pairs = n * (n - 1)
  var center = [Double](repeating: 0, count: x.shape[1])
  x.addRows(to: &center)
  y.addRows(to: &center)
  center = center.map { $0 / (2 * n) }
  let (first, second) = (CenteredRows(x, center), CenteredRows(y, center))
  return first.kernelSum(first, diagonal: false) / pairs
    + second.kernelSum(second, diagonal: false) / pairs
    - 2 * first.kernelSum(second, diagonal: true) / (n * n)
}

/// Features about a center.
private struct CenteredRows {
  /// u = x − c, row by row.
  private let rows: [Double]
  /// c·u / d of each row.
  private let along: [Double]
  /// c·c / d + 1.
  private let constant: Double
  private let count, size: Int

  init(_ x: Tensor, _ center: [Double]) {
    let (n, d) = (x.shape[0], x.shape[1])
    rows = x.withElements { x in (0..<n * d).map { Double(x[$0]) - center[$0 % d] } }
    let differences = rows
    along = (0..<n).map { i in
      (0..<d).reduce(0.0) { $0 + center[$1] * differences[i * d + $1] } / Double(d)
    }
    constant = center.reduce(0) { $0 + $1 * $1 } / Double(d) + 1
    (count, size) = (n, d)
  }

  /// Σ ((x·y / d + 1)³ − K³) over all pairs, with or without those of one index.
  func kernelSum(_ other: CenteredRows, diagonal: Bool) -> Double {
    let n = count
    var products = [Double](repeating: 0, count: n * n)
    // Rows of ours are columns of BLAS: column i of the result holds the products of row i.
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(n), Int32(n), Int32(size), 1 / Double(size),
      other.rows, Int32(size), rows, Int32(size), 0, &products, Int32(n))
    return products.withUnsafeBufferPointer { products in
      var sum = 0.0
      for i in 0..<n {
        var row = 0.0
        for j in 0..<n where diagonal || j != i {
          let t = along[i] + other.along[j] + products[i * n + j]
          row += t * (t * t + 3 * constant * (constant + t))
        }
        sum += row
      }
      return sum
    }
  }
}
