import SGBasics
import SGData
import SGNets
import SGTensors

/// What a model is: data, players, costs, how it trains. Written as one JSON object; every key but
/// `data.shape` has a default.
public struct Configuration: Sendable, Equatable {
  /// A sample's shape: [n] for vectors, [height, width, channels] for images.
  public var shape: [Int]
  /// Number of classes in the data's labels; 0: none.
  public var classes: Int
  /// The classes' names in the order of their numbers; empty: those of the data that the model is
  /// first trained on, if it has some.
  public var classNames: [String] = []
  /// What values the samples take, [low, high]; nil: any.
  public var range: ValueRange?
  /// Real numbers that each sample is conditioned on; 0: none.
  public var conditions = 0
  /// Whether columns of vectors, samples as well as conditions, are brought to mean 0 and deviation
  /// 1 before the networks see them, by the data set that the model is first trained on; nil: for
  /// every data set but the synthetic ones.
  public var standardize: Bool?
  /// The shape of what each sample is conditioned on, such as that of an image, with `conditions`
  /// elements; nil: a vector.
  public var conditionShape: [Int]?
  /// What labels and conditions are for.
  public var labels = LabelSettings()
  /// What replaces or accompanies the generator's cost.
  public var featureMatching = FeatureMatching()
  /// How far samples may be from those that their conditions belong to.
  public var content = ContentCost()
  /// Remedies that change what the discriminator sees or how either player moves.
  public var tricks = Tricks()
  /// Where latents come from.
  public var latent: Prior
  /// A player's network.
  public var generator, discriminator: NetworkDescription
  /// Further discriminators by name, each with a cost of its own; the generator descends the mean
  /// of its costs.
  public var discriminators: [NamedDiscriminator] = []
  /// The costs of the two players.
  public var objective: Objective
  /// What is added to the discriminator's cost to bound its slope.
  public var penalties: [Penalty] = []
  /// How many samples D judges together (PacGAN, Lin et al. 2018).
  public var packing = 1
  /// What is done to real samples and fakes before the discriminator sees them.
  public var augment = Augment()
  /// What is taken off the targets.
  public var labelSmoothing: LabelSmoothing
  /// The order of the players' updates.
  public var schedule: UpdateSchedule
  /// How a player moves.
  public var generatorOptimizer, discriminatorOptimizer: OptimizerSettings
  /// The factor on the optimizers' rates over the steps.
  public var learningRate: Schedule
  /// How far back the generator's moving average reaches.
  public var averaging = Averaging.decay(0)
  /// Decay of that average at the first step; setting it makes that the decay of all steps. 0: none
  /// is kept, or it has a half-life.
  public var average: Float {
    get { if case .decay(let value) = averaging { value.start } else { 0 } }
    set { averaging = .decay(ScheduledValue(newValue)) }
  }
  /// The largest absolute value of the discriminators' weights, which are brought to it after each
  /// update (Arjovsky et al. 2017); nil: any.
  public var clipWeights: Float?
  /// The seed of weights, latents and the order of the data.
  public var seed: UInt64

  /// What a model is; classes, conditions, labels and penalties can be set afterwards.
  /// - Parameters:
  ///   - shape: a sample's, [n] or [height, width, channels].
  ///   - range: what values samples take; nil: [−1, 1] for images, any for vectors.
  ///   - latent: where latents come from.
  ///   - generator: a preset, such as `.mlp()` or `.dcgan()`, or a list of layers.
  ///   - discriminator: the same, for the other player.
  ///   - objective: the costs.
  ///   - labelSmoothing: what is taken off the targets.
  ///   - schedule: who moves when.
  ///   - optimizer: of both players, or of the discriminator alone where there is a
  ///     `generatorOptimizer`.
  ///   - generatorOptimizer: of the generator; nil: as the discriminator's.
  ///   - learningRate: the factor on the optimizers' rates.
  ///   - average: decay of the generator's moving average; 0: none is kept.
  ///   - tricks: remedies, none by default.
  ///   - seed: of weights, latents and the order of the data.
  public init(
    shape: [Int], range: ValueRange? = nil, latent: Prior = Prior(),
    generator: NetworkDescription, discriminator: NetworkDescription,
    objective: Objective = .nonSaturating, labelSmoothing: LabelSmoothing = LabelSmoothing(),
    schedule: UpdateSchedule = UpdateSchedule(), optimizer: OptimizerSettings = OptimizerSettings(),
    generatorOptimizer: OptimizerSettings? = nil, learningRate: Schedule = .constant,
    average: Float = 0, tricks: Tricks = Tricks(), seed: UInt64 = 1
  ) {
    self.shape = shape
    classes = 0
    self.range = range ?? (shape.count == 1 ? nil : ValueRange(-1, 1))
    self.latent = latent
    self.generator = generator
    self.discriminator = discriminator
    self.objective = objective
    self.labelSmoothing = labelSmoothing
    self.schedule = schedule
    self.generatorOptimizer = generatorOptimizer ?? optimizer
    discriminatorOptimizer = optimizer
    self.learningRate = learningRate
    averaging = .decay(ScheduledValue(average))
    self.tricks = tricks
    self.seed = seed
  }

