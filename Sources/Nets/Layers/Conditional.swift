import SGTensors

// What samples are conditioned on comes as one vector each, `Context.condition`: a class as
// one-hot, real-valued conditions as they are, both one after the other. A learned table of classes
// is then a matrix, and serves vectors just the same.

/// Puts the condition beside the input: appended to a vector, as constant planes behind an image's
/// channels (Mirza & Osindero 2014); an image behind those of an image of its size.
public struct ConditionInput: ExportableLayer {
  /// The condition becomes a learned embedding of this many numbers; 0: as it is.
  public var size: Int
  /// The initial values of the embedding's table.
  public var initializer: Initializer

  /// Puts the condition beside the input.
  public init(size: Int = 0, initializer: Initializer = .normal(1)) {
    self.size = size
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expect("condition.size", size, in: 0...Declarations.mostUnits)
    let k = try d.expectCondition("condition")
    guard x.rank == 1 || x.rank == 3 else {
      throw d.error("expected a vector or an image, found a sample of shape \(x)")
    }
    if let image = d.inputs.imageCondition, x.rank == 3, size == 0 {
      guard x.array.dropLast() == image.dropLast() else {
        throw d.error(
          "the condition is an image of shape \(Shape(image)), which does not fit beside one of shape"
            + " \(x)")
      }
      return try d.shape(x.array.dropLast() + [x[2] + image[2]])
    }
    if size > 0 { try d.parameter("weight", [k, size], initializer, fans: (k, size)) }
    return try d.shape(x.array.dropLast() + [x[-1] + (size > 0 ? size : k)])
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    if c.parts.imageCondition != nil, x.rank == 4, size == 0 {
      return .concatenate([x, c.input("condition")], axis: 3)
    }
    var condition = c.requiredCondition
    if size > 0 { condition = matmul(condition, c.parameter()) }
    guard x.rank == 4 else { return Tensor.concatenate([x, condition], axis: 1) }
    let (n, h, w, k) = (x.shape[0], x.shape[1], x.shape[2], condition.shape[1])
    let planes = condition.reshaped([n, 1, 1, k]).broadcast(to: [n, h, w, k])
    return Tensor.concatenate([x, planes], axis: 3)
  }
}

/// Batch normalization whose scale and offset depend on the condition (Dumoulin et al. 2017; de
/// Vries et al. 2017): common ones plus a learned part for each condition, which begins as 0.
public struct ConditionalBatchNorm: ExportableLayer {
  /// Added to the variance.
  public var epsilon: Float
  /// Weight of the newest batch in the running statistics.
  public var momentum: Float

  /// Normalizes with the given constants.
  public init(epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.epsilon = epsilon
    self.momentum = momentum
  }

  private var plain: BatchNorm { BatchNorm(epsilon: epsilon, momentum: momentum) }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let k = try d.expectCondition("conditional_batch_norm")
    try d.expect("conditional_batch_norm.epsilon", epsilon, in: 1e-12...1)
    try d.expect("conditional_batch_norm.momentum", momentum, in: 0...1)
    let y = try plain.declare(x, &d)
    try d.parameter("condition_weight", [k, x[-1]], .zeros)
    try d.parameter("condition_bias", [k, x[-1]], .zeros)
    return y
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (scale, offset) = (c.parameter(), c.parameter())
    let y = plain.standardized(x, c)
    let condition = c.requiredCondition
    let channels = x.shape[-1]
    var rows = [Int](repeating: 1, count: x.rank)
    rows[0] = x.shape[0]
    rows[x.rank - 1] = channels
    func table(_ common: Tensor) -> Tensor {
      (matmul(condition, c.parameter()) + common).reshaped(Shape(rows))
    }
    return y * table(scale) + table(offset)
  }
}

/// A discriminator's last layer, the projection of Miyato & Koyama 2018: a logit that is linear in
/// the features, plus the inner product of the features, summed over space, with a learned vector
/// of the condition.
public struct Projection: ExportableLayer {
  /// The initial values of both weights.
  public var initializer: Initializer

