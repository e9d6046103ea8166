import SGTensors

/// What layers say once, before anything runs: parameters, running statistics and what each costs.
public struct Declarations {
  /// The most parameters, or elements a sample, that any network may have.
  package static let mostElements = 1 << 36

  private(set) var parameters: [Row] = []
  private(set) var state: [Row] = []
  /// Statistics whose first values follow from those of parameters.
  private(set) var settled: [SettledStatistics] = []
  /// The most channels, units or classes of a layer.
  static let mostUnits = 1 << 24

  /// Multiply-adds a sample, forward.
  private(set) var multiplyAdds = 0
  /// Floats that a training pass keeps for each sample, an estimate from the outputs' sizes.
  private(set) var floatsPerSample = 0
  /// Floats that a training pass keeps for each pair of samples in the batch.
  private(set) var floatsPerPair = 0
  /// Whether what some layer makes of a sample depends on the other samples of the batch, also
  /// after training.
  private(set) var seesWholeBatch = false
  /// Whether some batch norm sees a single value of each channel in a sample, so that a batch of
  /// one has no variance.
  private(set) var needsTwoSamples = false
  /// What each layer makes and costs; a layer inside another comes before it.
  private(set) var layers: [LayerSummary] = []
  /// Whether a layer normalizes by a reference batch.
  var needsReference = false
  /// The first batch norm's name, if there is one.
  private(set) var batchNorm: String?
  /// Whether a layer takes first values of its parameters from the first batch.
  var needsFirstBatch = false
  /// Whether a layer `Features` is among them.
  var hasFeatures = false
  /// Numbers a sample is conditioned on; 0: none.
  public let conditionSize: Int
  /// The parts of the condition that layers can take by name.
  public let inputs: [NetworkInput]
  private var names: [String] = []
  private var places: [String]

  /// - Parameters:
  ///   - place: the network's own, such as `generator`.
  ///   - conditionSize: numbers a sample is conditioned on.
  ///   - inputs: the parts of the condition that have names; nil: the whole, `condition`.
  init(place: String, conditionSize: Int = 0, inputs: [NetworkInput]? = nil) {
    places = [place]
    self.conditionSize = conditionSize
    self.inputs = inputs ?? NetworkInput.whole(conditionSize)
  }

  /// Where in the configuration the current layer stands.
  public var place: String { places.joined() }

  /// The error for the current layer.
  public func error(_ message: String, isLimit: Bool = false) -> ConfigError {
    ConfigError(place, message, isLimit: isLimit)
  }

  /// Declares a weight that training changes. The layer takes it with `Context.parameter`, in the
  /// same order.
  /// - Parameter fans: how many inputs and outputs each unit has, for initializers that scale by
  ///   them.
  public mutating func parameter(
    _ name: String, _ extents: [Int], _ initializer: Initializer, fans: (in: Int, out: Int) = (1, 1)
  ) throws(ConfigError) {
    try expect(initializer)
    let shape = try shape(extents)
    let offset = parameterCount
    if offset + shape.count > Self.mostElements {
      throw error("more than \(Self.mostElements) parameters", isLimit: true)
    }
    parameters.append(
      Row(name: full(name), shape: shape, offset: offset, initializer: initializer, fans: fans))
  }

  /// Declares running statistics: kept, saved, but not trained.
  public mutating func state(
    _ name: String, _ extents: [Int], initial: Float
  ) throws(ConfigError) {
    try state(name, extents, .constant(initial))
  }

  /// The same with first values that an initializer makes, such as those of a power iteration.
  public mutating func state(
    _ name: String, _ extents: [Int], _ initializer: Initializer,
    fans: (in: Int, out: Int) = (1, 1)
  ) throws(ConfigError) {
    try expect(initializer)
    let shape = try shape(extents)
    let offset = state.last.map { $0.offset + $0.shape.count } ?? 0
    state.append(
      Row(
        name: full(name), shape: shape, offset: offset, initializer: initializer, fans: fans))
  }

  /// Says that the last declared statistics begin with what follows from a parameter's first value.
  /// - Parameters:
  ///   - count: how many statistics.
  ///   - parameter: the parameter's number.
  ///   - values: the statistics, from the parameter and from what their initializers make.
  mutating func settle(
    states count: Int, by parameter: Int,
    _ values: @escaping @Sendable (_ parameter: Tensor, _ drawn: [Tensor]) -> [Tensor]
  ) {
    settled.append(
      SettledStatistics(
        parameter: parameter, states: (state.count - count)..<state.count, values: values))
  }

  /// A shape whose extents and count are known to be representable.
  public func shape(_ extents: [Int]) throws(ConfigError) -> Shape {
    var count = 1
    for n in extents {
      guard n >= 1 else { throw error("expected sizes of at least 1, found \(extents)") }
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product <= Self.mostElements, n <= Int(Int32.max) else {
        throw error(
          "\(extents) is more than \(Self.mostElements) elements", isLimit: true)
      }
      count = product
    }
    guard extents.count < Shape.maximumRank else {
      throw error("expected at most \(Shape.maximumRank - 1) axes a sample, found \(extents)")
    }
    return Shape(extents)
  }

