import SGBasics
import SGData
import SGNets
import SGTensors

/// What two translations between two kinds of samples are: inputs to samples and back (Zhu et al.
/// 2017).
struct CycleGANSettings: Sendable {
  var shape = [1]
  /// The shape of an input.
  var inputShape = [1]
  /// What values samples and inputs take; nil: any.
  var range: ValueRange?
  var generator = NetworkDescription.mlp()
  var backGenerator = NetworkDescription.mlp()
  /// The settings of both discriminators.
  var discriminator = NetworkDescription.mlp()
  /// Weight of what a round trip changes.
  var cycle: Float = 10
  /// Weight of what a generator changes of its own answers' kind, as a share of `cycle`.
  var identity: Float = 0.5
  var objective = Objective.leastSquares
  var optimizer = OptimizerSettings()
  var learningRate = Schedule.constant
  var seed: UInt64 = 1

  private static let settings = Settings<CycleGANSettings>([
    .group("data", data, "What samples and inputs are.").required,
    .group(CycleGAN.family, own, "The networks and their costs."),
    Setting(
      "objective", \.objective, .objective, "The adversarial costs of both pairs of players."),
    Setting(
      "optimizer", \.optimizer, .optimizer(adam: Adam()), "How weights are updated."),
    Setting(
      "learning_rate", \.learningRate, .learningRate,
      "The factor of the optimizer's rate over the steps."),
    Setting("seed", \.seed, .count(), "The seed of weights, draws and the order of the data."),
  ])

  private static let data = Settings<CycleGANSettings>([
    Setting(
      "shape", \.shape, .shape(most: 3), "[n] for vectors, [height, width, channels] for images."
    ).required,
    Setting(
      "conditions", \.inputShape, .shape(most: 3),
      "The shape of an input; by default that of a sample.", default: { $0.shape }),
    Setting(
      "range", \.range, .range,
      "The lowest and the highest value of samples and inputs; null: any. By default [-1, 1] for"
        + " images, any for vectors.",
      default: { $0.shape.count == 1 ? nil : ValueRange(-1, 1) }),
  ])

  private static let own = Settings<CycleGANSettings>([
    Setting(
      "generator", \.generator, .network(),
      "Inputs to samples; by default for images residual blocks between two halvings and two"
        + " doublings, for vectors the preset mlp.",
      default: { usual(from: $0.inputShape, to: $0.shape, $0.range) }),
    Setting(
      "back_generator", \.backGenerator, .network(), "Samples to inputs; likewise.",
      default: { usual(from: $0.shape, to: $0.inputShape, $0.range) }),
    Setting(
      "discriminator", \.discriminator, .network(preset: "patch"),
      "Of both kinds; by default the preset patch for images, mlp for vectors.",
      default: { $0.shape.count == 3 ? .patch() : .mlp() }),
    Setting(
      "cycle", \.cycle, .float(in: 0...1e6),
      "Weight of the mean absolute difference after a round trip."),
    Setting(
      "identity", \.identity, .float(in: 0...1e3),
      "Weight, as a share of that, of what a generator changes of samples of the kind that it makes;"
        + " 0.5 by default, 0 where inputs have another shape.",
      default: { $0.shape == $0.inputShape ? 0.5 : 0 }),
  ])

  /// The generator of Zhu et al. 2017 with batch instead of instance normalization, narrower and
  /// with three residual blocks.
  private static func usual(
    from input: [Int], to output: [Int], _ range: ValueRange?
  ) -> NetworkDescription {
    guard input.count == 3, output.count == 3 else { return .mlp() }
    func convolution(_ channels: Int, _ kernel: Int, stride: Int = 1) -> [any Layer] {
      [
        Convolution(
          channels, kernel: Size(kernel), stride: Size(stride), bias: false,
          initializer: .normal(0.02)), BatchNorm(),
      ]
    }
    let block = Residual(convolution(128, 3) + [ActivationLayer.relu] + convolution(128, 3))
    var layers = convolution(32, 7) + [ActivationLayer.relu]
    for channels in [64, 128] {
      layers += convolution(channels, 3, stride: 2) + [ActivationLayer.relu]
    }
    layers += [block, block, block]
    for channels in [64, 32] {
      layers += [
        TransposedConvolution(
          channels, kernel: Size(4), stride: Size(2), bias: false, initializer: .normal(0.02)),
        BatchNorm(), ActivationLayer.relu,
      ]
    }
    layers.append(Convolution(output[2], kernel: Size(7), initializer: .normal(0.02)))
    return .layers(layers + NetworkDescription.outputLayers(range))
  }

