import SGBasics
import SGData
import SGNets
import SGTensors

extension GAIN {
  /// One step: the discriminator's, then the generator's against the new one, and the regression's.
  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      let clock = ContinuousClock()
      let start = clock.now
      let samples = try checked(batches)
      let x = PartlyKnown(samples, state.standardization)
      var next = GAINStep(state, settings)
      var report = try next.play(x)
      try Memory.check()
      warnOfNoStandardization()
      state = next.state
      let seconds = Double((clock.now - start) / .nanoseconds(1)) * 1e-9
      report.imagesPerSecond = Double(samples.shape[0]) / seconds
      return report
    }
  }

  private func checked(_ batches: [Batch]) throws(Failure) -> Tensor {
    try Counter.check("step", step, most: Counter.mostSteps)
    guard let batch = batches.first, batch.samples.rank >= 1, batch.count >= 1 else {
      throw Failure(.argument, "batch: expected at least 1 sample, found 0")
    }
    guard batch.samples.shape.droppingFirst() == sampleShape else {
      throw Failure(
        .mismatch, "batch: expected [count] + \(sampleShape), found \(batch.samples.shape)")
    }
    try batch.samples.expectKnownSamples("batch")
    if batch.latents != nil {
      throw Failure(.unsupported, "latents: the family \"\(Self.family)\" takes none in a step")
    }
    let (g, d) = (state.generator.network, state.discriminator.network)
    guard batch.count >= 2 || !(g.needsTwoSamples || d.needsTwoSamples) else {
      throw Failure(
        .argument, "batch: batch_norm has no variance in a batch of 1; expected at least 2")
    }
    try Memory.reserve(
      floats: batch.count,
      copies: 8 * (g.floatsPerSample + d.floatsPerSample) + 16 * sampleShape.count,
      for: "a step on \(batch.count) samples")
    return batch.samples
  }
}

/// One step under way: a copy of the state that becomes the model's if all goes well.
struct GAINStep {
  private(set) var state: GAIN.State
  private let options: GAINSettings.Options
  private let shared: ModelSettings

  init(_ state: GAIN.State, _ settings: GAINSettings) {
    self.state = state
    (options, shared) = (settings.options, settings.shared)
  }

  /// The key of this step's draws.
  private func random(_ draw: DescentDraw, _ use: UInt16 = 0) -> RandomKey {
    RandomKey(draw, seed: shared.seed, use: use, step: state.step)
  }

