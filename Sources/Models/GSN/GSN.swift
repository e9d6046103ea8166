import SGBasics
import SGNets
import SGTensors

/// The generative stochastic network (Bengio et al. 2014; Alain et al. 2015): a network learns
/// p(x | x̃) of samples x that noise has made x̃ of. Noise and network in turn are a Markov chain
/// whose states are the model's samples. Training walks back: it follows the chain from each sample
/// for some steps and teaches the network to return to where it came from.
package struct GSN: DescentFamily {
  package static let family = "gsn"
  package static func range(shape: [Int], own: JSON?) -> ValueRange? {
    guard own?["output"]?.text == Output.gaussian.rawValue else { return ValueRange(0, 1) }
    return shape.count == 1 ? nil : ValueRange(-1, 1)
  }

  /// p(x | x̃).
  enum Output: String, Sendable, CaseIterable {
    /// Each element is 1 with a probability; noise replaces elements by 0 or 1 at random.
    case bernoulli
    /// Each element is normal around the network's output; noise is normal.
    case gaussian
  }

  private let output: Output
  /// The probability that noise replaces an element, or its standard deviation.
  let noise: Float
  /// The standard deviation of p(x | x̃), where it is normal.
  private let deviation: Float
  /// Steps of the chain in a step of training.
  private let walkBack: Int
  package let burnIn: Int
  private let description: NetworkDescription
  let network: Network

  package init(_ o: inout JSONObject, _ settings: ModelSettings) throws(Failure) {
    var own = try o.object("gsn", default: [])
    description = try own.network("network", default: .string("mlp"))
    output = try own.choice("output", default: .bernoulli)
    noise =
      output == .bernoulli
      ? Float(try own.double("noise", in: 1e-3...1, default: 0.4))
      : Float(try own.double("noise", in: 1e-3...1e3, default: 0.5))
    deviation =
      output == .gaussian ? Float(try own.double("deviation", in: 1e-3...1e3, default: 0.1)) : 0
    walkBack = try own.int("walk_back", in: 1...100, default: 3)
    burnIn = try own.int("sampling_steps", in: 1...10_000_000, default: 200)
    try own.finish()
    if output == .bernoulli, settings.range != ValueRange(0, 1) {
      throw Failure(.configuration, "gsn.output: \"bernoulli\" goes with data.range [0, 1]")
    }
    do throws(ConfigError) {
      let count = try Network([Flatten()], input: Shape(settings.shape), place: "gsn").output.count
      let context = PlainContext(
        shape: settings.shape, latent: Prior(size: count), discriminatorOutputs: count)
      network = try Network(
        description.discriminatorLayers(context), input: Shape(settings.shape),
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

  package var members: [(String, JSON)] {
    var own: [(String, JSON)] = [
      ("network", description.json), ("output", .string(output.rawValue)),
      ("noise", .number(noise)),
    ]
    if output == .gaussian { own.append(("deviation", .number(deviation))) }
    own += [("walk_back", JSON(walkBack)), ("sampling_steps", JSON(burnIn))]
    return [("gsn", .object(own))]
  }

  package var networks: [(name: String, network: Network)] { [("network", network)] }

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
    let shape = learned.sampleShape.prepending(count)
    let key = key(3, 0, seed, first)
    return output == .bernoulli
      ? (key.uniform(shape) - 0.5).step() : key.normal(shape)
  }

  package func advance(
    _ states: Tensor, step: Int, seed: UInt64, first: Int, _ learned: Learned
  ) -> Tensor {
    let layers = RandomKey(.layers, seed: seed, step: UInt64(step)).from(first)
    let result = learned.networks[0](
      noisy(states, step: step, seed: seed, first: first), nil, layers)
    return draw(result.reshaped(states.shape), step: step, seed: seed, first: first)
  }

  package func chainFigures(
    _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) -> [(String, JSON)] { [] }
}
