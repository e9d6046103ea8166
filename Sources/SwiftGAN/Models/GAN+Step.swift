import Nets
import Tensors

extension GAN {
  /// One step on samples of which nothing else is known.
  public func train(on samples: [Tensor], latents: Tensor? = nil) throws(Failure) -> StepReport {
    try train(on: samples.map { Batch($0) }, latents: latents, reporting: true)
  }

  public func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try train(on: batches, latents: nil, reporting: reporting)
  }

  /// One step of the game on batches of real samples, one for each of the discriminator's updates (or one for all).
  /// - Parameters:
  ///   - latents: [batch, latent size], used by every update; nil: drawn from the prior.
  ///   - reporting: whether the report's figures beyond the costs are wanted.
  /// - Throws: `Failure` of kind argument, mismatch, noMemory or diverged; the model is then as before.
  public func train(
    on batches: [Batch], latents: Tensor?, reporting: Bool = true
  ) throws(Failure) -> StepReport {
    let clock = ContinuousClock()
    let start = clock.now
    try check(batches, latents)
    var turn = Turn(
      game: self, state: state, batch: batches[0].count, latents: latents,
      factor: configuration.learningRate.factor(at: state.step))
    try turn.play(batches)
    if reporting { turn.judge() }
    state = turn.state
    let seconds = Double((clock.now - start) / .nanoseconds(1)) * 1e-9
    turn.report.imagesPerSecond = Double(batches.reduce(0) { $0 + $1.count }) / seconds
    return turn.report
  }

  /// Everything that could go wrong in a step before it starts.
  private func check(_ batches: [Batch], _ latents: Tensor?) throws(Failure) {
    guard let first = batches.first?.samples, first.rank >= 1, first.shape[0] >= 1 else {
      throw Failure(.argument, "batch: expected at least 1 sample, found 0")
    }
    let batch = first.shape[0]
    for real in batches.map(\.samples) {
      guard real.shape == sampleShape.prepending(batch) else {
        throw Failure(
          .mismatch,
          "the model's samples have the shape \(sampleShape), the data's \(real.shape.droppingFirst())"
        )
      }
      try real.expectFiniteSamples("real")
    }
    if let latents {
      guard latents.shape == [batch, latentSize] else {
        throw Failure(
          .mismatch, "latents: expected shape \([batch, latentSize]), found \(latents.shape)")
      }
      try latents.expectFiniteSamples("latents")
    }
    let (g, d) = (state.generator.network, state.discriminator.network)
    guard batch >= 2 || !(g.needsTwoSamples || d.needsTwoSamples) else {
      throw Failure(
        .argument, "batch: batch_norm has no variance in a batch of 1; expected at least 2")
    }
    guard batch > largestBatch else { return }
    // Forward and backward passes of both networks keep about three floats for each output.
    let (floats, overflow) = (3 * g.floatsPerSample).addingReportingOverflow(4 * d.floatsPerSample)
    try Self.reserve(
      floats: batch, copies: overflow ? .max : floats, for: "a step on \(batch) samples")
    largestBatch = batch
  }
}

extension Tensor {
  /// - Throws: `Failure` that names the first sample with NaN or infinity.
  public func expectFiniteSamples(_ name: String) throws(Failure) {
    if isFinite { return }
    let size = Swift.max(count / Swift.max(shape[0], 1), 1)
    let place = withElements { $0.firstIndex { !$0.isFinite } } ?? 0
    throw Failure(
      .argument,
      "\(name)[\(place / size)]: element \(place % size) is \(withElements { $0[place] });"
        + " expected finite values")
  }
}

/// One step under way: a copy of the state that becomes the model's if all goes well.
private struct Turn {
  let game: GAN
  var state: GAN.State
  let batch: Int
  let latents: Tensor?
  /// The schedule's factor of the learning rates.
  let factor: Float
  var report: StepReport
  /// What the discriminator saw last and said of it.
  private var seen: (real: Tensor, fake: Tensor, onReal: Tensor, onFake: Tensor)?

  init(game: GAN, state: GAN.State, batch: Int, latents: Tensor?, factor: Float) {
    self.game = game
    self.state = state
    self.batch = batch
    self.latents = latents
    self.factor = factor
    self.state.step += 1
    report = StepReport(
      step: self.state.step,
      learningRate: Double(factor * state.generator.optimizer.learningRate))
  }

