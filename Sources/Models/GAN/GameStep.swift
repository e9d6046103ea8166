import SGBasics
import SGData
import SGNets
import SGTensors

/// One step under way: a copy of the state that becomes the model's if all goes well.
struct GameStep {
  let game: GAN
  var state: GAN.State
  private let batches: [Batch]
  private let latents: Tensor?
  /// The schedule's factor of the learning rates.
  let factor: Float
  var report: GameReport
  /// The discriminator's last samples, and its logits for them.
  var seen: (real: Tensor, fake: Tensor, onReal: Tensor, onFake: Tensor)?
  /// The discriminator's output for real samples at its update with which the generator's is
  /// simultaneous, where the generator's cost needs it; without its graph.
  var keptOnReal: DiscriminatorOutput?
  /// What further discriminators made of a simultaneous update's samples.
  private var keptOnOthers: [(onFake: DiscriminatorOutput, onReal: Tensor?)] = []
  private var used = 0
  /// Deviation of the noise on what D sees.
  private let noise: Float
  /// That each operation of the augmentation is applied to a sample.
  let augmentProbability: Float
  private let referenceLatents: Tensor?
  let configuration: Configuration

  init(game: GAN, batches: [Batch], latents: Tensor?) {
    self.game = game
    self.batches = batches
    self.latents = latents
    state = game.state
    configuration = game.configuration
    factor = game.configuration.learningRate.factor(at: state.step)
    noise = configuration.tricks.noise(at: state.step)
    augmentProbability =
      configuration.augment.isOn
      ? state.augmentation?.probability
        ?? configuration.augment.probability.value(at: state.step) : 0
    referenceLatents = game.referenceLatents
    if state.discriminator.network.needsReference, state.reference == nil {
      let real = configuration.packed(batches[0].samples)
      state.reference = real.rows(0..<min(real.shape[0], configuration.tricks.referenceBatch))
    }
    state.step += 1
    report = GameReport(
      step: state.step, learningRate: Double(factor * state.generator.optimizer.learningRate))
    if configuration.augment.isOn { report.augmentProbability = Double(augmentProbability) }
  }

  /// Fake samples with the labels and the condition they were made for.
  struct Fakes {
    var samples: Tensor
    var labels: [Int32]
    var conditions: Tensor?

    var detached: Fakes {
      Fakes(samples: samples.detached, labels: labels, conditions: conditions)
    }
  }

  /// The discriminator's updates, then the generator's. The last fakes made for the discriminator
  /// serve the generator's first update. With simultaneous updates, so does the discriminator's
  /// output for them.
  mutating func play() throws(Failure) {
    let schedule = configuration.schedule
    if state.step == 1 { try takeFirstBatch() }
    for _ in 1..<schedule.discriminatorSteps {
      let real = next()
      let fake = fakes(state.generator.parameters.tensors, like: real)
      _ = try discriminatorUpdate(real, fake)
    }
    let real = next()
    let moves = schedule.generatorSteps > 0
    let weights = state.generator.parameters.tensors.map { moves ? $0.tracked() : $0 }
    let fake = fakes(weights, like: real)
    switch schedule.update {
    case _ where !moves:
      let output = try discriminatorUpdate(real, fake)
      report.generatorCost = try finite(
        game.objective.generatorCost(
          output.logits.detached, onReal: needsRealLogits ? seen?.onReal : nil), "generator")
    case .simultaneous:
      let output = try discriminatorUpdate(real, fake)
      try generatorUpdate(weights, consume fake, consume output, real)
    case .alternating:
      _ = try discriminatorUpdate(real, fake.detached)
      let output = discriminate(fake)
      try generatorUpdate(weights, consume fake, consume output, real)
    }
    for _ in 1..<max(schedule.generatorSteps, 1) {
      let weights = state.generator.parameters.tensors.map { $0.tracked() }
      let fake = fakes(weights, like: real)
      let output = discriminate(fake)
      try generatorUpdate(weights, consume fake, consume output, real)
    }
    try state.discriminator.expectFiniteStatistics(step: state.step)
    try state.generator.expectFiniteStatistics(step: state.step)
    for other in state.others { try other.expectFiniteStatistics(step: state.step) }
  }

