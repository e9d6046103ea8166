import SGBasics
import SGData
import SGFormats
import SGNets
import SGTensors

/// A model of a family that descends one cost: parameters, optimizer, average, schedule,
/// checkpoint.
public final class DescentModel<Family: DescentFamily>: Model, Standardizing, NamesClasses {
  public static var family: String { Family.family }
  public static func suggestion(for samples: SampleKind) -> JSON { Family.suggestion(for: samples) }

  let settings: ModelSettings
  let form: Family
  private var state: State

  /// Everything that a step replaces, at once and only when all of it succeeded.
  private struct State: Sendable {
    var players: [Player]
    var averages: [(parameters: Parameters, statistics: Parameters)]
    var step: UInt64 = 0
    var samplesSeen: UInt64 = 0
    var standardization = Standardization.none
    var classNames: [String] = []
  }

  public convenience init(configuration: JSON) throws(Failure) {
    try self.init(configuration, stored: nil)
  }

  public convenience init(_ snapshot: Snapshot) throws(Failure) {
    let configuration = try Snapshot.configuration(of: snapshot.texts, family: Self.family)
    let stored = StoredTensors(snapshot.tensors)
    try self.init(configuration, stored: stored)
    try stored.expectNone(but: tensors.map(\.name))
    state.step = try snapshot.number("step", most: Counter.mostSteps)
    state.samplesSeen = try snapshot.number("samples_seen")
    state.classNames = try Snapshot.classNames(in: snapshot.texts, classes: settings.classes)
    for i in state.players.indices { state.players[i].optimizerState.steps = state.step }
  }

  private init(_ configuration: JSON, stored: StoredTensors?) throws(Failure) {
    let (settings, form) = try Self.read(configuration)
    (self.settings, self.form) = (settings, form)
    let count = form.networks.reduce(0) { $0 + $1.network.parameterCount }
    try Memory.reserve(floats: count, copies: 6, for: "the model's weights and optimizer")
    state = try Memory.checked { () throws(Failure) in
      try Self.start(settings, form, stored)
    }
    guard stored == nil else { return }
    _ = try JSON(parsing: configurationJSON.text(pretty: true))
    try checkSnapshot()
  }

  private static func read(_ configuration: JSON) throws(Failure) -> (ModelSettings, Family) {
    var o = try JSONObject(configuration, path: "")
    var options = Family.defaults(shape: ModelSettings.shape(in: configuration))
    try Family.settings.read(&options, &o)
    let settings = try ModelSettings(&o, keys: Family.dataKeys) { [options] in
      Family.range(shape: $0, options)
    }
    let form = try Family(options, settings)
    try o.finish()
    return (settings, form)
  }

  /// What is made comes back from its own checkpoint.
  private func checkSnapshot() throws(Failure) {
    let snapshot = snapshot()
    try Safetensors.check(
      snapshot.tensors.map { ($0.name, $0.value.shape) }
        + Standardization.tensorNames.map { ($0, Shape([])) }, metadata: snapshot.texts)
  }

  private static func start(
    _ settings: ModelSettings, _ form: Family, _ stored: StoredTensors?
  ) throws(Failure) -> State {
    var state = State(players: [], averages: [])
    for (i, (name, network)) in form.networks.enumerated() {
      let random = RandomKey(.weights, seed: settings.seed, use: UInt16(i))
      let player = try Player(
        name: name, network: network, optimizer: settings.optimizer.rule,
        clipping: settings.optimizer.clipping,
        from: stored.map { .stored($0) } ?? .drawn(random))
      state.players.append(player)
      guard settings.average > 0 else { continue }
      state.averages.append(
        try stored?.learned(network, prefix: "\(name)_average.")
          ?? (player.parameters, player.statistics))
    }
    if let stored {
      state.standardization = try Standardization(
        stored, samples: Shape(settings.shape).count, conditions: 0)
    }
    return state
  }

  // MARK: As a learner

  public var sampleShape: Shape { Shape(settings.shape) }
  public var sampleRange: ValueRange? { settings.range }
  public var unboundedSetting: String? { form.unboundedSetting }
  public var step: UInt64 { state.step }
  public var seed: UInt64 { settings.seed }
  public var labelUse: LabelUse {
    settings.classes > 0 ? .given(classes: settings.classes, conditions: 0) : .none
  }
  public var figureUnits: [String: FigureUnit] { form.figureUnits }
  public let batchesPerStep = 1
  public var samplesSeen: UInt64 {
    get { state.samplesSeen }
    set { state.samplesSeen = newValue }
  }

