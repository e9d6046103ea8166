import CSGKernels

/// The geometry of a two-dimensional convolution from x [batch, height, width, channels] to y
/// [batch, outHeight, outWidth, outChannels] with w [kernelHeight, kernelWidth, channels,
/// outChannels]. In groups, output channels see the input channels of their group alone, and w is
/// [kernelHeight, kernelWidth, channels / groups, outChannels].
public struct ConvolutionGeometry: Sendable, Hashable {
  /// Height and width of x and of y, without batch and channels.
  public var input, output: (height: Int, width: Int)
  /// Height and width of the window, and how far it moves at a time.
  public var kernel, stride: (height: Int, width: Int)
  /// Zeros above and left of x; those below and right follow from the output's size.
  public var padding: (top: Int, left: Int)
  /// Groups of channels, which divide those of x and of y.
  public var groups: Int

  /// What goes in, what comes out, and how.
  public init(
    input: (height: Int, width: Int), output: (height: Int, width: Int),
    kernel: (height: Int, width: Int), stride: (height: Int, width: Int),
    padding: (top: Int, left: Int), groups: Int = 1
  ) {
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  private var numbers: [Int] {
    [
      input.height, input.width, output.height, output.width, kernel.height, kernel.width,
      stride.height, stride.width, padding.top, padding.left,
      groups,
    ]
  }
  public static func == (a: Self, b: Self) -> Bool { a.numbers == b.numbers }
  public func hash(into hasher: inout Hasher) { hasher.combine(numbers) }

  func kernelForm(batch: Int, channels: Int, outChannels: Int) -> sg_convolution {
    sg_convolution(
      batch: Int32(batch), height: Int32(input.height), width: Int32(input.width),
      channels: Int32(channels), out_height: Int32(output.height), out_width: Int32(output.width),
      out_channels: Int32(outChannels), kernel_height: Int32(kernel.height),
      kernel_width: Int32(kernel.width), stride_height: Int32(stride.height),
      stride_width: Int32(stride.width), pad_top: Int32(padding.top), pad_left: Int32(padding.left))
  }

  func inputShape(_ batch: Int, _ channels: Int) -> Shape {
    [batch, input.height, input.width, channels]
  }
  func outputShape(_ batch: Int, _ channels: Int) -> Shape {
    [batch, output.height, output.width, channels]
  }
  func check(x: Shape? = nil, w: Shape? = nil, y: Shape? = nil) {
    precondition(x.map { $0 == inputShape($0[0], $0[-1]) } ?? true, "convolution of \(x!)")
    precondition(y.map { $0 == outputShape($0[0], $0[-1]) } ?? true, "convolution to \(y!)")
    precondition(
      w.map { $0 == [kernel.height, kernel.width, $0[2], $0[3]] } ?? true, "kernel \(w!)")
    precondition(
      x == nil || w == nil || x![-1] == w![2] * groups, "channels of \(x!) and \(w!)")
    precondition(x == nil || x![-1] % groups == 0, "\(groups) groups of channels of \(x!)")
    precondition(y == nil || y![-1] % groups == 0, "\(groups) groups of channels of \(y!)")
    precondition(y == nil || w == nil || y![-1] == w![3], "channels of \(y!) and \(w!)")
  }
}

/// y from (x, w), then bias (third input, by channel) and activation.
struct ConvolutionOutput: FusedOp {
  let geometry: ConvolutionGeometry
  var activation = Activation.identity