  /// The discriminator's updates, then the generator's. The last fakes made for the discriminator serve the generator's
  /// first update; with simultaneous updates so does what the discriminator said of them.
  mutating func play(_ batches: [Batch]) throws(Failure) {
    let schedule = game.configuration.schedule
    for _ in 1..<schedule.discriminatorSteps {
      let fake = fakes(state.generator.parameters.tensors)
      _ = try discriminatorUpdate(next(batches), fake)
    }
    let moves = schedule.generatorSteps > 0
    let weights = state.generator.parameters.tensors.map { moves ? $0.tracked() : $0 }
    let fake = fakes(weights)
    switch schedule.update {
    case _ where !moves:
      let logits = try discriminatorUpdate(next(batches), fake)
      report.generatorCost = try finite(game.objective.generator(logits.detached), "generator")
    case .simultaneous:
      let logits = try discriminatorUpdate(next(batches), fake)
      try generatorUpdate(weights, logits)
    case .alternating:
      _ = try discriminatorUpdate(next(batches), fake.detached)
      try generatorUpdate(weights, judged(fake))
    }
    for _ in 1..<max(schedule.generatorSteps, 1) {
      let weights = state.generator.parameters.tensors.map { $0.tracked() }
      try generatorUpdate(weights, judged(fakes(weights)))
    }
  }

  private var used = 0
  private mutating func next(_ batches: [Batch]) -> Batch {
    defer { used += 1 }
    return batches[used % batches.count]
  }

  private mutating func random(_ stream: GAN.Stream) -> RandomKey {
    state.draws += 1
    return RandomKey(
      seed: game.configuration.seed, stream: stream.rawValue, step: state.draws - 1)
  }

  /// G(z) for a new batch of latents.
  private mutating func fakes(_ parameters: [Tensor]) -> Tensor {
    let z = latents ?? game.configuration.latent.draw(batch, random(.latents))
    return state.generator(z, parameters: parameters, random: random(.layers))
  }

  /// D's logits on fakes, for the generator: D's own parameters are constants here.
  private mutating func judged(_ fake: Tensor) -> Tensor {
    state.discriminator(
      fake, parameters: state.discriminator.parameters.tensors, random: random(.layers))
  }

  /// Real and fake samples go through D separately, so that they are normalised apart.
  /// - Returns: the logits on the fakes.
  private mutating func discriminatorUpdate(
    _ real: Batch, _ fake: Tensor
  ) throws(Failure) -> Tensor {
    let weights = state.discriminator.parameters.tensors.map { $0.tracked() }
    let onReal = state.discriminator(real.samples, parameters: weights, random: random(.layers))
    let onFake = state.discriminator(fake, parameters: weights, random: random(.layers))
    let cost = game.objective.discriminator(
      onReal, onFake, game.configuration.labelSmoothing)
    report.discriminatorCost = try finite(cost, "discriminator")
    seen = (real.samples, fake.detached, onReal.detached, onFake.detached)
    report.discriminatorGradientNorm = try state.discriminator.descend(
      gradient(of: cost, wrt: weights), rate: factor, step: state.step)
    return onFake
  }

  private mutating func generatorUpdate(_ weights: [Tensor], _ logits: Tensor) throws(Failure) {
    let cost = game.objective.generator(logits)
    report.generatorCost = try finite(cost, "generator")
    report.generatorGradientNorm = try state.generator.descend(
      gradient(of: cost, wrt: weights), rate: factor, step: state.step)
    if let average = state.average {
      let decay = game.configuration.average
      state.average!.parameters.values = average.parameters.values.averaged(
        with: state.generator.parameters.values, decay: decay)
      state.average!.statistics.values = average.statistics.values.averaged(
        with: state.generator.statistics.values, decay: decay)
    }
  }

  /// Says in the report how the players stand.
  mutating func judge() {
    guard let (real, fake, onReal, onFake) = seen else { return }
    report.balance = Balance(
      real: real, fake: fake, onReal: onReal, onFake: onFake, configuration: game.configuration)
  }

  private func finite(_ cost: Tensor, _ player: String) throws(Failure) -> Double {
    let value = cost.scalar
    guard value.isFinite else {
      throw Failure(.diverged, "step \(state.step): the \(player)'s cost is \(value)")
    }
    return Double(value)
  }
}
