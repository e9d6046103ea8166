import SGNets
import SGTensors

/// What a generator that makes samples from images has of chance, so that it can give several
/// answers for one input.
public enum AnswerNoise: String, Sendable, CaseIterable {
  /// Nothing: one answer.
  case none
  /// Dropout that stays on when samples are made (Isola et al. 2017).
  case dropout
  /// The latent: a plane of its linear combinations, beside the input.
  case latent
}

/// The presets for pairs of images.
extension NetworkDescription {
  /// A U-Net (Ronneberger et al. 2015; Isola et al. 2017, section 6.1.1): convolutions that halve
  /// the input's sides `depth` times, transposed ones that double them again, and a skip past each
  /// level.
  static func uNet(
    _ c: some NetworkContext, width: Int, depth: Int?, noise: AnswerNoise
  ) throws(ConfigError) -> [any Layer] {
    let input = try inputImage(c, of: "unet")
    guard input.prefix(2) == c.shape.prefix(2) else {
      throw ConfigError(
        "generator",
        "the preset unet makes images of the input's size; the input is \(Shape(input)), data.shape"
          + " \(Shape(c.shape)) (super_resolution makes larger ones)")
    }
    let levels = try levels(input, depth)
    func channels(_ level: Int) -> Int { width << min(level, 3) }
    func down(_ level: Int) -> Convolution {
      Convolution(
        channels(level), kernel: Size(4), stride: Size(2), bias: false, initializer: .normal(0.02))
    }
    func up(_ channels: Int) -> TransposedConvolution {
      TransposedConvolution(
        channels, kernel: Size(4), stride: Size(2), bias: false, initializer: .normal(0.02))
    }
    let dropout: [any Layer] = noise == .dropout ? [Dropout(0.5, sampling: true)] : []
    /// What is between the sides' first halving and their last doubling, from the inside.
    var inner: [any Layer] = []
    for level in (1..<levels).reversed() {
      let isInnermost = level == levels - 1
      var body: [any Layer] = [ActivationLayer.leakyReLU(), down(level)]
      if !isInnermost { body.append(BatchNorm()) }
      body += inner + [ActivationLayer.relu, up(channels(level - 1)), BatchNorm()]
      // The three innermost, as in the paper.
      if level >= levels - 3 { body += dropout }
      inner = [Skip(body)]
    }
    let outer: [any Layer] = [down(0)] + (levels == 1 ? dropout : inner)
    return entry(input, noise) + outer + [ActivationLayer.relu, up(c.shape[2])]
      + c.endLayers(isImage: true)
  }

  /// How often the sides are halved: as often as they can be, at most 8 times, or as was asked for.
  private static func levels(_ image: [Int], _ depth: Int?) throws(ConfigError) -> Int {
    let most = min(image[0].trailingZeroBitCount, image[1].trailingZeroBitCount, 8)
    guard most > 0, depth ?? most <= most else {
      throw ConfigError(
        "generator",
        "the preset unet halves the sides \(depth.map { "\($0) times" } ?? "at least once"), which"
          + " \(image[0]) x \(image[1]) pixels do not allow"
          + (most > 0 ? "; expected a depth of at most \(most)" : "; crop or resize the images"))
    }
    return depth ?? most
  }

