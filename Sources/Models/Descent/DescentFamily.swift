import SGBasics
import SGNets
import SGTensors

/// A family whose models descend one cost. It says what its networks are, what they cost and what
/// they are good for; `DescentModel` keeps parameters, optimizer, average, schedule and checkpoint.
public protocol DescentFamily: Sendable {
  /// Its own settings.
  associatedtype Options: Sendable

  /// The family's name, and the key of its own settings in a configuration.
  static var family: String { get }
  /// What the family is, a sentence with its source.
  static var summary: String { get }
  /// Its own keys at the top of a configuration.
  static var settings: Settings<Options> { get }
  /// The defaults of its own keys, for samples of a shape.
  static func defaults(shape: [Int]) -> Options
  /// The keys under `data` that not all families have.
  static var dataKeys: ModelSettings.DataKeys { get }
  /// The default of `data.range`, for samples of a shape and the family's own settings.
  static func range(shape: [Int], _ options: Options) -> ValueRange?

  /// The setting that lets samples take any values; nil: there is none, or it is set.
  var unboundedSetting: String? { get }
  /// The members of a configuration that make the family fit a kind of samples, where its defaults
  /// do not; by default none.
  static func suggestion(for samples: SampleKind) -> JSON

  /// Makes the networks, and checks that the family's own settings fit the shared ones.
  init(_ options: Options, _ settings: ModelSettings) throws(Failure)

  /// Its own settings.
  var options: Options { get }

  /// The networks by name, the first of a checkpoint's tensors first. One network can stand for
  /// several passes that share parameters.
  var networks: [(name: String, network: Network)] { get }

  /// What values samples may have.
  var domain: SampleDomain { get }

  /// The units of the cost, `cost`, and of its figures, by name.
  var figureUnits: [String: FigureUnit] { get }

  /// What a batch costs.
  /// - Parameters:
  ///   - x: [batch] + the sample's shape.
  ///   - pass: the networks with the parameters that are trained, and random numbers.
  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost
}

extension DescentFamily {
  /// None.
  public var figureUnits: [String: FigureUnit] { [:] }
  /// None.
  public var unboundedSetting: String? { nil }
  /// None.
  public static var dataKeys: ModelSettings.DataKeys { [] }
  /// No members: the defaults fit.
  public static func suggestion(for samples: SampleKind) -> JSON { [:] }
  /// Any values.
  public var domain: SampleDomain { .any }
  /// [−1, 1] for images, any for vectors.
  public static func range(shape: [Int], _ options: Options) -> ValueRange? {
    shape.count == 3 ? ValueRange(-1, 1) : nil
  }
}

/// What values the samples of a family may have, in training and wherever it judges them.
public enum SampleDomain: Sendable, Equatable {
  /// Any finite ones.
  case any
  /// Within a range, its ends included.
  case within(ValueRange)
  /// One of so many levels, equally far apart, from one end of a range to the other.
  case levels(Int, ValueRange)
  /// 0 or 1. Where `data.binarize` is set, training takes values between them.
  case binary

  /// A value that is allowed, a scalar.
  var allowedValue: Tensor {
    switch self {
    case .any, .binary: Tensor(0)
    case .within(let range), .levels(_, let range): Tensor(range.low)
    }
  }

  /// - Throws: `Failure` of kind argument, which names the first element outside.
  func check(_ samples: Tensor, _ name: String) throws(Failure) {
    let allowed: (Float) -> Bool
    let expected: String
    switch self {
    case .any: return
    case .within(let range):
      allowed = { range.low <= $0 && $0 <= range.high }
      expected = "within data.range [\(range.low), \(range.high)]"
    case .levels(let count, let range):
      let scale = Float(count - 1) / (range.high - range.low)
      allowed = {
        let number = ($0 - range.low) * scale
        return abs(number - number.rounded()) < 0.01 && (-0.5..<Float(count)).contains(number)
          && number < Float(count) - 0.5
      }
      expected = "on \(count) levels from \(range.low) to \(range.high)"
    case .binary:
      allowed = { $0 == 0 || $0 == 1 }
      expected = "0 or 1 (data.binarize makes values between them so)"
    }
    let found = samples.withElements { x in
      x.firstIndex { !allowed($0) }.map { (place: $0, value: x[$0]) }
    }
    guard let found else { return }
    let size = samples.count / max(samples.shape[0], 1)
    throw Failure(
      .argument,
      "\(name)[\(found.place / size)]: expected values \(expected), found \(found.value) at element"
        + " \(found.place % size)")
  }
}

