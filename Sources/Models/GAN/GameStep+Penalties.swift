import SGBasics
import SGData
import SGNets
import SGTensors

/// The discriminator's penalties: a third pass beside those on real and fake samples.
extension GameStep {
  /// Adds the gradients of the penalties that are due to D's.
  /// - Parameters:
  ///   - gradient: of D's cost.
  ///   - fake: the samples that D saw as fakes.
  /// - Returns: the sum. Costs and figures join the report.
  mutating func penalized(
    _ gradient: Tensor, _ real: Batch, _ fake: Fakes
  ) throws(Failure) -> Tensor {
    var sum = gradient
    for penalty in configuration.penalties {
      let value =
        penalty.isDue(at: state.step) ? try penalize(penalty, real, fake, adding: &sum) : 0
      report.penalties[penalty.name] = value
      report.discriminatorCost += value
    }
    return sum
  }

  private mutating func penalize(
    _ penalty: Penalty, _ real: Batch, _ fake: Fakes, adding sum: inout Tensor
  ) throws(Failure) -> Double {
    let weights = state.discriminator.parameters.tensors.map { $0.tracked() }
    let critic = critic(real, fake, weights)
    var draws = Draws(
      seed: configuration.seed, stream: RandomStream.penalties.rawValue, count: state.draws)
    let term = penalty.term(critic, real.samples, fake.samples.detached, &draws)
    state.draws = draws.count
    let cost = (penalty.weight(at: state.step) * Float(penalty.every)) * term
    let value = cost.scalar
    guard value.isFinite else {
      throw Failure(.diverged, "step \(state.step): the penalty \(penalty.name) is \(value)")
    }
    sum = sum + state.discriminator.parameters.flatten(gradient(of: cost, wrt: weights))
    return Double(value)
  }

  /// D on what a step's samples are conditioned on, with draws of the pass's own.
  private mutating func critic(_ real: Batch, _ fake: Fakes, _ weights: [Tensor]) -> Critic {
    let (layers, noise) = (random(.layers), random(.instanceNoise))
    let augment = augmentProbability > 0 ? random(.augment) : nil
    return configuration.critic(
      state.discriminator, weights: weights, reference: state.reference, layers: layers,
      augment: augment.map { (augmentProbability, $0) },
      noise: (configuration.tricks.noise(at: state.step - 1), noise),
      conditions: (
        configuration.discriminatorCondition(real.labels, real.conditions),
        configuration.discriminatorCondition(fake.labels, fake.conditions)
      ))
  }
}

extension Configuration {
  /// D as a pure function.
  /// - Parameters:
  ///   - layers: for layers that draw.
  ///   - augment: the augmentation's probability, and its draws.
  ///   - noise: the instance noise's deviation, and its draws.
  ///   - conditions: of real samples and of fakes.
  fileprivate func critic(
    _ d: Player, weights: [Tensor], reference: Tensor?, layers: RandomKey,
    augment: (probability: Float, random: RandomKey)? = nil,
    noise: (deviation: Float, random: RandomKey), conditions: (real: Tensor?, fake: Tensor?)
  ) -> Critic {
    let (network, statistics, mode) = (d.network, d.statistics.tensors, labels.mode)
    return Critic(packing: packing) { x, side in
      var x = x
      if let augment { x = augmented(x, augment.probability, augment.random) }
      if noise.deviation > 0 {
        x = x + noise.random.normal(x.shape, deviation: noise.deviation)
      }
      let output = network(
        packed(x), parameters: weights, state: statistics, isTraining: true, random: layers,
        condition: side == .real ? conditions.real : conditions.fake, reference: reference
      ).output
      return DiscriminatorOutput(output, mode: mode).score
    }
  }
}

extension GAN {
  /// Makes sure that each penalty is a number and that D's output has a derivative by its samples.
  func checkPenalties() throws(Failure) {
    let penalties = configuration.penalties
    guard !penalties.isEmpty else { return }
    for d in [state.discriminator] + state.others { try check(penalties, on: d) }
  }

  private func check(_ penalties: [Penalty], on d: Player) throws(Failure) {
    try Memory.reserve(
      floats: 4, copies: 12 * d.network.floatsPerSample, for: "the penalties' trial")
    let key = RandomStream.penalties.key(configuration.seed)
    let x = key.uniform(sampleShape.prepending(2 * configuration.packing))
    let size = configuration.discriminatorCondition
    let condition = size > 0 ? Tensor.zeros([2, size]) : nil
    let critic = configuration.critic(
      d, weights: d.parameters.tensors,
      reference: d.network.needsReference ? configuration.packed(x) : nil, layers: key,
      noise: (0, key), conditions: (condition, condition))
    guard critic(x.tracked()).isTracked else {
      throw Failure(
        .configuration,
        "penalties.\(penalties[0].name): the output of \(d.name) has no derivative by its samples:"
          + " a layer takes them as whole numbers, or drops them")
    }
    for penalty in penalties {
      var draws = Draws(
        seed: configuration.seed, stream: RandomStream.penalties.rawValue, count: 0)
      let value = penalty.term(critic, x, 0.5 * x, &draws)
      try Memory.check()
      guard value.count == 1 else {
        throw Failure(
          .configuration,
          "penalties.\(penalty.name): expected one number as the penalty of a batch, found a tensor of"
            + " shape \(value.shape)")
      }
    }
    if penalties.contains(where: { $0.name == "gradient_penalty" }),
      let norm = d.network.layers.first(where: {
        $0.layer is BatchNorm || $0.layer is ConditionalBatchNorm
      })
    {
      Log.warning(
        "gradient_penalty: \(d.name)'s layer \(norm.name) normalizes over the batch, so that a"
          + " sample's slope depends on the others; Gulrajani et al. 2017 advise layer_norm there")
    }
  }
}