  /// Images of 2, 4, 8, … times the input's sides: residual blocks at the input's size, then
  /// nearest-neighbor doublings, each with a convolution (after Ledig et al. 2017; doubling as
  /// Odena et al. 2016 advise).
  static func superResolution(
    _ c: some NetworkContext, width: Int, blocks: Int, noise: AnswerNoise
  ) throws(ConfigError) -> [any Layer] {
    let input = try inputImage(c, of: "super_resolution")
    let factor = c.shape[0] / input[0]
    guard factor >= 2, factor.nonzeroBitCount == 1, c.shape[0] == factor * input[0],
      c.shape[1] == factor * input[1]
    else {
      throw ConfigError(
        "generator",
        "the preset super_resolution makes sides of 2, 4, 8, … times the input's; the input is"
          + " \(Shape(input)), data.shape \(Shape(c.shape))")
    }
    func convolution(_ channels: Int) -> Convolution {
      Convolution(channels, kernel: Size(3), initializer: .he)
    }
    let block = Residual([
      convolution(width), BatchNorm(), ActivationLayer.relu, convolution(width), BatchNorm(),
    ])
    let trunk: [any Layer] =
      [any Layer](repeating: block, count: blocks) + [convolution(width), BatchNorm()]
    var layers = entry(input, noise) + [convolution(width), ActivationLayer.relu, Residual(trunk)]
    if noise == .dropout { layers.append(Dropout(0.5, sampling: true)) }
    for _ in 0..<factor.trailingZeroBitCount {
      layers += [Upsample(2), convolution(width), ActivationLayer.relu]
    }
    return layers + [convolution(c.shape[2])] + c.endLayers(isImage: true)
  }

  /// A discriminator of patches (Isola et al. 2017, section 6.1.2): its output is a map of logits,
  /// one for each patch, over whose places costs are means.
  static func patch(
    _ c: some NetworkContext, width: Int, depth: Int?
  ) throws(ConfigError) -> [any Layer] {
    guard c.shape.count == 3 else {
      throw ConfigError(
        "discriminator", "the preset patch judges images; data.shape is \(c.shape)")
    }
    let side = min(c.shape[0], c.shape[1])
    let depth = depth ?? (1...3).last { side >> $0 >= 4 } ?? 1
    guard c.discriminatorOutputs == 1, !c.projects else {
      throw ConfigError(
        "discriminator",
        "the preset patch gives one logit a place: not with labels that a discriminator tells, or a"
          + " projection")
    }
    func convolution(_ channels: Int, stride: Int) -> Convolution {
      Convolution(
        channels, kernel: Size(4), stride: Size(stride), padding: .symmetric(Size(1)), bias: false,
        initializer: .normal(0.02))
    }
    var layers = try beside(c)
    for level in 0...depth {
      layers.append(convolution(width << min(level, 3), stride: level < depth ? 2 : 1))
      if level > 0 { layers.append(BatchNorm()) }
      layers.append(ActivationLayer.leakyReLU())
    }
    return layers + c.markedFeatures + [convolution(1, stride: 1)]
  }

  /// The condition beside a sample; an image that is smaller by a whole factor is enlarged.
  private static func beside(_ c: some NetworkContext) throws(ConfigError) -> [any Layer] {
    guard let input = c.inputImage, input.prefix(2) != c.shape.prefix(2) else {
      return c.conditionedSamples
    }
    let factor = c.shape[0] / input[0]
    guard factor >= 2, c.shape[0] == factor * input[0], c.shape[1] == factor * input[1] else {
      throw ConfigError(
        "discriminator",
        "the preset patch needs inputs of the sample's size, or smaller by a whole factor; the input is"
          + " \(Shape(input)), data.shape \(Shape(c.shape))")
    }
    return [Skip([NamedInput("condition"), Upsample(factor)])]
  }

  /// The input, with a plane of the latent beside it where that is the noise.
  private static func entry(_ input: [Int], _ noise: AnswerNoise) -> [any Layer] {
    guard noise == .latent else { return [NamedInput("condition")] }
    return [
      Dense(input[0] * input[1]), Reshaping([input[0], input[1], 1]), ConditionInput(),
    ]
  }

  private static func inputImage(
    _ c: some NetworkContext, of preset: String
  ) throws(ConfigError) -> [Int] {
    guard let input = c.inputImage, c.shape.count == 3 else {
      throw ConfigError(
        "generator",
        "the preset \(preset) makes images from images: it needs data.shape and data.conditions"
          + " [height, width, channels], labels.mode \"conditional\", and no classes")
    }
    return input
  }
}
