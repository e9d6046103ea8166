import SGTensors

extension Convolution {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let (y, p) = (g.outputShape, geometry(x.shape))
    func below(_ n: Int, _ out: Int, _ kernel: Int, _ stride: Int, _ before: Int) -> Int {
      max(0, (out - 1) * stride + kernel - n - before)
    }
    let bottom = below(x.shape[0], y[0], kernel.height, stride.height, p.padding.top)
    let right = below(x.shape[1], y[1], kernel.width, stride.width, p.padding.left)
    return g.apply(
      "Conv", g.channelsFirst(x), g.filters(),
      g.window(kernel, stride) + [
        ("pads", .ints([p.padding.top, p.padding.left, bottom, right])),
        ("group", .int(groups)),
      ], to: y)
  }

  public func addForms(to m: inout TorchForms) {
    m.add(
      "weight", [kernel.height, kernel.width, m.input[2] / groups, channels], order: [3, 2, 0, 1])
    if bias { m.add("bias", [channels], order: [0]) }
  }
}

extension TransposedConvolution {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let (y, p) = (g.outputShape, geometry(x.shape))
    /// What is cut off behind, or added there where it is negative.
    func rest(_ n: Int, _ out: Int, _ kernel: Int, _ stride: Int, _ before: Int) -> Int {
      (n - 1) * stride + kernel - out - before
    }
    let bottom = rest(x.shape[0], y[0], kernel.height, stride.height, p.padding.top)
    let right = rest(x.shape[1], y[1], kernel.width, stride.width, p.padding.left)
    return g.apply(
      "ConvTranspose", g.channelsFirst(x), g.filters(),
      g.window(kernel, stride) + [
        ("pads", .ints([p.padding.top, p.padding.left, max(0, bottom), max(0, right)])),
        ("output_padding", .ints([max(0, -bottom), max(0, -right)])),
      ], to: y)
  }

  public func addForms(to m: inout TorchForms) {
    m.add("weight", [kernel.height, kernel.width, channels, m.input[2]], order: [3, 2, 0, 1])
    if bias { m.add("bias", [channels], order: [0]) }
  }
}

extension OperatorGraphBuilder {
  /// The weight with the axes of both channels first, and the bias.
  fileprivate mutating func filters() -> [String] {
    let weight = constant(tensor("weight").permuted([3, 2, 0, 1]))
    return [weight] + (tensorIfAny("bias").map { [constant($0)] } ?? [])
  }

  fileprivate func window(
    _ kernel: Size, _ stride: Size
  ) -> [(name: String, value: GraphAttribute)] {
    [
      ("kernel_shape", .ints([kernel.height, kernel.width])),
      ("strides", .ints([stride.height, stride.width])),
    ]
  }
}
