import SGTensors

/// Normalization by a fixed batch of samples, which goes through the network in front of every
/// batch (Salimans et al. 2016, section 3.4; Goodfellow 2016, section 4.3). Training and sampling
/// are the same, and no sample depends on its companions, except in the form that unites the
/// reference with the batch.
public struct ReferenceNorm: ExportableLayer {
  /// The moments that normalize a sample.
  public enum Form: String, Sendable, CaseIterable {
    /// Reference batch norm: moments of the reference alone.
    case reference
    /// Virtual batch norm: moments of the reference united with the sample.
    case sample
    /// The other reading of virtual batch norm: the reference united with the whole batch, in
    /// training; the reference alone otherwise.
    case batch
  }
  /// The moments that normalize.
  public var form: Form
  /// Added to the variance.
  public var epsilon: Float

  /// Normalizes by moments of this form.
  public init(_ form: Form, epsilon: Float = 1e-5) {
    self.form = form
    self.epsilon = epsilon
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank >= 1 else { throw d.error("expected channels, found a scalar sample") }
    try d.expect("reference_norm.epsilon", epsilon, in: 1e-12...1)
    try d.parameter("weight", [x[-1]], .constant(1))
    try d.parameter("bias", [x[-1]], .zeros)
    d.needsReference = true
    return x
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let (scale, offset) = (c.parameter(), c.parameter())
    let r = c.referenceCount
    let reference = x.rows(0..<r)
    let isWhole = form == .batch && c.isTraining
    let moments = (isWhole ? x : reference).channelMoments()
    guard form == .sample, x.shape[0] > r else {
      return normalize(x, moments: moments, scale: scale, offset: offset, epsilon: epsilon)
    }
    let first = normalize(
      reference, moments: moments, scale: scale, offset: offset, epsilon: epsilon)
    return .concatenate(
      [first, united(x.rows(r..<x.shape[0]), moments, r, scale, offset)], axis: 0)
  }

  /// Each sample normalized by the moments of the reference and itself: with weight w = 1 / (r + 1)
  /// for the sample, mean = (1 − w) μ + w m and E x² = (1 − w) (σ² + μ²) + w E s².
  private func united(
    _ x: Tensor, _ moments: Tensor, _ r: Int, _ scale: Tensor, _ offset: Tensor
  ) -> Tensor {
    let channels = x.shape[-1]
    let weight = 1 / Float(r + 1)
    let space = Array(1..<(x.rank - 1))
    func ofSample(_ t: Tensor) -> Tensor {
      space.isEmpty ? t : t.mean(space).restoring(space, of: t.shape)
    }
    let (mean, variance) = (
      moments.rows(0..<1).reshaped([channels]), moments.rows(1..<2).reshaped([channels])
    )
    let united = (1 - weight) * mean + weight * ofSample(x)
    let square = (1 - weight) * (variance + mean.squared()) + weight * ofSample(x.squared())
    let deviation = relu(square - united.squared()) + epsilon
    return (x - united) * deviation.reciprocalSquareRoot() * scale + offset
  }
}

extension ReferenceNorm {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    throw g.refusal("it needs a reference batch")
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}
