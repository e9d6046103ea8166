import SGBasics
import SGNets
import SGTensors

// Networks of residual blocks: those of Miyato et al. 2018 (SNGAN) and Gulrajani et al. 2017, and a
// small one after Huang et al. 2024 (R3GAN).

extension NetworkDescription {
  /// The sizes of the maps from the image's to the smallest: both sides are halved until they have
  /// at most 7 pixels.
  private static func halvings(
    _ shape: [Int], preset: String, place: String
  ) throws(ConfigError) -> [Size] {
    func refusal() -> ConfigError {
      ConfigError(
        place,
        "the preset \(preset) needs images whose sides are 4 to 7 pixels doubled once or more often,"
          + " such as 28, 32, 40, 48, 56 or 64; data.shape is \(shape)")
    }
    guard shape.count == 3, min(shape[0], shape[1]) >= 8, max(shape[0], shape[1]) <= 512 else {
      throw refusal()
    }
    var maps = [Size(shape[0], shape[1])]
    while let last = maps.last, max(last.height, last.width) > 7 {
      guard last.height % 2 == 0, last.width % 2 == 0 else { throw refusal() }
      maps.append(Size(last.height / 2, last.width / 2))
    }
    guard let last = maps.last, min(last.height, last.width) >= 4 else { throw refusal() }
    return maps
  }

  /// A convolution that keeps the size.
  private static func plain(
    _ channels: Int, kernel: Int = 3, groups: Int = 1, bias: Bool = true,
    initializer: Initializer = .glorot
  ) -> Convolution {
    Convolution(
      channels, kernel: Size(kernel), groups: groups, bias: bias, initializer: initializer)
  }

  // MARK: SNGAN

  /// Channels of the map at a level, where the image has level 0.
  private static func channels(_ width: Int, _ level: Int) -> Int {
    width << min(max(level - 1, 0), 3)
  }

  /// Batch norm, ReLU, upsampling and convolutions, beside an upsampled shortcut.
  static func resnetGenerator(
    _ width: Int, _ c: some NetworkContext
  ) throws(ConfigError) -> [any Layer] {
    let maps = try halvings(c.shape, preset: "resnet", place: "generator")
    let last = maps.count - 1
    let norm: any Layer = c.conditionsThroughNorm ? ConditionalBatchNorm() : BatchNorm()
    let first = channels(width, last)
    var layers = c.conditionedLatents
    layers += [
      Dense(maps[last].height * maps[last].width * first),
      Reshaping([maps[last].height, maps[last].width, first]),
    ]
    for level in (0..<last).reversed() {
      let n = channels(width, level)
      layers.append(
        Residual(
          [
            norm, ActivationLayer.relu, Upsample(2), plain(n), norm, ActivationLayer.relu,
            plain(n),
          ], shortcut: [plain(n, kernel: 1), Upsample(2)]))
    }
    layers += [norm, ActivationLayer.relu, plain(c.shape[2])]
    return layers + c.endLayers(isImage: true)
  }

  /// Convolutions and pooling beside a pooled shortcut, then a sum over all pixels.
  static func resnetDiscriminator(
    _ width: Int, isNormalized: Bool, _ c: some NetworkContext
  ) throws(ConfigError) -> [any Layer] {
    let maps = try halvings(c.shape, preset: "resnet", place: "discriminator")
    func normalized(_ layer: any WeightedLayer) -> any Layer {
      isNormalized ? SpectralNorm(layer) : layer
    }
    let relu = ActivationLayer.relu
    var layers = c.conditionedSamples
    for level in 1..<maps.count {
      let n = channels(width, level)
      var body: [any Layer] = [normalized(plain(n)), relu, normalized(plain(n)), AveragePool(2)]
      if level > 1 { body.insert(relu, at: 0) }
      layers.append(
        Residual(body, shortcut: [AveragePool(2), normalized(plain(n, kernel: 1))]))
    }
    let n = channels(width, maps.count - 1)
    layers += [
      Residual([relu, normalized(plain(n)), relu, normalized(plain(n))]), relu, SumPool(),
    ]
    layers += c.markedFeatures
    return layers + [c.projects ? Projection() : normalized(Dense(c.discriminatorOutputs))]
  }

  // MARK: R3GAN

