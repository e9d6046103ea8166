import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// What can be set in Swift beside layers can be read back from its JSON; what JSON would refuse is
/// refused when the model is made.
@Suite struct SettingValueTests {
  /// Settings of everything but layers, all of them valid.
  typealias Change = @Sendable (inout Configuration) -> Void
  static let settings: [(String, Change)] =
    [
      ("latents", { $0.latent = Prior(size: 1, distribution: .uniform) }),
      ("truncated", { $0.latent.distribution = .truncatedNormal }),
      ("range", { $0.range = ValueRange(-0.1, 0.3) }),
      ("average", { $0.average = 0.999 }),
      ("seed", { $0.seed = UInt64(Int.max) }),
      ("smoothing", { $0.labelSmoothing = LabelSmoothing(real: 0.1, fake: 0.5) }),
      ("matching", { $0.featureMatching = FeatureMatching(weight: 0.1, adversarial: 2) }),
      (
        "schedule",
        {
          $0.schedule = UpdateSchedule(
            update: .simultaneous, discriminatorSteps: 3, generatorSteps: 0)
        }
      ), ("linear", { $0.learningRate = .linear(steps: 7, to: 0.3) }),
      ("cosine", { $0.learningRate = .cosine(steps: UInt64(Int.max), to: 0) }),
      ("step", { $0.learningRate = .step(every: 1, factor: 0.1) }),
      (
        "tricks",
        {
          $0.tricks = Tricks(instanceNoise: 0.7, steps: 12)
          $0.tricks.labelFlipping = 0.3
          $0.tricks.historicalAveraging = 0.1
          $0.tricks.referenceBatch = 2
          $0.tricks.replayCapacity = 4
          $0.tricks.replayShare = 0.9
        }
      ),
      (
        "adam",
        {
          $0.generatorOptimizer = OptimizerSettings(
            Adam(
              learningRate: 0, beta1: 0, beta2: 0.999999, epsilon: 1e-30, weightDecay: 0.1,
              amsgrad: true), clipping: .norm(0.3))
        }
      ),
      (
        "sgd",
        {
          $0.discriminatorOptimizer = OptimizerSettings(
            SGD(learningRate: 1e30, momentum: 0.9, nesterov: true, weightDecay: 1),
            clipping: .value(1e-30))
        }
      ),
      (
        "rmsprop",
        {
          $0.generatorOptimizer = OptimizerSettings(
            RMSprop(learningRate: 0.1, decay: 0.3, epsilon: 1, momentum: 0.7, weightDecay: 0.01))
        }
      ),
      (
        "penalties",
        {
          $0.penalties = [
            .r2.weighted(3, every: 4), .gradientPenalty(center: 0.1, oneSided: true).weighted(10),
            .r1,
          ]
        }
      ),
      ("least squares", { $0.objective = .leastSquares(fake: -1, real: 1, generator: 0.1) }),
      (
        "labels",
        {
          $0.classes = 3
          $0.labels = LabelSettings(.auxiliary)
          $0.labels.embedding = 7
          $0.labels.generator = .embedding
          $0.labels.draw = .balanced
          $0.labels.weight = 0.3
        }
      ),
    ]

  static let objectives: [(String, Change)] = {
    var result: [(String, Change)] = Objective.all.map { o in (o.name, { $0.objective = o }) }
    for divergence in Divergence.allCases {
      for form in Divergence.Generator.allCases {
        let change: Change = { $0.objective = .fGAN(divergence, generator: form) }
        result.append(("\(divergence) \(form)", change))
      }
    }
    return result
  }()

  private static func plain() -> Configuration {
    Configuration(
      shape: [2], latent: Prior(size: 2), generator: .mlp(width: 4),
      discriminator: .mlp(width: 4))
  }

  @Test func settingsComeBack() throws {
    for (name, change) in Self.settings + Self.objectives {
      var c = Self.plain()
      change(&c)
      let again = try Configuration(json: JSON(parsing: c.json.text(pretty: true)))
      #expect(again == c, "\(name)")
      try c.checkValues()
    }
  }