  /// Before the first step: what weight normalization leaves to the first batch, real samples in D,
  /// latents in G.
  private mutating func takeFirstBatch() throws(Failure) {
    let first = batches[0]
    if state.discriminator.network.needsFirstBatch {
      try state.discriminator.takeFirstBatch(
        configuration.packed(first.samples),
        condition: configuration.discriminatorCondition(first.labels, first.conditions),
        reference: state.reference, random: random(.layers))
    }
    if state.generator.network.needsFirstBatch {
      try state.generator.takeFirstBatch(
        latents ?? configuration.latent.draw(first.count, random(.latents)),
        condition: configuration.generatorCondition(first.labels, first.conditions),
        reference: referenceLatents, random: random(.layers))
      if state.average != nil {
        state.average = (state.generator.parameters, state.generator.statistics)
      }
    }
  }

  /// Adds the balance of the players to the report.
  mutating func reportBalance() {
    guard let (real, fake, onReal, onFake) = seen else { return }
    report.balance = Balance(
      real: real, fake: fake, onReal: onReal, onFake: onFake, configuration: configuration)
  }

  private mutating func next() -> Batch {
    defer { used += 1 }
    return batches[used % batches.count]
  }

  mutating func random(_ stream: RandomStream) -> RandomKey {
    state.draws += 1
    return RandomKey(
      seed: configuration.seed, stream: stream.rawValue, step: state.draws - 1)
  }

  /// G(z) for new latents, as many as there are real samples, with labels as the configuration
  /// draws them.
  private mutating func fakes(_ parameters: [Tensor], like real: Batch) -> Fakes {
    let z = latents ?? configuration.latent.draw(real.count, random(.latents))
    var labels = real.labels
    if configuration.labels.conditionsGenerator, configuration.labels.draw == .balanced,
      configuration.classes > 0
    {
      let classes = UInt64(configuration.classes)
      labels = random(.labels).words(real.count).map { Int32((UInt64($0) * classes) >> 32) }
    }
    let made = state.generator(
      z, parameters: parameters,
      condition: configuration.generatorCondition(labels, real.conditions),
      reference: referenceLatents, random: random(.layers))
    return Fakes(samples: made.output, labels: labels, conditions: real.conditions)
  }

  /// D's output for fakes. D's own parameters are constants here.
  mutating func discriminate(_ fake: Fakes) -> DiscriminatorOutput {
    discriminate(
      of: fake.samples, labels: fake.labels, conditions: fake.conditions,
      state.discriminator.parameters.tensors)
  }

  mutating func discriminate(
    of samples: Tensor, labels: [Int32], conditions: Tensor?, _ parameters: [Tensor]
  ) -> DiscriminatorOutput {
    var samples = samples
    if augmentProbability > 0 {
      samples = configuration.augmented(samples, augmentProbability, random(.augment))
    }
    if noise > 0 {
      samples = samples + random(.instanceNoise).normal(samples.shape, deviation: noise)
    }
    let (output, features) = state.discriminator(
      configuration.packed(samples), parameters: parameters,
      condition: configuration.discriminatorCondition(labels, conditions),
      reference: state.reference, random: random(.layers))
    return DiscriminatorOutput(output, features: features, mode: configuration.labels.mode)
  }

  /// The graph of the fakes and of D's output for them is released with the gradients, before new
  /// weights are made.
  private mutating func generatorUpdate(
    _ weights: [Tensor], _ fake: consuming Fakes, _ output: consuming DiscriminatorOutput,
    _ real: Batch
  ) throws(Failure) {
    let gradient = try generatorGradient(weights, consume fake, consume output, real)
    report.generatorGradientNorm = try state.generator.descend(
      gradient, rate: factor, step: state.step, pull: configuration.tricks.historicalAveraging)
    state.followGenerator(decay: configuration.averageDecay(at: state.step, batch: real.count))
  }