  init(_ json: JSON) throws(Failure) {
    self.init()
    // What is not said of the networks follows from the shapes.
    let json = json[CycleGAN.family] == nil ? json.with([(CycleGAN.family, .object([]))]) : json
    var o = try JSONObject(json, path: "")
    try Self.settings.read(&self, &o)
    try o.finish()
    for (key, shape) in [("shape", shape), ("conditions", inputShape)] {
      let (count, overflow) = shape.reduce((1, false)) { product, n in
        let (value, overflow) = product.0.multipliedReportingOverflow(by: n)
        return (value, product.1 || overflow)
      }
      guard !overflow, count <= 1 << 24 else {
        throw Failure(.limit, "data.\(key): expected at most \(1 << 24) elements, found \(shape)")
      }
    }
    guard identity == 0 || shape == inputShape else {
      throw Failure(
        .configuration,
        "cyclegan.identity: compares inputs with samples, which have the shapes \(inputShape) and"
          + " \(shape); expected 0")
    }
  }

  private init() {}

  var json: JSON { .object(Self.settings.members(of: self)) }

  static var schema: JSON {
    settings.schema(
      of: CycleGANSettings(),
      "Two translations, there and back, learned without pairs (Zhu et al. 2017).")
  }

  /// The four networks, checked: inputs to samples, samples to inputs, the judges of samples and of
  /// inputs.
  func networks() throws(Failure) -> [Network] {
    func generator(
      _ description: NetworkDescription, _ place: String, from: [Int], to: [Int]
    ) throws(ConfigError) -> Network {
      var layers: [any Layer]
      if case .layers(let given) = description {
        layers = given
      } else {
        let context = PlainContext(
          shape: from, latent: Prior(size: 1), discriminatorOutputs: to.reduce(1, *))
        layers = try description.discriminatorLayers(context)
        layers += NetworkDescription.outputLayers(range) + [Reshaping(to)]
      }
      let network = try Network(layers, input: Shape(from), place: "cyclegan.\(place)")
      guard network.output.array == to else {
        throw ConfigError(
          "cyclegan.\(place)", "expected an output of shape \(to), found \(network.output)")
      }
      return network
    }
    func judge(_ shape: [Int]) throws(ConfigError) -> Network {
      let context = PlainContext(shape: shape, latent: Prior(size: 1), discriminatorOutputs: 1)
      let network = try Network(
        discriminator.discriminatorLayers(context), input: Shape(shape),
        place: "cyclegan.discriminator")
      guard network.output.count == 1 || network.output.isMap else {
        throw ConfigError(
          "cyclegan.discriminator",
          "expected one logit a sample, or an image of them with one channel, found an output of"
            + " shape \(network.output)")
      }
      return network
    }
    let networks: [Network]
    do throws(ConfigError) {
      networks = [
        try generator(self.generator, "generator", from: inputShape, to: shape),
        try generator(backGenerator, "back_generator", from: shape, to: inputShape),
        try judge(shape), try judge(inputShape),
      ]
    } catch {
      throw Failure(error)
    }
    guard networks.allSatisfy({ !$0.needsReference && !$0.needsFirstBatch }) else {
      throw Failure(
        .configuration,
        "cyclegan: reference_norm and weight_norm with first_batch are for the family gan")
    }
    return networks
  }
}
