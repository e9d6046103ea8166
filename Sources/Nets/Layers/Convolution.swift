import SGTensors

/// A height and a width.
public struct Size: Sendable, Hashable {
  /// In pixels.
  public var height, width: Int
  /// A rectangle.
  public init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }
  /// A square.
  public init(_ side: Int) { self.init(side, side) }
  var area: Int { height * width }
}

/// How much is added around an image.
public enum Padding: Sendable, Hashable {
  /// As much as makes the output ⌈input / stride⌉, or input · stride for a transposed convolution;
  /// an odd rest goes below and right.
  case same
  /// None.
  case valid
  /// As much on both sides of an axis.
  case symmetric(Size)
}

/// Two-dimensional convolution of images [height, width, in]; weight [kernel, kernel, in / groups,
/// channels].
public struct Convolution: WeightedLayer, ExportableLayer {
  /// Channels of the output.
  public var channels: Int
  /// The window's sides, and how far it moves at a time.
  public var kernel, stride: Size
  /// Zeros around the larger of the two images.
  public var padding: Padding
  /// Groups of channels: an output channel sees the input channels of its group alone. It divides
  /// both counts; as many as there are channels: a depthwise convolution.
  public var groups: Int
  /// Whether a number is added to each channel.
  public var bias: Bool
  /// The weight's initial values.
  public var initializer: Initializer

  /// A convolution to so many channels.
  public init(
    _ channels: Int, kernel: Size, stride: Size = Size(1), padding: Padding = .same,
    groups: Int = 1, bias: Bool = true, initializer: Initializer = .glorot
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.bias = bias
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    try d.expect("conv", channels: channels, kernel: kernel, stride: stride, padding: padding)
    try d.expect("conv.groups", groups, in: 1...Declarations.mostUnits)
    guard x[2] % groups == 0, channels % groups == 0 else {
      throw ConfigError(
        "\(d.place).conv.groups",
        "expected a divisor of the channels, \(x[2]) and \(channels), found \(groups)")
    }
    let g = geometry(x)
    guard g.output.height >= 1, g.output.width >= 1 else {
      throw d.error(
        "a kernel of \(kernel.height) x \(kernel.width) does not fit an image of shape \(x)"
          + " with this padding")
    }
    try d.parameter(
      "weight", [kernel.height, kernel.width, x[2] / groups, channels], initializer,
      fans: (x[2] / groups * kernel.area, channels / groups * kernel.area))
    if bias { try d.parameter("bias", [channels], .zeros) }
    d.cost(g.output.height, g.output.width, kernel.area, x[2] / groups, channels)
    return try d.shape([g.output.height, g.output.width, channels])
  }

  public var outputAxis: Int { 3 }

  public func apply(
    _ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation
  ) -> Tensor {
    convolution(
      x, weight, bias: bias, geometry(x.shape.droppingFirst()), activation: activation)
  }

  /// For images of shape x.
  package func geometry(_ x: Shape) -> ConvolutionGeometry {
    let (top, height) = padding.vertical.along(x[0], kernel.height, stride.height)
    let (left, width) = padding.horizontal.along(x[1], kernel.width, stride.width)
    return ConvolutionGeometry(
      input: (x[0], x[1]), output: (height, width), kernel: (kernel.height, kernel.width),
      stride: (stride.height, stride.width), padding: (top, left), groups: groups)
  }
}

/// Transposed (fractionally strided) convolution of images [height, width, in]: the adjoint of a
/// convolution that goes the other way; weight [kernel, kernel, channels, in].
public struct TransposedConvolution: WeightedLayer, ExportableLayer {
  /// Channels of the output.
  public var channels: Int
  /// The window's sides, and how far it moves at a time.
  public var kernel, stride: Size
  /// Zeros around the larger of the two images.
  public var padding: Padding
  /// Rows and columns more at the bottom and right, as in PyTorch; for valid and symmetric padding.
  public var outputPadding: Size
  /// Whether a number is added to each channel.
  public var bias: Bool
  /// The weight's initial values.
  public var initializer: Initializer

