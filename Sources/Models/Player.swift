import SGBasics
import SGNets
import SGTensors

/// A player's network, weights and optimizer state. It is a value, so that a step that fails leaves
/// the old one.
package struct Player: Sendable {
  let name: String
  package let network: Network
  package var parameters: Parameters
  /// Running statistics of its normalization layers.
  package var statistics: Parameters
  let optimizer: any Optimizer
  var optimizerState: OptimizerState
  let clipping: Clipping
  /// Mean of the parameters over all steps so far, for historical averaging.
  var history: Tensor?
  /// Whether it keeps that mean.
  var remembers: Bool {
    get { history != nil }
    set { history = newValue ? history ?? parameters.values : nil }
  }

  /// Where the first values come from.
  enum Start {
    case drawn(RandomKey)
    case stored(StoredTensors)
  }

  init(
    name: String, network: Network, optimizer: any Optimizer, clipping: Clipping, from start: Start
  ) throws(Failure) {
    self.name = name
    self.network = network
    self.optimizer = optimizer
    self.clipping = clipping
    switch start {
    case .drawn(let random):
      parameters = Parameters(rows: network.parameterRows, random: random)
      var ofState = random
      ofState.stream += 1
      statistics = network.settled(
        Parameters(rows: network.stateRows, random: ofState), by: parameters)
      optimizerState = OptimizerState(for: optimizer, count: parameters.count)
    case .stored(let tensors):
      (parameters, statistics) = try tensors.learned(network, prefix: "\(name).")
      var slots: [Tensor] = []
      for slot in optimizer.slots {
        slots.append(
          try tensors.tensor("\(name).optimizer.\(slot)", shape: [parameters.count]))
      }
      optimizerState = OptimizerState(slots: slots, steps: 0)
      history = try tensors.optional("\(name).history", count: parameters.count)
    }
  }

  /// A training pass; keeps the statistics it gathers.
  /// - Returns: the output, and what the layer `Features` saw.
  mutating func callAsFunction(
    _ x: Tensor, parameters: [Tensor], condition: Tensor?, reference: Tensor?, random: RandomKey
  ) -> (output: Tensor, features: Tensor?) {
    let (y, state, features) = network(
      x, parameters: parameters, state: statistics.tensors, isTraining: true, random: random,
      condition: condition, reference: reference)
    if !statistics.rows.isEmpty { statistics.values = statistics.flatten(state) }
    return (y, features)
  }

  /// Lets a first batch decide the parameters that are left to it. Arguments as for a training
  /// pass.
  mutating func takeFirstBatch(
    _ x: Tensor, condition: Tensor?, reference: Tensor?, random: RandomKey
  ) throws(Failure) {
    let (weights, state) = network.initialized(
      by: x, parameters: parameters.tensors, state: statistics.tensors, random: random,
      condition: condition, reference: reference)
    let decided = parameters.flatten(weights)
    if let row = parameters.firstNotFinite(in: decided) {
      throw Failure(.diverged, "step 1: the first batch makes \(name).\(row) infinite")
    }
    parameters.values = decided
    if !statistics.rows.isEmpty { statistics.values = statistics.flatten(state) }
    if remembers { history = decided }
  }

  /// What historical averaging costs: λ ‖θ − mean of θ so far‖².
  func historicalCost(_ weight: Float) -> Double {
    guard weight > 0, let history else { return 0 }
    return Double(weight) * (parameters.values - history).sumOfSquares()
  }

  /// Descends a cost whose gradient is given, flat as the parameters.
  /// - Parameters:
  ///   - pull: λ of historical averaging, whose gradient is added.
  ///   - bound: the largest absolute value of a weight afterwards; nil: any.
  /// - Returns: the gradient's norm.
  mutating func descend(
    _ gradient: Tensor, rate factor: Float, step: UInt64, pull: Float = 0,
    within bound: Float? = nil
  ) throws(Failure) -> Double {
    var gradient = gradient
    if pull > 0, let history { gradient = gradient + 2 * pull * (parameters.values - history) }
    let norm = gradient.sumOfSquares().squareRoot()
    guard norm.isFinite else {
      let row = parameters.firstNotFinite(in: gradient) ?? "the whole"
      throw Failure(.diverged, "step \(step): the gradient of \(name).\(row) is not finite")
    }
    let clipped = clipping(gradient, norm: norm)
    try expectSquares(of: clipped, norm: norm, step: step)
    let result = optimizer.step(
      weights: parameters.values, gradient: clipped, state: optimizerState,
      rate: optimizer.learningRate * factor)
    guard result.finite else {
      let row = parameters.firstNotFinite(in: result.weights) ?? "a weight"
      throw Failure(.diverged, "step \(step): \(name).\(row) is not finite after the update")
    }
    parameters.values = bound.map { result.weights.clamped(-$0, $0) } ?? result.weights
    optimizerState = result.state
    if let history {
      // The mean of the first values and of those after each step.
      let share = 1 / Float(optimizerState.steps + 1)
      self.history = history + share * (parameters.values - history)
    }
    return norm
  }

  /// Running statistics are kept as `Float`, and samples may have a variance beyond that. A
  /// checkpoint that held it could not be read.
  func expectFiniteStatistics(step: UInt64) throws(Failure) {
    guard !statistics.rows.isEmpty, !statistics.values.sumOfSquares().isFinite else { return }
    let row = statistics.firstNotFinite(in: statistics.values) ?? "statistics"
    throw Failure(
      .diverged, "step \(step): \(name).\(row) is beyond 32-bit floats; scale the data")
  }

  /// Moments of the gradient are kept as `Float`. One that overflowed would hold its weight still
  /// for ever.
  /// - Parameters:
  ///   - gradient: after clipping.
  ///   - norm: before clipping.
  private func expectSquares(
    of gradient: Tensor, norm: Double, step: UInt64
  ) throws(Failure) {
    let largest = Double(Float.greatestFiniteMagnitude)
    guard norm * norm > largest, gradient.sumOfSquares() > largest else { return }
    throw Failure(
      .diverged,
      "step \(step): the gradient of \(name) has the norm \(norm), whose square is beyond"
        + " 32-bit floats; clip_norm bounds it"
    )
  }

  /// Everything it has learned, by name.
  var tensors: [(name: String, value: Tensor)] {
    zip(parameters.rows, parameters.tensors).map { ("\(name).\($0.name)", $1) }
      + zip(statistics.rows, statistics.tensors).map { ("\(name).\($0.name)", $1) }
      + zip(optimizer.slots, optimizerState.slots).map { ("\(name).optimizer.\($0)", $1) }
      + (history.map { [("\(name).history", $0)] } ?? [])
  }
}