  mutating func play(_ x: PartlyKnown) throws(Failure) -> StepReport {
    let shape = x.mask.shape
    // What the networks may see: the known elements but for those that this step hides.
    let isShown =
      options.hide > 0 ? (random(.latents, 1).uniform(shape) - options.hide).step() : nil
    let seen = isShown.map { x.mask * $0 } ?? x.mask
    let noise = random(.latents).uniform(shape, high: 1) * options.noise
    let input = x.input(select(seen, x.elements, noise), seen)
    let told = (options.hint - random(.latents, 2).uniform(shape)).step()
    let hint = told * seen + 0.5 * (1 - told)
    let factor = shared.learningRate.factor(at: state.step)
    var report = StepReport(
      step: state.step + 1, learningRate: Double(factor * shared.optimizer.rule.learningRate))

    let weights = state.generator.parameters.tensors.map { $0.tracked() }
    let made = state.generator(
      input, parameters: weights, condition: nil, reference: nil, random: random(.layers)
    ).output.reshaped(shape)
    let completed = select(seen, x.elements, made)

    let ofD = state.discriminator.parameters.tensors.map { $0.tracked() }
    let told1 = logits(x.input(completed.detached, hint), ofD, shape, pass: 1)
    // −E [m log D + (1 − m) log (1 − D)].
    let discriminatorCost = (seen * softplus(-told1) + (1 - seen) * softplus(told1)).mean()
    report.figures.append(
      ("discriminator_cost", try finite(discriminatorCost, "discriminator")))
    let normOfD = try state.discriminator.descend(
      state.discriminator.parameters.flatten(gradient(of: discriminatorCost, wrt: ofD)),
      rate: factor, step: state.step + 1)

    let told2 = logits(
      x.input(completed, hint), state.discriminator.parameters.tensors, shape, pass: 2)
    // −E [(1 − m) log D].
    let adversarial = ((1 - seen) * softplus(-told2)).mean()
    let reconstruction = difference(made, x)
    let generatorCost = adversarial + options.alpha * reconstruction
    report.figures += [
      ("generator_cost", try finite(generatorCost, "generator")),
      ("reconstruction_cost", Double(reconstruction.scalar)),
    ]
    let normOfG = try state.generator.descend(
      state.generator.parameters.flatten(gradient(of: generatorCost, wrt: weights)),
      rate: factor, step: state.step + 1)

    let ofR = state.regression.parameters.tensors.map { $0.tracked() }
    let answer = state.regression(
      input, parameters: ofR, condition: nil, reference: nil, random: random(.layers)
    ).output.reshaped(shape)
    let regression = options.alpha * difference(answer, x)
    report.figures.append(("least_squares_cost", try finite(regression, "regression")))
    _ = try state.regression.descend(
      state.regression.parameters.flatten(gradient(of: regression, wrt: ofR)), rate: factor,
      step: state.step + 1)

    if isShown != nil {
      let hidden = x.mask - seen
      let mean = state.means.rows(0..<1).reshaped(shape.droppingFirst().prepending(1))
        .broadcast(to: shape)
      for (name, guess) in [
        ("hidden_error", made), ("hidden_error_least_squares", answer),
        ("hidden_error_mean", mean),
      ] {
        let squares = (hidden * (guess.detached - x.elements)).sumOfSquares()
        report.figures.append((name, (squares / max(Double(hidden.sum().scalar), 1)).squareRoot()))
      }
    }
    report.figures += [
      ("discriminator_gradient_norm", normOfD), ("generator_gradient_norm", normOfG),
    ]
    report.brief =
      "cost D \(report.discriminatorCost.fixed(3)) G \(report.generatorCost.fixed(3))"
    try finish(x)
    return report
  }

  /// The discriminator's logits, one for each element.
  private mutating func logits(
    _ input: Tensor, _ parameters: [Tensor], _ shape: Shape, pass: UInt16
  ) -> Tensor {
    state.discriminator(
      input, parameters: parameters, condition: nil, reference: nil, random: random(.layers, pass)
    ).output.reshaped(shape)
  }

  /// The mean squared difference over known elements, hidden ones among them.
  private func difference(_ made: Tensor, _ x: PartlyKnown) -> Tensor {
    (x.mask * (made - x.elements)).squared().sum() / x.mask.sum()
  }

  private mutating func finish(_ x: PartlyKnown) throws(Failure) {
    state.step += 1
    for player in state.players { try player.expectFiniteStatistics(step: state.step) }
    for (i, player) in zip(state.averages.indices, [state.generator, state.regression]) {
      let decay = shared.average
      state.averages[i].parameters.values = state.averages[i].parameters.values.averaged(
        with: player.parameters.values, decay: decay)
      state.averages[i].statistics.values = state.averages[i].statistics.values.averaged(
        with: player.statistics.values, decay: decay)
    }
    let (n, size) = (x.mask.shape[0], x.mask.count / x.mask.shape[0])
    let (values, known) = (x.elements.reshaped([n, size]), x.mask.reshaped([n, size]))
    let (mean, count) = (state.means.rows(0..<1), state.means.rows(1..<2))
    let total = count + known.sum([0]).reshaped([1, size])
    let gaps = (known * (values - mean)).sum([0]).reshaped([1, size])
    // Elements that were never known keep the mean 0.
    let divisor = total + (1 - total).step()
    state.means = .concatenate([mean + gaps / divisor, total], axis: 0)
  }

  private func finite(_ cost: Tensor, _ player: String) throws(Failure) -> Double {
    let value = cost.scalar
    guard value.isFinite else {
      throw Failure(.diverged, "step \(state.step + 1): the \(player)'s cost is \(value)")
    }
    return Double(value)
  }
}
