import SGBasics
import SGNets
import SGTensors

/// A player's network: a preset or a list of layers.
public enum NetworkDescription: Sendable {
  /// `depth` hidden dense layers of `width` units; ReLU in the generator, LeakyReLU 0.2 in the
  /// discriminator.
  case mlp(width: Int = 128, depth: Int = 2)
  /// All-convolutional networks after Radford et al. 2015, for images of 8 to 512 pixels a side;
  /// `width` channels at the largest inner map, doubled with each halving up to 16 times as many.
  case dcgan(width: Int = 64)
  /// Residual networks after Miyato et al. 2018 (SNGAN) and Gulrajani et al. 2017 (WGAN-GP), with
  /// `width` channels at the largest maps, doubled with each further halving up to 8 times as many.
  /// D has no batch norm; its weights are spectrally normalized unless `spectralNorm` is false. For
  /// images whose sides are 4 to 7 pixels doubled once or more often, such as 28, 32, 48 or 64.
  case resnet(width: Int = 64, spectralNorm: Bool = true)
  /// Networks after Huang et al. 2024 (R3GAN), scaled down: residual blocks with convolutions in
  /// groups of 16 channels and no normalization, `blocks` at each size; `width` channels, which 8
  /// divides, at the image's size and twice as many below. For images as those of `resnet`.
  case r3gan(width: Int = 32, blocks: Int = 1)
  /// A generator of images from images of the same size, a U-Net of `width` channels at its largest
  /// inner map, which halves the sides `depth` times; nil: as often as they allow.
  case unet(width: Int = 64, depth: Int? = nil, noise: AnswerNoise = .dropout)
  /// A generator of images from smaller ones, with `blocks` residual blocks of `width` channels.
  case superResolution(width: Int = 64, blocks: Int = 4, noise: AnswerNoise = .none)
  /// A discriminator of patches, with `width` channels after the first of `depth` halvings; nil: 3,
  /// or as many as leave 4 pixels a side.
  case patch(width: Int = 64, depth: Int? = nil)
  /// Layers, the first applied first: built-in ones or of one's own.
  case layers([any Layer])

  /// The generator's layers: latents [size] to samples.
  package func generatorLayers(_ c: some NetworkContext) throws(ConfigError) -> [any Layer] {
    switch self {
    case .layers(let layers): return layers
    case .unet(let width, let depth, let noise):
      return try Self.uNet(c, width: width, depth: depth, noise: noise)
    case .superResolution(let width, let blocks, let noise):
      return try Self.superResolution(c, width: width, blocks: blocks, noise: noise)
    case .patch:
      throw ConfigError("generator", "the preset patch is a discriminator's")
    case .mlp(let width, let depth):
      if c.conditionsThroughNorm {
        throw ConfigError(
          "labels.generator", "the preset mlp has no batch norm that could be conditional")
      }
      var layers = c.conditionedLatents
      for _ in 0..<depth { layers += [Dense(width), ActivationLayer.relu] }
      layers.append(Dense(try Self.count(c.shape)))
      return layers + c.endLayers(isImage: false) + (c.shape.count > 1 ? [Reshaping(c.shape)] : [])
    case .dcgan(let width):
      let maps = try Self.pyramid(c.shape, place: "generator")
      var layers = c.conditionedLatents
      layers.append(Reshaping([1, 1, c.latent.size + c.besideLatents]))
      let norm: any Layer = c.conditionsThroughNorm ? ConditionalBatchNorm() : BatchNorm()
      for level in (1..<maps.count).reversed() {
        let isFirst = level == maps.count - 1
        let step = Halving(from: maps[level], to: maps[min(level + 1, maps.count - 1)])
        layers += [
          TransposedConvolution(
            Self.channels(width, level), kernel: isFirst ? maps[level] : step.kernel,
            stride: isFirst ? Size(1) : step.stride,
            padding: isFirst ? .valid : .symmetric(Size(1)), bias: false, initializer: .normal(0.02)
          ),
          norm, ActivationLayer.relu,
        ]
      }
      let last = Halving(from: maps[0], to: maps[1])
      layers.append(
        TransposedConvolution(
          c.shape[2], kernel: last.kernel, stride: last.stride, padding: .symmetric(Size(1)),
          bias: false, initializer: .normal(0.02)))
      return layers + c.endLayers(isImage: true)
    case .resnet(let width, _): return try Self.resnetGenerator(width, c)
    case .r3gan(let width, let blocks):
      return try Self.r3ganGenerator(width, blocks: blocks, c)
    }
  }

