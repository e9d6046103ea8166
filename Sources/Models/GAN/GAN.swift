import CSGKernels
import SGBasics
import SGData
import SGFormats
import SGNets
import SGTensors

/// A generative adversarial network: a generator and a discriminator, their game and how far it has
/// come (Goodfellow et al. 2014).
public final class GAN {
  /// What it is.
  public let configuration: Configuration
  let objective: Objective
  package var state: State
  /// The largest batch for which memory was found.
  var largestBatch = 0

  /// Everything that a step replaces, at once and only when all of it succeeded.
  package struct State: Sendable {
    package var generator, discriminator: Player
    /// Further discriminators.
    var others: [Player] = []
    /// Moving average of the generator's parameters and statistics, if the configuration asks for
    /// one.
    var average: (parameters: Parameters, statistics: Parameters)?
    var step: UInt64 = 0
    /// How often randomness was drawn; the next draw's key.
    var draws: UInt64 = 0
    var samplesSeen: UInt64 = 0
    /// Between samples and conditions in their own units and those that the networks see. The
    /// reference batch and the replay below are as the networks see them.
    var standardization = Standardization.none
    /// The classes' names, where there are any.
    var classNames: [String] = []
    /// The discriminator's reference batch, where it needs one, from the first step on.
    var reference: Tensor?
    /// What sets the augmentation's probability, where it has a target.
    var augmentation: AugmentController?
    /// Old fakes that the discriminator sees again.
    var replay: Tensor?
  }

  /// A new model, its weights drawn from the configuration's seed.
  /// - Throws: `Failure` of kind configuration, limit or noMemory.
  public convenience init(_ configuration: Configuration) throws(Failure) {
    try self.init(configuration, stored: nil)
  }

  /// - Parameter stored: every tensor of the model; nil: weights are drawn.
  init(_ configuration: Configuration, stored: StoredTensors?) throws(Failure) {
    self.configuration = configuration
    objective = configuration.objective
    let (generator, discriminator) = try configuration.networks()
    let others = try configuration.otherNetworks()
    try Memory.reserve(
      floats: others.reduce(generator.parameterCount + discriminator.parameterCount) {
        $0 + $1.network.parameterCount
      }, copies: 6, for: "the model's weights and optimizers")
    state = try Memory.checked { () throws(Failure) in
      try Self.start(configuration, generator, discriminator, others, stored)
    }
    if stored == nil {
      try Memory.checked { () throws(Failure) in
        try checkCosts()
        try checkPenalties()
      }
      try checkSnapshot()
    }
    if configuration.labelSmoothing.fake > 0 {
      Log.warning(
        "label_smoothing.fake above 0 draws the optimal discriminator towards the model where data is thin, so the"
          + " generator is held where it is (Salimans et al. 2016); smooth the real side only")
    }
  }

