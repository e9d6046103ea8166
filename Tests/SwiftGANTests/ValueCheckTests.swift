import Testing

@testable import SwiftGAN

/// What can be made in Swift can be read back from its JSON; what JSON would refuse is refused when the model is made.
@Suite struct ValueCheckTests {
  /// A layer with a sample that it takes, and the same layer with values that JSON refuses, each with the key that is named.
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var input: [Int]
    var valid: [any Layer]
    var invalid: [(layer: any Layer, key: String)] = []
    var testDescription: String { name }
  }

  static let initialisers: [Initialiser] = [
    .zeros, .glorot, .he, .constant(-0.25), .constant(0), .constant(1e6), .normal(0.02),
    .normal(0), .truncatedNormal(1000), .orthogonal(1.5),
  ]
  static let wrongInitialisers: [Initialiser] = [
    .constant(.nan), .constant(-.infinity), .constant(2e6), .normal(-1), .normal(.nan),
    .truncatedNormal(1001), .truncatedNormal(.infinity), .orthogonal(-0.5), .orthogonal(.nan),
  ]
  /// Outside every range of a small positive number.
  static let wrong: [Float] = [.nan, .infinity, -.infinity, -1, 1e30]

  static let rows: [Row] = [
    Row(
      name: "dense", input: [4],
      valid: [Dense(3), Dense(1, bias: false)] + initialisers.map { Dense(2, initialiser: $0) },
      invalid: [-1, 0, .min, .max, 1 << 24 + 1].map { (Dense($0), "dense.units") }
        + wrongInitialisers.map { (Dense(2, initialiser: $0), "initializer") }),
    Row(
      name: "conv", input: [8, 8, 2],
      valid: [
        Convolution(3, kernel: Size(3)),
        Convolution(
          3, kernel: Size(2, 4), stride: Size(2, 1), padding: .symmetric(Size(1, 2)), bias: false,
          initialiser: .constant(0.5)), Convolution(1, kernel: Size(1), padding: .valid),
      ],
      invalid: [
        (Convolution(0, kernel: Size(3)), "conv.channels"),
        (Convolution(-4, kernel: Size(3)), "conv.channels"),
        (Convolution(.max, kernel: Size(3)), "conv.channels"),
        (Convolution(2, kernel: Size(0)), "conv.kernel"),
        (Convolution(2, kernel: Size(3, -1)), "conv.kernel"),
        (Convolution(2, kernel: Size(.max)), "conv.kernel"),
        (Convolution(2, kernel: Size(3), stride: Size(0)), "conv.stride"),
        (Convolution(2, kernel: Size(3), stride: Size(1, -2)), "conv.stride"),
        (Convolution(2, kernel: Size(3), padding: .symmetric(Size(-1))), "conv.padding"),
        (Convolution(2, kernel: Size(3), padding: .symmetric(Size(.max))), "conv.padding"),
      ]),
    Row(
      name: "conv_transpose", input: [4, 4, 2],
      valid: [
        TransposedConvolution(3, kernel: Size(4), stride: Size(2)),
        TransposedConvolution(
          3, kernel: Size(3), stride: Size(2), padding: .symmetric(Size(1)),
          outputPadding: Size(1), bias: false),
      ],
      invalid: [
        (TransposedConvolution(-1, kernel: Size(4)), "conv_transpose.channels"),
        (TransposedConvolution(1, kernel: Size(0)), "conv_transpose.kernel"),
        (TransposedConvolution(1, kernel: Size(4), stride: Size(0)), "conv_transpose.stride"),
        (
          TransposedConvolution(1, kernel: Size(4), padding: .symmetric(Size(-3))),
          "conv_transpose.padding"
        ),
        (
          TransposedConvolution(
            1, kernel: Size(4), stride: Size(2), padding: .valid, outputPadding: Size(-1)),
          "conv_transpose.output_padding"
        ),
      ]),
    Row(
      name: "embedding", input: [4], valid: [Embedding(classes: 5, size: 2)],
      invalid: [
        (Embedding(classes: 0, size: 2), "embedding.classes"),
        (Embedding(classes: -1, size: 2), "embedding.classes"),
        (Embedding(classes: 2, size: 0), "embedding.size"),
        (Embedding(classes: 2, size: .min), "embedding.size"),
      ]),
    Row(
      name: "batch_norm", input: [4], valid: [BatchNorm(), BatchNorm(epsilon: 1, momentum: 0)],
      invalid: ([0] + wrong).map { (BatchNorm(epsilon: $0), "batch_norm.epsilon") }
        + wrong.map { (BatchNorm(momentum: $0), "batch_norm.momentum") }),
    Row(
      name: "layer_norm", input: [4], valid: [LayerNorm(), LayerNorm(epsilon: 1e-12)],
      invalid: ([0] + wrong).map { (LayerNorm(epsilon: $0), "layer_norm.epsilon") }),
    Row(
      name: "reference_norm", input: [4],
      valid: ReferenceNorm.Form.allCases.map { ReferenceNorm($0) },
      invalid: ([0] + wrong).map {
        (ReferenceNorm(.sample, epsilon: $0), "reference_norm.epsilon")
      }),
    Row(
      name: "conditional_batch_norm", input: [4],
      valid: [ConditionalBatchNorm(epsilon: 0.5, momentum: 1)],
      invalid: wrong.map { (ConditionalBatchNorm(epsilon: $0), "conditional_batch_norm.epsilon") }
        + wrong.map { (ConditionalBatchNorm(momentum: $0), "conditional_batch_norm.momentum") }),
    Row(
      name: "condition", input: [4],
      valid: [ConditionInput(), ConditionInput(size: 3, initialiser: .constant(1))],
      invalid: [
        (ConditionInput(size: -1), "condition.size"),
        (ConditionInput(size: .max), "condition.size"),
        (ConditionInput(size: 2, initialiser: .normal(-1)), "initializer"),
      ]),
    Row(
      name: "projection", input: [4], valid: [Projection(), Projection(initialiser: .he)],
      invalid: [(Projection(initialiser: .constant(.nan)), "initializer")]),
    Row(name: "features", input: [4], valid: [Features()]),
    Row(
      name: "minibatch_deviation", input: [4], valid: [MinibatchDeviation()],
      invalid: ([0] + wrong).map {
        (MinibatchDeviation(epsilon: $0), "minibatch_deviation.epsilon")
      }),
    Row(
      name: "minibatch_discrimination", input: [4],
      valid: [MinibatchDiscrimination(kernels: 2, size: 1)],
      invalid: [-1, 0, .max].map {
        (MinibatchDiscrimination(kernels: $0), "minibatch_discrimination.kernels")
      } + [-1, 0, .max].map { (MinibatchDiscrimination(size: $0), "minibatch_discrimination.size") }
    ),
    Row(
      name: "weight_norm", input: [4],
      valid: [WeightNorm(Dense(2)), WeightNorm(Dense(2), trainsGain: false, takesFirstBatch: false)],
      invalid: [(WeightNorm(Dense(-1)), "dense.units")]),
    Row(name: "relu", input: [4], valid: [ActivationLayer.relu]),
    Row(name: "tanh", input: [4], valid: [ActivationLayer.tanh]),
    Row(name: "sigmoid", input: [4], valid: [ActivationLayer.sigmoid]),
    Row(name: "silu", input: [4], valid: [ActivationLayer.silu]),
    Row(name: "softplus", input: [4], valid: [ActivationLayer.softplus]),
    Row(
      name: "leaky_relu", input: [4], valid: [ActivationLayer.leakyReLU(slope: 1)],
      invalid: ([0] + wrong).map { (ActivationLayer.leakyReLU(slope: $0), "leaky_relu.slope") }),
    Row(
      name: "elu", input: [4], valid: [ActivationLayer.elu(alpha: 0)],
      invalid: wrong.map { (ActivationLayer.elu(alpha: $0), "elu.alpha") }),
    Row(
      name: "scale", input: [4], valid: [Scaling(factor: -1e6, offset: 1e6)],
      invalid: [.nan, .infinity, -2e6].map { (Scaling(factor: $0), "scale.factor") }
        + [.nan, .infinity, 2e6].map { (Scaling(factor: 1, offset: $0), "scale.offset") }),
    Row(
      name: "dropout", input: [4], valid: [Dropout(0), Dropout(0.999, sampling: true)],
      invalid: ([1, 0.9995] + wrong).map { (Dropout($0), "dropout.probability") }),
    Row(
      name: "gaussian_noise", input: [4],
      valid: [GaussianNoise(0), GaussianNoise(2, multiplicative: true, sampling: true)],
      invalid: wrong.map { (GaussianNoise($0), "gaussian_noise.deviation") }),
    Row(name: "flatten", input: [2, 2, 1], valid: [Flatten()]),
    Row(
      name: "reshape", input: [4], valid: [Reshaping([2, 2]), Reshaping([1, 4, 1])],
      invalid: [[], [-2, -2], [0], [1, 1, 1, 1, 1, 4]].map { (Reshaping($0), "expected") }),
    Row(
      name: "upsample", input: [2, 2, 1], valid: [Upsample(1), Upsample(3)],
      invalid: [0, -1, .min, .max].map { (Upsample($0), "upsample.factor") }),
    Row(
      name: "average_pool", input: [4, 4, 1], valid: [AveragePool(1), AveragePool(2)],
      invalid: [0, -1, .min, .max].map { (AveragePool($0), "average_pool.factor") }),
    Row(
      name: "residual", input: [4], valid: [Residual([Dense(4), ActivationLayer.relu])],
      invalid: [(Residual([Dense(-1)]), "dense.units")]),
    Row(
      name: "sequence", input: [4],
      valid: [Sequential([Dense(2), ActivationLayer.relu], key: "sequence")],
      invalid: [(Sequential([Dense(0)], key: "sequence"), "dense.units")]),
  ]

  @Test func everyLayerHasARow() {
    #expect(Set(Self.rows.map(\.name)) == Set(LayerForm.all.map(\.name)))
    for row in Self.rows {
      for layer in row.valid + row.invalid.map(\.layer) {
        #expect(LayerForm.name(of: layer) == row.name)
      }
    }
  }

  private static func configuration(_ layers: [any Layer], _ input: [Int]) -> Configuration {
    var c = Configuration(
      shape: input, latent: Prior(size: 4), generator: .mlp(width: 4),
      discriminator: .layers(layers))
    c.classes = 3
    c.labels = LabelSettings(.conditional)
    return c
  }

  /// A layer of the user's own, which JSON does not look into.
  struct Own: Layer {
    let inner: any Layer
    func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
      try inner.declare(x, &d)
    }
    func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { inner(x, c) }
  }

  /// - Returns: the failure of making the model.
  private func failure(_ c: Configuration) -> Failure? {
    #expect(throws: Failure.self) { try GAN(c) }
  }

  @Test(arguments: rows) func layers(_ row: Row) throws {
    for layer in row.valid {
      let c = Self.configuration([layer], row.input)
      let again = try Configuration(json: JSON(parsing: c.json.text(pretty: true)))
      #expect(again == c && again.json.text(pretty: false) == c.json.text(pretty: false))
      try c.checkValues()
      try Self.configuration([Own(inner: layer)], row.input).checkValues()
    }
    for (layer, key) in row.invalid {
      let direct = failure(Self.configuration([layer], row.input))
      #expect(direct?.kind == .configuration, "\(layer)")
      #expect(direct?.message.contains("discriminator.layers[0]") == true)
      #expect(direct?.message.contains(key) == true, "\(direct?.message ?? "")")
      // The declaration refuses it, too.
      guard !(layer is Sequential) else { continue }
      let inside = failure(Self.configuration([Own(inner: layer), Dense(1)], row.input))
      #expect(inside?.message.contains("expected") == true, "\(inside?.message ?? "")")
      if key.hasSuffix(".channels") || key.hasSuffix(".factor") || key.hasSuffix(".units") {
        #expect(inside?.message.contains(key) == true, "\(inside?.message ?? "")")
      }
    }
  }

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
      let failure = failure(c)
      #expect(failure?.kind == .configuration)
      #expect(failure?.message.hasPrefix(key) == true, "\(key): \(failure?.message ?? "")")
    }
  }

  /// Beside code of the user's own, everything else is checked.
  @Test func besideOwnCode() throws {
    struct OwnDense: WeightedLayer {
      var dense = Dense(4)
      var bias: Bool { dense.bias }
      var outputAxis: Int { dense.outputAxis }
      func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
        try dense.declare(x, &d)
      }
      func apply(_ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor {
        dense.apply(x, weight: weight, bias: bias, activation: activation)
      }
    }
    try Self.configuration([WeightNorm(OwnDense(), trainsGain: false)], [4]).checkValues()
    let own = OwnCodeTests.configuration()
    try own.checkValues()
    _ = try GAN(own)
    var c = own
    c.schedule.discriminatorSteps = 0
    #expect(failure(c)?.message.contains("discriminator_steps") == true)
    c = own
    c.generator = .layers([OwnCodeTests.Weighted(), Dense(-1)])
    #expect(failure(c)?.message.contains("generator.layers[1].dense.units") == true)
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
