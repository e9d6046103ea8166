import SGBasics
import SGNets
import SGTensors

/// The generative stochastic network (Bengio et al. 2014; Alain et al. 2015): a network learns
/// p(x | x̃) of samples x that noise has made x̃ of. Noise and network in turn are a Markov chain
/// whose states are the model's samples. Training walks back: it follows the chain from each sample
/// for some steps and teaches the network to return to where it came from.
package struct GSN: DescentFamily {
  package static let family = "gsn"
  package static let summary =
    "A generative stochastic network (Bengio et al. 2014; Alain et al. 2015)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    guard options.output == .gaussian else { return ValueRange(0, 1) }
    return shape.count == 1 ? nil : ValueRange(-1, 1)
  }

  /// p(x | x̃).
  package enum Output: String, Sendable, CaseIterable {
    /// Each element is 1 with a probability; noise replaces elements by 0 or 1 at random.
    case bernoulli
    /// Each element is normal around the network's output; noise is normal.
    case gaussian
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var network = NetworkDescription.mlp()
    var output = Output.bernoulli
    /// The probability that noise replaces an element, or its standard deviation.
    var noise: Float = 0.4
    /// The standard deviation of p(x | x̃), where it is normal.
    var deviation: Float = 0.1
    /// Steps of the chain in a step of training.
    var walkBack = 3
    var samplingSteps = 200
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "gsn",
      Settings([
        Setting("network", \.network, .network(), "From x̃ to p(x | x̃)."),
        Setting("output", \.output, .choice, "The distribution p(x | x̃)."),
        Setting(
          "noise", \.noise, .float(in: 1e-3...1e3),
          "The probability that noise replaces an element, at most 1 and by default 0.4; where p(x |"
            + " x̃) is normal the noise's standard deviation, by default 0.5.",
          default: { $0.output == .bernoulli ? 0.4 : 0.5 }),
        Setting(
          "deviation", \.deviation, .float(in: 1e-3...1e3),
          "The standard deviation of a normal p(x | x̃)."
        ).only(where: { $0.output == .gaussian }, "gsn.output \"gaussian\""),
        Setting(
          "walk_back", \.walkBack, .int(in: 1...100),
          "Steps of the chain in a step of training."),
        Setting(
          "sampling_steps", \.samplingSteps, .int(in: 1...10_000_000),
          "Steps of a chain before its state is a sample."),
      ]), "The network and its chain.")
  ])

  /// Real-valued vectors by normal distributions; images binarized.
  package static func suggestion(for samples: SampleKind) -> JSON {
    if samples.isRealVector { return ["gsn": ["output": "gaussian"]] }
    return samples.isGrayImage ? ["data": ["binarize": "fixed"]] : [:]
  }

  package let options: Options
  package var unboundedSetting: String? {
    output == .bernoulli ? "gsn.output \"gaussian\"" : nil
  }
  private var output: Output { options.output }
  var noise: Float { options.noise }
  private var deviation: Float { options.output == .gaussian ? options.deviation : 0 }
  private var walkBack: Int { options.walkBack }
  package var burnIn: Int { options.samplingSteps }
  let network: Network

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let output = options.output
    guard output == .gaussian || options.noise <= 1 else {
      throw Failure(
        .configuration,
        "gsn.noise: expected a probability of at most 1, found \(options.noise)")
    }
    if output == .bernoulli, settings.range != ValueRange(0, 1) {
      throw Failure(.configuration, "gsn.output: \"bernoulli\" goes with data.range [0, 1]")
    }
    do throws(ConfigError) {
      let count = try Network([Flatten()], input: Shape(settings.shape), place: "gsn").output.count
      let context = PlainContext(
        shape: settings.shape, latent: Prior(size: count), discriminatorOutputs: count)
      network = try Network(
        options.network.discriminatorLayers(context), input: Shape(settings.shape),
        place: "gsn.network")
      guard network.output.count == count else {
        throw ConfigError(
          "gsn.network",
          "expected \(count) outputs a sample, one for each element, found an output of shape"
            + " \(network.output)")
      }
    } catch {
      throw Failure(error)
    }
    guard !network.needsReference, !network.needsFirstBatch, !network.seesWholeBatch else {
      throw Failure(
        .configuration,
        "gsn.network: reference_norm, weight_norm with first_batch and layers that see the whole"
          + " batch are for GANs")
    }
  }

  package var networks: [(name: String, network: Network)] { [("network", network)] }

  package var figureUnits: [String: FigureUnit] { ["cost": .nats] }

  /// −log p(x | x̃ₜ), the mean over the steps of the chain from x: x̃ₜ is noise on xₜ₋₁, and xₜ is
  /// drawn of p(x | x̃ₜ) (Bengio et al. 2013, algorithm 1).
  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let words = pass.random(.chains).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    var (state, total) = (x, Tensor(0))
    for step in 0..<walkBack {
      let result = pass(0, noisy(state, step: step, seed: seed, first: 0))
      total = total - logDensity(of: x, result).mean()
      if step + 1 < walkBack {
        state = draw(result.detached.reshaped(x.shape), step: step, seed: seed, first: 0)
      }
    }
    return DescentCost(total / Float(walkBack))
  }

  /// log p(x | x̃) of each sample, [batch], in nats, from the network's output.
  func logDensity(of x: Tensor, _ result: Tensor) -> Tensor {
    let n = x.shape[0]
    let (x, y) = (x.reshaped([n, x.count / n]), result.reshaped([n, result.count / n]))
    guard output == .gaussian else { return (x * y - softplus(y)).sum([1]) }
    let constant = Float(0.9189385332046727) + log(Tensor(deviation)).scalar  // ½ log 2π + log σ
    return (((x - y) / deviation).squared() * -0.5 - constant).sum([1])
  }

  private func key(_ use: UInt16, _ step: Int, _ seed: UInt64, _ first: Int) -> RandomKey {
    RandomKey(.chains, seed: seed, use: use, step: UInt64(step)).from(first)
  }

  /// x̃ of x.
  private func noisy(_ x: Tensor, step: Int, seed: UInt64, first: Int) -> Tensor {
    guard output == .bernoulli else {
      return x + noise * key(0, step, seed, first).normal(x.shape)
    }
    // Below noise / 2: 1; from there to noise: 0; the rest stays.
    let u = key(0, step, seed, first).uniform(x.shape)
    let replaced = (noise - u).step()
    return x * (1 - replaced) + (0.5 * noise - u).step()
  }

  /// x of p(x | x̃), from the network's output.
  private func draw(_ result: Tensor, step: Int, seed: UInt64, first: Int) -> Tensor {
    let key = key(1, step, seed, first)
    return output == .bernoulli
      ? (sigmoid(result) - key.uniform(result.shape)).step()
      : result + deviation * key.normal(result.shape)
  }
}

/// What a generative stochastic network is good for. Its likelihood is implicit.
extension GSN: ChainFamily, CompletingFamily {
  package var domain: SampleDomain { output == .bernoulli ? .binary : .any }

  package func start(_ count: Int, seed: UInt64, first: Int, _ learned: Learned) -> Tensor {
    let shape: Shape = [count, learned.sampleShape.count]
    let key = key(3, 0, seed, first)
    return output == .bernoulli
      ? (key.uniform(shape) - 0.5).step() : key.normal(shape)
  }

  package func advance(
    _ states: Tensor, step: Int, seed: UInt64, first: Int, _ learned: Learned
  ) -> Tensor {
    let layers = RandomKey(.layers, seed: seed, step: UInt64(step)).from(first)
    let x = noisy(states, step: step, seed: seed, first: first)
    let result = learned.networks[0](
      x.reshaped(learned.sampleShape.prepending(x.shape[0])), nil, layers)
    return draw(result.reshaped(states.shape), step: step, seed: seed, first: first)
  }

  package func chainFigures(
    _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) -> [(String, JSON)] { [] }
}