  /// What a model begins with: weights that are drawn or stored, and what the configuration keeps
  /// beside them.
  private static func start(
    _ configuration: Configuration, _ generator: Network, _ discriminator: Network,
    _ others: [(name: String, network: Network)], _ stored: StoredTensors?
  ) throws(Failure) -> State {
    func player(
      _ name: String, _ network: Network, _ settings: OptimizerSettings, _ stream: RandomStream,
      place: UInt16 = 0
    ) throws(Failure) -> Player {
      // Each player takes two streams: parameters and state.
      let random = RandomKey(
        seed: configuration.seed, stream: stream.rawValue + 2 * place, step: 0)
      return try Player(
        name: name, network: network, optimizer: settings.rule, clipping: settings.clipping,
        from: stored.map { .stored($0) } ?? .drawn(random))
    }
    var state = State(
      generator: try player(
        "generator", generator, configuration.generatorOptimizer, .generatorWeights),
      discriminator: try player(
        "discriminator", discriminator, configuration.discriminatorOptimizer,
        .discriminatorWeights))
    state.classNames = configuration.classNames
    for (i, other) in others.enumerated() {
      state.others.append(
        try player(
          other.name, other.network, configuration.discriminatorOptimizer, .discriminatorWeights,
          place: UInt16(i + 1)))
    }
    if configuration.tricks.historicalAveraging > 0 {
      for i in state.others.indices { state.others[i].remembers = true }
      state.generator.remembers = true
      state.discriminator.remembers = true
    }
    if let stored {
      state.standardization = try Standardization(
        stored, samples: generator.output.count, conditions: configuration.usedConditions)
    }
    if discriminator.needsReference {
      state.reference = try stored?.optional("discriminator.reference", sample: discriminator.input)
    }
    if configuration.tricks.replayCapacity > 0 {
      state.replay = try stored?.optional("replay", sample: generator.output)
    }
    if configuration.augment.isOn, configuration.augment.target != nil {
      state.augmentation = AugmentController(configuration.augment)
      if let stored {
        let tensor = try stored.tensor(AugmentController.tensorName, shape: [3])
        state.augmentation = AugmentController(tensor, configuration.augment)
      }
    }
    if configuration.averaging.isKept {
      state.average =
        try stored?.learned(generator, prefix: "generator_average.") ?? (
          state.generator.parameters, state.generator.statistics
        )
    }
    return state
  }

  /// Makes sure that both costs are numbers, also those of an objective of the user's own. What
  /// layers make of samples, `networks()` has checked.
  private func checkCosts() throws(Failure) {
    let logits = Tensor.zeros([2, 1])
    let costs = [
      ("discriminator", objective.discriminator(logits, logits, configuration.labelSmoothing)),
      ("generator", objective.generator(logits)),
    ]
    for (player, cost) in costs where cost.count != 1 {
      throw Failure(
        .configuration,
        "objective \(objective.name): expected one number as the \(player)'s cost of a batch, found a"
          + " tensor of shape \(cost.shape)")
    }
  }

  /// Makes sure that a checkpoint of this model, also of a later step, could be read.
  func checkSnapshot() throws(Failure) {
    let snapshot = snapshot()
    let later = (Standardization.tensorNames + ["discriminator.reference", "replay"]).map {
      (name: $0, shape: Shape([]))
    }
    let now = snapshot.tensors.map { (name: $0.name, shape: $0.value.shape) }
    try Safetensors.check(
      now + later.filter { new in !now.contains { $0.name == new.name } }, metadata: snapshot.texts)
  }

  /// The generator's reference batch of latents, where it needs one.
  var referenceLatents: Tensor? { configuration.referenceLatents(for: state.generator.network) }

  public var sampleShape: Shape { state.generator.network.output }
  public var sampleRange: ValueRange? { configuration.range }
  /// Numbers of a latent.
  public var latentSize: Int { configuration.latent.size }
  public var step: UInt64 { state.step }
  public var seed: UInt64 { configuration.seed }
  public var labelUse: LabelUse {
    let c = configuration
    switch c.labels.mode {
    case .none: return .none
    case .conditional, .auxiliary: return .given(classes: c.classes, conditions: c.conditions)
    case .semiSupervised: return .few(classes: c.classes)
    }
  }
  public var conditionShape: [Int]? { configuration.conditionShape }
  public var reportBytes: Int {
    configuration.penalties.reduce(configuration.content.isNone ? 1024 : 1088) {
      $0 + 64 + 6 * $1.name.utf8.count
    }
      + configuration.discriminators.reduce(0) { $0 + 128 + 2 * $1.name.utf8.count }
  }
  public var batchesPerStep: Int { configuration.schedule.discriminatorSteps }
  public var samplesSeen: UInt64 {
    get { state.samplesSeen }
    set { state.samplesSeen = newValue }
  }
  /// The generator's and the discriminator's networks: shapes, parameters, cost.
  package var networks: (generator: Network, discriminator: Network) {
    (state.generator.network, state.discriminator.network)
  }
}
