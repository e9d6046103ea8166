import SGTensors

/// A layer that is linear in a weight and may add a bias for each output.
public protocol WeightedLayer: ActivatingLayer {
  /// Whether it adds a bias, declared after the weight.
  var bias: Bool { get }
  /// The axis of the weight that counts the outputs.
  var outputAxis: Int { get }

  /// activation(x weight + bias) of a batch x, in whatever way the layer is linear.
  func apply(_ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor
}

extension WeightedLayer {
  public func callAsFunction(_ x: Tensor, _ c: Context, activation: Activation) -> Tensor {
    let weight = c.parameter()
    return apply(x, weight: weight, bias: bias ? c.parameter() : nil, activation: activation)
  }
}

/// A layer around another one whose weight it normalizes.
package protocol NormalizedLayer: Layer {
  /// The layer whose weight is normalized.
  var layer: any WeightedLayer { get set }
}

/// Weight normalization (Salimans & Kingma 2016, eq. 2): the weights of each output are w = g v /
/// ‖v‖, with a gain g and a direction v that are learned apart. The first batch can decide gains
/// and biases so that each output has mean 0 and variance 1 on it (their section 3); before a
/// model's first step the gains are 1.
public struct WeightNorm: ActivatingLayer, NormalizedLayer, ExportableLayer {
  /// The layer whose weight is normalized.
  public var layer: any WeightedLayer
  /// Whether training changes the gains after that; Salimans et al. 2016 hold those of hidden
  /// layers, so that a discriminator cannot grow without bound.
  public var trainsGain: Bool
  /// Whether the first batch decides gains and biases.
  public var takesFirstBatch: Bool

  /// Normalizes the weight of a layer.
  public init(
    _ layer: any WeightedLayer, trainsGain: Bool = true, takesFirstBatch: Bool = true
  ) {
    self.layer = layer
    self.trainsGain = trainsGain
    self.takesFirstBatch = takesFirstBatch
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let y = try layer.declare(x, &d)
    if trainsGain {
      try d.parameter("gain", [y[-1]], .constant(1))
    } else {
      try d.state("gain", [y[-1]], initial: 1)
    }
    if takesFirstBatch { d.needsFirstBatch = true }
    return y
  }

  /// g (v x) / ‖v‖ + b: as batch norm, with the lengths of the weights in place of the batch's
  /// deviations (their section 2.2).
  public func callAsFunction(_ x: Tensor, _ c: Context, activation: Activation) -> Tensor {
    let v = c.parameter()
    let bias = layer.bias ? c.placedParameter() : nil
    let gain = trainsGain ? c.placedParameter() : c.statistic()
    let y = layer.apply(x, weight: v, bias: nil, activation: .identity)
    let squares = squaredLengths(v)
    let row: Shape = [1, squares.count]
    let lengths = Tensor.concatenate([.zeros(row), squares.reshaped(row)], axis: 0)
    var (scale, offset) = (gain.value, bias?.value ?? .zeros([squares.count]))
    if c.isInitializing && takesFirstBatch {
      let moments = y.channelMoments()
      let length = (squares + Self.least).squareRoot()
      let deviation = (moments.channelRow(1) + 1e-6 * squares + Self.least).squareRoot()
      scale = length / deviation
      if trainsGain { c.initialize(gain.place, scale) } else { c.update(gain.place, scale) }
      if let bias {
        offset = -moments.channelRow(0) / deviation
        c.initialize(bias.place, offset)
      }
    }
    return normalize(
      y, moments: lengths, scale: scale, offset: offset, epsilon: Self.least,
      activation: activation)
  }

  /// w = g v / ‖v‖, as the plain layer would have it.
  func weight(direction v: Tensor, gain: Tensor) -> Tensor {
    var axes = [Int](repeating: 1, count: v.rank)
    axes[layer.outputAxis] = gain.count
    let scale = gain * (squaredLengths(v) + Self.least).reciprocalSquareRoot()
    return v * scale.reshaped(Shape(axes))
  }

  private func squaredLengths(_ v: Tensor) -> Tensor {
    v.squared().sum((0..<v.rank).filter { $0 != layer.outputAxis })
  }

  /// What keeps a direction of length 0 finite.
  private static let least: Float = 1e-20
}

extension WeightNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    try g.add(layer, x)
  }

  public func addForms(to m: inout TorchForms) throws(Inexpressible) {
    if takesFirstBatch { m.takesFirstBatch() }
    try m.add(layer)
    m.addGain(outputsAreSecond: layer is TransposedConvolution)
  }

  public func exported(_ tensors: [String: Tensor]) -> [String: Tensor] {
    guard let v = tensors["weight"], let gain = tensors["gain"] else { return tensors }
    return tensors.merging(["weight": weight(direction: v, gain: gain)]) { $1 }
  }
}
