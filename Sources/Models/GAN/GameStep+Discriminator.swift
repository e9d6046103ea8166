import SGBasics
import SGData
import SGNets
import SGTensors

/// The discriminator's updates.
extension GameStep {
  /// - Returns: D's output for the fakes, with its graph where G's gradient passes through it.
  mutating func discriminatorUpdate(
    _ real: Batch, _ fake: Fakes
  ) throws(Failure) -> DiscriminatorOutput {
    let output = try singleUpdate(real, fake)
    noteOverfitting(batch: real.count)
    if !state.others.isEmpty { keep(onOthers: try otherUpdates(real, fake)) }
    return output
  }

  /// Adds the overfitting figure to the report, and lets the augmentation's probability follow it.
  private mutating func noteOverfitting(batch: Int) {
    let augment = configuration.augment
    guard augment.isOn, let logits = seen?.onReal,
      let figure = configuration.overfitting(logits)
    else { return }
    report.overfitting = Double(figure)
    state.augmentation?.take(figure, batch: batch, augment)
  }

  /// The update of one discriminator.
  mutating func singleUpdate(
    _ real: Batch, _ fake: Fakes
  ) throws(Failure) -> DiscriminatorOutput {
    let (gradient, judged, onFake) = try discriminatorGradient(real, fake)
    let penalized =
      configuration.penalties.isEmpty
      ? gradient : try penalized(gradient, real, judged)
    report.discriminatorGradientNorm = try state.discriminator.descend(
      penalized, rate: factor, step: state.step, pull: configuration.tricks.historicalAveraging,
      within: configuration.clipWeights)
    return onFake
  }

  /// Real and fake samples go through D separately, so that they are normalized apart. Where its
  /// cost falls apart into theirs, so do the gradients, and what the first pass kept for its own is
  /// gone before the second.
  private mutating func discriminatorGradient(
    _ real: Batch, _ fake: Fakes
  ) throws(Failure) -> (gradient: Tensor, judged: Fakes, onFake: DiscriminatorOutput) {
    let weights = state.discriminator.parameters.tensors.map { $0.tracked() }
    guard let parts = game.objective.parts, configuration.tricks.labelFlipping == 0,
      [.none, .conditional].contains(configuration.labels.mode)
    else { return try joinedGradient(real, fake, weights) }
    let smoothing = configuration.labelSmoothing
    let isAlternating = configuration.schedule.update == .alternating
    func pass(
      _ output: consuming DiscriminatorOutput, _ part: Objective.Part, keeping: Bool
    ) -> (cost: Tensor, gradients: [Tensor], output: DiscriminatorOutput) {
      let cost = part(output.logits, smoothing)
      let (value, kept) = (cost.detached, keeping ? output : output.detached)
      _ = consume output
      return (value, gradient(of: consume cost, wrt: weights), kept)
    }
    let first = pass(
      discriminate(of: real.samples, labels: real.labels, conditions: real.conditions, weights),
      parts.real, keeping: false)
    keep(first.output)
    var judged = fake
    judged.samples = replayed(fake.samples)
    let second = pass(
      discriminate(
        of: judged.samples, labels: fake.labels, conditions: fake.conditions, weights),
      parts.fake, keeping: !isAlternating)
    try note(first.cost + second.cost, real, fake, first.output, second.output)
    let sum = state.discriminator.parameters.flatten(first.gradients, adding: second.gradients)
    return (sum, judged.detached, second.output)
  }

  /// Adds D's update to the report.
  private mutating func note(
    _ cost: Tensor, _ real: Batch, _ fake: Fakes, _ onReal: DiscriminatorOutput,
    _ onFake: DiscriminatorOutput
  ) throws(Failure) {
    let pull = configuration.tricks.historicalAveraging
    report.discriminatorCost =
      try finite(cost, "discriminator") + state.discriminator.historicalCost(pull)
    seen = (
      real.samples, fake.samples.detached, onReal.logits.detached, onFake.logits.detached
    )
  }