  /// A projection with weights filled so.
  public init(initializer: Initializer = .glorot) { self.initializer = initializer }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let k = try d.expectCondition("projection")
    guard x.rank == 1 || x.rank == 3 else {
      throw d.error("expected a vector or an image, found a sample of shape \(x)")
    }
    try d.parameter("weight", [x.count, 1], initializer, fans: (x.count, 1))
    try d.parameter("bias", [1], .zeros)
    try d.parameter("condition_weight", [k, x[-1]], initializer, fans: (k, x[-1]))
    d.cost(x.count + x[-1])
    return [1]
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (weight, bias, table) = (c.parameter(), c.parameter(), c.parameter())
    let n = x.shape[0]
    let logit = dense(
      x.reshaped([n, x.count / max(n, 1)]), weight, bias: bias, activation: .identity)
    let pooled = x.rank == 4 ? x.sum([1, 2]) : x
    return logit + (pooled * matmul(c.requiredCondition, table)).sum([1]).reshaped([n, 1])
  }
}

/// The last layer of a conditional discriminator: the inner product of a vector of features with a
/// learned embedding of the condition (Huang et al. 2024).
public struct InnerProduct: ExportableLayer {
  /// The initial values of the embedding.
  public var initializer: Initializer

  /// An inner product with weights filled so.
  public init(initializer: Initializer = .glorot) { self.initializer = initializer }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let k = try d.expectCondition("inner_product")
    guard x.rank == 1 else {
      throw d.error("expected a vector, found a sample of shape \(x)")
    }
    try d.parameter("weight", [k, x[0]], initializer, fans: (k, x[0]))
    d.cost(k + 1, x[0])
    return [1]
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    (x * matmul(c.requiredCondition, c.parameter())).sum([1]).reshaped([x.shape[0], 1])
  }
}

/// Marks the features that feature matching compares; passes them on as they are.
public struct Features: ExportableLayer {
  /// Marks its input.
  public init() {}
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    d.hasFeatures = true
    return x
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    c.features = x
    return x
  }
}

extension ConditionInput {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let y = g.outputShape
    if let image = g.inputs.imageCondition, x.isImage, size == 0 {
      let beside = g.channelsFirst(g.part("condition", Shape(image)))
      return g.apply("Concat", g.channelsFirst(x), [beside.name], [("axis", .int(1))], to: y)
    }
    let given = size > 0 ? g.conditioned("weight") : g.condition
    guard x.isImage else { return g.apply("Concat", x, [given], [("axis", .int(1))], to: y) }
    let whole = g.integers([1, 1, x.shape[0], x.shape[1]])
    let wide = g.node("Expand", [g.planes(given, y[2] - x.shape[2]), whole])
    return g.apply("Concat", g.channelsFirst(x), [wide], [("axis", .int(1))], to: y)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension ConditionalBatchNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    let channels = x.shape[-1]
    var y = try plain.addOperators(
      x, to: &g, scale: .ones([channels]), offset: .zeros([channels]))
    for (op, common, table) in [
      ("Mul", "weight", "condition_weight"), ("Add", "bias", "condition_bias"),
    ] {
      var factor = g.node("Add", [g.conditioned(table), g.operand(common)])
      if x.isImage { factor = g.planes(factor, channels) }
      y = g.apply(op, y, [factor])
    }
    return y
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension Projection {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let flat = g.reshape(x, to: [x.shape.count])
    let logit = g.apply(
      "Gemm", flat, [g.operand("weight"), g.operand("bias")], to: g.outputShape)
    var pooled = g.channelsFirst(x)
    if x.isImage {
      pooled = g.apply(
        "ReduceSum", pooled, [g.integers([2, 3])], [("keepdims", .int(0))], to: [x.shape[-1]])
    }
    let product = g.apply("Mul", pooled, [g.conditioned("condition_weight")])
    let inner = g.node("ReduceSum", [product.name, g.integers([1])], [("keepdims", .int(1))])
    return g.apply("Add", logit, [inner])
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension InnerProduct {
  public func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    let product = g.apply("Mul", x, [g.conditioned("weight")])
    return g.apply(
      "ReduceSum", product, [g.integers([1])], [("keepdims", .int(1))], to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension Features {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    x
  }
  public func addForms(to m: inout TorchForms) { m.skip() }
}
