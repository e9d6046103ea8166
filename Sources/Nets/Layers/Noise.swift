import SGTensors

/// Each element is 0 with the given probability, and the others are scaled up to keep the mean
/// (Srivastava et al. 2014).
public struct Dropout: ExportableLayer {
  /// That an element is 0.
  public var probability: Float
  /// Whether it drops when samples are drawn, too, from their seed; a generator's only noise can be
  /// this (Isola et al. 2017).
  public var sampling: Bool
  /// Dropout of a probability.
  /// - Parameters:
  ///   - probability: from 0 to below 1.
  ///   - sampling: whether it drops when samples are drawn, too.
  public init(_ probability: Float, sampling: Bool = false) {
    self.probability = probability
    self.sampling = sampling
  }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expect("dropout.probability", probability, in: 0...0.999)
    return x
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let random = c.nextRandom()
    guard c.isTraining || sampling, probability > 0 else { return x }
    let kept = (random.uniform(x.shape) - probability).step()
    return x * (kept / (1 - probability))
  }
}

/// Normal noise of its own for each element: x + n, or x (1 + n), with n of the given deviation.
public struct GaussianNoise: ExportableLayer {
  /// The standard deviation of n.
  public var deviation: Float
  /// Whether x (1 + n) takes the place of x + n.
  public var multiplicative: Bool
  /// Whether there is noise when samples are drawn, too, from their seed.
  public var sampling: Bool
  /// Noise of a deviation.
  /// - Parameters:
  ///   - deviation: 0 or above.
  ///   - multiplicative: whether x (1 + n) takes the place of x + n.
  ///   - sampling: whether there is noise when samples are drawn, too.
  public init(_ deviation: Float, multiplicative: Bool = false, sampling: Bool = false) {
    self.deviation = deviation
    self.multiplicative = multiplicative
    self.sampling = sampling
  }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.expect("gaussian_noise.deviation", deviation, in: 0...1e6)
    return x
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let random = c.nextRandom()
    guard c.isTraining || sampling, deviation > 0 else { return x }
    let noise = random.normal(x.shape, deviation: deviation)
    return multiplicative ? x + x * noise : x + noise
  }
}

extension Dropout {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    if sampling { throw g.refusal("it draws random numbers when samples are made") }
    return x
  }
  public func addForms(to m: inout TorchForms) {}
}

extension GaussianNoise {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    if sampling { throw g.refusal("it draws random numbers when samples are made") }
    return x
  }
  public func addForms(to m: inout TorchForms) {}
}
