import SGBasics
import SGNets
import SGTensors

/// A normalizing flow: an invertible network takes samples to latents of a simple prior, so that a
/// sample's density is exact by the change of variables, and every latent is one sample's.
package struct Flow<Kind: FlowKind>: DescentFamily {
  package static var family: String { Kind.family }
  package static var summary: String { Kind.summary }
  package static var settings: Settings<FlowOptions> {
    Settings([
      .group(Kind.family, Settings(Kind.settings + [FlowOptions.adversarial]), "The flow.")
    ])
  }
  package static func defaults(shape: [Int]) -> FlowOptions { Kind.defaults(shape: shape) }
  package static func range(shape: [Int], _ options: FlowOptions) -> ValueRange? {
    shape.count == 1 ? nil : ValueRange(-1, 1)
  }

  /// Elements that are 0 or 1 and pixels have levels, which noise makes real numbers.
  package static func suggestion(for samples: SampleKind) -> JSON {
    let own = Kind.suggestion(for: samples)
    guard !samples.isRealVector else { return [:] }
    let levels: JSON = samples.isBinary ? 2 : 256
    return .object([
      ("data", ["range": [0, 1]]), (family, .object([("dequantize", levels)] + own)),
    ])
  }

  package let options: FlowOptions
  var prior: FlowPrior { options.prior }
  /// The way from samples to latents.
  var steps: [FlowStep]
  package let networks: [(name: String, network: Network)]
  /// The place of the discriminator among the networks; nil: there is none.
  private let discriminator: Int?
  package let domain: SampleDomain
  package let latentSize: Int
  /// The numbers of samples that have levels: their lowest value, the distance between two, how
  /// many. Noise in [0, 1) makes v + u of the number v (Uria et al. 2013).
  private let levels: (low: Float, step: Float, count: Int)?
  /// A sample's shape where the first network sees it, and where the last latents are.
  private let shapes: (first: [Int], last: [Int])

  package init(_ options: FlowOptions, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    guard settings.shape.count != 2 else {
      throw Failure(
        .configuration,
        "data.shape: \(Kind.family) takes vectors [size] and images [height, width, channels]")
    }
    var flow = FlowBuilder(
      options, family: Kind.family, shape: settings.shape, range: settings.range)
    try Kind.build(&flow, options)
    try flow.discriminator(settings.shape)
    (steps, networks, discriminator) = (flow.steps, flow.networks, flow.discriminator)
    let isImage = networks[0].network.input.rank == 3
    latentSize = Shape(settings.shape).count
    shapes = (isImage ? settings.shape : [latentSize], flow.shape)
    let range = settings.range ?? ValueRange(0, 1)
    domain = flow.takesRange ? .within(range) : .any
    levels = options.levels.map { (range.low, (range.high - range.low) / Float($0 - 1), $0) }
  }

  package var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "bits_per_dimension": .bitsPerDimension]
  }

  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let trained = pass
    let networks = FlowNetworks(networks: networks.map(\.network)) { trained.weights(of: $0) }
    let noise = levels.map { _ in pass.random(.dequantization).uniform([x.shape[0], latentSize]) }
    let nats = -logDensity(of: x, noise, networks).mean()
    let bits = nats / (Float(latentSize) * 0.6931471805599453)
    let figures = [("bits_per_dimension", bits)]
    guard let discriminator else { return DescentCost(nats, figures: figures) }
    let game = options.adversarial
    let z = latents(x.shape[0], pass.random(.latents))
    let output = pass(discriminator, judged(x, noise))
    let real = output.reshaped([x.shape[0], output.count / x.shape[0]])
    let fake = pass(discriminator, judged(samples(of: z, networks, isWhole: false), x.shape))
      .reshaped(real.shape)
    let objective = game.objective
    let generator = objective.pairedGenerator?(real, fake) ?? objective.generator(fake)
    let cost = objective.discriminator(real, fake, LabelSmoothing())
    var result = DescentCost(
      game.weight * generator + game.likelihoodWeight * nats,
      figures: figures + [("generator_cost", generator), ("discriminator_cost", cost)])
    result.others = [discriminator: cost]
    return result
  }

  /// What the discriminator sees of data: numbers of levels with the noise that makes them real
  /// ones, from 0 to 1; else the data.
  private func judged(_ x: Tensor, _ noise: Tensor?) -> Tensor {
    guard let levels, let noise else { return x }
    return (numbers(x, levels) + noise.reshaped(x.shape)) / Float(levels.count)
  }

  /// What the discriminator sees of samples before they become levels, of a batch's shape.
  private func judged(_ samples: Tensor, _ shape: Shape) -> Tensor {
    levels.map { samples / Float($0.count) }.map { $0.reshaped(shape) } ?? samples.reshaped(shape)
  }

  /// log p(x) of each sample, [batch], in nats: of samples with levels their probability's lower
  /// bound for one draw of the noise, [batch, size].
  func logDensity(of x: Tensor, _ noise: Tensor?, _ networks: FlowNetworks) -> Tensor {
    let (z, logDeterminant) = latents(of: x, noise, networks)
    return prior.logDensity(z) + logDeterminant
  }

  /// Latents [batch, size] and log |det ∂z / ∂x|, [batch].
  func latents(
    of x: Tensor, _ noise: Tensor?, _ networks: FlowNetworks
  ) -> (z: Tensor, logDeterminant: Tensor) {
    let n = x.shape[0]
    var start = x.reshaped(Shape([n] + shapes.first))
    if let levels, let noise { start = numbers(start, levels) + noise.reshaped(start.shape) }
    var state = FlowState(start)
    for step in steps { state.forward(step, networks) }
    let last = state.x.reshaped([n, state.x.count / n])
    return (.concatenate(state.latents + [last], axis: 1), state.logDeterminant)
  }

  /// The samples of latents; `isWhole`: the nearest levels, else before they become levels.
  func samples(of z: Tensor, _ networks: FlowNetworks, isWhole: Bool = true) -> Tensor {
    let n = z.shape[0]
    var rest = z
    func take(_ count: Int) -> Tensor {
      let all = rest.shape[1]
      defer { rest = rest.slice(from: [0, count], [n, all - count]) }
      return rest.slice(from: [0, 0], [n, count])
    }
    var parts: [Tensor] = []
    var size = latentSize
    for case .split in steps {
      size /= 2
      parts.append(take(size))
    }
    var state = FlowState(rest.reshaped(Shape([n] + shapes.last)))
    state.latents = parts
    for step in steps.reversed() { state.backward(step, networks) }
    guard isWhole, let levels else { return state.x }
    return Tensor(shape: state.x.shape) { y in
      state.x.withElements {
        for (i, x) in $0.enumerated() {
          let number = min(max(x.rounded(.down), 0), Float(levels.count - 1))
          y[i] = levels.low + levels.step * (x.isNaN ? 0 : number)
        }
      }
    }
  }

  /// 0, 1, …: the numbers of levels.
  private func numbers(_ x: Tensor, _ levels: (low: Float, step: Float, count: Int)) -> Tensor {
    Tensor(shape: x.shape) { y in
      x.withElements {
        for (i, x) in $0.enumerated() { y[i] = ((x - levels.low) / levels.step).rounded() }
      }
    }
  }
}

