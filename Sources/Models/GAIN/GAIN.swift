import SGBasics
import SGData
import SGFormats
import SGNets
import SGTensors

/// Generative adversarial imputation networks (Yoon et al. 2018): a generator fills in the unknown
/// elements of a sample, a discriminator tells for each element whether it was known. Beside them
/// learns the same generator without the adversarial cost, a regression, so that what that cost is
/// good for can be seen. Costs are those of the authors' program, github.com/jsyoon0823/GAIN.
final class GAIN: Model {
  static let family = "gain"
  static let takesMissing = true

  let settings: GAINSettings
  var state: State

  /// Everything that a step replaces, at once and only when all of it succeeded.
  struct State: Sendable {
    var generator, discriminator: Player
    /// The generator without the adversarial cost.
    var regression: Player
    /// Moving averages of the generator and of the regression, if there are any.
    var averages: [(parameters: Parameters, statistics: Parameters)] = []
    /// The mean of each element's known values so far, and how many they were, [2, elements].
    var means: Tensor
    var step: UInt64 = 0
    var samplesSeen: UInt64 = 0
    var standardization = Standardization.none

    var players: [Player] { [generator, discriminator, regression] }
  }

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
    state.generator.optimizerState.steps = state.step
    state.discriminator.optimizerState.steps = state.step
    state.regression.optimizerState.steps = state.step
  }

  private init(_ configuration: JSON, stored: StoredTensors?) throws(Failure) {
    let settings = try GAINSettings(configuration)
    self.settings = settings
    let (generator, discriminator) = try settings.networks()
    try Memory.reserve(
      floats: 2 * generator.parameterCount + discriminator.parameterCount, copies: 6,
      for: "the model's weights and optimizers")
    state = try Memory.checked { () throws(Failure) in
      try Self.start(settings, generator, discriminator, stored)
    }
    guard stored == nil else { return }
    // What is made comes back from its own checkpoint.
    _ = try JSON(parsing: configurationJSON.text(pretty: true))
    let snapshot = snapshot()
    try Safetensors.check(
      snapshot.tensors.map { ($0.name, $0.value.shape) }
        + Standardization.tensorNames.map { ($0, Shape([])) }, metadata: snapshot.texts)
  }

  private static func start(
    _ settings: GAINSettings, _ generator: Network, _ discriminator: Network,
    _ stored: StoredTensors?
  ) throws(Failure) -> State {
    let shared = settings.shared
    /// - Parameter use: both generators begin with the same weights.
    func player(_ name: String, _ network: Network, use: UInt16) throws(Failure) -> Player {
      try Player(
        name: name, network: network, optimizer: shared.optimizer.rule,
        clipping: shared.optimizer.clipping,
        from: stored.map { .stored($0) }
          ?? .drawn(RandomKey(.weights, seed: shared.seed, use: use)))
    }
    let means: Shape = [2, settings.count]
    var state = State(
      generator: try player("generator", generator, use: 0),
      discriminator: try player("discriminator", discriminator, use: 1),
      regression: try player("regression", generator, use: 0),
      means: try stored?.tensor(meansName, shape: means) ?? .zeros(means))
    if shared.average > 0 {
      for player in [state.generator, state.regression] {
        state.averages.append(
          try stored?.learned(generator, prefix: "\(player.name)_average.")
            ?? (player.parameters, player.statistics))
      }
    }
    if let stored {
      state.standardization = try Standardization(stored, samples: settings.count, conditions: 0)
    }
    return state
  }

  // MARK: As a learner

  var sampleShape: Shape { Shape(settings.shared.shape) }
  var sampleRange: ValueRange? { settings.shared.range }
  var sampleUse: LabelUse { .none }
  var labelUse: LabelUse { .none }
  var step: UInt64 { state.step }
  var seed: UInt64 { settings.shared.seed }
  let batchesPerStep = 1
  var samplesSeen: UInt64 {
    get { state.samplesSeen }
    set { state.samplesSeen = newValue }
  }

  // MARK: As a checkpoint

  static var configurationSchema: JSON { GAINSettings.schema }
  var configurationJSON: JSON { settings.json }
  static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    try GAINSettings(configuration).json
  }

  var summary: JSON {
    .object(
      [("step", JSON(step))] + state.players.dropLast().map { ($0.name, $0.network.summary) })
  }

  private static let meansName = "means"

  var tensors: [(name: String, value: Tensor)] {
    state.players.flatMap(\.tensors)
      + zip([state.generator, state.regression], state.averages).flatMap { player, average in
        [average.parameters, average.statistics].flatMap { part in
          zip(part.rows, part.tensors).map { ("\(player.name)_average.\($0.name)", $1) }
        }
      } + [(Self.meansName, state.means)] + state.standardization.tensors
  }

  func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    try expectTensors([name: value])
    var next = state
    let new = [name: value]
    next.standardization = next.standardization.replacing(new)
    next.generator.write(new)
    next.discriminator.write(new)
    next.regression.write(new)
    if name == Self.meansName { next.means = value.reshaped(next.means.shape) }
    for (i, player) in zip(next.averages.indices, [next.generator, next.regression]) {
      next.averages[i].parameters.write(new, prefix: "\(player.name)_average.")
      next.averages[i].statistics.write(new, prefix: "\(player.name)_average.")
    }
    state = next
  }

  func snapshot() -> Snapshot {
    Snapshot(
      tensors: tensors,
      texts: Snapshot.texts(family: Self.family, configuration: configurationJSON).merging([
        "step": "\(state.step)", "samples_seen": "\(state.samplesSeen)",
      ]) { $1 })
  }
}

extension GAIN: Standardizing {
  var standardization: Standardization { state.standardization }
  var standardizeSetting: Bool? { settings.shared.standardize }
  func setStandardization(_ standardization: Standardization) {
    state.standardization = standardization
  }
}

/// Samples of which elements are unknown.
struct PartlyKnown {
  /// The elements as the networks see them, 0 where they are unknown.
  let elements: Tensor
  /// 1 where an element is known, else 0; of the same shape.
  let mask: Tensor

  /// - Parameter samples: in their own units, NaN where an element is unknown.
  init(_ samples: Tensor, _ standardization: Standardization) {
    let zeros = Tensor.zeros(samples.shape)
    mask = Tensor(shape: samples.shape) { m in
      samples.withElements { x in for i in m.indices { m[i] = x[i].isNaN ? 0 : 1 } }
    }
    elements = select(mask, standardization.standardized(select(mask, samples, zeros)), zeros)
  }

  /// What a network is given: elements and mask along the last axis, with other values in the
  /// unknown elements' places.
  func input(_ elements: Tensor, _ mask: Tensor) -> Tensor {
    .concatenate([elements, mask], axis: elements.rank - 1)
  }
}
