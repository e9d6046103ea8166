import SGBasics
import SGNets
import SGTensors

/// A family of images whose pixels have distributions one after another: its name, its settings,
/// its network.
protocol PixelKind: Sendable {
  associatedtype Network: PixelLayer
  static var family: String { get }
  static var summary: String { get }
  /// The keys that the kind has.
  static var settings: [Setting<PixelOptions>] { get }
  static func layer(_ options: PixelOptions, _ grid: PixelGrid) -> Network
}

/// A model of images whose elements take levels: p(x) = Π p(x_d | the elements before d), rows from
/// above, pixels from the left, channels in their order.
struct PixelModel<Kind: PixelKind>: DescentFamily {
  static var family: String { Kind.family }
  static var summary: String { Kind.summary }
  static var settings: Settings<PixelOptions> {
    Settings([.group(Kind.family, Settings(Kind.settings), "The network.")])
  }
  static func defaults(shape: [Int]) -> PixelOptions { PixelOptions() }
  static var dataKeys: ModelSettings.DataKeys { .classes }

  /// Two levels are 0 and 1.
  static func range(shape: [Int], _ options: PixelOptions) -> ValueRange? {
    options.levels == 2 ? ValueRange(0, 1) : ValueRange(-1, 1)
  }

  static func suggestion(for samples: SampleKind) -> JSON {
    let twoLevels: JSON = ["levels": 2]
    return samples.isImage && samples.isBinary ? .object([(family, twoLevels)]) : [:]
  }

  let options: PixelOptions
  let domain: SampleDomain
  let layer: Kind.Network
  let distribution: LevelDistribution
  private let network: SGNets.Network
  private var grid: PixelGrid { layer.grid }

  init(_ options: PixelOptions, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let family = Kind.family
    for (name, side) in [("kernel", options.kernel), ("first_kernel", options.firstKernel)]
    where side % 2 == 0 {
      throw Failure(.configuration, "\(family).\(name): expected an odd number, found \(side)")
    }
    guard settings.shape.count == 3 else {
      throw Failure(
        .configuration,
        "data.shape: \(family) takes images [height, width, channels], found"
          + " \(Shape(settings.shape))")
    }
    guard let range = settings.range else {
      throw Failure(
        .configuration, "data.range: \(family) needs the values of the first and the last level")
    }
    guard settings.binarization == .none || options.levels == 2 else {
      throw Failure(
        .configuration,
        "data.binarize: makes 2 levels, \(family).levels is \(options.levels)")
    }
    guard settings.shape[2] <= options.width, settings.shape[2] <= options.head else {
      throw Failure(
        .configuration,
        "\(family): width and head must be at least the number of channels, \(settings.shape[2])")
    }
    distribution = LevelDistribution(
      levels: options.levels, range: range, output: options.output,
      components: options.components)
    let isBinary = options.levels == 2 && range == ValueRange(0, 1)
    domain =
      options.quantize
      ? .within(range) : isBinary ? .binary : .levels(options.levels, range)
    layer = Kind.layer(
      options,
      PixelGrid(
        height: settings.shape[0], width: settings.shape[1], channels: settings.shape[2],
        outputs: distribution.outputs, classes: settings.classes))
    do throws(ConfigError) {
      network = try SGNets.Network(
        [layer], input: Shape(settings.shape), place: family, conditionSize: settings.classes)
    } catch {
      throw Failure(error)
    }
  }

  var networks: [(name: String, network: SGNets.Network)] { [("network", network)] }

  var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "bits_per_dimension": .bitsPerDimension]
  }

  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let numbers = distribution.numbers(x)
    let outputs = pass(0, distribution.scaled(numbers))
    let cost = -logProbability(of: numbers, outputs).mean()
    let bits = cost / (Float(x.count / x.shape[0]) * 0.6931471805599453)
    return DescentCost(cost, figures: [("bits_per_dimension", bits)])
  }

  /// log P of each image, [batch].
  private func logProbability(of numbers: Tensor, _ outputs: Tensor) -> Tensor {
    distribution.logProbability(of: numbers, outputs).sum([1, 2, 3])
  }
}

/// What the family is good for.
extension PixelModel: SamplingFamily, LikelihoodFamily, CompletingFamily {
  var likelihood: LikelihoodKind { .exact }
  var isBinary: Bool { domain == .binary }
  var isProbability: Bool { true }
  var samplingProcedure: SamplingProcedure { .sequential }

  func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    try JSONObject(options, path: "").finish()
    let inference = learned.networks[0]
    return try inference.inChunks(samples, output: [1]) { x, place in
      let numbers = distribution.numbers(x)
      let outputs = inference(
        distribution.scaled(numbers), learned.condition?.rows(place),
        RandomKey(.layers, seed: 0))
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
    try Learned.expectLater(mask, size: learned.sampleShape.count, Kind.family)
    return try filled(
      samples.shape[0], known: (distribution.numbers(samples).array, mask.array), seed: seed,
      learned)
  }

  /// Draws images, or their unknown elements, pixel by pixel.
  /// - Parameter known: the levels' numbers, and 1 where an element is known; nil: none is.
  private func filled(
    _ count: Int, known: (numbers: [Float], mask: [Float])? = nil, seed: UInt64,
    _ learned: Learned
  ) throws(Failure) -> Tensor {
    let size = learned.sampleShape.count
    let parameters = learned.networks[0].parameters
    let most = min(count, 64)
    try Memory.reserve(
      floats: most, copies: learned.networks[0].network.floatsPerSample / grid.height + 4 * size,
      for: "the features of images that are drawn")
    return try Tensor(shape: learned.sampleShape.prepending(count)) { (y) throws(Failure) in
      for first in stride(from: 0, to: count, by: most) {
        let place = first..<min(first + most, count)
        let n = place.count
        func uniform(_ use: UInt16) -> [Float] {
          RandomKey(.sampling, seed: seed, use: use).from(first).uniform([n, size]).array
        }
        let draws = (uniform(0), distribution.output == .logisticMixture ? uniform(1) : [])
        try Memory.check()
        var image = [Float](repeating: 0, count: n * size)
        var columns = layer.columns(
          parameters, count: n, condition: learned.condition?.rows(place))
        for element in 0..<size {
          let (pixel, channel) = (element / grid.channels, element % grid.channels)
          let (row, column) = (pixel / grid.width, pixel % grid.width)
          if column == 0 && channel == 0 { columns.begin(row: row, of: image) }
          let own = (0..<n).map { $0 * size + element }
          var numbers = own.map { known?.numbers[first * size + $0] ?? 0 }
          let isKnown = own.map { known?.mask[first * size + $0] == 1 }
          if channel == grid.channels - 1 || isKnown.contains(false) {
            let outputs = columns.outputs(row: row, column: column, of: image)
              .slice(from: [0, channel * grid.outputs], [n, grid.outputs])
            let drawn = distribution.draw(
              outputs, own.map { draws.0[$0] }, draws.1.isEmpty ? [] : own.map { draws.1[$0] })
            try Memory.check()
            for i in 0..<n where !isKnown[i] { numbers[i] = drawn[i] }
          }
          for i in 0..<n {
            image[own[i]] = distribution.scaled(numbers[i])
            y[first * size + own[i]] = distribution.value(numbers[i])
          }
        }
      }
    }
  }
}