  /// The discriminator's layers: samples to one logit.
  package func discriminatorLayers(_ c: some NetworkContext) throws(ConfigError) -> [any Layer] {
    switch self {
    case .layers(let layers): return layers
    case .unet, .superResolution:
      throw ConfigError(
        "discriminator", "the presets unet and super_resolution are generators'")
    case .patch(let width, let depth): return try Self.patch(c, width: width, depth: depth)
    case .mlp(let width, let depth):
      var layers: [any Layer] = c.shape.count > 1 ? [Flatten()] : []
      layers += c.conditionedSamples
      for _ in 0..<depth { layers += [Dense(width), ActivationLayer.leakyReLU()] }
      layers += c.markedFeatures
      return layers + [c.projects ? Projection() : Dense(c.discriminatorOutputs)]
    case .dcgan(let width):
      let maps = try Self.pyramid(c.shape, place: "discriminator")
      func convolution(_ level: Int) -> Convolution {
        let step = Halving(from: maps[level - 1], to: maps[level])
        return Convolution(
          Self.channels(width, level), kernel: step.kernel, stride: step.stride,
          padding: .symmetric(Size(1)), bias: false, initializer: .normal(0.02))
      }
      var layers = c.conditionedSamples + [convolution(1), ActivationLayer.leakyReLU()]
      for level in 2..<maps.count {
        layers += [convolution(level), BatchNorm(), ActivationLayer.leakyReLU()]
      }
      layers += c.markedFeatures
      if c.projects { return layers + [Projection(initializer: .normal(0.02))] }
      return layers + [
        Convolution(
          c.discriminatorOutputs, kernel: maps[maps.count - 1], padding: .valid, bias: false,
          initializer: .normal(0.02)),
        Flatten(),
      ]
    case .resnet(let width, let spectralNorm):
      return try Self.resnetDiscriminator(width, isNormalized: spectralNorm, c)
    case .r3gan(let width, let blocks):
      return try Self.r3ganDiscriminator(width, blocks: blocks, c)
    }
  }

  /// The sizes of a DCGAN's maps, from the image's to the smallest: each side is halved, rounded
  /// up, until it has at most 7 pixels.
  private static func pyramid(
    _ shape: [Int], place: String
  ) throws(ConfigError) -> [Size] {
    let sides = 8...512
    guard shape.count == 3, sides.contains(shape[0]), sides.contains(shape[1]) else {
      throw ConfigError(
        place,
        "the preset dcgan needs images [height, width, channels] with sides of 8 to 512 pixels; data.shape is"
          + " \(shape). Bring the images to such a size (the data's option size), or"
          + " describe the network as a list of layers")
    }
    var maps = [Size(shape[0], shape[1])]
    while let last = maps.last, max(last.height, last.width) > 7 {
      func half(_ side: Int) -> Int { side > 7 ? (side + 1) / 2 : side }
      maps.append(Size(half(last.height), half(last.width)))
    }
    return maps
  }

  /// Channels of the map at a level of the pyramid, where the image has level 0.
  private static func channels(_ width: Int, _ level: Int) -> Int { width << min(level - 1, 4) }

  /// What brings values into the data's range: tanh, or sigmoid for [0, 1].
  static func outputLayers(_ range: ValueRange?) -> [any Layer] {
    guard let range else { return [] }
    if range == ValueRange(0, 1) { return [ActivationLayer.sigmoid] }
    if range == ValueRange(-1, 1) { return [ActivationLayer.tanh] }
    return [
      ActivationLayer.tanh,
      Scaling(factor: (range.high - range.low) / 2, offset: (range.high + range.low) / 2),
    ]
  }

  private static func count(_ shape: [Int]) throws(ConfigError) -> Int {
    var count = 1
    for n in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      if overflow || product > Declarations.mostElements {
        throw ConfigError("data.shape", "\(shape) is too many elements", isLimit: true)
      }
      count = product
    }
    return count
  }
}

/// A convolution with padding 1 that brings one map to the size of another, each side to its half,
/// rounded up, or as it is; and its transposed one, which brings it back.
private struct Halving {
  let kernel, stride: Size

  init(from large: Size, to small: Size) {
    /// Four by four for even sides, as in Radford et al.; three by three gives an odd side back,
    /// and keeps one that is not halved.
    func kernel(_ from: Int, _ to: Int) -> Int { from == 2 * to ? 4 : 3 }
    func stride(_ from: Int, _ to: Int) -> Int { from == to ? 1 : 2 }
    self.kernel = Size(kernel(large.height, small.height), kernel(large.width, small.width))
    self.stride = Size(stride(large.height, small.height), stride(large.width, small.width))
  }
}

extension Configuration: NetworkContext {
  package var conditionsThroughNorm: Bool {
    labels.conditionsGenerator && labels.generator == .batchNorm
  }

  package var besideLatents: Int {
    conditionedLatents.isEmpty
      ? 0 : labels.generator == .embedding ? labels.embedding : generatorCondition
  }

  package func endLayers(isImage: Bool) -> [any Layer] {
    NetworkDescription.outputLayers(isImage ? range ?? ValueRange(-1, 1) : range)
  }

  package var inputImage: [Int]? {
    guard usedConditions > 0, classes == 0, let conditionShape, conditionShape.count == 3 else {
      return nil
    }
    return conditionShape
  }

  /// What a preset generator puts before its first layer.
  package var conditionedLatents: [any Layer] {
    guard labels.conditionsGenerator, labels.generator != .batchNorm else { return [] }
    return [ConditionInput(size: labels.generator == .embedding ? labels.embedding : 0)]
  }

  /// What a preset discriminator puts before its first layer.
  package var conditionedSamples: [any Layer] {
    labels.mode == .conditional && labels.discriminator == .concatenate ? [ConditionInput()] : []
  }

  package var projects: Bool {
    labels.mode == .conditional && labels.discriminator == .projection
  }

  package var markedFeatures: [any Layer] { featureMatching.weight > 0 ? [Features()] : [] }
}
