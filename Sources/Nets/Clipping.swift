import SGTensors

/// A bound on gradients before the optimizer sees them.
public enum Clipping: Sendable, Hashable {
  /// No bound.
  case none
  /// Each element to ±limit.
  case value(Float)
  /// The whole gradient scaled down to this Euclidean norm if it is longer (Pascanu et al. 2013).
  case norm(Float)

  /// - Parameters:
  ///   - gradient: flat.
  ///   - norm: its Euclidean norm, which may be beyond what a `Float` holds.
  package func callAsFunction(_ gradient: Tensor, norm: Double) -> Tensor {
    switch self {
    case .none: gradient
    case .value(let limit): gradient.clamped(-limit, limit)
    case .norm(let limit):
      norm > Double(limit) ? shortened(gradient, Double(limit) / norm) : gradient
    }
  }

  /// factor · gradient, in two steps where the factor is too small for a `Float`.
  private func shortened(_ gradient: Tensor, _ factor: Double) -> Tensor {
    if factor >= Double(Float.leastNormalMagnitude) { return Float(factor) * gradient }
    let root = Float(factor.squareRoot())
    return root * (root * gradient)
  }
}
