#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// ω(x), the solution of ω + log ω = x: Lambert's W of eˣ, without the overflow of eˣ (Corless &
/// Jeffrey 2002).
struct WrightOmega: Op {
  func shape(_ x: [Tensor]) -> Shape { x[0].shape }

  /// Scalar and in double precision: for costs of a logit a sample, not for maps.
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    x[0].withElements {
      for (i, value) in $0.enumerated() { y[i] = Float(Self.value(Double(value))) }
    }
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * (y / (y + 1))]
  }

  /// Newton's iteration on log ω + ω − x in log ω, from a start that is close on both sides.
  private static func value(_ x: Double) -> Double {
    guard x > -700 else { return x.isNaN ? x : 0 }
    guard x < 1e30 else { return x }
    var u = x > 1 ? log(x) : min(x, 0)
    for _ in 0..<8 {
      let w = exp(u)
      u -= (u + w - x) / (1 + w)
    }
    return exp(u)
  }
}

/// ω(x) with ω + log ω = x, elementwise.
package func wrightOmega(_ x: Tensor) -> Tensor { WrightOmega()(x) }