/// What a flow is good for.
extension Flow: EncodingFamily, LikelihoodFamily {
  package var likelihood: LikelihoodKind { levels == nil ? .exact : .bound }
  package var isBinary: Bool { false }
  package var isProbability: Bool { levels != nil }

  package func latents(_ count: Int, _ random: RandomKey) -> Tensor {
    prior.draw([count, latentSize], random)
  }

  private func networks(_ learned: Learned) -> FlowNetworks {
    FlowNetworks(networks: networks.map(\.network)) { learned.networks[$0].parameters }
  }

  package func decode(
    _ latents: Tensor, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let networks = networks(learned)
    return try learned.networks[0].inChunks(
      latents, output: learned.sampleShape, copies: steps.count
    ) { z, _ in
      samples(of: z, networks).reshaped(learned.sampleShape.prepending(z.shape[0]))
    }
  }

  /// The latents of samples; of samples with levels those of the levels' middles.
  package func encode(_ samples: Tensor, _ learned: Learned) throws(Failure) -> Tensor {
    let networks = networks(learned)
    return try learned.networks[0].inChunks(
      samples, output: [latentSize], copies: steps.count
    ) { x, _ in
      latents(of: x, Tensor(repeating: 0.5, shape: [x.shape[0], latentSize]), networks).z
    }
  }

  /// log p(x). Of samples with levels log 1/k Σ p(v + uᵢ), which rises to the logarithm of the
  /// probability with k.
  /// - Parameter options: `importance_samples`: k, 1 by default; `seed`.
  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    var o = try JSONObject(options, path: "")
    let most = levels == nil ? 1 : 100_000
    let k = try o.int("importance_samples", in: 1...most, default: 1)
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    try o.finish()
    let networks = networks(learned)
    return try learned.networks[0].inChunks(samples, output: [1], copies: steps.count) { x, place in
      let n = x.shape[0]
      var total: Tensor?
      for draw in 0..<k {
        let key = RandomKey(.dequantization, seed: seed, use: 1, step: UInt64(draw))
        let noise = key.from(place.lowerBound).uniform([n, latentSize])
        let one = logDensity(of: x, noise, networks)
        // log(eᵃ + eᵇ)
        total = total.map { $0 + softplus(one - $0) } ?? one
      }
      return ((total ?? .zeros([n])) - log(Tensor(Float(k)))).reshaped([n, 1])
    }.reshaped([samples.shape[0]])
  }
}
