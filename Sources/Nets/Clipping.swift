import Tensors

/// A bound on gradients before the optimiser sees them.
public enum Clipping: Sendable, Hashable {
  /// No bound.
  case none
  /// Each element to ±limit.
  case value(Float)
  /// The whole gradient scaled down to this Euclidean norm if it is longer (Pascanu et al. 2013).
  case norm(Float)

  /// - Parameters:
  ///   - gradient: flat.
  ///   - norm: its Euclidean norm.
  package func callAsFunction(_ gradient: Tensor, norm: Double) -> Tensor {
    switch self {
    case .none: gradient
    case .value(let limit): gradient.clamped(-limit, limit)
    case .norm(let limit): norm > Double(limit) ? Float(Double(limit) / norm) * gradient : gradient
    }
  }
}
