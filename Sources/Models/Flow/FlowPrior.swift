import SGBasics
import SGTensors

/// Where a flow's latents come from, each element by itself.
package enum FlowPrior: String, Sendable, CaseIterable {
  /// Standard normal.
  case normal
  /// The logistic distribution.
  case logistic

  /// log p(z) of each row, [batch].
  func logDensity(_ z: Tensor) -> Tensor {
    switch self {
    case .normal: (-0.5 * z.squared() - 0.9189385332046727).sum([1])  // ½ log 2π
    case .logistic: (-softplus(z) - softplus(-z)).sum([1])
    }
  }

  func draw(_ shape: Shape, _ random: RandomKey) -> Tensor {
    switch self {
    case .normal: return random.normal(shape)
    case .logistic:
      let p = random.uniform(shape, low: 0x1p-25, high: 1 - 0x1p-24)
      return log(p) - log(1 - p)
    }
  }
}
