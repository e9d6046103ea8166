import SGTensors

/// A sample's elements as one vector.
public struct Flatten: ExportableLayer {
  /// Makes a vector of each sample.
  public init() {}
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.shape([x.count])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    x.reshaped([x.shape[0], x.count / max(x.shape[0], 1)])
  }
}

/// A sample's elements under another shape of the same count.
public struct Reshaping: ExportableLayer {
  /// The sample's new shape.
  public var target: [Int]
  /// Gives samples this shape, of the same count.
  public init(_ target: [Int]) { self.target = target }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard !target.isEmpty else { throw d.error("expected 1 to 5 sizes, found 0") }
    let y = try d.shape(target)
    guard y.count == x.count else {
      throw d.error("cannot give \(x.count) elements of shape \(x) the shape \(y)")
    }
    return y
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    x.reshaped(Shape([x.shape[0]] + target))
  }
}

/// Nearest-neighbor upsampling of images: each pixel becomes a block of factor x factor.
public struct Upsample: ExportableLayer {
  /// A block's side.
  public var factor: Int
  /// Blocks of factor x factor pixels.
  public init(_ factor: Int) { self.factor = factor }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    try d.expect("upsample.factor", factor, in: 1...64)
    _ = try d.shape([x[0], factor, factor])
    _ = try d.shape([x[1], factor, factor])
    return try d.shape([x[0] * factor, x[1] * factor, x[2]])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (n, h, w, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    return x.reshaped([n, h, 1, w, 1, channels])
      .broadcast(to: [n, h, factor, w, factor, channels])
      .reshaped([n, h * factor, w * factor, channels])
  }
}

/// Means over blocks of factor x factor pixels; rows and columns that fill no block are left out.
public struct AveragePool: ExportableLayer {
  /// A block's side.
  public var factor: Int
  /// Blocks of factor x factor pixels.
  public init(_ factor: Int) { self.factor = factor }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    try d.expect("average_pool.factor", factor, in: 1...64)
    guard x[0] >= factor, x[1] >= factor else {
      throw d.error("blocks of \(factor) x \(factor) do not fit an image of shape \(x)")
    }
    return try d.shape([x[0] / factor, x[1] / factor, x[2]])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (n, h, w, channels) = (x.shape[0], x.shape[1] / factor, x.shape[2] / factor, x.shape[3])
    let whole: Shape = [n, h * factor, w * factor, channels]
    return (whole == x.shape ? x : x.slice(from: [0, 0, 0, 0], whole))
      .reshaped([n, h, factor, w, factor, channels]).mean([2, 4])
  }
}

extension Flatten {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    g.reshape(x, to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { try m.reshape() }
}

extension Reshaping {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    g.reshape(x, to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { try m.reshape() }
}

extension Upsample {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let scales = g.constant(Tensor([1, 1, Float(factor), Float(factor)]))
    return g.apply(
      "Resize", g.channelsFirst(x), ["", scales],
      [
        ("mode", .string("nearest")), ("nearest_mode", .string("floor")),
        ("coordinate_transformation_mode", .string("asymmetric")),
      ], to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) {}
}

extension AveragePool {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let sides: GraphAttribute = .ints([factor, factor])
    return g.apply(
      "AveragePool", g.channelsFirst(x), [], [("kernel_shape", sides), ("strides", sides)],
      to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) {}
}