  /// The gradient of a cost that binds real and fake samples together.
  private mutating func joinedGradient(
    _ real: Batch, _ fake: Fakes, _ weights: [Tensor]
  ) throws(Failure) -> (gradient: Tensor, judged: Fakes, onFake: DiscriminatorOutput) {
    let onReal = discriminate(
      of: real.samples, labels: real.labels, conditions: real.conditions, weights)
    var judged = fake
    judged.samples = replayed(fake.samples)
    let onFake = discriminate(
      of: judged.samples, labels: fake.labels, conditions: fake.conditions, weights)
    keep(onReal)
    let (asReal, asFake) = flipped(onReal.logits, onFake.logits)
    var cost = game.objective.discriminator(asReal, asFake, configuration.labelSmoothing)
    if let classification = classification(real, onReal, fake, onFake, weights) {
      cost = cost + configuration.labels.weight * classification
    }
    try note(cost, real, fake, onReal, onFake)
    return (
      state.discriminator.parameters.flatten(gradient(of: cost, wrt: weights)), judged.detached,
      onFake
    )
  }

  /// Fakes of which a share has given way to old ones; the new ones join the old, and take their
  /// places once these are as many as are kept.
  private mutating func replayed(_ fake: Tensor) -> Tensor {
    let (capacity, n) = (configuration.tricks.replayCapacity, fake.shape[0])
    guard capacity > 0 else { return fake }
    let new = fake.detached
    guard let old = state.replay else {
      state.replay = new.rows(0..<min(n, capacity))
      return fake
    }
    let (kept, key) = (old.shape[0], random(.replay))
    let again = Int((Float(n) * configuration.tricks.replayShare).rounded())
    let drawn = key.words(again).map { Int32((UInt64($0) * UInt64(kept)) >> 32) }
    let joined = Tensor.concatenate([old, new], axis: 0)
    var index = (0..<min(kept + n, capacity)).map { Int32($0) }
    // New fakes that find no free place replace old ones, drawn without repetition.
    let free = capacity - kept
    if n > free {
      let places = random(.replay).draw(min(n - free, capacity), of: capacity)
      for (i, place) in places.enumerated() { index[place] = Int32(kept + free + i) }
    }
    state.replay = joined.gather(index)
    guard again > 0 else { return fake }
    return .concatenate([fake.rows(0..<(n - again)), old.gather(drawn)], axis: 0)
  }

  /// Logits on real and fake samples, of which some pairs have changed places.
  private mutating func flipped(_ real: Tensor, _ fake: Tensor) -> (Tensor, Tensor) {
    let probability = configuration.tricks.labelFlipping
    guard probability > 0 else { return (real, fake) }
    // Both players of a pair change places as a whole, with all their patches.
    let pairs = Shape([real.shape[0]] + [Int](repeating: 1, count: real.rank - 1))
    let chosen = (probability - random(.flips).uniform(pairs)).step()
      .broadcast(to: real.shape)
    return (select(chosen, fake, real), select(chosen, real, fake))
  }

  /// What D pays for the classes, if it tells any: half for real and half for fake samples in
  /// AC-GAN, for the labelled samples in semi-supervised learning.
  private mutating func classification(
    _ real: Batch, _ onReal: DiscriminatorOutput, _ fake: Fakes, _ onFake: DiscriminatorOutput,
    _ weights: [Tensor]
  ) -> Tensor? {
    switch configuration.labels.mode {
    case .none, .conditional: return nil
    case .auxiliary:
      guard let (ofReal, ofFake) = onReal.classes.flatMap({ r in onFake.classes.map { (r, $0) } })
      else { return nil }
      report.classAccuracy = accuracy(ofReal, real.labels)
      return 0.5 * (crossEntropy(ofReal, real.labels) + crossEntropy(ofFake, fake.labels))
    case .semiSupervised:
      let labelled = real.labelled ?? real
      guard labelled.labels.contains(where: { $0 >= 0 }) else { return nil }
      let classes =
        real.labelled == nil
        ? onReal.classes
        : discriminate(of: labelled.samples, labels: [], conditions: nil, weights).classes
      guard let classes else { return nil }
      report.classAccuracy = accuracy(classes, labelled.labels)
      return crossEntropy(classes, labelled.labels)
    }
  }
}
