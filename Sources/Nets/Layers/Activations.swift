import SGTensors

/// A function of each element alone.
public enum ActivationLayer: ExportableLayer, Hashable {
  /// The function of this name.
  case relu, tanh, sigmoid, silu, softplus
  /// `leakyReLU(_:slope:)`.
  case leakyReLU(slope: Float = 0.2)
  /// `elu(_:alpha:)`.
  case elu(alpha: Float = 1)

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    switch self {
    case .leakyReLU(let slope): try d.expect("leaky_relu.slope", slope, in: 1e-6...1)
    case .elu(let alpha): try d.expect("elu.alpha", alpha, in: 0...100)
    case .relu, .tanh, .sigmoid, .silu, .softplus: break
    }
    return x
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    switch self {
    case .silu: SGTensors.silu(x)
    case .softplus: SGTensors.softplus(x)
    case .elu(let alpha): SGTensors.elu(x, alpha: alpha)
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
public struct Scaling: ExportableLayer {
  /// A constant of factor · x + offset.
  public var factor, offset: Float
  /// Scales by a factor, then adds an offset.
  public init(factor: Float, offset: Float = 0) { (self.factor, self.offset) = (factor, offset) }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expect("scale.factor", factor, in: -1e6...1e6)
    try d.expect("scale.offset", offset, in: -1e6...1e6)
    return x
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { factor * x + offset }
}

extension ActivationLayer {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    switch self {
    case .relu: g.apply("Relu", x)
    case .tanh: g.apply("Tanh", x)
    case .sigmoid: g.apply("Sigmoid", x)
    case .softplus: g.apply("Softplus", x)
    case .silu: g.apply("Mul", x, [g.apply("Sigmoid", x).name])
    case .leakyReLU(let slope): g.apply("LeakyRelu", x, [], [("alpha", .float(slope))])
    case .elu(let alpha): g.apply("Elu", x, [], [("alpha", .float(alpha))])
    }
  }
  public func addForms(to m: inout TorchForms) {}
}

extension Scaling {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let scaled = g.apply("Mul", x, [g.constant(factor)])
    return g.apply("Add", scaled, [g.constant(offset)])
  }
  public func addForms(to m: inout TorchForms) {}
}
