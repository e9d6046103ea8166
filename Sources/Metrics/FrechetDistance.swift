import SGBasics
import SGTensors

/// The Fréchet distance of two sets of features (squared, as usual), and the two terms it is the
/// sum of.
public struct FrechetDistance: Sendable {
  /// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁^½ Σ₂ Σ₁^½)^½), at least 0.
  public let distance: Double
  /// ‖μ₁ − μ₂‖²
  public let meanTerm: Double
  /// What the covariances contribute, at least 0.
  public let covarianceTerm: Double
  /// Samples of each set.
  public let realCount, fakeCount: Int
  /// The length of a feature vector.
  public let features: Int
  /// What was added to the diagonal of both covariances.
  public let ridge: Double

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("frechet_distance", .number(distance)), ("mean_term", .number(meanTerm)),
      ("covariance_term", .number(covarianceTerm)), ("n_real", JSON(realCount)),
      ("n_fake", JSON(fakeCount)), ("features", JSON(features)), ("ridge", .number(ridge)),
    ])
  }
}

/// The squared Fréchet (2-Wasserstein) distance of the Gaussians with the means and covariances
/// (with n − 1) of two sets of features (Dowson & Landau 1982; of a network's features: Heusel et
/// al. 2017, equation 6). It is FID only if the features are those of FID's Inception network. Its
/// bias falls with the number of samples: compare only values for equal numbers.
///
/// Computed in Double; the trace of the root is Σ √λ over the eigenvalues λ of Σ₁^½ Σ₂ Σ₁^½,
/// negative ones taken as 0. The last digits depend on how OpenBLAS divides its work among threads.
/// - Parameters:
///   - real: [n, d]
///   - fake: [m, d]
///   - ridge: added to the diagonal of both covariances; 0 or more. Above 0, two samples a set are
///     enough.
/// - Throws: `Failure` of kind argument (shape, NaN, or fewer than d + 1 samples without a ridge)
///   or mismatch (d).
public func frechetDistance(
  real: Tensor, fake: Tensor, ridge: Double = 0
) throws(Failure) -> FrechetDistance {
  try Memory.checked { () throws(Failure) in
    try Tensor.expectFeatures(real: real, fake: fake, atLeast: 2)
    guard ridge >= 0, ridge.isFinite else {
      throw Failure(.argument, "ridge: expected 0 or more, found \(ridge)")
    }
    let d = real.shape[1]
    for (name, x) in [("real", real), ("fake", fake)] where x.shape[0] <= d && ridge == 0 {
      throw Failure(
        .argument,
        "\(name): \(x.shape[0]) samples of \(d) features have a singular covariance; expected at least"
          + " \(d + 1) samples, or a ridge above 0")
    }
    // Seven matrices in Double at the most, eigenvectors' workspace included.
    try Memory.expectRoom(
      for: Memory.forOpenBLAS + 56 * d * d, "covariances of \(d) features")
    let (a, b) = (real.columnMeans, fake.columnMeans)
    var first = SymmetricMatrix(covarianceOf: real, mean: a)
    var second = SymmetricMatrix(covarianceOf: fake, mean: b)
    first.addToDiagonal(ridge)
    second.addToDiagonal(ridge)
    let meanTerm = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let covarianceTerm = max(
      first.trace + second.trace - 2 * (try traceOfRoot(first, second)), 0)
    return FrechetDistance(
      distance: meanTerm + covarianceTerm, meanTerm: meanTerm, covarianceTerm: covarianceTerm,
      realCount: real.shape[0], fakeCount: fake.shape[0], features: d, ridge: ridge)
  }
}

/// tr (A^½ B A^½)^½. With A = V W Vᵀ that matrix has the eigenvalues of (V W^½)ᵀ B (V W^½), which
/// needs no product more.
private func traceOfRoot(
  _ a: SymmetricMatrix, _ b: SymmetricMatrix
) throws(Failure) -> Double {
  let d = a.size
  var (values, factor) = try a.eigen(vectors: true)
  for j in 0..<d {
    let root = max(values[j], 0).squareRoot()
    for i in 0..<d { factor[j * d + i] *= root }
  }
  values = try SymmetricMatrix(b, between: factor).eigen(vectors: false).values
  return values.reduce(0) { $0 + max($1, 0).squareRoot() }
}

extension Tensor {
  /// The means of a matrix's columns.
  fileprivate var columnMeans: [Double] {
    var sum = [Double](repeating: 0, count: shape[1])
    addRows(to: &sum)
    return sum.map { $0 / Double(shape[0]) }
  }
}
