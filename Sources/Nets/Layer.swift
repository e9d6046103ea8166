import SGTensors

/// A piece of a network. It says what can fail once, in `declare`; after that it is total.
public protocol Layer: Sendable {
  /// Checks that it can take samples of shape `x`, declares its parameters and statistics, and
  /// gives the shape of a sample that it makes (shapes without the batch axis).
  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape

  /// Applies it to a batch, [batch] + x. Takes its parameters and statistics from the context in
  /// the order of declaration.
  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor
}

/// A layer that can apply the activation that follows it on the way out, for one pass less over
/// memory.
public protocol ActivatingLayer: Layer {
  /// The activation of what the layer makes of a batch, [batch] + x.
  func callAsFunction(_ x: Tensor, _ c: Context, activation: Activation) -> Tensor
}

extension ActivatingLayer {
  /// Applies it to a batch without an activation.
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    self(x, c, activation: .identity)
  }
}

/// What a network's forward pass needs besides its input: mode, parameters, running statistics,
/// randomness. There is no global learning phase.
public final class Context {
  /// Whether batch norm uses the batch's statistics and dropout drops.
  public let isTraining: Bool
  /// Whether layers may give their parameters first values by what comes in: `WeightNorm` does.
  let isInitializing: Bool
  private let parameters: [Tensor]
  /// The parameters after a pass that initializes, one tensor a row.
  private(set) var newParameters: [Tensor]
  private var nextParameter = 0
  private let state: [Tensor]
  private var nextState = 0
  /// The running statistics after this pass, one tensor a row.
  private(set) var newState: [Tensor]
  private var random: RandomKey
  /// What the samples are conditioned on, [batch, size], if anything; its parts by name are
  /// `inputs`.
  public let condition: Tensor?
  /// The condition's parts.
  let parts: [NetworkInput]
  /// How many samples in front of the batch are the reference of `ReferenceNorm`.
  let referenceCount: Int
  /// What the layer `Features` saw in this pass.
  var features: Tensor?

  /// What a layer of one's own can be tried with.
  /// - Parameters:
  ///   - isTraining: whether the pass is one of training.
  ///   - parameters: one tensor for each that the layer declares, in order.
  ///   - state: one for each of its statistics.
  ///   - random: for layers that draw; each use takes the next stream.
  ///   - condition: [batch, size], if anything.
  public convenience init(
    isTraining: Bool, parameters: [Tensor], state: [Tensor] = [], random: RandomKey,
    condition: Tensor? = nil
  ) {
    self.init(
      isTraining: isTraining, parameters: parameters, state: state, random: random,
      condition: condition, parts: condition.map { NetworkInput.whole($0.shape[1]) } ?? [],
      referenceCount: 0)
  }

  /// - Parameter random: for layers that draw; each use takes the next stream.
  init(
    isTraining: Bool, parameters: [Tensor], state: [Tensor], random: RandomKey,
    condition: Tensor? = nil, parts: [NetworkInput], referenceCount: Int,
    isInitializing: Bool = false
  ) {
    self.isInitializing = isInitializing
    newParameters = parameters
    self.referenceCount = referenceCount
    self.condition = condition
    self.parts = parts
    self.isTraining = isTraining
    self.parameters = parameters
    self.state = state
    newState = state
    self.random = random
  }

  /// The condition, for layers that declared that they need one.
  var requiredCondition: Tensor {
    guard let condition else {
      preconditionFailure("a conditional network ran without a condition")
    }
    return condition
  }

  /// The next declared parameter.
  public func parameter() -> Tensor {
    defer { nextParameter += 1 }
    return parameters[nextParameter]
  }

  /// The next declared parameter, and its place for `initialize`.
  func placedParameter() -> (value: Tensor, place: Int) {
    let place = nextParameter
    return (parameter(), place)
  }

  /// Gives a parameter its first value.
  func initialize(_ place: Int, _ value: Tensor) { newParameters[place] = value.detached }

  /// The next declared statistic, and its place for `update`.
  public func statistic() -> (value: Tensor, place: Int) {
    defer { nextState += 1 }
    return (state[nextState], nextState)
  }

  /// Gives a statistic its value after this pass.
  public func update(_ place: Int, _ value: Tensor) { newState[place] = value.detached }

  /// A source of random numbers that nothing else in this pass uses.
  public func nextRandom() -> RandomKey {
    defer { random.stream += 1 }
    return random
  }
}
