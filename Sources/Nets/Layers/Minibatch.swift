import SGTensors

// Layers through which a discriminator sees the whole minibatch, so that it can tell a collapsed
// generator. What they give a sample depends on its companions, also after training.

/// One more channel: the standard deviation over the minibatch of each element, averaged over all
/// of them (Karras et al. 2018, section 3).
public struct MinibatchDeviation: ExportableLayer {
  /// Added to the variances before the root.
  public var epsilon: Float

  /// One more channel, for the minibatch's spread.
  public init(epsilon: Float = 1e-8) { self.epsilon = epsilon }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank >= 1 else { throw d.error("minibatch_deviation expects a vector or an image") }
    try d.expect("minibatch_deviation.epsilon", epsilon, in: 1e-30...1)
    d.seesWholeBatch()
    return try d.shape(x.array.dropLast() + [x[-1] + 1])
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let centered = x - x.mean([0]).restoring([0], of: x.shape)
    let deviation = (centered.squared().mean([0]) + epsilon).squareRoot().mean()
    var column = x.shape
    column[-1] = 1
    let ones = Shape([Int](repeating: 1, count: x.rank))
    return .concatenate([x, deviation.reshaped(ones).broadcast(to: column)], axis: x.rank - 1)
  }
}

/// Minibatch discrimination (Salimans et al. 2016, section 3.2): features of a sample are joined
/// by, for each of `kernels` learned projections to `size` numbers, Σ exp(−‖Mᵢ − Mⱼ‖₁) over the
/// other samples j.
public struct MinibatchDiscrimination: ExportableLayer {
  /// How many projections there are, and numbers more the output has.
  public var kernels: Int
  /// Numbers of each projection.
  public var size: Int
  /// The initial values of the projections.
  public var initializer: Initializer

  /// Features joined by `kernels` numbers that tell of the other samples.
  public init(kernels: Int = 100, size: Int = 5, initializer: Initializer = .normal(0.05)) {
    self.kernels = kernels
    self.size = size
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else {
      throw d.error(
        "minibatch_discrimination expects a vector, found a sample of shape \(x); put flatten before it"
      )
    }
    try d.expect("minibatch_discrimination.kernels", kernels, in: 1...65_536)
    try d.expect("minibatch_discrimination.size", size, in: 1...65_536)
    let width = try d.shape([kernels, size]).count
    try d.parameter("weight", [x[0], width], initializer, fans: (x[0], width))
    d.cost(x[0], width)
    d.seesWholeBatch(floatsPerPair: 3 * width)
    return try d.shape([x[0] + kernels])
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let n = x.shape[0]
    let m = matmul(x, c.parameter())
    let distance = (m.reshaped([n, 1, kernels, size]) - m.reshaped([1, n, kernels, size]))
      .absolute().sum([3])
    // Each sample's distance to itself is 0, so its own term is the 1 that is taken off.
    return .concatenate([x, exp(-distance).sum([1]) - 1], axis: 1)
  }
}

extension MinibatchDeviation {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    throw g.refusal("what it gives a sample depends on the whole minibatch")
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension MinibatchDiscrimination {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    throw g.refusal("what it gives a sample depends on the whole minibatch")
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}
