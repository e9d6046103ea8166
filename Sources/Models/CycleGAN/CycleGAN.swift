import SGBasics
import SGData
import SGFormats
import SGNets
import SGTensors

/// Translation between two kinds of samples without pairs (Zhu et al. 2017): a generator makes
/// samples of inputs, another one inputs of samples, a discriminator judges each kind, and what a
/// round trip changes is a cost.
final class CycleGAN: Model {
  static let family = "cyclegan"
  static let takesUnpaired = true

  let settings: CycleGANSettings
  var state: State

  /// Everything that a step replaces, at once and only when all of it succeeded.
  struct State: Sendable {
    /// In the order of `names`.
    var players: [Player] = []
    var step: UInt64 = 0
    var samplesSeen: UInt64 = 0
  }

  /// The players: inputs to samples, samples to inputs, the judges of samples and of inputs.
  static let names = ["generator", "back_generator", "discriminator", "back_discriminator"]

  convenience init(configuration: JSON) throws(Failure) {
    try self.init(configuration, stored: nil)
  }

  convenience init(_ snapshot: Snapshot) throws(Failure) {
    let configuration = try Snapshot.configuration(of: snapshot.texts, family: Self.family)
    let stored = StoredTensors(snapshot.tensors)
    try self.init(configuration, stored: stored)
    try stored.expectNone(but: tensors.map(\.name))
    state.step = try snapshot.number("step", most: Counter.mostSteps)
    state.samplesSeen = try snapshot.number("samples_seen")
    for i in state.players.indices { state.players[i].optimizerState.steps = state.step }
  }

  private init(_ configuration: JSON, stored: StoredTensors?) throws(Failure) {
    let settings = try CycleGANSettings(configuration)
    self.settings = settings
    let networks = try settings.networks()
    try Memory.reserve(
      floats: networks.reduce(0) { $0 + $1.parameterCount }, copies: 6,
      for: "the model's weights and optimizers")
    state = try Memory.checked { () throws(Failure) in
      var state = State()
      for (i, network) in networks.enumerated() {
        state.players.append(
          try Player(
            name: Self.names[i], network: network, optimizer: settings.optimizer.rule,
            clipping: settings.optimizer.clipping,
            from: stored.map { .stored($0) }
              ?? .drawn(RandomKey(.weights, seed: settings.seed, use: UInt16(i)))))
      }
      return state
    }
    guard stored == nil else { return }
    // What is made comes back from its own checkpoint.
    _ = try JSON(parsing: configurationJSON.text(pretty: true))
    let snapshot = snapshot()
    try Safetensors.check(
      snapshot.tensors.map { ($0.name, $0.value.shape) }, metadata: snapshot.texts)
  }

  // MARK: As a learner

  var sampleShape: Shape { Shape(settings.shape) }
  var sampleRange: ValueRange? { settings.range }
  var conditionShape: [Int]? { settings.inputShape }
  var labelUse: LabelUse { .given(classes: 0, conditions: Shape(settings.inputShape).count) }
  var sampleUse: LabelUse { labelUse }
  var step: UInt64 { state.step }
  var seed: UInt64 { settings.seed }
  let batchesPerStep = 1
  var samplesSeen: UInt64 {
    get { state.samplesSeen }
    set { state.samplesSeen = newValue }
  }

  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      let clock = ContinuousClock()
      let start = clock.now
      let (a, b) = try checked(batches)
      var next = CycleGANStep(state, settings)
      var report = try next.play(inputs: a, samples: b)
      try Memory.check()
      state = next.state
      let seconds = Double((clock.now - start) / .nanoseconds(1)) * 1e-9
      report.imagesPerSecond = Double(b.shape[0]) / seconds
      return report
    }
  }

  private func checked(
    _ batches: [Batch]
  ) throws(Failure) -> (inputs: Tensor, samples: Tensor) {
    try Counter.check("step", step, most: Counter.mostSteps)
    guard let batch = batches.first, batch.samples.rank >= 1, batch.count >= 1 else {
      throw Failure(.argument, "batch: expected at least 1 sample, found 0")
    }
    let count = batch.count
    guard batch.samples.shape.droppingFirst() == sampleShape else {
      throw Failure(
        .mismatch, "batch: expected [count] + \(sampleShape), found \(batch.samples.shape)")
    }
    try batch.samples.expectFiniteSamples("batch")
    if batch.latents != nil {
      throw Failure(.unsupported, "latents: the family \"\(Self.family)\" takes none in a step")
    }
    let inputs = try inputs(batch.conditions, count)
    let networks = state.players.map(\.network)
    guard count >= 2 || !networks.contains(where: \.needsTwoSamples) else {
      throw Failure(
        .argument, "batch: batch_norm has no variance in a batch of 1; expected at least 2")
    }
    try Memory.reserve(
      floats: count, copies: 10 * networks.reduce(0) { $0 + $1.floatsPerSample },
      for: "a step on \(count) samples")
    return (inputs, batch.samples)
  }

  /// Inputs in their shape, [count] + inputShape, of conditions [count, size].
  private func inputs(_ values: Tensor?, _ count: Int) throws(Failure) -> Tensor {
    let shape = Shape(settings.inputShape)
    guard let values else {
      throw Failure(
        .argument,
        "conditions: the model makes samples of inputs of shape \(shape); found none")
    }
    guard values.shape == [count, shape.count] else {
      throw Failure(
        .mismatch, "conditions: expected shape \([count, shape.count]), found \(values.shape)")
    }
    try values.expectFiniteSamples("conditions")
    return values.reshaped(shape.prepending(count))
  }

  // MARK: As a checkpoint

  static var configurationSchema: JSON { CycleGANSettings.schema }
  var configurationJSON: JSON { settings.json }
  static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    try CycleGANSettings(configuration).json
  }

  var summary: JSON {
    .object([("step", JSON(step))] + state.players.map { ($0.name, $0.network.summary) })
  }

  var tensors: [(name: String, value: Tensor)] { state.players.flatMap(\.tensors) }

  func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    try expectTensors([name: value])
    for i in state.players.indices { state.players[i].write([name: value]) }
  }

  func snapshot() -> Snapshot {
    Snapshot(
      tensors: tensors,
      texts: Snapshot.texts(family: Self.family, configuration: configurationJSON).merging([
        "step": "\(state.step)", "samples_seen": "\(state.samplesSeen)",
      ]) { $1 })
  }
}

extension CycleGAN: Translating, TranslatingBack {
  var inputShape: Shape? { Shape(settings.inputShape) }

  /// Samples of inputs, which are the conditions.
  func sample(_ count: Int, seed: UInt64, given: Conditions) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard (1...Int(Int32.max)).contains(count) else {
        throw Failure(.argument, "count: expected 1...\(Int32.max), found \(count)")
      }
      return try made(0, of: inputs(given.values, count), seed)
    }
  }

  func translateBack(_ samples: Tensor, seed: UInt64) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard samples.rank >= 1, samples.shape[0] >= 1, samples.shape.droppingFirst() == sampleShape
      else {
        throw Failure(
          .mismatch, "inputs: expected [count] + \(sampleShape), found \(samples.shape)")
      }
      try samples.expectFiniteSamples("inputs")
      return try made(1, of: samples, seed)
    }
  }

  private func made(_ player: Int, of x: Tensor, _ seed: UInt64) throws(Failure) -> Tensor {
    let player = state.players[player]
    let inference = Inference(
      network: player.network, parameters: player.parameters.tensors,
      statistics: player.statistics.tensors, reference: nil)
    return try inference.outputs(for: x, seed: seed)
  }
}