  /// A transposed convolution to so many channels.
  public init(
    _ channels: Int, kernel: Size, stride: Size = Size(1), padding: Padding = .same,
    outputPadding: Size = Size(0), bias: Bool = true, initializer: Initializer = .glorot
  ) {
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.bias = bias
    self.initializer = initializer
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expectImage(x)
    try d.expect(
      "conv_transpose", channels: channels, kernel: kernel, stride: stride, padding: padding)
    try d.expect("conv_transpose.output_padding", outputPadding, in: 0...63)
    if padding == .same && (kernel.height < stride.height || kernel.width < stride.width) {
      throw d.error("padding \"same\" needs a kernel that is at least as large as the stride")
    }
    if outputPadding != Size(0) && padding == .same {
      throw d.error("output_padding goes with a padding given in numbers")
    }
    if outputPadding.height >= stride.height || outputPadding.width >= stride.width {
      if outputPadding != Size(0) { throw d.error("output_padding must be below the stride") }
    }
    for (n, s) in [(x[0], stride.height), (x[1], stride.width)] {
      _ = try d.shape([n, s])  // no overflow in the geometry
    }
    let g = geometry(x)
    guard g.input.height >= 1, g.input.width >= 1 else {
      throw d.error("the padding leaves nothing of an image of shape \(x)")
    }
    try d.parameter(
      "weight", [kernel.height, kernel.width, channels, x[2]], initializer,
      fans: (x[2] * kernel.area, channels * kernel.area))
    if bias { try d.parameter("bias", [channels], .zeros) }
    d.cost(x[0], x[1], kernel.area, x[2], channels)
    return try d.shape([g.input.height, g.input.width, channels])
  }

  public var outputAxis: Int { 2 }

  public func apply(
    _ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation
  ) -> Tensor {
    transposedConvolution(
      x, weight, bias: bias, geometry(x.shape.droppingFirst()), activation: activation)
  }

  /// The geometry of the convolution whose adjoint this is, for images of shape x: its output is
  /// this layer's input.
  package func geometry(_ x: Shape) -> ConvolutionGeometry {
    let (top, height) = padding.vertical.against(
      x[0], kernel.height, stride.height, outputPadding.height)
    let (left, width) = padding.horizontal.against(
      x[1], kernel.width, stride.width, outputPadding.width)
    return ConvolutionGeometry(
      input: (height, width), output: (x[0], x[1]), kernel: (kernel.height, kernel.width),
      stride: (stride.height, stride.width), padding: (top, left))
  }
}

/// Padding along one axis.
private enum AxisPadding {
  case same, fixed(Int)

  /// Zeros in front and the output's extent, of a convolution.
  func along(_ n: Int, _ kernel: Int, _ stride: Int) -> (Int, Int) {
    switch self {
    case .same:
      let output = (n + stride - 1) / stride
      return (max(0, (output - 1) * stride + kernel - n) / 2, output)
    case .fixed(let p): return (p, n + 2 * p < kernel ? 0 : (n + 2 * p - kernel) / stride + 1)
    }
  }

  /// Rows cut in front and the output's extent, of a transposed convolution.
  func against(_ n: Int, _ kernel: Int, _ stride: Int, _ outputPadding: Int) -> (Int, Int) {
    switch self {
    case .same: return ((kernel - stride) / 2, n * stride)
    case .fixed(let p): return (p, (n - 1) * stride - 2 * p + kernel + outputPadding)
    }
  }
}

extension Padding {
  fileprivate var vertical: AxisPadding { axis(\.height) }
  fileprivate var horizontal: AxisPadding { axis(\.width) }
  private func axis(_ side: KeyPath<Size, Int>) -> AxisPadding {
    switch self {
    case .same: .same
    case .valid: .fixed(0)
    case .symmetric(let size): .fixed(size[keyPath: side])
    }
  }
}

extension Declarations {
  fileprivate func expect(
    _ name: String, channels: Int, kernel: Size, stride: Size, padding: Padding
  ) throws(ConfigError) {
    try expect("\(name).channels", channels, in: 1...Self.mostUnits)
    try expect("\(name).kernel", kernel, in: 1...256)
    try expect("\(name).stride", stride, in: 1...64)
    if case .symmetric(let size) = padding { try expect("\(name).padding", size, in: 0...255) }
  }

  fileprivate func expect(
    _ name: String, _ size: Size, in range: ClosedRange<Int>
  ) throws(ConfigError) {
    try expect(name, size.height, in: range)
    try expect(name, size.width, in: range)
  }

  func expectImage(_ x: Shape) throws(ConfigError) {
    guard x.rank == 3 else {
      throw error(
        "expected an image [height, width, channels], found a sample of shape \(x);"
          + " put reshape before it")
    }
  }
}
