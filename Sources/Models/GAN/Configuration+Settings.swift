import SGBasics
import SGNets

// Every key of a GAN's configuration: its name, default, range and meaning.

extension Configuration {
  /// The keys at the top, in order.
  static let settings = Settings<Configuration>([
    .group("data", data, "What a sample is.").required,
    .object("latent", \.latent, Prior.settings, "What latents are drawn from."),
    .network("generator", \.generator, "G: latents to samples."),
    .network("discriminator", \.discriminator, "D: samples to logits."),
    Setting("discriminators") { (root, o) throws(Failure) in
      root.discriminators = try o.discriminators(
        default: .string(root.shape.count == 3 ? "dcgan" : "mlp"))
    } write: {
      $0.discriminatorsJSON
    } schema: { _ in
      [
        "description":
          "Further discriminators by name; the generator descends the mean of its costs.",
        "type": "object", "propertyNames": playerNameSchema,
        "additionalProperties": ["$ref": "#/$defs/network"],
      ]
    },
    Setting(
      "objective", \.objective, .objective, "The costs of the two players."),
    Setting(
      "penalties", \.penalties, .penalties,
      "Bounds on the discriminator's slope, each with its weight."),
    .object("labels", \.labels, LabelSettings.settings, "What labels and conditions are for."),
    .object(
      "feature_matching", \.featureMatching, FeatureMatching.settings,
      "The generator's cost from features (Salimans et al. 2016)."),
    .object(
      "content", \.content, ContentCost.settings,
      "The generator's cost from the difference between its samples and those that the conditions"
        + " belong to."
    ).written { $0.content != ContentCost() },
    .object(
      "label_smoothing", \.labelSmoothing, LabelSmoothing.settings,
      "How far the discriminator's targets are from 1 and 0."),
    .object(
      "schedule", \.schedule, UpdateSchedule.settings, "The order of the players' updates."),
    Setting("optimizer", \.optimizers, .optimizers, "How the players' weights are updated."),
    Setting(
      "learning_rate", \.learningRate, .learningRate,
      "The factor of the optimizers' rates over the steps."),
    Setting(
      "average", \.averaging, .averaging,
      "Decay of the generator's moving average, which sampling then uses, or its half-life; 0:"
        + " none."),
    Setting(
      "clip_weights", \.clipWeights, .float(orNullIn: 1e-30...1e30),
      "The largest absolute value of D's weights, which each update ends with (Arjovsky et al."
        + " 2017); null: any."
    ).written { $0.clipWeights != nil },
    Setting(
      "packing", \.packing, .int(in: 1...64),
      "Samples that D judges together, joined along channels or elements (Lin et al. 2018)."),
    .object(
      "augment", \.augment, Augment.settings,
      "What is done to real samples and fakes before D sees them (Zhao et al. 2020)."),
    .object(
      "instance_noise", \.tricks, Tricks.instanceNoise,
      "Normal noise on what the discriminator sees."),
    Setting(
      "label_flipping", \.tricks.labelFlipping, .float(in: 0...0.5),
      "Probability that a real sample and a fake change places in the discriminator's cost."),
    Setting(
      "historical_averaging", \.tricks.historicalAveraging, .float(in: 0...1e6),
      "Weight of the squared distance of each player's weights from their mean so far."),
    Setting(
      "reference_batch", \.tricks.referenceBatch, .int(in: 2...(1 << 20)),
      "The most samples in the reference batch of reference_norm."),
    .object("replay", \.tricks, Tricks.replay, "Old fakes that the discriminator sees again."),
    .standardize(\.standardize),
    Setting(
      "seed", \.seed, .count(), "The seed of weights, latents and the order of the data."),
  ])

  private static let data = Settings<Configuration>([
    Setting(
      "shape", \.shape, .shape(most: 3), "[n] for vectors, [height, width, channels] for images."
    ).required,
    Setting("classes", \.classes, .int(in: 0...1_000_000), "Classes of the labels; 0: none."),
    Setting("conditions") { (root, o) throws(Failure) in
      (root.conditions, root.conditionShape) = try o.conditions()
    } write: {
      $0.conditionsJSON
    } schema: { _ in
      .object(
        [
          (
            "description",
            .string(
              "Real numbers that each sample is conditioned on: how many, or their shape, such as"
                + " that of an image.")
          ),
          (
            "anyOf",
            .array([
              .object(ValueForm<Int>.int(in: 0...(1 << 20)).schema()),
              .object(ValueForm<[Int]>.shape(most: 3).schema()),
            ])
          ), ("default", 0),
        ])
    },
    Setting(
      "range", \.range, .range,
      "The lowest and the highest value of a sample; null: any. By default [-1, 1] for images, any"
        + " for vectors.",
      default: { $0.shape.count == 1 ? nil : ValueRange(-1, 1) }),
    Setting(
      "class_names", \.classNames, .strings,
      "The names of the classes, in the order of their numbers; from the data set where it has them."
    ).written { !$0.classNames.isEmpty },
  ])

