import SGBasics
import SGTensors

/// The settings of flows, of which each kind has some.
package struct FlowOptions: Sendable {
  /// Whether samples are images, which `scales` needs.
  let isImage: Bool
  var couplings = 3
  var width = 64
  var depth = 1
  var scales = 2
  var prior = FlowPrior.normal
  /// The number of values that an element can have; nil: any real number.
  var levels: Int?
  /// α of the logit; nil: there is none.
  var alpha: Float?
  var adversarial = Adversarial()

  /// The game in which a flow is the generator (Grover et al. 2018).
  struct Adversarial: Sendable {
    var weight: Float = 0
    var likelihoodWeight: Float = 1
    var objective = Objective.nonSaturating
    var discriminator = NetworkDescription.mlp()
  }

  init(shape: [Int]) {
    isImage = shape.count == 3
    levels = isImage ? 256 : nil
  }

  static let couplings = Setting<FlowOptions>(
    "couplings", \.couplings, .int(in: 1...64),
    "Couplings; of images on each scale, with checkerboard masks and with channel masks.")
  static let width = Setting<FlowOptions>(
    "width", \.width, .int(in: 1...(1 << 14)), "Units or channels of the couplings' networks.")
  static let depth = Setting<FlowOptions>(
    "depth", \.depth, .int(in: 1...16), "Their hidden layers; of images residual blocks.")
  static let scales = Setting<FlowOptions>(
    "scales", \.scales, .int(in: 1...16),
    "Scales of an image, whose sides 2 to this power must divide."
  ).only(where: \.isImage, "images")
  static let prior = Setting<FlowOptions>(
    "prior", \.prior, .choice, "The distribution of each latent.")
  static let dequantize = Setting<FlowOptions>(
    "dequantize", \.levels, .int(orNullIn: 2...65536),
    "The number of values that an element can have, which noise makes real numbers (Uria et al."
      + " 2013); null: elements are real numbers.")
  static let logit = Setting<FlowOptions>(
    "logit", \.alpha, .float(orNullIn: 1e-6...0.49),
    "α of the logit of α + (1 - 2α) x that comes first (Dinh et al. 2017); null: there is none.")

  /// Written where there is a game, so that complete configurations of flows without one stay.
  static let adversarial = Setting<FlowOptions>.object(
    "adversarial", \.adversarial,
    Settings([
      Setting(
        "weight", \.weight, .float(in: 0...1e6),
        "Weight of the generator's cost; 0: there is no game."),
      Setting(
        "likelihood_weight", \.likelihoodWeight, .float(in: 0...1e6),
        "Weight of -log p(x) beside it, in nats; 0: the game alone."),
      Setting("objective", \.objective, .objective, "The costs of the two players."),
      Setting(
        "discriminator", \.discriminator, .network(),
        "Samples to one logit; of samples with levels as numbers from 0 to 1."),
    ]),
    "The game of the flow with a discriminator (Grover et al. 2018)."
  ).written { $0.adversarial.weight > 0 }
}