  /// Values that only Swift can hold, or that JSON refuses, with the key that is named.
  static let refused: [(String, Change)] = [
    ("data.shape", { $0.shape = [] }), ("data.shape", { $0.shape = [-1] }),
    ("data.shape", { $0.shape = [1, 1, 1, 1] }), ("data.shape", { $0.shape = [.max, .max] }),
    ("data.classes", { $0.classes = -1 }), ("data.conditions", { $0.conditions = -1 }),
    ("data.range", { $0.range = ValueRange(1, 1) }),
    ("data.range", { $0.range = ValueRange(.nan, 1) }),
    ("data.range", { $0.range = ValueRange(-.infinity, 1) }),
    ("latent.size", { $0.latent.size = 0 }), ("latent.size", { $0.latent.size = -3 }),
    ("latent.size", { $0.latent.size = .max }),
    ("generator.width", { $0.generator = .mlp(width: 0) }),
    ("generator.width", { $0.generator = .mlp(width: -5) }),
    ("generator.depth", { $0.generator = .mlp(depth: -1) }),
    ("discriminator.depth", { $0.discriminator = .mlp(depth: .max) }),
    ("discriminator.width", { $0.discriminator = .dcgan(width: 0) }),
    ("discriminator.width", { $0.discriminator = .dcgan(width: .max) }),
    ("label_smoothing.real", { $0.labelSmoothing.real = -0.1 }),
    ("penalties.r1.weight", { $0.penalties = [.r1.weighted(-1)] }),
    ("penalties.r1.weight", { $0.penalties = [.r1.weighted(.nan)] }),
    ("penalties.r2.every", { $0.penalties = [.r2.weighted(1, every: 0)] }),
    ("penalties", { $0.penalties = [.r2, .r2.weighted(2)] }),
    (
      "penalties.gradient_penalty.center",
      { $0.penalties = [.gradientPenalty(center: .infinity)] }
    ),
    (
      "objective.least_squares.b",
      { $0.objective = .leastSquares(fake: 1, real: 1, generator: 1) }
    ),
    (
      "objective.least_squares.c",
      { $0.objective = .leastSquares(fake: 0, real: 1, generator: .nan) }
    ),
    ("label_smoothing.fake", { $0.labelSmoothing.fake = .nan }),
    ("feature_matching.weight", { $0.featureMatching.weight = -1 }),
    ("feature_matching.adversarial", { $0.featureMatching.adversarial = .infinity }),
    ("schedule.discriminator_steps", { $0.schedule.discriminatorSteps = 0 }),
    ("schedule.discriminator_steps", { $0.schedule.discriminatorSteps = .max }),
    ("schedule.generator_steps", { $0.schedule.generatorSteps = -1 }),
    ("learning_rate.linear.steps", { $0.learningRate = .linear(steps: 0, to: 0) }),
    ("learning_rate.linear.steps", { $0.learningRate = .linear(steps: .max, to: 0) }),
    ("learning_rate.linear.to", { $0.learningRate = .linear(steps: 1, to: .nan) }),
    ("learning_rate.cosine.steps", { $0.learningRate = .cosine(steps: .max, to: 0) }),
    ("learning_rate.step.every", { $0.learningRate = .step(every: 0, factor: 0.5) }),
    ("learning_rate.step.every", { $0.learningRate = .step(every: .max, factor: 0.5) }),
    ("learning_rate.step.factor", { $0.learningRate = .step(every: 1, factor: 2) }),
    ("average", { $0.average = 1 }), ("average", { $0.average = -.infinity }),
    ("seed", { $0.seed = .max }), ("instance_noise", { $0.tricks.instanceNoise = -1 }),
    ("instance_noise.steps", { $0.tricks.instanceNoiseSteps = .max }),
    ("label_flipping", { $0.tricks.labelFlipping = 0.6 }),
    ("historical_averaging", { $0.tricks.historicalAveraging = .nan }),
    ("reference_batch", { $0.tricks.referenceBatch = 1 }),
    ("reference_batch", { $0.tricks.referenceBatch = -1 }),
    ("replay.capacity", { $0.tricks.replayCapacity = -1 }),
    ("replay.share", { $0.tricks.replayShare = 1.5 }),
    (
      "labels.embedding",
      {
        $0.classes = 3
        $0.labels = LabelSettings(.conditional)
        $0.labels.embedding = -1
      }
    ),
    (
      "labels.weight",
      {
        $0.classes = 3
        $0.labels = LabelSettings(.auxiliary)
        $0.labels.weight = .nan
      }
    ),
    (
      "optimizer.generator.adam.learning_rate",
      { $0.generatorOptimizer = OptimizerSettings(Adam(learningRate: .nan)) }
    ),
    (
      "optimizer.generator.adam.beta2",
      { $0.generatorOptimizer = OptimizerSettings(Adam(beta2: 1)) }
    ),
    (
      "optimizer.discriminator.sgd.momentum",
      { $0.discriminatorOptimizer = OptimizerSettings(SGD(momentum: -1)) }
    ),
    (
      "optimizer.discriminator.rmsprop.epsilon",
      { $0.discriminatorOptimizer = OptimizerSettings(RMSprop(epsilon: 0)) }
    ),
    (
      "optimizer.discriminator.sgd.clip_norm",
      { $0.discriminatorOptimizer = OptimizerSettings(SGD(), clipping: .norm(-1)) }
    ),
    (
      "optimizer.discriminator.sgd.clip_value",
      { $0.discriminatorOptimizer = OptimizerSettings(SGD(), clipping: .value(.nan)) }
    ),
    (
      "label_smoothing",
      {
        $0.objective = .fGAN(.kl)
        $0.labelSmoothing.real = 0.1
      }
    ),
  ]

  @Test func settingsAreRefused() throws {
    for (key, change) in Self.refused {
      var c = Self.plain()
      change(&c)
      let failure = #expect(throws: Failure.self) { try GAN(c) }
      #expect(failure?.kind == .configuration)
      #expect(failure?.message.hasPrefix(key) == true, "\(key): \(failure?.message ?? "")")
    }
  }

  @Test func countsOfSamples() throws {
    var c = Self.plain()
    c.classes = 3
    c.labels = LabelSettings(.conditional)
    for model in [try GAN(c), try GAN(Self.plain())] {
      for count in [-1, 0, .min, .max] {
        let failure = #expect(throws: Failure.self) { try model.sample(count, seed: 1) }
        #expect(failure?.kind == .argument)
        var comparison = CostComparison()
        #expect(throws: Failure.self) { try comparison.measure(model, batch: min(count, 1)) }
        #expect(throws: Failure.self) { try comparison.measure(model, batches: min(count, 1)) }
      }
    }
  }
}
