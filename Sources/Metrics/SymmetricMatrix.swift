import CSGOpenBLAS
import SGBasics
import SGTensors

/// A symmetric matrix in Double for LAPACK, column after column; only its lower triangle is kept up
/// to date.
struct SymmetricMatrix {
  let size: Int
  var elements: [Double]

  var trace: Double { (0..<size).reduce(0) { $0 + elements[$1 * (size + 1)] } }

  /// The covariance of the rows of x [count, d] about `mean`, with count − 1.
  init(covarianceOf x: Tensor, mean: [Double]) {
    let (n, d) = (x.shape[0], x.shape[1])
    size = d
    elements = [Double](repeating: 0, count: d * d)
    let rows = min(n, 1024)
    var centered = [Double](repeating: 0, count: rows * d)
    for first in stride(from: 0, to: n, by: rows) {
      let count = min(rows, n - first)
      x.withElements { x in
        centered.withUnsafeMutableBufferPointer { centered in
          for i in 0..<count {
            for k in 0..<d { centered[i * d + k] = Double(x[(first + i) * d + k]) - mean[k] }
          }
        }
      }
      // Rows of ours are columns of BLAS.
      cblas_dsyrk(
        CblasColMajor, CblasLower, CblasNoTrans, Int32(d), Int32(count), 1 / Double(n - 1),
        centered,
        Int32(d), 1, &elements, Int32(d))
    }
  }

  /// Fᵀ S F for a square F, column after column.
  init(_ s: SymmetricMatrix, between f: [Double]) {
    let n = Int32(s.size)
    size = s.size
    elements = [Double](repeating: 0, count: f.count)
    var right = elements
    cblas_dsymm(
      CblasColMajor, CblasLeft, CblasLower, n, n, 1, s.elements, n, f, n, 0, &right, n)
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, n, n, n, 1, f, n, right, n, 0, &elements, n)
  }

  /// Adds a number to the diagonal.
  mutating func addToDiagonal(_ value: Double) {
    for i in 0..<size { elements[i * (size + 1)] += value }
  }

  /// Eigenvalues in ascending order, and the eigenvectors as columns where they are wanted.
  /// - Throws: `Failure` of kind internal where LAPACK's iteration does not converge.
  func eigen(vectors: Bool) throws(Failure) -> (values: [Double], vectors: [Double]) {
    var a = elements
    var values = [Double](repeating: 0, count: size)
    var (job, triangle): (CChar, CChar) = (vectors ? 0x56 : 0x4E, 0x4C)  // V or N, L
    var (n, info, query) = (Int32(size), Int32(0), Int32(-1))
    var (length, lengthOfIntegers) = (0.0, Int32(0))
    dsyevd_(
      &job, &triangle, &n, &a, &n, &values, &length, &query, &lengthOfIntegers, &query, &info, 1, 1)
    var (work, integers) = (Int32(length), lengthOfIntegers)
    var workspace = [Double](repeating: 0, count: Int(work))
    var integerWorkspace = [Int32](repeating: 0, count: Int(integers))
    dsyevd_(
      &job, &triangle, &n, &a, &n, &values, &workspace, &work, &integerWorkspace, &integers, &info,
      1, 1)
    guard info == 0 else {
      throw Failure(.internal, "the eigenvalues of a covariance did not converge (\(info))")
    }
    return (values, vectors ? a : [])
  }
}