  private mutating func generatorGradient(
    _ weights: [Tensor], _ fake: consuming Fakes, _ output: consuming DiscriminatorOutput,
    _ real: Batch
  ) throws(Failure) -> Tensor {
    let onReal = needsOnReal ? answer(to: real) : nil
    var cost = game.objective.generatorCost(output.logits, onReal: onReal?.logits)
    if !state.others.isEmpty {
      let outputs = keptOnOthers
      keptOnOthers = []
      let costs = try otherCosts(fake, real, outputs)
      cost = costs.reduce(cost, +) / Float(costs.count + 1)
    }
    let matching = configuration.featureMatching
    if matching.weight > 0, let features = output.features {
      if let target = onReal?.features?.mean([0]) {
        let gap = features.mean([0]) - target
        let matched = (matching.weight / Float(gap.count)) * gap.squared().sum()
        cost = matching.adversarial == 0 ? matched : matching.adversarial * cost + matched
      }
    }
    if configuration.labels.mode == .auxiliary, let classes = output.classes {
      cost = cost + (0.5 * configuration.labels.weight) * crossEntropy(classes, fake.labels)
    }
    if let content = configuration.content(fake.samples, real.samples) {
      report.contentCost = try finite(content, "generator")
      let weight = configuration.content.adversarial
      cost = weight == 0 ? content : weight * cost + content
    }
    let pull = configuration.tricks.historicalAveraging
    report.generatorCost =
      try finite(cost, "generator") + state.generator.historicalCost(pull)
    _ = consume fake
    _ = consume output
    return state.generator.parameters.flatten(gradient(of: consume cost, wrt: weights))
  }

  var needsRealLogits: Bool { game.objective.pairedGenerator != nil }

  /// Whether the generator's cost compares with what D makes of real samples.
  private var needsOnReal: Bool { needsRealLogits || configuration.featureMatching.weight > 0 }

  /// D's output for real samples without its graph, from the same discriminator as that for the
  /// fakes: where the updates are simultaneous, from the pass before the discriminator's update;
  /// else from a pass through the one that it has become.
  mutating func answer(to real: Batch) -> DiscriminatorOutput {
    if let kept = keptOnReal {
      keptOnReal = nil
      return kept
    }
    return discriminate(
      of: real.samples, labels: real.labels, conditions: real.conditions,
      state.discriminator.parameters.tensors
    ).detached
  }

  /// Keeps what a simultaneous update of the generator needs of a real pass.
  mutating func keep(_ onReal: DiscriminatorOutput) {
    guard configuration.schedule.update == .simultaneous, needsOnReal else { return }
    keptOnReal = onReal.detached
  }

  /// Keeps what a simultaneous update of the generator needs of the further discriminators.
  mutating func keep(onOthers outputs: [(onFake: DiscriminatorOutput, onReal: Tensor?)]) {
    guard configuration.schedule.update == .simultaneous else { return }
    keptOnOthers = outputs
  }

  func finite(_ cost: Tensor, _ player: String) throws(Failure) -> Double {
    let value = cost.scalar
    guard value.isFinite else {
      throw Failure(.diverged, "step \(state.step): the \(player)'s cost is \(value)")
    }
    return Double(value)
  }
}

extension Objective {
  /// The generator's cost.
  /// - Parameter real: the same discriminator's logits on real samples, where the cost sees pairs.
  func generatorCost(_ fake: Tensor, onReal real: Tensor?) -> Tensor {
    guard let pairedGenerator, let real else { return generator(fake) }
    return pairedGenerator(real, fake)
  }
}

extension Configuration {
  /// The decay of the generator's moving average at a step, from 1: (step - 1) / (step + 8), at
  /// most that of `averaging`. At the first step the average is the generator; then it weighs about
  /// the latest ninth of the steps, until that is as long as `average` makes it. (TensorFlow's
  /// ExponentialMovingAverage with `num_updates` has the same ratio, counted from the initial
  /// weights.)
  func averageDecay(at step: UInt64, batch: Int) -> Float {
    let decay = averaging.decay(at: max(step, 1) - 1, batch: batch)
    return min(decay, Float(Double(max(step, 1) - 1) / (Double(step) + 8)))
  }
}

extension GAN.State {
  /// Moves the averaged generator towards the generator.
  fileprivate mutating func followGenerator(decay: Float) {
    guard let average else { return }
    self.average!.parameters.values = average.parameters.values.averaged(
      with: generator.parameters.values, decay: decay)
    self.average!.statistics.values = average.statistics.values.averaged(
      with: generator.statistics.values, decay: decay)
  }
}
