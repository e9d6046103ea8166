import SGTensors

/// x w + b. Samples are vectors [in]; w is [in, units].
public struct Dense: WeightedLayer, ExportableLayer {
  /// Numbers of the output.
  public var units: Int
  /// Whether b is added.
  public var bias: Bool
  /// The weight's initial values.
  public var initializer: Initializer

  /// A dense layer of so many units.
  public init(_ units: Int, bias: Bool = true, initializer: Initializer = .glorot) {
    self.units = units
    self.bias = bias
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else {
      throw d.error("dense expects a vector, found a sample of shape \(x); put flatten before it")
    }
    try d.expect("dense.units", units, in: 1...Declarations.mostUnits)
    try d.parameter("weight", [x[0], units], initializer, fans: (x[0], units))
    if bias { try d.parameter("bias", [units], .zeros) }
    d.cost(x[0], units)
    return [units]
  }

  public var outputAxis: Int { 1 }

  public func apply(
    _ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation
  ) -> Tensor {
    dense(x, weight, bias: bias, activation: activation)
  }
}

/// Vectors for class indices: samples [k] of whole numbers become [k, size]. Values outside 0 ..<
/// classes are taken as the nearest class.
public struct Embedding: ExportableLayer {
  /// How many vectors there are.
  public var classes: Int
  /// Numbers of each vector.
  public var size: Int
  /// The weight's initial values.
  public var initializer: Initializer

  /// A table of `classes` vectors.
  public init(classes: Int, size: Int, initializer: Initializer = .normal(1)) {
    self.classes = classes
    self.size = size
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else {
      throw d.error("embedding expects a vector of class indices, found a sample of shape \(x)")
    }
    try d.expect("embedding.classes", classes, in: 1...Declarations.mostUnits)
    try d.expect("embedding.size", size, in: 1...Declarations.mostUnits)
    try d.parameter("weight", [classes, size], initializer, fans: (classes, size))
    return try d.shape([x[0], size])
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let last = Float(classes - 1)
    let index = x.array.map { $0 > 0 ? Int32(min($0, last)) : 0 }
    return c.parameter().gather(index).reshaped([x.shape[0], x.shape[1], size])
  }
}

extension Dense {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let parts = ["weight", "bias"].compactMap { g.tensorIfAny($0) }.map { g.constant($0) }
    return g.apply("Gemm", x, parts, to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) {
    try m.addDense(units: units, bias: bias)
  }
}

extension Embedding {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let (low, high) = (g.constant(0), g.constant(Float(classes - 1)))
    let index = g.node("Cast", [g.node("Clip", [x.name, low, high])], [("to", .int(7))])
    let vectors = g.node("Gather", [g.operand("weight"), index], [("axis", .int(0))])
    return GraphValue(name: vectors, shape: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) {
    try m.leaveVector()
    m.add("weight", [classes, size], order: [0, 1])
  }
}