  func shape(_ x: [Tensor]) -> Shape {
    geometry.check(x: x[0].shape, w: x[1].shape)
    return geometry.outputShape(x[0].shape[0], x[1].shape[3])
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    var g = geometry.kernelForm(
      batch: x[0].shape[0], channels: x[0].shape[-1], outChannels: x[1].shape[3])
    activation.withEpilogue(bias: x.count > 2 ? x[2] : nil) {
      if geometry.groups == 1 {
        sg_convolution_output(&g, x[0].pointer, x[1].pointer, y, $0)
      } else {
        sg_grouped_output(&g, Int32(geometry.groups), x[0].pointer, x[1].pointer, y, $0)
      }
    }
  }
  func reference(_ x: [Tensor]) -> Tensor {
    let plain = ConvolutionOutput(geometry: geometry)(x[0], x[1])
    return activation(x.count > 2 ? plain + x[2] : plain)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let d = activation.pullback(g, y)
    return [
      needs[0] ? ConvolutionInput(geometry: geometry)(d, x[1]) : nil,
      needs[1] ? ConvolutionWeight(geometry: geometry)(x[0], d) : nil,
    ] + (x.count > 2 ? [needs[2] ? d.sum([0, 1, 2]) : nil] : [])
  }
}

/// x from (y, w): the adjoint in x, which is the transposed convolution; then bias (third input)
/// and activation.
struct ConvolutionInput: FusedOp {
  let geometry: ConvolutionGeometry
  var activation = Activation.identity

  func shape(_ x: [Tensor]) -> Shape {
    geometry.check(w: x[1].shape, y: x[0].shape)
    return geometry.inputShape(x[0].shape[0], x[1].shape[2] * geometry.groups)
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    var g = geometry.kernelForm(
      batch: x[0].shape[0], channels: x[1].shape[2] * geometry.groups,
      outChannels: x[0].shape[-1])
    activation.withEpilogue(bias: x.count > 2 ? x[2] : nil) {
      if geometry.groups == 1 {
        sg_convolution_input(&g, x[0].pointer, x[1].pointer, y, $0)
      } else {
        sg_grouped_input(&g, Int32(geometry.groups), x[0].pointer, x[1].pointer, y, $0)
      }
    }
  }
  func reference(_ x: [Tensor]) -> Tensor {
    let plain = ConvolutionInput(geometry: geometry)(x[0], x[1])
    return activation(x.count > 2 ? plain + x[2] : plain)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let d = activation.pullback(g, y)
    return [
      needs[0] ? ConvolutionOutput(geometry: geometry)(d, x[1]) : nil,
      needs[1] ? ConvolutionWeight(geometry: geometry)(d, x[0]) : nil,
    ] + (x.count > 2 ? [needs[2] ? d.sum([0, 1, 2]) : nil] : [])
  }
}

/// w from (x, y): the adjoint in w.
struct ConvolutionWeight: Op {
  let geometry: ConvolutionGeometry

  func shape(_ x: [Tensor]) -> Shape {
    geometry.check(x: x[0].shape, y: x[1].shape)
    precondition(x[0].shape[0] == x[1].shape[0])
    return [
      geometry.kernel.height, geometry.kernel.width, x[0].shape[-1] / geometry.groups,
      x[1].shape[-1],
    ]
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    var g = geometry.kernelForm(
      batch: x[0].shape[0], channels: x[0].shape[-1], outChannels: x[1].shape[-1])
    if geometry.groups == 1 {
      sg_convolution_weight(&g, x[0].pointer, x[1].pointer, y)
    } else {
      sg_grouped_weight(&g, Int32(geometry.groups), x[0].pointer, x[1].pointer, y)
    }
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [
      needs[0] ? ConvolutionInput(geometry: geometry)(x[1], g) : nil,
      needs[1] ? ConvolutionOutput(geometry: geometry)(x[0], g) : nil,
    ]
  }
}

/// activation(x ∗ w + bias): cross-correlation, as in every deep-learning library.
public func convolution(
  _ x: Tensor, _ w: Tensor, bias: Tensor? = nil, _ geometry: ConvolutionGeometry,
  activation: Activation = .identity
) -> Tensor {
  let op = ConvolutionOutput(geometry: geometry, activation: activation)
  return op.apply(bias.map { [x, w, $0] } ?? [x, w])
}

/// activation(transposed convolution + bias): y has the shape of `geometry`'s output, the result
/// that of its input.
public func transposedConvolution(
  _ y: Tensor, _ w: Tensor, bias: Tensor? = nil, _ geometry: ConvolutionGeometry,
  activation: Activation = .identity
) -> Tensor {
  let op = ConvolutionInput(geometry: geometry, activation: activation)
  return op.apply(bias.map { [y, w, $0] } ?? [y, w])
}