  /// The two networks, checked: their layers fit each other and the data.
  func networks() throws(Failure) -> (generator: Network, discriminator: Network) {
    try checkPenalties()
    try checkValues()
    try checkLabels()
    try checkAugment()
    try checkPacking()
    try content.check(self)
    try Standardization.check(
      standardize, shape: shape, range: range,
      conditions: conditionShape == nil ? usedConditions : 0)
    if tricks.replayCapacity > 0 {
      guard schedule.update == .alternating else {
        throw Failure(
          .configuration,
          "replay: goes with schedule.update \"alternating\"; simultaneous updates share one batch of fakes"
        )
      }
      guard !labels.conditionsGenerator else {
        throw Failure(
          .configuration,
          "replay: old fakes have no labels; not with labels.mode \"\(labels.mode.rawValue)\"")
      }
    }
    do throws(ConfigError) {
      let layers = try generator.generatorLayers(self)
      let g = try Network(
        layers, input: Shape([latent.size]), place: "generator",
        conditionSize: generatorCondition, inputs: inputs(of: generatorCondition))
      guard g.output.array == shape else {
        throw ConfigError(
          "generator", "its samples have the shape \(g.output), the data's \(shape)")
      }
      let d = try Network(
        discriminator.discriminatorLayers(self), input: packedShape, place: "discriminator",
        conditionSize: discriminatorCondition, inputs: inputs(of: discriminatorCondition))
      let outputs = discriminatorOutputs
      guard d.output.count == outputs || (outputs == 1 && d.output.isMap) else {
        throw ConfigError(
          "discriminator",
          (outputs == 1
            ? "expected one logit a sample, or an image of them with one channel"
            : "labels.mode \"\(labels.mode.rawValue)\" with \(classes) classes needs \(outputs) outputs a sample")
            + ", found an output of shape \(d.output)")
      }
      for (network, size) in [(g, generatorCondition), (d, discriminatorCondition)]
      where network.needsReference && size > 0 {
        throw ConfigError(
          "labels.mode",
          "reference_norm has one reference batch, which has no labels; use conditional_batch_norm, or no labels"
        )
      }
      guard featureMatching.weight == 0 || d.hasFeatures else {
        throw ConfigError(
          "feature_matching", "the discriminator's list of layers has no \"features\" among them")
      }
      return (g, d)
    } catch {
      throw Failure(error)
    }
  }
}

/// The generator's cost of Salimans et al. 2016, section 3.1: ‖E f(x) − E f(G(z))‖², with f the
/// features before the discriminator's last layer, divided by their number.
public struct FeatureMatching: Sendable, Hashable {
  /// 0: off.
  public var weight: Float
  /// Weight of the objective's own cost beside it.
  public var adversarial: Float
  /// Feature matching with these weights.
  public init(weight: Float = 0, adversarial: Float = 0) {
    self.weight = weight
    self.adversarial = adversarial
  }
}

/// The order of the players' updates.
public struct UpdateSchedule: Sendable, Hashable {
  /// The order of the players' moves in a step.
  public enum Update: String, Sendable, CaseIterable {
    /// D moves first and G answers the new D.
    case alternating
    /// Both gradients are taken at the same point.
    case simultaneous
  }
  /// The order of their moves.
  public var update: Update
  /// Updates of each player a step; the generator's may be 0, which holds it still.
  public var discriminatorSteps, generatorSteps: Int

  /// A step of these moves.
  public init(
    update: Update = .alternating, discriminatorSteps: Int = 1, generatorSteps: Int = 1
  ) {
    self.update = update
    self.discriminatorSteps = discriminatorSteps
    self.generatorSteps = generatorSteps
  }
}

extension Shape {
  /// Whether a discriminator's output of this shape is one logit for each of several patches, an
  /// image with one channel.
  var isMap: Bool { rank == 3 && self[2] == 1 && count > 1 }
}

extension Configuration {
  /// Whether both say the same as JSON.
  public static func == (a: Configuration, b: Configuration) -> Bool { a.json == b.json }
}
