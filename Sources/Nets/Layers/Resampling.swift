import SGTensors

// Resampling by a fixed low-pass filter, [1, 3, 3, 1] along both axes (Zhang 2019; Karras et al.
// 2020), with zeros outside the image. Both are linear, and each other's adjoint times 4.

/// The filter [1, 3, 3, 1] in both directions with weights that add up to 1, as a depthwise
/// convolution's.
private func lowPass(_ channels: Int, gain: Float) -> Tensor {
  let taps: [Float] = [1, 3, 3, 1]
  let square = taps.flatMap { a in taps.map { a * $0 * gain / 64 } }
  return Tensor(square, shape: [4, 4, 1, 1]).broadcast(to: [4, 4, 1, channels])
}

/// The depthwise convolution from an image to one of half its sides.
private func halving(_ height: Int, _ width: Int, _ channels: Int) -> ConvolutionGeometry {
  ConvolutionGeometry(
    input: (height, width), output: (height / 2, width / 2), kernel: (4, 4), stride: (2, 2),
    padding: (1, 1), groups: channels)
}

/// Images of twice the sides: zeros between the pixels, then the low-pass filter.
public struct FilteredUpsample: ExportableLayer {
  /// Doubles the sides.
  public init() {}
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    for side in [x[0], x[1]] { _ = try d.shape([side, 2]) }
    d.cost(x[0], x[1], 16, x[2])
    return try d.shape([2 * x[0], 2 * x[1], x[2]])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
    return transposedConvolution(
      x, lowPass(channels, gain: 4), halving(2 * height, 2 * width, channels))
  }
}

/// Images of half the sides, which are even: the low-pass filter at every other pixel.
public struct FilteredDownsample: ExportableLayer {
  /// Halves the sides.
  public init() {}
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    guard x[0] % 2 == 0, x[1] % 2 == 0 else {
      throw d.error("expected an image with even sides, found a sample of shape \(x)")
    }
    d.cost(x[0] / 2, x[1] / 2, 16, x[2])
    return try d.shape([x[0] / 2, x[1] / 2, x[2]])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
    return convolution(x, lowPass(channels, gain: 1), halving(height, width, channels))
  }
}

/// The sum over an image's pixels, a vector of its channels.
public struct SumPool: ExportableLayer {
  /// Adds up all pixels.
  public init() {}
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    return [x[2]]
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x.sum([1, 2]) }
}

/// A learned image of as many channels as the input vector has numbers, each channel times its
/// number: how the generator of Huang et al. 2024 begins.
public struct LearnedBasis: ExportableLayer {
  /// Height and width of the image.
  public var size: Size
  /// How the image is filled at first.
  public var initializer: Initializer

  /// An image of this size.
  public init(_ size: Size, initializer: Initializer = .normal(1)) {
    (self.size, self.initializer) = (size, initializer)
  }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else {
      throw d.error("basis expects a vector, found a sample of shape \(x)")
    }
    try d.expect("basis.size", size.height, in: 1...65_536)
    try d.expect("basis.size", size.width, in: 1...65_536)
    let shape = [size.height, size.width, x[0]]
    try d.parameter("weight", shape, initializer, fans: (1, size.area))
    return try d.shape(shape)
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    c.parameter() * x.reshaped([x.shape[0], 1, 1, x.shape[1]])
  }
}

extension FilteredUpsample {
  public func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    g.addFilter("ConvTranspose", x, gain: 4)
  }
  public func addForms(to m: inout TorchForms) {}
}

extension FilteredDownsample {
  public func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    g.addFilter("Conv", x, gain: 1)
  }
  public func addForms(to m: inout TorchForms) {}
}

extension OperatorGraphBuilder {
  /// The low-pass filter as a depthwise convolution.
  fileprivate mutating func addFilter(_ op: String, _ x: GraphValue, gain: Float) -> GraphValue {
    let channels = x.shape[2]
    let filter = constant(lowPass(channels, gain: gain).permuted([3, 2, 0, 1]))
    return apply(
      op, channelsFirst(x), [filter],
      [
        ("kernel_shape", .ints([4, 4])), ("strides", .ints([2, 2])),
        ("pads", .ints([1, 1, 1, 1])), ("group", .int(channels)),
      ], to: outputShape)
  }
}

extension SumPool {
  public func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    let sum = g.apply(
      "ReduceSum", g.channelsFirst(x), [g.integers([2, 3])], [("keepdims", .int(0))])
    return GraphValue(name: sum.name, shape: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension LearnedBasis {
  public func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    let row = g.node("Reshape", [x.name, g.integers([0, 1, 1, x.shape[0]])])
    return GraphValue(name: g.node("Mul", [row, g.operand("weight")]), shape: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}