/// What a batch costs, and what is reported of it.
public struct DescentCost {
  /// A scalar.
  public var cost: Tensor
  /// Figures besides the cost itself, each a mean over the batch.
  public var figures: [(name: String, value: Tensor)] = []
  /// Costs of networks that descend another one, by index: those of the other players of a game.
  /// Each network descends one cost, as a function of its own weights.
  public var others: [Int: Tensor] = [:]

  /// A cost with figures.
  public init(_ cost: Tensor, figures: [(name: String, value: Tensor)] = []) {
    (self.cost, self.figures) = (cost, figures)
  }

  /// The gradient of each network's cost by its weights.
  func gradients(of weights: [[Tensor]]) -> [[Tensor]] {
    let shared = weights.indices.filter { others[$0] == nil }
    var flat = gradient(of: cost, wrt: shared.flatMap { weights[$0] })[...]
    return weights.indices.map { i in
      if let other = others[i] { return gradient(of: other, wrt: weights[i]) }
      defer { flat = flat.dropFirst(weights[i].count) }
      return Array(flat.prefix(weights[i].count))
    }
  }
}

/// What random numbers of a family are for. The key of a draw is (family's purpose, use, step,
/// index of the sample in the batch).
public enum DescentDraw: UInt16 {
  /// For weights.
  case weights = 1
  /// For latents in training.
  case latents
  /// For layers that draw.
  case layers
  /// For samples that become 0 or 1.
  case binarization
  /// For the order of elements.
  case orders
  /// For samples.
  case sampling
  /// For estimates.
  case estimates
  /// For the noise that makes levels real numbers.
  case dequantization
  /// For Markov chains.
  case chains
}

extension RandomKey {
  /// The key of draws for a purpose of a descended family: under a seed of its own, which no stream
  /// of `RandomStream` shares.
  public init(_ draw: DescentDraw, seed: UInt64, use: UInt16 = 0, step: UInt64 = 0) {
    // The output function of SplitMix64 (Steele et al. 2014), so that neighboring seeds do not
    // meet.
    var z = seed &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(draw.rawValue)
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    self.init(seed: z ^ (z >> 31), stream: use << 12, step: step)
  }
}

/// One pass of training: the networks with tracked parameters.
public struct DescentPass {
  var players: [Player]
  let weights: [[Tensor]]
  /// Classes of the batch as one-hot, [batch, classes], of a model that is given them.
  public let condition: Tensor?
  /// Steps made before this one.
  public let step: UInt64
  private let seed: UInt64

  init(_ players: [Player], condition: Tensor?, step: UInt64, seed: UInt64) {
    self.players = players
    weights = players.map { $0.parameters.tensors.map { $0.tracked() } }
    (self.condition, self.step, self.seed) = (condition, step, seed)
  }

  /// A network's training pass over a batch; statistics are kept.
  public mutating func callAsFunction(_ index: Int, _ x: Tensor) -> Tensor {
    players[index](
      x, parameters: weights[index], condition: condition, reference: nil,
      random: random(.layers, use: UInt16(index))
    ).output
  }

  /// A network of the same parameters in another form, such as with other masks.
  public func apply(_ network: Network, weightsOf index: Int, _ x: Tensor) -> Tensor {
    network(
      x, parameters: weights[index], state: [], isTraining: true,
      random: random(.layers, use: UInt16(index)), condition: condition
    ).output
  }

  /// A network's statistics, one tensor a row. A family may keep in them what is not trained but
  /// belongs to the model, such as the state of Markov chains.
  public func statistics(of index: Int) -> [Tensor] { players[index].statistics.tensors }

  /// Replaces a network's statistics.
  public mutating func setStatistics(of index: Int, _ values: [Tensor]) {
    players[index].statistics.values = players[index].statistics.flatten(values)
  }

  /// A network's weights as this step trains them, one tensor a row.
  public func weights(of index: Int) -> [Tensor] { weights[index] }

  /// The key of this step's draws for a purpose.
  public func random(_ draw: DescentDraw, use: UInt16 = 0) -> RandomKey {
    RandomKey(draw, seed: seed, use: use, step: step)
  }
}
