import SGTensors

/// Spectral normalization (Miyato et al. 2018, section 2.1): the weight is divided by its largest
/// singular value σ as a matrix of all inputs of an output by the outputs, so that the layer grows
/// no vector by more than 1 before the bias, up to the overlap of a convolution's windows.
///
/// σ = vᵀ W u, with singular vectors u and v that one power iteration in each training pass with
/// tracked weights brings nearer; they are constants in the derivative.
public struct SpectralNorm: ActivatingLayer, NormalizedLayer, ExportableLayer {
  /// The layer whose weight is normalized.
  public var layer: any WeightedLayer

  /// Normalizes the weight of a layer.
  public init(_ layer: any WeightedLayer) { self.layer = layer }

  /// Power iterations from random vectors, for the first singular vectors.
  private static let firstIterations = 15

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let place = d.parameters.count
    let y = try layer.declare(x, &d)
    let outputs = d.parameters[place].shape[layer.outputAxis]
    try d.state("u", [outputs], .normal(1))
    try d.state("v", [d.parameters[place].shape.count / outputs], .normal(1))
    d.settle(states: 2, by: place) { weight, vectors in
      var (u, v) = (vectors[0], vectors[1])
      for _ in 0..<Self.firstIterations { (u, v) = iterated(matrix(weight), u) }
      return [u, v]
    }
    return y
  }

  public func callAsFunction(_ x: Tensor, _ c: Context, activation: Activation) -> Tensor {
    let weight = c.parameter()
    let bias = layer.bias ? c.parameter() : nil
    let (left, right) = (c.statistic(), c.statistic())
    var (u, v) = (left.value, right.value)
    if c.isTraining && weight.isTracked {
      (u, v) = iterated(matrix(weight.detached), u)
      c.update(left.place, u)
      c.update(right.place, v)
    }
    return layer.apply(
      x, weight: self.weight(weight, u: u, v: v), bias: bias, activation: activation)
  }

  /// W / σ, as the plain layer would have it.
  /// - Parameters:
  ///   - u: [outputs], of any length, as averaged vectors have.
  ///   - v: [inputs of an output], likewise.
  func weight(_ weight: Tensor, u: Tensor, v: Tensor) -> Tensor {
    let product = matmul(matrix(weight), unit(u).reshaped([u.count, 1])).reshaped([v.count])
    return weight / ((unit(v) * product).sum() + Self.least)
  }

  /// The weight with its outputs as columns.
  private func matrix(_ weight: Tensor) -> Tensor {
    let axis = layer.outputAxis
    let order = (0..<weight.rank).filter { $0 != axis } + [axis]
    let outputs = weight.shape[axis]
    let moved = axis == weight.rank - 1 ? weight : weight.permuted(order)
    return moved.reshaped([weight.count / outputs, outputs])
  }

  /// v = W u / ‖W u‖, then u = Wᵀ v / ‖Wᵀ v‖.
  private func iterated(_ w: Tensor, _ u: Tensor) -> (u: Tensor, v: Tensor) {
    let v = unit(matmul(w, u.reshaped([u.count, 1])).reshaped([w.shape[0]]))
    return (unit(matmul(v.reshaped([1, v.count]), w).reshaped([w.shape[1]])), v)
  }

  private func unit(_ x: Tensor) -> Tensor {
    let length = x.sumOfSquares().squareRoot()
    return x * Float(1 / max(length, Double(Self.least)))
  }

  /// What keeps a weight of zeros finite.
  private static let least: Float = 1e-12
}

extension SpectralNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    try g.add(layer, x)
  }

  public func addForms(to m: inout TorchForms) throws(Inexpressible) { try m.add(layer) }

  public func exported(_ tensors: [String: Tensor]) -> [String: Tensor] {
    guard let w = tensors["weight"], let u = tensors["u"], let v = tensors["v"] else {
      return tensors
    }
    return tensors.merging(["weight": weight(w, u: u, v: v)]) { $1 }
  }
}
