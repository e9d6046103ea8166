import SGBasics
import SGNets
import SGTensors

/// A family whose models descend one cost. It says what its networks are, what they cost and what
/// they are good for; `DescentModel` keeps parameters, optimizer, average, schedule and checkpoint.
public protocol DescentFamily: Sendable {
  /// The family's name, and the key of its own settings in a configuration.
  static var family: String { get }
  /// The default of `data.range`, for samples of a shape and the family's own settings.
  static func range(shape: [Int], own: JSON?) -> ValueRange?

  /// Reads the family's own keys, and checks that they fit the shared ones.
  init(_ o: inout JSONObject, _ settings: ModelSettings) throws(Failure)

  /// Its own keys, complete.
  var members: [(String, JSON)] { get }

  /// The networks by name, the first of a checkpoint's tensors first. One network can stand for
  /// several passes that share parameters.
  var networks: [(name: String, network: Network)] { get }

  /// What a batch costs.
  /// - Parameters:
  ///   - x: [batch] + the sample's shape.
  ///   - pass: the networks with the parameters that are trained, and random numbers.
  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost
}

extension DescentFamily {
  /// [−1, 1] for images, any for vectors.
  public static func range(shape: [Int], own: JSON?) -> ValueRange? {
    shape.count == 3 ? ValueRange(-1, 1) : nil
  }
}

/// What a batch costs, and what is reported of it.
public struct DescentCost {
  /// A scalar.
  public var cost: Tensor
  /// Figures besides the cost itself, each a mean over the batch.
  public var figures: [(name: String, value: Tensor)] = []

  /// A cost with figures.
  public init(_ cost: Tensor, figures: [(name: String, value: Tensor)] = []) {
    (self.cost, self.figures) = (cost, figures)
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
  /// Steps made before this one.
  public let step: UInt64
  private let seed: UInt64

  init(_ players: [Player], step: UInt64, seed: UInt64) {
    self.players = players
    weights = players.map { $0.parameters.tensors.map { $0.tracked() } }
    (self.step, self.seed) = (step, seed)
  }

  /// A network's training pass over a batch; statistics are kept.
  public mutating func callAsFunction(_ index: Int, _ x: Tensor) -> Tensor {
    players[index](
      x, parameters: weights[index], condition: nil, reference: nil,
      random: random(.layers, use: UInt16(index))
    ).output
  }

  /// A network of the same parameters in another form, such as with other masks.
  public func apply(_ network: Network, weightsOf index: Int, _ x: Tensor) -> Tensor {
    network(
      x, parameters: weights[index], state: [], isTraining: true,
      random: random(.layers, use: UInt16(index))
    ).output
  }

  /// The key of this step's draws for a purpose.
  public func random(_ draw: DescentDraw, use: UInt16 = 0) -> RandomKey {
    RandomKey(draw, seed: seed, use: use, step: step)
  }
}
