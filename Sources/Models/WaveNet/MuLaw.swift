import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The µ-law of ITU-T G.711: values from −1 to 1 are cut into levels that lie the closer together
/// the nearer they are to 0 (van den Oord et al. 2016, "WaveNet", section 2.2).
struct MuLaw: Sendable {
  /// µ + 1, at least 3.
  let levels: Int

  private var mu: Float { Float(levels - 1) }

  /// The number of the level nearest to sign(x) log(1 + µ|x|) / log(1 + µ).
  func number(_ x: Float) -> Float {
    let bent = log1p(mu * min(abs(x), 1)) / log1p(mu)
    let y = x < 0 ? -bent : bent
    return ((y + 1) * 0.5 * mu).rounded()
  }

  /// The value of a level.
  func value(_ number: Float) -> Float {
    let y = 2 * number / mu - 1
    let x = expm1(abs(y) * log1p(mu)) / mu
    return y < 0 ? -x : x
  }

  /// The levels of values.
  func numbers(_ x: Tensor) -> Tensor {
    Tensor(shape: x.shape) { y in
      x.withElements { for (i, x) in $0.enumerated() { y[i] = number(x) } }
    }
  }
}
