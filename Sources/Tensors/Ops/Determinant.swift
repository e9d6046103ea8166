#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The inverse of a square matrix, by Gauss and Jordan's elimination in double precision; not
/// finite where there is none. d X⁻¹ = −X⁻¹ dX X⁻¹.
struct Inverse: Op {
  func shape(_ x: [Tensor]) -> Shape {
    precondition(x[0].rank == 2 && x[0].shape[0] == x[0].shape[1], "inverse of \(x[0].shape)")
    return x[0].shape
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let n = x[0].shape[0]
    guard let result = Elimination(x[0], keepsInverse: true) else { return }
    for i in 0..<n * n { y[i] = Float(result.inverse[i]) }
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [-matmul(matmul(y, g, transposeA: true), y, transposeB: true)]
  }
}

/// log |det X| of a square matrix; −∞ where it is singular. Its derivative is X⁻ᵀ.
struct LogDeterminant: Op {
  func shape(_ x: [Tensor]) -> Shape {
    precondition(x[0].rank == 2 && x[0].shape[0] == x[0].shape[1], "determinant of \(x[0].shape)")
    return []
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    guard let result = Elimination(x[0], keepsInverse: false) else { return }
    y[0] = Float(result.logDeterminant)
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * inverse(x[0]).permuted([1, 0])]
  }
}

/// Elimination with partial pivoting.
private struct Elimination {
  private(set) var inverse: [Double] = []
  private(set) var logDeterminant = 0.0

  /// - Returns: nil where there is no memory for it, which is noted.
  init?(_ x: Tensor, keepsInverse: Bool) {
    let n = x.shape[0]
    guard Memory.hasRoom(for: 16 * n * n) else {
      Memory.noteShortage(16 * n * n)
      return nil
    }
    var a = x.withElements { $0.map(Double.init) }
    if keepsInverse {
      inverse = [Double](repeating: 0, count: n * n)
      for i in 0..<n { inverse[i * n + i] = 1 }
    }
    a.withUnsafeMutableBufferPointer { a in
      inverse.withUnsafeMutableBufferPointer { b in
        for column in 0..<n {
          let pivot = (column..<n).max { abs(a[$0 * n + column]) < abs(a[$1 * n + column]) }
          if let pivot, pivot != column {
            for k in 0..<n { a.swapAt(pivot * n + k, column * n + k) }
            if keepsInverse { for k in 0..<n { b.swapAt(pivot * n + k, column * n + k) } }
          }
          let value = a[column * n + column]
          logDeterminant += log(abs(value))
          for row in (keepsInverse ? 0 : column + 1)..<n where row != column {
            let factor = a[row * n + column] / value
            if factor == 0 { continue }
            for k in column..<n { a[row * n + k] -= factor * a[column * n + k] }
            if keepsInverse { for k in 0..<n { b[row * n + k] -= factor * b[column * n + k] } }
          }
        }
        guard keepsInverse else { return }
        for i in 0..<n { for k in 0..<n { b[i * n + k] /= a[i * n + i] } }
      }
    }
  }
}

/// The inverse of a square matrix; not finite where there is none.
package func inverse(_ x: Tensor) -> Tensor { Inverse()(x) }
/// log |det X| of a square matrix, a scalar; −∞ where it is singular.
package func logDeterminant(_ x: Tensor) -> Tensor { LogDeterminant()(x) }
