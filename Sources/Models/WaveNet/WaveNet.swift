import SGBasics
import SGNets
import SGTensors

/// WaveNet (van den Oord et al. 2016): sound as a sequence of levels of the µ-law, p(x) = Π p(x_t |
/// the elements before t).
struct WaveNet: DescentFamily {
  static let family = "wavenet"
  static let summary =
    "WaveNet, dilated causal convolutions of sound (van den Oord et al. 2016)."

  /// The family's own settings.
  struct Options: Sendable {
    var width = 32
    var skip = 64
    var head = 64
    var kernel = 2
    var layers = 8
    var blocks = 2
    var levels = 256
  }

  static func defaults(shape: [Int]) -> Options { Options() }
  static var dataKeys: ModelSettings.DataKeys { [.classes, .sampleRate] }
  static func range(shape: [Int], _ options: Options) -> ValueRange? { ValueRange(-1, 1) }
  static let settings = Settings<Options>([
    .group(
      "wavenet",
      Settings([
        Setting("width", \.width, .int(in: 1...(1 << 14)), "Features of the layers."),
        Setting("skip", \.skip, .int(in: 1...(1 << 14)), "Features of the skip connections."),
        Setting(
          "head", \.head, .int(in: 1...(1 << 14)),
          "Features of the layer between the skip connections and the levels."),
        Setting("kernel", \.kernel, .int(in: 2...16), "Taps of a convolution."),
        Setting(
          "layers", \.layers, .int(in: 1...14),
          "Layers of a block, whose dilations are 1, 2, 4, …"),
        Setting("blocks", \.blocks, .int(in: 1...64), "Blocks of layers."),
        Setting(
          "levels", \.levels, .int(in: 3...1024),
          "Levels that the µ-law cuts values into; µ is one less."),
      ]), "The network.")
  ])

  let options: Options
  let layer: WaveNetLayer
  private let network: Network
  private var law: MuLaw { MuLaw(levels: options.levels) }
  private var distribution: LevelDistribution {
    LevelDistribution(
      levels: options.levels, range: ValueRange(-1, 1), output: .softmax, components: 0)
  }

  init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    guard settings.shape.count == 1 else {
      throw Failure(
        .configuration,
        "data.shape: wavenet takes vectors [samples], found \(Shape(settings.shape))")
    }
    guard settings.range == ValueRange(-1, 1) else {
      throw Failure(.configuration, "data.range: wavenet takes sound, from -1 to 1")
    }
    let block = (0..<options.layers).map { 1 << $0 }
    layer = WaveNetLayer(
      levels: options.levels, width: options.width, skip: options.skip, head: options.head,
      taps: options.kernel, dilations: (0..<options.blocks).flatMap { _ in block },
      classes: settings.classes)
    do throws(ConfigError) {
      network = try Network(
        [layer], input: Shape(settings.shape), place: "wavenet", conditionSize: settings.classes)
    } catch {
      throw Failure(error)
    }
  }

  var networks: [(name: String, network: Network)] { [("network", network)] }

  var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "bits_per_dimension": .bitsPerDimension]
  }

  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let numbers = law.numbers(x)
    let cost = -logProbability(of: numbers, pass(0, numbers)).mean()
    let bits = cost / (Float(x.shape[1]) * 0.6931471805599453)
    return DescentCost(cost, figures: [("bits_per_dimension", bits)])
  }

  /// log P of each sample, [batch].
  private func logProbability(of numbers: Tensor, _ outputs: Tensor) -> Tensor {
    distribution.logProbability(of: numbers, outputs).sum([1])
  }
}

/// What WaveNet is good for.
extension WaveNet: SamplingFamily, LikelihoodFamily, CompletingFamily, SoundFamily {
  var domain: SampleDomain { .within(ValueRange(-1, 1)) }
  var likelihood: LikelihoodKind { .exact }
  var isBinary: Bool { false }
  var isProbability: Bool { true }
  var samplingProcedure: SamplingProcedure { .sequential }

  /// log P of the samples' levels.
  func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    try JSONObject(options, path: "").finish()
    let inference = learned.networks[0]
    return try inference.inChunks(samples, output: [1]) { x, place in
      let numbers = law.numbers(x)
      let outputs = inference(
        numbers, learned.condition?.rows(place), RandomKey(.layers, seed: 0))
      return logProbability(of: numbers, outputs).reshaped([x.shape[0], 1])
    }.reshaped([samples.shape[0]])
  }

  func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    try filled(count, seed: seed, learned)
  }

  /// Elements that come after all known ones are drawn.
  func complete(
    _ samples: Tensor, mask: Tensor, _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    try Learned.expectLater(mask, size: learned.sampleShape.count, Self.family)
    return try filled(samples.shape[0], known: (samples, mask), seed: seed, learned)
  }

  /// Draws sounds, or their unknown elements, one after another.
  private func filled(
    _ count: Int, known: (samples: Tensor, mask: Tensor)? = nil, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let time = learned.sampleShape.count
    let parameters = learned.networks[0].parameters
    let most = min(count, 64)
    let queued = layer.dilations.reduce(0, +) * (layer.taps - 1) * layer.width
    try Memory.reserve(
      floats: most, copies: queued + 3 * time + 8 * (layer.width + layer.skip + layer.levels),
      for: "the queues of samples")
    let law = law
    return try Tensor(shape: learned.sampleShape.prepending(count)) { (y) throws(Failure) in
      for first in stride(from: 0, to: count, by: most) {
        let place = first..<min(first + most, count)
        let n = place.count
        let uniform = RandomKey(.sampling, seed: seed).from(first).uniform([n, time]).array
        let numbers = (known?.samples.rows(place)).map { law.numbers($0).array }
        let mask = known?.mask.rows(place).array
        var queues = WaveNetQueues(
          layer, parameters, count: n, condition: learned.condition?.rows(place))
        var last = [Float](repeating: 0, count: n)
        for t in 0..<time {
          let logits = queues.logits(after: last)
          let drawn = distribution.draw(logits, (0..<n).map { uniform[$0 * time + t] }, [])
          try Memory.check()
          for i in 0..<n {
            let at = i * time + t
            let isKnown = mask?[at] == 1
            last[i] = isKnown ? numbers?[at] ?? 0 : drawn[i]
            y[first * time + at] = law.value(last[i])
          }
        }
      }
    }
  }
}