  public func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try Memory.checked(isFrequent: true) { () throws(Failure) in
      let clock = ContinuousClock()
      let start = clock.now
      let x = standardization.standardized(try checked(batches))
      var next = state
      let condition = try oneHot(batches[0].labels, count: x.shape[0])
      var report = try descend(&next, x, condition)
      try Memory.check()
      warnOfNoStandardization()
      state = next
      let seconds = Double((clock.now - start) / .nanoseconds(1)) * 1e-9
      report.imagesPerSecond = Double(x.shape[0]) / seconds
      return report
    }
  }

  private func checked(_ batches: [Batch]) throws(Failure) -> Tensor {
    try Counter.check("step", step, most: Counter.mostSteps)
    guard let batch = batches.first, batch.samples.rank >= 1, batch.count >= 1 else {
      throw Failure(.argument, "batch: expected at least 1 sample, found 0")
    }
    try expect(batch.samples, "batch")
    let isDrawn = form.domain == .binary && settings.binarization != .none
    try (isDrawn ? .within(ValueRange(0, 1)) : form.domain).check(batch.samples, "batch")
    if batch.latents != nil {
      throw Failure(.unsupported, "latents: the family \"\(Self.family)\" takes none in a step")
    }
    let networks = form.networks.map(\.network)
    guard batch.count >= 2 || !networks.contains(where: \.needsTwoSamples) else {
      throw Failure(
        .argument, "batch: batch_norm has no variance in a batch of 1; expected at least 2")
    }
    try Memory.reserve(
      floats: batch.count, copies: 4 * networks.reduce(0) { $0 + $1.floatsPerSample },
      for: "a step on \(batch.count) samples")
    return batch.samples
  }

  /// One step down the cost.
  private func descend(
    _ state: inout State, _ samples: Tensor, _ condition: Tensor?
  ) throws(Failure) -> StepReport {
    var pass = DescentPass(
      state.players, condition: condition, step: state.step, seed: settings.seed)
    let x = settings.binarized(samples, pass.random(.binarization))
    let result = form.cost(of: x, &pass)
    state.players = pass.players
    state.step += 1
    let value = result.cost.scalar
    for cost in [result.cost] + result.others.values where !cost.scalar.isFinite {
      throw Failure(.diverged, "step \(state.step): the cost is \(cost.scalar)")
    }
    let factor = settings.learningRate.factor(at: state.step - 1)
    let gradients = result.gradients(of: pass.weights)
    var squares = 0.0
    for i in state.players.indices {
      let norm = try state.players[i].descend(
        state.players[i].parameters.flatten(gradients[i]), rate: factor, step: state.step)
      try state.players[i].expectFiniteStatistics(step: state.step)
      squares += norm * norm
      guard settings.average > 0 else { continue }
      let (player, decay) = (state.players[i], settings.average)
      state.averages[i].parameters.values = state.averages[i].parameters.values.averaged(
        with: player.parameters.values, decay: decay)
      state.averages[i].statistics.values = state.averages[i].statistics.values.averaged(
        with: player.statistics.values, decay: decay)
    }
    var report = StepReport(
      step: state.step, learningRate: Double(factor * settings.optimizer.rule.learningRate))
    report.figures =
      [("cost", Double(value))] + result.figures.map { ($0.name, Double($0.value.scalar)) }
      + [("gradient_norm", squares.squareRoot())]
    report.brief = "cost \(Double(value).fixed(3))"
    return report
  }

  /// - Throws: `Failure` of kind mismatch (another shape) or argument (not finite).
  func expect(_ samples: Tensor, _ name: String = "samples") throws(Failure) {
    guard samples.rank >= 1, samples.shape[0] >= 1, samples.shape.droppingFirst() == sampleShape
    else {
      throw Failure(
        .mismatch, "\(name): expected [count] + \(sampleShape), found \(samples.shape)")
    }
    try samples.expectFiniteSamples(name)
  }

  /// Classes as one-hot, [count · copies, classes]; nil: the model is given none.
  /// - Throws: `Failure` of kind argument (none, beyond the classes) or mismatch (how many).
  func oneHot(_ labels: [Int32], count: Int, copies: Int = 1) throws(Failure) -> Tensor? {
    let classes = settings.classes
    guard classes > 0 else { return nil }
    guard !labels.isEmpty else {
      throw Failure(
        .argument,
        "labels: data.classes is \(classes): expected a class 0...\(classes - 1) for each sample,"
          + " found none")
    }
    guard labels.count == count else {
      throw Failure(.mismatch, "labels: expected \(count), found \(labels.count)")
    }
    if let i = labels.firstIndex(where: { $0 < 0 || $0 >= Int32(classes) }) {
      throw Failure(.argument, "labels[\(i)]: expected 0...\(classes - 1), found \(labels[i])")
    }
    try Memory.reserve(floats: count * copies, copies: classes, for: "the classes of samples")
    return Tensor(shape: [count * copies, classes]) { y in
      y.update(repeating: 0)
      for (i, label) in labels.enumerated() {
        for k in 0..<copies { y[(i * copies + k) * classes + Int(label)] = 1 }
      }
    }
  }

  /// A network after training, the averaged one if there is one.
  func inference(_ index: Int) -> Inference {
    let player = state.players[index]
    let learned =
      settings.average > 0 ? state.averages[index] : (player.parameters, player.statistics)
    return Inference(
      network: player.network, parameters: learned.0.tensors, statistics: learned.1.tensors,
      reference: nil)
  }

  // MARK: Units

  public var standardization: Standardization { state.standardization }
  public var standardizeSetting: Bool? { settings.standardize }
  public func setStandardization(_ standardization: Standardization) {
    state.standardization = standardization
  }

  // MARK: Class names

  public var classNames: [String] { state.classNames }
  public var configuredClassNames: [String] { [] }
  public func setClassNames(_ names: [String]) throws(Failure) {
    let before = state.classNames
    state.classNames = names
    do throws(Failure) {
      try checkSnapshot()
    } catch {
      state.classNames = before
      throw error
    }
  }

  // MARK: As a checkpoint

  public static var configurationSchema: JSON {
    let properties = [[1], [1, 1, 1]].map { shape in
      JSON.object(Family.settings.properties(of: Family.defaults(shape: shape)))
    }
    return ModelSettings.schema(
      Family.summary, keys: Family.dataKeys,
      own: properties[0].withoutDefaults(otherThanIn: properties[1]))
  }

  public var configurationJSON: JSON { Self.json(settings, form) }

  public static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    let (settings, form) = try read(configuration)
    return json(settings, form)
  }

  private static func json(_ settings: ModelSettings, _ form: Family) -> JSON {
    let (before, after) = settings.members(keys: Family.dataKeys)
    return .object(before + Family.settings.members(of: form.options) + after)
  }

  public var summary: JSON {
    .object(
      [("step", JSON(step))] + form.networks.map { ($0.name, $0.network.summary) })
  }

  public var tensors: [(name: String, value: Tensor)] {
    state.players.flatMap(\.tensors)
      + zip(state.players, state.averages).flatMap { player, average in
        [average.parameters, average.statistics].flatMap { part in
          zip(part.rows, part.tensors).map { ("\(player.name)_average.\($0.name)", $1) }
        }
      } + state.standardization.tensors
  }

  public func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    try setTensors([name: value])
  }

  /// Replaces tensors, all of them or none.
  /// - Throws: as `setTensor(_:_:)`.
  public func setTensors(_ values: [String: Tensor]) throws(Failure) {
    try expectTensors(values)
    var next = state
    next.standardization = next.standardization.replacing(values)
    for i in next.players.indices {
      next.players[i].write(values)
      guard settings.average > 0 else { continue }
      let prefix = "\(next.players[i].name)_average."
      next.averages[i].parameters.write(values, prefix: prefix)
      next.averages[i].statistics.write(values, prefix: prefix)
    }
    state = next
  }

  public func snapshot() -> Snapshot {
    Snapshot(
      tensors: tensors,
      texts: Snapshot.texts(family: Self.family, configuration: configurationJSON).merging([
        "step": "\(state.step)", "samples_seen": "\(state.samplesSeen)",
      ]) { $1 }.merging(Snapshot.texts(classNames: state.classNames)) { $1 })
  }
}