  /// The condition's size, for a layer that needs one.
  func expectCondition(_ name: String) throws(ConfigError) -> Int {
    guard conditionSize > 0 else {
      throw error(
        "\(name) needs something to condition on: labels.mode \"conditional\", in the generator also \"auxiliary\""
      )
    }
    return conditionSize
  }

  /// Checks a setting of the current layer, such as `dense.units`.
  /// - Throws: `ConfigError` that says what was expected and what was found.
  public func expect(
    _ name: String, _ value: Int, in range: ClosedRange<Int>
  ) throws(ConfigError) {
    guard !range.contains(value) else { return }
    throw ConfigError(
      "\(place).\(name)", "expected \(range.lowerBound)...\(range.upperBound), found \(value)")
  }

  /// The same of a number that need not be whole; NaN is in no range.
  public func expect(
    _ name: String, _ value: Float, in range: ClosedRange<Double>
  ) throws(ConfigError) {
    // The shortest decimal of the float, so that 0.1 lies in 0...0.1.
    let number = Double("\(value)") ?? Double(value)
    guard !range.contains(number) else { return }
    throw ConfigError(
      "\(place).\(name)", "expected \(range.lowerBound)...\(range.upperBound), found \(number)")
  }

  /// Checks an initializer's number.
  private func expect(_ initializer: Initializer) throws(ConfigError) {
    switch initializer {
    case .zeros, .glorot, .he, .lecun: break
    case .constant(let value): try expect("initializer.constant", value, in: -1e6...1e6)
    case .normal(let deviation): try expect("initializer.normal", deviation, in: 0...1000)
    case .truncatedNormal(let deviation):
      try expect("initializer.truncated_normal", deviation, in: 0...1000)
    case .orthogonal(let gain): try expect("initializer.orthogonal", gain, in: 0...1000)
    }
  }

  /// Adds to the count of multiply-adds a sample.
  public mutating func cost(_ factors: Int...) {
    multiplyAdds =
      factors.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
      .addingReportingOverflow(multiplyAdds).partialValue
  }

  /// Says that a training pass keeps so many floats of a sample besides the layer's output.
  public mutating func keeps(_ floats: Int) {
    floatsPerSample = floatsPerSample.addingReportingOverflow(floats).partialValue
  }

  /// Says that samples of shape x are normalized by channel over the batch.
  mutating func normalizesBatch(_ x: Shape) {
    needsTwoSamples = needsTwoSamples || x.count == x[-1]
    if batchNorm == nil { batchNorm = names.joined(separator: ".") }
  }

  /// Says that what the layer makes of a sample depends on the other samples of the batch, also
  /// after training. A network with such a layer takes all samples of a call as one batch.
  /// - Parameter floatsPerPair: floats that it keeps for each pair of samples.
  public mutating func seesWholeBatch(floatsPerPair floats: Int = 0) {
    seesWholeBatch = true
    floatsPerPair = floatsPerPair.addingReportingOverflow(floats).partialValue
  }

  /// Declares a layer inside the current one.
  /// - Parameters:
  ///   - name: its part of parameters' names, such as `3`.
  ///   - place: its part of the place in the configuration, such as `.layers[3]`.
  public mutating func nested(
    _ layer: any Layer, _ x: Shape, name: String, place: String
  ) throws(ConfigError) -> Shape {
    names.append(name)
    places.append(place)
    let (before, cost) = (parameterCount, multiplyAdds)
    let y = try layer.declare(x, &self)
    layers.append(
      LayerSummary(
        name: names.joined(separator: "."), layer: layer, output: y,
        parameters: parameterCount - before,
        multiplyAdds: multiplyAdds.subtractingReportingOverflow(cost).partialValue))
    floatsPerSample = floatsPerSample.addingReportingOverflow(y.count).partialValue
    names.removeLast()
    places.removeLast()
    return y
  }

  private var parameterCount: Int { parameters.last.map { $0.offset + $0.shape.count } ?? 0 }

  private func full(_ name: String) -> String { (names + [name]).joined(separator: ".") }
}

/// Statistics that begin with what follows from a parameter's first value.
struct SettledStatistics: Sendable {
  /// The parameter's number.
  let parameter: Int
  /// The statistics' numbers.
  let states: Range<Int>
  let values: @Sendable (_ parameter: Tensor, _ drawn: [Tensor]) -> [Tensor]
}

/// What a layer makes of a sample, and what it costs.
package struct LayerSummary: Sendable {
  /// Its part of parameters' names, such as `3` or `3.0`.
  package let name: String
  package let layer: any Layer
  /// A sample's shape on the way out.
  package let output: Shape
  package let parameters: Int
  /// Multiply-adds a sample, forward.
  package let multiplyAdds: Int
}

/// A named part of a flat buffer.
package struct Row: Sendable {
  package let name: String
  package let shape: Shape
  package let offset: Int
  let initializer: Initializer
  let fans: (in: Int, out: Int)
}
