import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension OpTable {
  private static let squares: [[Input]] = [1, 2, 3, 7, 20].map {
    [Input(shape: [$0, $0], fill: .uniform(-1, 1))]
  }

  /// Far from a singular matrix, and with rows that pivoting exchanges: x plus a large matrix whose
  /// ones stand beside the diagonal.
  private static func shift(_ n: Int) -> [Double] {
    (0..<n * n).map { ($0 / n + 1) % n == $0 % n ? Double(n) + 1 : 0 }
  }

  private static func shifted(_ x: Tensor) -> Tensor {
    x + Tensor(shift(x.shape[0]).map { Float($0) }, shape: x.shape)
  }

  /// |det| and inverse by elimination without a search for pivots.
  private static func eliminated(_ x: Values) -> (determinant: Double, inverse: [Double]) {
    let n = x.shape[0]
    let shift = shift(n)
    var rows = (0..<n).map { i in
      (0..<n).map { x.elements[i * n + $0] + shift[i * n + $0] }
        + (0..<n).map { $0 == i ? 1.0 : 0.0 }
    }
    // The large elements come to the diagonal by turning the rows once.
    rows.insert(rows.removeLast(), at: 0)
    var determinant = 1.0
    for i in 0..<n {
      let pivot = rows[i][i]
      determinant *= pivot
      rows[i] = rows[i].map { $0 / pivot }
      for k in 0..<n where k != i {
        let factor = rows[k][i]
        for j in 0..<2 * n { rows[k][j] -= factor * rows[i][j] }
      }
    }
    return (abs(determinant), rows.flatMap { $0[n...] })
  }

  static let determinants: [OpRow] = [
    OpRow(
      name: "inverse", covers: ["Inverse"], cases: squares, tolerance: .overall(1e-6),
      op: { inverse(shifted($0[0])) },
      reference: { Values($0[0].shape, eliminated($0[0]).inverse) }),
    OpRow(
      name: "log determinant", covers: ["LogDeterminant"], cases: squares,
      tolerance: .overall(1e-6), op: { logDeterminant(shifted($0[0])) },
      reference: { Values([], [log(eliminated($0[0]).determinant)]) }),
  ]
}