  /// The optimizers of both players.
  fileprivate var optimizers: (generator: OptimizerSettings, discriminator: OptimizerSettings) {
    get { (generatorOptimizer, discriminatorOptimizer) }
    set { (generatorOptimizer, discriminatorOptimizer) = newValue }
  }
}

extension Setting<Configuration> {
  /// A player's network.
  fileprivate static func network(
    _ key: String, _ path: any WritableKeyPath<Configuration, NetworkDescription> & Sendable,
    _ summary: String
  ) -> Setting {
    Setting(key) { (root, o) throws(Failure) in
      root[keyPath: path] = try o.network(
        key, default: .string(root.shape.count == 3 ? "dcgan" : "mlp"))
    } write: {
      $0[keyPath: path].json
    } schema: { _ in
      [
        "description": .string(summary + " By default \"dcgan\" for images, \"mlp\" for vectors."),
        "$ref": "#/$defs/network",
      ]
    }
  }
}

extension Prior {
  static let settings = Settings<Prior>([
    Setting("size", \.size, .int(in: 1...(1 << 20)), "Numbers of a latent."),
    Setting("distribution", \.distribution, .choice, "What each of them is drawn from."),
  ])
}

extension FeatureMatching {
  static let settings = Settings<FeatureMatching>(
    short: "weight",
    [
      Setting("weight", \.weight, .float(in: 0...1e6), "Weight of the cost from features."),
      Setting(
        "adversarial", \.adversarial, .float(in: 0...1e6),
        "Weight of the objective's own cost beside it."),
    ])
}

extension LabelSmoothing {
  static let settings = Settings<LabelSmoothing>([
    Setting("real", \.real, .float(in: 0...0.5), "What is taken off the target 1 of real samples."),
    Setting("fake", \.fake, .float(in: 0...0.5), "What is added to the target 0 of fakes."),
  ])
}

extension UpdateSchedule {
  static let settings = Settings<UpdateSchedule>([
    Setting(
      "update", \.update, .choice,
      "Whether D moves first and G answers it, or both move from the same point."),
    Setting(
      "discriminator_steps", \.discriminatorSteps, .int(in: 1...1000), "D's updates a step."),
    Setting("generator_steps", \.generatorSteps, .int(in: 0...1000), "G's updates a step."),
  ])
}

extension Tricks {
  static let instanceNoise = Settings<Tricks>(
    short: "deviation",
    [
      Setting(
        "deviation", \.instanceNoise, .float(in: 0...1e6), "Its standard deviation at first."),
      Setting(
        "steps", \.instanceNoiseSteps, .count(),
        "Steps over which the deviation falls to 0; 0: it stays."),
    ])

  static let replay = Settings<Tricks>([
    Setting(
      "capacity", \.replayCapacity, .int(in: 0...(1 << 24)), "The most fakes kept; 0: none."),
    Setting("share", \.replayShare, .float(in: 0...1), "Share of old ones in D's fakes."),
  ])
}

extension LabelSettings {
  private static func used(_ setting: Setting<LabelSettings>) -> Setting<LabelSettings> {
    setting.written { $0.mode != .none }
  }

  static let settings = Settings<LabelSettings>([
    Setting("mode", \.mode, .choice, "The players that are given them, and those that tell them."),
    used(Setting("generator", \.generator, .choice, "How a preset generator takes them.")),
    used(
      Setting(
        "discriminator", \.discriminator, .choice, "How a preset discriminator takes them.")),
    used(
      Setting(
        "embedding", \.embedding, .int(in: 1...(1 << 20)), "Numbers of the generator's embedding.")),
    used(Setting("draw", \.draw, .choice, "The labels of fakes: the batch's, or balanced.")),
    used(
      Setting("weight", \.weight, .float(in: 0...1e6), "Weight of the classification's cost.")),
  ])
}
