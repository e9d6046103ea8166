import SGTensors

/// A checked stack of layers: shapes fit, parameters and statistics are known, running it cannot
/// fail.
public struct Network: Sendable {
  /// A sample's shape on the way in and out, without the batch axis.
  public let input, output: Shape
  package let parameterRows, stateRows: [Row]
  private let settled: [SettledStatistics]
  /// How many numbers training adjusts.
  public var parameterCount: Int { parameterRows.last.map { $0.offset + $0.shape.count } ?? 0 }
  /// Multiply-adds a sample, forward.
  package let multiplyAdds: Int
  /// Layer by layer; one inside another comes before it.
  package let layers: [LayerSummary]
  /// Floats a sample that a training pass keeps, an estimate.
  package let floatsPerSample: Int
  /// Floats that a pass keeps for each pair of samples in the batch.
  package let floatsPerPair: Int
  /// Whether what it makes of a sample depends on the other samples of the batch, also after
  /// training.
  package let seesWholeBatch: Bool
  /// Whether training needs batches of at least two.
  package let needsTwoSamples: Bool
  /// Whether a layer normalizes by a reference batch.
  package let needsReference: Bool
  /// Whether some parameters get their first values from the first batch, by `initialized`.
  package let needsFirstBatch: Bool
  /// Whether a layer `Features` marks what feature matching compares.
  package let hasFeatures: Bool
  let body: Sequential
  /// Numbers that each sample is conditioned on; 0: none.
  package let conditionSize: Int
  /// The parts of what samples are conditioned on, by name.
  package let inputs: [NetworkInput]

  /// A stack of layers, checked.
  /// - Parameters:
  ///   - layers: the first is applied first.
  ///   - input: a sample's shape.
  ///   - place: the network's place in the configuration, such as `generator`.
  ///   - conditionSize: numbers each sample is conditioned on; 0: none.
  ///   - inputs: the parts of these numbers that layers can take by name; nil: the whole,
  ///     `condition`.
  /// - Throws: `ConfigError` that names the layer which does not fit.
  public init(
    _ layers: [any Layer], input: Shape, place: String, conditionSize: Int = 0,
    inputs: [NetworkInput]? = nil
  ) throws(ConfigError) {
    body = Sequential(layers)
    self.input = input
    var d = Declarations(place: place, conditionSize: conditionSize, inputs: inputs)
    self.inputs = d.inputs
    self.conditionSize = conditionSize
    output = try body.declare(input, &d)
    parameterRows = d.parameters
    stateRows = d.state
    settled = d.settled
    multiplyAdds = d.multiplyAdds
    floatsPerSample = d.floatsPerSample
    self.layers = d.layers
    needsTwoSamples = d.needsTwoSamples
    floatsPerPair = d.floatsPerPair
    seesWholeBatch = d.seesWholeBatch
    hasFeatures = d.hasFeatures
    needsReference = d.needsReference
    needsFirstBatch = d.needsFirstBatch
    if needsReference, let norm = d.batchNorm {
      throw ConfigError(
        place,
        "\(norm): batch_norm would mix the reference batch into its statistics; use one kind of normalization"
      )
    }
  }

  /// The same network with layers behind its own. They come after them in names, too.
  package func appending(
    _ layers: [any Layer], place: String
  ) throws(ConfigError) -> Network {
    try Network(
      body.layers + layers, input: input, place: place, conditionSize: conditionSize,
      inputs: inputs)
  }

  /// Parameters and statistics by name, such as `3.weight`, as files of other programs hold them.
  package func exported(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var all = tensors
    for summary in layers {
      guard let layer = summary.layer as? any ExportableLayer else { continue }
      let prefix = summary.name + "."
      let own = tensors.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) }
      for (name, value) in layer.exported(Dictionary(uniqueKeysWithValues: own)) {
        all[prefix + name] = value
      }
    }
    return all
  }

  /// The forward pass of a batch, [batch] + input.
  /// - Parameters:
  ///   - parameters: one tensor a row; tracked ones get derivatives.
  ///   - state: running statistics, one tensor a row.
  ///   - random: for layers that draw.
  ///   - condition: [batch, conditionSize], where the network has one.
  ///   - reference: [count] + input, where the network needs it.
  /// - Returns: [batch] + output; the running statistics after the pass; what the layer `Features`
  ///   saw.
  package func callAsFunction(
    _ x: Tensor, parameters: [Tensor], state: [Tensor], isTraining: Bool, random: RandomKey,
    condition: Tensor? = nil, reference: Tensor? = nil
  ) -> (output: Tensor, state: [Tensor], features: Tensor?) {
    let context = Context(
      isTraining: isTraining, parameters: parameters, state: state, random: random,
      condition: condition, parts: inputs, referenceCount: referenceCount(reference))
    let y = body(behind(reference, x), context)
    guard context.referenceCount > 0 else { return (y, context.newState, context.features) }
    let all = context.referenceCount..<y.shape[0]
    return (y.rows(all), context.newState, context.features?.rows(all))
  }

  /// Parameters and statistics, one tensor a row, with those that the first batch decides: a
  /// training pass in which each layer sees what the initialized layers before it make. Arguments
  /// as for the forward pass.
  package func initialized(
    by x: Tensor, parameters: [Tensor], state: [Tensor], random: RandomKey,
    condition: Tensor? = nil, reference: Tensor? = nil
  ) -> (parameters: [Tensor], state: [Tensor]) {
    let context = Context(
      isTraining: true, parameters: parameters, state: state, random: random,
      condition: condition, parts: inputs, referenceCount: referenceCount(reference),
      isInitializing: true)
    _ = body(behind(reference, x), context)
    return (context.newParameters, context.newState)
  }

  /// Statistics of which those that follow from parameters have the values that belong to these.
  package func settled(_ statistics: Parameters, by parameters: Parameters) -> Parameters {
    guard !settled.isEmpty else { return statistics }
    let weights = parameters.tensors
    var (all, state) = (statistics, statistics.tensors)
    for part in settled {
      state.replaceSubrange(
        part.states, with: part.values(weights[part.parameter], Array(state[part.states])))
    }
    all.values = all.flatten(state)
    return all
  }

  /// The statistics that follow from parameters, with the values that belong to these.
  /// - Parameter tensors: parameters and statistics by name, such as `3.weight`.
  package func settled(_ tensors: [String: Tensor]) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for part in settled {
      let names = part.states.map { stateRows[$0].name }
      let states = names.compactMap { tensors[$0] }
      guard let weight = tensors[parameterRows[part.parameter].name], states.count == names.count
      else { continue }
      for (name, value) in zip(names, part.values(weight, states)) { result[name] = value }
    }
    return result
  }

  private func referenceCount(_ reference: Tensor?) -> Int {
    needsReference ? reference?.shape[0] ?? 0 : 0
  }

  /// The reference, where the network needs it, in front of the batch.
  private func behind(_ reference: Tensor?, _ x: Tensor) -> Tensor {
    guard needsReference, let reference else { return x }
    return .concatenate([reference, x], axis: 0)
  }
}
