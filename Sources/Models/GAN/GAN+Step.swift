import SGBasics
import SGData
import SGNets
import SGTensors

extension GAN {
  /// One step on samples of which nothing else is known, [batch] + sampleShape for each of the
  /// discriminator's updates (or one for all).
  public func train(on samples: [Tensor], latents: Tensor? = nil) throws(Failure) -> StepReport {
    try train(on: samples.map { Batch($0) }, latents: latents, reporting: true)
  }

  /// One step on batches of real samples; the latents are drawn from the prior. On failure the
  /// model is as before.
  public func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try train(on: batches, latents: batches.first?.latents, reporting: reporting)
  }

  /// One step of the game on batches of real samples, one for each of the discriminator's updates
  /// (or one for all).
  /// - Parameters:
  ///   - batches: real samples, each [batch] + sampleShape.
  ///   - latents: [batch, latent size], used by every update; nil: drawn from the prior.
  ///   - reporting: whether the report's figures beyond the costs are wanted.
  /// - Throws: `Failure` of kind argument, mismatch, noMemory, diverged or limit (a counter is
  ///   full); the model is then as before.
  public func train(
    on batches: [Batch], latents: Tensor?, reporting: Bool = true
  ) throws(Failure) -> StepReport {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      let clock = ContinuousClock()
      let start = clock.now
      try checkCounters()
      let batches = try checked(batches, latents).map(state.standardization.standardized)
      var gameStep = GameStep(game: self, batches: batches, latents: latents)
      try gameStep.play()
      if reporting { gameStep.reportBalance() }
      try Memory.check()
      warnOfNoStandardization()
      state = gameStep.state
      let seconds = Double((clock.now - start) / .nanoseconds(1)) * 1e-9
      return gameStep.report.report(
        samplesPerSecond: Double(batches.reduce(0) { $0 + $1.count }) / seconds)
    }
  }

  /// Everything that could go wrong in a step before it starts.
  /// - Returns: the batches, with what the model takes of their labels and conditions.
  private func checked(
    _ batches: [Batch], _ latents: Tensor?
  ) throws(Failure) -> [Batch] {
    guard let first = batches.first?.samples, first.rank >= 1, first.shape[0] >= 1 else {
      throw Failure(.argument, "batch: expected at least 1 sample, found 0")
    }
    let batch = first.shape[0]
    var taken: [Batch] = []
    for real in batches { taken.append(try configuration.taken(real, count: batch)) }
    if let latents {
      guard latents.shape == [batch, latentSize] else {
        throw Failure(
          .mismatch, "latents: expected shape \([batch, latentSize]), found \(latents.shape)")
      }
      try latents.expectFiniteSamples("latents")
    }
    let (g, d) = (state.generator.network, state.discriminator.network)
    try configuration.checkPacks(batch: batch)
    let packs = batch / configuration.packing
    let needsTwoPacks =
      d.needsTwoSamples || state.others.contains { $0.network.needsTwoSamples }
    guard batch >= 2 || !g.needsTwoSamples, packs >= 2 || !needsTwoPacks else {
      throw Failure(
        .argument,
        configuration.packing == 1
          ? "batch: batch_norm has no variance in a batch of 1; expected at least 2"
          : "batch: batch_norm has no variance in one pack of \(configuration.packing); expected at"
            + " least 2 packs")
    }
    guard packs >= 2 || step > 0 || !(g.needsFirstBatch || d.needsFirstBatch) else {
      throw Failure(
        .argument,
        "batch: the first one decides the gains of weight_norm; expected at least 2 samples, found 1"
      )
    }
    if configuration.tricks.replayCapacity > 0 {
      let kept = min((state.replay?.shape[0] ?? 0) + batch, configuration.tricks.replayCapacity)
      try Memory.reserve(floats: 2 * kept + batch, copies: sampleShape.count, for: "the replay")
    }
    guard packs >= 2 || !d.needsReference || state.reference != nil else {
      throw Failure(
        .argument,
        "batch: the first one becomes the reference of reference_norm; expected at least 2 samples, found 1"
      )
    }
    guard batch > largestBatch else { return taken }
    // Forward and backward passes of both networks keep about three floats for each output.
    let c = configuration
    // A penalty differentiates D's backward pass: some three times what both passes keep.
    let passes = c.penalties.contains { $0.scheduledWeight.largest > 0 } ? 16 : 4
    let (floats, overflow) = (3 * g.floatsPerSample).addingReportingOverflow(
      state.others.reduce(passes * d.floatsPerSample) {
        $0 + passes * $1.network.floatsPerSample
      })
    let (pairs, more) = batch.multipliedReportingOverflow(
      by: state.others.reduce(2 * (g.floatsPerPair + d.floatsPerPair)) {
        $0 + 2 * $1.network.floatsPerPair
      })
    let rest =
      3 * c.generatorCondition + 6 * c.discriminatorCondition
      + (c.augment.isOn ? 12 * passes * sampleShape.count : 0)
    let (all, most) = floats.addingReportingOverflow(pairs)
    let needsReference = g.needsReference || d.needsReference
    try Memory.reserve(
      floats: batch + (needsReference ? c.tricks.referenceBatch : 0),
      copies: overflow || more || most ? .max : all.addingReportingOverflow(rest).partialValue,
      for: "a step on \(batch) samples")
    largestBatch = batch
    return taken
  }
}