  /// Channels of the map at a level: twice as many below the image's own size.
  private static func wide(_ width: Int, _ level: Int) -> Int { level == 0 ? width : 2 * width }

  /// Channels of a group in the 3 x 3 convolutions.
  private static let groupChannels = 16

  private static func expectGroups(_ width: Int, place: String) throws(ConfigError) {
    guard width % (groupChannels / 2) == 0 else {
      throw ConfigError(
        place,
        "the preset r3gan convolves in groups of \(groupChannels) channels: expected a width that"
          + " \(groupChannels / 2) divides, found \(width)")
    }
  }

  /// x + W₃ lrelu(W₂ lrelu(W₁ x + b₁) + b₂): 1 x 1 to twice the channels, 3 x 3 in groups, and 1 x
  /// 1 back, which begins as 0.
  /// - Parameter blocks: how many there are in the network; the gain √(2 / 1.04) L^(−1/4) keeps the
  ///   sum of L of them in bounds without normalization.
  private static func r3ganBlock(_ n: Int, of blocks: Int) -> Residual {
    let gain = (2 / 1.04).squareRoot() / Double(blocks).squareRoot().squareRoot()
    func normal(_ fanIn: Int) -> Initializer { .normal(Float(gain / Double(fanIn).squareRoot())) }
    return Residual([
      plain(2 * n, kernel: 1, initializer: normal(n)), ActivationLayer.leakyReLU(),
      plain(
        2 * n, groups: 2 * n / groupChannels, initializer: normal(9 * groupChannels)),
      ActivationLayer.leakyReLU(),
      plain(n, kernel: 1, bias: false, initializer: .zeros),
    ])
  }

  static func r3ganGenerator(
    _ width: Int, blocks: Int, _ c: some NetworkContext
  ) throws(ConfigError) -> [any Layer] {
    guard !c.conditionsThroughNorm else {
      throw ConfigError(
        "labels.generator", "the preset r3gan has no batch norm that could be conditional")
    }
    try expectGroups(width, place: "generator")
    let maps = try halvings(c.shape, preset: "r3gan", place: "generator")
    let last = maps.count - 1
    var layers = c.conditionedLatents
    layers += [
      Dense(wide(width, last), bias: false, initializer: .lecun), LearnedBasis(maps[last]),
    ]
    for level in (0...last).reversed() {
      let n = wide(width, level)
      if level < last {
        if n != wide(width, level + 1) {
          layers.append(plain(n, kernel: 1, bias: false, initializer: .lecun))
        }
        layers.append(FilteredUpsample())
      }
      for _ in 0..<blocks { layers.append(r3ganBlock(n, of: maps.count * blocks)) }
    }
    layers.append(plain(c.shape[2], kernel: 1, bias: false, initializer: .lecun))
    return layers + c.endLayers(isImage: true)
  }

  static func r3ganDiscriminator(
    _ width: Int, blocks: Int, _ c: some NetworkContext
  ) throws(ConfigError) -> [any Layer] {
    try expectGroups(width, place: "discriminator")
    let maps = try halvings(c.shape, preset: "r3gan", place: "discriminator")
    let last = maps.count - 1
    var layers =
      c.conditionedSamples + [plain(width, kernel: 1, bias: false, initializer: .lecun)]
    for level in 0...last {
      let n = wide(width, level)
      for _ in 0..<blocks { layers.append(r3ganBlock(n, of: maps.count * blocks)) }
      guard level < last else { break }
      layers.append(FilteredDownsample())
      if wide(width, level + 1) != n {
        layers.append(plain(wide(width, level + 1), kernel: 1, bias: false, initializer: .lecun))
      }
    }
    let n = wide(width, last)
    layers += [
      Convolution(
        n, kernel: maps[last], padding: .valid, groups: n, bias: false, initializer: .lecun),
      Flatten(),
    ]
    layers += c.markedFeatures
    guard c.projects else {
      return layers + [Dense(c.discriminatorOutputs, bias: false, initializer: .lecun)]
    }
    let deviation = 1 / Float(n * max(c.discriminatorCondition, 1)).squareRoot()
    return layers + [
      Dense(n, bias: false, initializer: .lecun), InnerProduct(initializer: .normal(deviation)),
    ]
  }
}
