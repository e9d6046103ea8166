import SGBasics
import SGNets
import SGTensors

/// A player's network: a preset or a list of layers.
public enum NetworkDescription: Sendable {
  /// `depth` hidden dense layers of `width` units; ReLU in the generator, LeakyReLU 0.2 in the discriminator.
  case mlp(width: Int = 128, depth: Int = 2)
  /// All-convolutional networks after Radford et al. 2015, for square images of 28 or a power of two from 16 to 128 pixels;
  /// `width` channels at the largest inner map.
  case dcgan(width: Int = 64)
  /// Layers, the first applied first: built-in ones or of one's own.
  case layers([any Layer])

  /// The generator's layers: latents [size] to samples.
  package func generatorLayers(_ c: some NetworkContext) throws(ConfigError) -> [any Layer] {
    switch self {
    case .layers(let layers): return layers
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
      let (base, doublings) = try Self.pyramid(c.shape, place: "generator")
      var layers = c.conditionedLatents
      layers.append(Reshaping([1, 1, c.latent.size + c.besideLatents]))
      let norm: any Layer = c.conditionsThroughNorm ? ConditionalBatchNorm() : BatchNorm()
      for level in (0..<doublings).reversed() {
        let first = level == doublings - 1
        layers += [
          TransposedConvolution(
            width << level, kernel: Size(first ? base : 4), stride: Size(first ? 1 : 2),
            padding: first ? .valid : .symmetric(Size(1)), bias: false, initialiser: .normal(0.02)),
          norm, ActivationLayer.relu,
        ]
      }
      layers.append(
        TransposedConvolution(
          c.shape[2], kernel: Size(4), stride: Size(2), padding: .symmetric(Size(1)), bias: false,
          initialiser: .normal(0.02)))
      return layers + c.endLayers(isImage: true)
    }
  }

  /// The discriminator's layers: samples to one logit.
  package func discriminatorLayers(_ c: some NetworkContext) throws(ConfigError) -> [any Layer] {
    switch self {
    case .layers(let layers): return layers
    case .mlp(let width, let depth):
      var layers: [any Layer] = c.shape.count > 1 ? [Flatten()] : []
      layers += c.conditionedSamples
      for _ in 0..<depth { layers += [Dense(width), ActivationLayer.leakyReLU()] }
      layers += c.markedFeatures
      return layers + [c.projects ? Projection() : Dense(c.discriminatorOutputs)]
    case .dcgan(let width):
      let (base, doublings) = try Self.pyramid(c.shape, place: "discriminator")
      func convolution(_ channels: Int) -> Convolution {
        Convolution(
          channels, kernel: Size(4), stride: Size(2), padding: .symmetric(Size(1)), bias: false,
          initialiser: .normal(0.02))
      }
      var layers = c.conditionedSamples + [convolution(width), ActivationLayer.leakyReLU()]
      for level in 1..<doublings {
        layers += [convolution(width << level), BatchNorm(), ActivationLayer.leakyReLU()]
      }
      layers += c.markedFeatures
      if c.projects { return layers + [Projection(initialiser: .normal(0.02))] }
      return layers + [
        Convolution(
          c.discriminatorOutputs, kernel: Size(base), padding: .valid, bias: false,
          initialiser: .normal(0.02)),
        Flatten(),
      ]
    }
  }

  /// The smallest map of a DCGAN's pyramid and how often it doubles.
  private static func pyramid(
    _ shape: [Int], place: String
  ) throws(ConfigError) -> (base: Int, doublings: Int) {
    guard shape.count == 3, shape[0] == shape[1],
      let doublings = [16: 2, 28: 2, 32: 3, 64: 4, 128: 5][shape[0]]
    else {
      throw ConfigError(
        place,
        "the preset dcgan needs square images [side, side, channels] with a side of 16, 28, 32, 64"
          + " or 128; data.shape is \(shape). Other sizes can be described as a list of layers")
    }
    return (shape[0] >> doublings, doublings)
  }

  /// What brings values into the data's range: tanh, or sigmoid for [0, 1].
  fileprivate static func outputLayers(_ range: ValueRange?) -> [any Layer] {
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
