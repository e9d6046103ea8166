import SGTensors

/// Batch normalization by channel, the last axis (Ioffe & Szegedy 2015): the batch's statistics in
/// training, running ones otherwise. Running statistics follow PyTorch: unbiased variance, weight
/// `momentum` for the newest.
public struct BatchNorm: ActivatingLayer, ExportableLayer {
  /// Added to the variance.
  public var epsilon: Float
  /// Weight of the newest batch in the running statistics.
  public var momentum: Float

  /// Normalizes with the given constants.
  public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.epsilon = epsilon
    self.momentum = momentum
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank >= 1 else { throw d.error("batch_norm expects channels, found a scalar sample") }
    try d.expect("batch_norm.epsilon", epsilon, in: 1e-12...1)
    try d.expect("batch_norm.momentum", momentum, in: 0...1)
    try d.parameter("weight", [x[-1]], .constant(1))
    try d.parameter("bias", [x[-1]], .zeros)
    try d.state("running_mean", [x[-1]], initial: 0)
    try d.state("running_var", [x[-1]], initial: 1)
    d.normalizesBatch(x)
    return x
  }

  public func callAsFunction(_ x: Tensor, _ c: Context, activation: Activation) -> Tensor {
    apply(x, c, scale: c.parameter(), offset: c.parameter(), activation)
  }

  /// (x − mean) / √(variance + ε), for layers that scale in their own way.
  func standardized(_ x: Tensor, _ c: Context) -> Tensor {
    let channels = x.shape[-1]
    return apply(x, c, scale: .ones([channels]), offset: .zeros([channels]), .identity)
  }

  private func apply(
    _ x: Tensor, _ c: Context, scale: Tensor, offset: Tensor, _ activation: Activation
  ) -> Tensor {
    let (mean, variance) = (c.statistic(), c.statistic())
    guard c.isTraining else {
      let moments = Tensor.concatenate(
        [mean.value, variance.value].map { $0.reshaped([1, $0.count]) }, axis: 0)
      return normalize(
        x, moments: moments, scale: scale, offset: offset, epsilon: epsilon,
        activation: activation)
    }
    let moments = x.channelMoments()
    let now = moments.detached
    let n = Float(x.count / x.shape[-1])
    c.update(mean.place, (1 - momentum) * mean.value + momentum * now.channelRow(0))
    c.update(
      variance.place,
      (1 - momentum) * variance.value + (momentum * n / max(n - 1, 1)) * now.channelRow(1))
    return batchNormalize(
      x, moments: moments, scale: scale, offset: offset, epsilon: epsilon, activation: activation)
  }
}

/// Layer normalization over all axes of a sample (Ba et al. 2016), with a scale and an offset for
/// each element.
public struct LayerNorm: ExportableLayer {
  /// Added to the variance.
  public var epsilon: Float

  /// Normalizes with the given ε.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expect("layer_norm.epsilon", epsilon, in: 1e-12...1)
    try d.parameter("weight", x.array, .constant(1))
    try d.parameter("bias", x.array, .zeros)
    return x
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let axes = Array(1..<x.rank)
    let centered = x - x.mean(axes).restoring(axes, of: x.shape)
    let variance = centered.squared().mean(axes).restoring(axes, of: x.shape)
    return centered * (variance + epsilon).reciprocalSquareRoot() * c.parameter() + c.parameter()
  }
}

extension BatchNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    try addOperators(x, to: &g, scale: g.tensor("weight"), offset: g.tensor("bias"))
  }

  /// The same with a scale and an offset of one's own.
  func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder, scale: Tensor, offset: Tensor
  ) throws(Inexpressible) -> GraphValue {
    guard x.shape.rank == 1 || x.isImage else {
      throw g.refusal(
        "it normalizes vectors and images there, not samples of shape \(x.shape)")
    }
    let parts = [scale, offset, g.tensor("running_mean"), g.tensor("running_var")].map {
      g.constant($0)
    }
    return g.apply(
      "BatchNormalization", g.channelsFirst(x), parts, [("epsilon", .float(epsilon))])
  }

  public func addForms(to m: inout TorchForms) throws(Inexpressible) {
    guard m.input.rank == 1 || m.input.rank == 3 else { throw m.noModule }
    for tensor in ["weight", "bias", "running_mean", "running_var"] { m.addChannels(tensor) }
  }
}

extension LayerNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let parts = [g.operand("weight"), g.operand("bias")]
    return g.apply(
      "LayerNormalization", g.channelsLast(x), parts,
      [("axis", .int(1)), ("epsilon", .float(epsilon))])
  }

  public func addForms(to m: inout TorchForms) {
    for tensor in ["weight", "bias"] { m.addElements(tensor) }
  }
}
