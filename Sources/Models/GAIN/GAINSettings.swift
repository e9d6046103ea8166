import SGBasics
import SGNets
import SGTensors

/// What a generative adversarial imputation network is: the settings that families share, and
/// `"gain": {…}`.
struct GAINSettings: Sendable {
  /// The family's own settings.
  struct Options: Sendable {
    var network = NetworkDescription.mlp()
    var discriminatorNetwork = NetworkDescription.mlp()
    /// Probability that the discriminator is told whether an element is known.
    var hint: Float = 0.9
    /// Weight of the reconstruction of known elements.
    var alpha: Float = 100
    /// Share of the known elements that training hides from the networks.
    var hide: Float = 0.2
    /// Upper end of the uniform noise in the places of unknown elements.
    var noise: Float = 0.01
  }

  let options: Options
  let shared: ModelSettings

  private static let own = Settings<Options>([
    .group(
      GAIN.family,
      Settings([
        Setting(
          "network", \.network, .network(),
          "The generator: elements and mask, behind each other along the last axis, to elements."),
        Setting(
          "discriminator_network", \.discriminatorNetwork, .network(),
          "Completed elements and hint, likewise, to a logit for each element."),
        Setting(
          "hint", \.hint, .float(in: 0...1),
          "Probability that the discriminator is told whether an element is known."),
        Setting("alpha", \.alpha, .float(in: 0...1e6), "Weight of the reconstruction's cost."),
        Setting(
          "hide", \.hide, .float(in: 0...0.9),
          "Share of the known elements that a step hides from the networks and holds the"
            + " reconstruction to; 0: none, as published."),
        Setting(
          "noise", \.noise, .float(in: 0...1e3),
          "Upper end of the uniform noise in the places of unknown elements."),
      ]), "The networks and their costs.")
  ])

  private static let summary =
    "Generative adversarial imputation networks, which fill in missing elements (Yoon et al. 2018)."

  init(_ json: JSON) throws(Failure) {
    var o = try JSONObject(json, path: "")
    var options = Options()
    try Self.own.read(&options, &o)
    shared = try ModelSettings(&o, keys: []) { $0.count == 3 ? ValueRange(-1, 1) : nil }
    try o.finish()
    self.options = options
    guard shared.binarization == .none else {
      throw Failure(
        .configuration, "data.binarize: the family \"\(GAIN.family)\" takes samples as they are")
    }
  }

  var json: JSON {
    let (before, after) = shared.members(keys: [])
    return .object(before + Self.own.members(of: options) + after)
  }

  static var schema: JSON {
    ModelSettings.schema(summary, keys: [], own: .object(own.properties(of: Options())))
  }

  /// Elements of a sample.
  var count: Int { Shape(shared.shape).count }

  /// The generator, and the discriminator, checked.
  func networks() throws(Failure) -> (generator: Network, discriminator: Network) {
    var input = shared.shape
    let (double, overflow) = input[input.count - 1].multipliedReportingOverflow(by: 2)
    guard !overflow, double <= Int(Int32.max) else {
      throw Failure(
        .limit, "data.shape: \(shared.shape) is too many elements for a mask beside them")
    }
    input[input.count - 1] = double
    func network(
      _ description: NetworkDescription, _ key: String, ends: Bool
    ) throws(ConfigError) -> Network {
      let context = PlainContext(
        shape: input, latent: Prior(size: 1), discriminatorOutputs: count)
      var layers = try description.discriminatorLayers(context)
      if case .layers = description {
      } else if ends {
        layers += NetworkDescription.outputLayers(shared.range)
      }
      let place = "\(GAIN.family).\(key)"
      let network = try Network(layers, input: Shape(input), place: place)
      guard network.output.count == count else {
        throw ConfigError(
          place,
          "expected \(count) outputs a sample, one for each element, found an output of shape"
            + " \(network.output)")
      }
      guard !network.needsReference, !network.needsFirstBatch, !network.seesWholeBatch else {
        throw ConfigError(
          place,
          "layers that see other samples of the batch, but for batch_norm, are for GANs")
      }
      return network
    }
    do throws(ConfigError) {
      return (
        try network(options.network, "network", ends: true),
        try network(options.discriminatorNetwork, "discriminator_network", ends: false)
      )
    } catch {
      throw Failure(error)
    }
  }
}
