import Tensors

/// A function of each element alone.
public enum ActivationLayer: Layer, Hashable {
  case relu, tanh, sigmoid, silu, softplus
  case leakyReLU(slope: Float = 0.2)
  case elu(alpha: Float = 1)

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape { x }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    switch self {
    case .silu: Tensors.silu(x)
    case .softplus: Tensors.softplus(x)
    case .elu(let alpha): Tensors.elu(x, alpha: alpha)
    case .relu, .tanh, .sigmoid, .leakyReLU: fused!(x)
    }
  }

  /// The same as something that the layer before can do on the way out.
  var fused: Activation? {
    switch self {
    case .relu: .relu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .leakyReLU(let slope): .leakyReLU(slope: slope)
    case .silu, .softplus, .elu: nil
    }
  }
}

/// factor · x + offset.
public struct Scaling: Layer {
  public var factor, offset: Float
  public init(factor: Float, offset: Float = 0) { (self.factor, self.offset) = (factor, offset) }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape { x }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { factor * x + offset }
}

/// In training each element is 0 with the given probability, and the others are scaled up to keep the mean (Srivastava
/// et al. 2014).
public struct Dropout: Layer {
  public var probability: Float
  /// - Parameter probability: from 0 to below 1.
  public init(_ probability: Float) { self.probability = probability }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape { x }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let random = c.nextRandom()
    guard c.isTraining, probability > 0 else { return x }
    let kept = (random.uniform(x.shape) - probability).step()
    return x * (kept / (1 - probability))
  }
}
