import SGBasics
import SGNets
import SGTensors

/// The variational autoencoder (Kingma & Welling 2013): an encoder q(z | x), normal with a diagonal
/// covariance, and a decoder p(x | z) under a standard normal prior, which descend −ELBO = E_q[−log
/// p(x | z)] + β KL(q(z | x) ‖ p(z)).
package struct VAE: DescentFamily {
  package static let family = "vae"
  package static let summary = "A variational autoencoder (Kingma & Welling 2013)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    guard options.decoder == .gaussian else { return ValueRange(0, 1) }
    return shape.count == 1 ? nil : ValueRange(-1, 1)
  }

  /// p(x | z).
  package enum Decoder: String, Sendable, CaseIterable {
    /// Each element is 1 with its own probability; the network gives logits.
    case bernoulli
    /// Each element is normal; the network gives means, and log variances where these are learned.
    case gaussian
  }

  /// What a sample is.
  package enum Samples: String, Sendable, CaseIterable {
    /// E[x | z] for a latent of the prior.
    case mean
    /// Drawn from p(x | z).
    case drawn
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var latent = Prior(size: 20)
    var encoderNetwork = NetworkDescription.mlp()
    var decoderNetwork = NetworkDescription.mlp()
    var decoder = Decoder.bernoulli
    /// The normal decoder's standard deviation; nil: learned for each element.
    var deviation: Float? = 1
    /// Weight of the divergence (Higgins et al. 2017); 1: the bound of the likelihood.
    var beta: Float = 1
    /// Steps over which the divergence's weight rises linearly from 0 (Bowman et al. 2016).
    var warmUp: UInt64 = 0
    var samples = Samples.mean
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "latent",
      Settings([Setting("size", \.latent.size, .int(in: 1...(1 << 20)), "Numbers of a latent.")]),
      "What latents are drawn from: a standard normal."),
    .group(
      "vae",
      Settings([
        Setting("encoder_network", \.encoderNetwork, .network(), "Samples to q(z | x)."),
        Setting("decoder_network", \.decoderNetwork, .network(), "Latents to p(x | z)."),
        Setting("decoder", \.decoder, .choice, "The distribution p(x | z)."),
        Setting(
          "deviation", \.deviation, .float(orNullIn: 1e-3...1e3),
          "The normal decoder's standard deviation; null: learned for each element."),
        Setting(
          "beta", \.beta, .float(in: 0...1e6),
          "Weight of the divergence (Higgins et al. 2017)."),
        Setting(
          "warm_up", \.warmUp, .count(), "Steps over which that weight rises from 0."),
        Setting(
          "samples", \.samples, .choice,
          "What a sample is: the mean of p(x | z), or drawn from it."),
      ]), "The encoder and the decoder."),
  ])

  /// Real-valued vectors by normal distributions; images binarized.
  package static func suggestion(for samples: SampleKind) -> JSON {
    if samples.isRealVector {
      return ["vae": ["decoder": "gaussian", "deviation": .null, "samples": "drawn"]]
    }
    return samples.isGrayImage ? ["data": ["binarize": "fixed"]] : [:]
  }

  package let options: Options
  package var unboundedSetting: String? {
    options.decoder == .bernoulli ? "vae.decoder \"gaussian\"" : nil
  }
  package var latent: Prior { options.latent }
  var decoder: Decoder { options.decoder }
  private var deviation: Float? { options.deviation }
  let encoder, generator: Network

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let (latent, decoder, deviation) = (options.latent, options.decoder, options.deviation)
    if decoder == .bernoulli, settings.range != ValueRange(0, 1) {
      throw Failure(
        .configuration, "vae.decoder: \"bernoulli\" goes with data.range [0, 1]")
    }
    var shape = settings.shape
    if decoder == .gaussian, deviation == nil { shape[shape.count - 1] *= 2 }
    do throws(ConfigError) {
      let down = PlainContext(
        shape: settings.shape, latent: latent, discriminatorOutputs: 2 * latent.size)
      encoder = try Network(
        options.encoderNetwork.discriminatorLayers(down), input: Shape(settings.shape),
        place: "vae.encoder_network")
      guard encoder.output.count == 2 * latent.size else {
        throw ConfigError(
          "vae.encoder_network",
          "expected \(2 * latent.size) outputs a sample (means and log variances), found an output of"
            + " shape \(encoder.output)")
      }
      let up = PlainContext(shape: shape, latent: latent, discriminatorOutputs: 1)
      generator = try Network(
        options.decoderNetwork.generatorLayers(up), input: Shape([latent.size]),
        place: "vae.decoder_network")
      guard generator.output.array == shape else {
        throw ConfigError(
          "vae.decoder_network", "expected an output of shape \(shape), found \(generator.output)")
      }
    } catch {
      throw Failure(error)
    }
    for (name, network) in networks where network.needsReference || network.needsFirstBatch {
      throw Failure(
        .configuration,
        "vae.\(name)_network: reference_norm and weight_norm with first_batch are for GANs")
    }
  }

  package var networks: [(name: String, network: Network)] {
    [("encoder", encoder), ("decoder", generator)]
  }

  package var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "reconstruction_cost": .nats, "divergence": .nats]
  }

  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let (mean, logVariance) = posterior(pass(0, x))
    let noise = pass.random(.latents).normal(mean.shape)
    let z = mean + exp(0.5 * logVariance) * noise
    let reconstruction = -logDensity(of: x, pass(1, z)).mean()
    let divergence = Self.divergence(mean, logVariance).mean()
    let warmUp = options.warmUp
    let share = warmUp == 0 ? 1 : min(1, Float(pass.step) / Float(warmUp))
    return DescentCost(
      reconstruction + (options.beta * share) * divergence,
      figures: [("reconstruction_cost", reconstruction), ("divergence", divergence)])
  }

  /// q(z | x): means and log variances, [batch, latent size] each, of the encoder's output. Log
  /// variances are kept within ±20, where their exponentials are finite.
  func posterior(_ output: Tensor) -> (mean: Tensor, logVariance: Tensor) {
    let (n, k) = (output.shape[0], latent.size)
    let flat = output.reshaped([n, 2 * k])
    return (
      flat.slice(from: [0, 0], [n, k]), flat.slice(from: [0, k], [n, k]).clamped(-20, 20)
    )
  }

  /// KL(q(z | x) ‖ N(0, 1)) of each sample, [batch] (Kingma & Welling 2013, appendix B).
  static func divergence(_ mean: Tensor, _ logVariance: Tensor) -> Tensor {
    (0.5 * (mean.squared() + exp(logVariance) - logVariance - 1)).sum([1])
  }

  /// log p(x | z) of each sample, [batch], in nats.
  func logDensity(of x: Tensor, _ output: Tensor) -> Tensor {
    let n = x.shape[0]
    let size = x.count / max(n, 1)
    let x = x.reshaped([n, size])
    switch decoder {
    case .bernoulli:
      let logits = output.reshaped([n, size])
      return (x * logits - softplus(logits)).sum([1])
    case .gaussian:
      let constant = Float(0.9189385332046727)  // ½ log 2π
      let (mean, logVariance) = parts(output)
      guard let logVariance else {
        let deviation = deviation ?? 1
        let scaled = (x - mean.reshaped([n, size])) * (1 / deviation)
        return (-0.5 * scaled.squared()).sum([1]) - Float(size)
          * (constant + log(Tensor(deviation)))
      }
      let v = logVariance.reshaped([n, size])
      let squares = (x - mean.reshaped([n, size])).squared() * exp(-v)
      return (-0.5 * (squares + v)).sum([1]) - Float(size) * constant
    }
  }

  /// Means, and log variances (within ±20) where they are learned: the two halves of the last axis.
  private func parts(_ output: Tensor) -> (mean: Tensor, logVariance: Tensor?) {
    guard deviation == nil else { return (output, nil) }
    var (half, start) = (output.shape, [Int](repeating: 0, count: output.rank))
    half[-1] /= 2
    let mean = output.slice(from: start, half)
    start[output.rank - 1] = half[-1]
    return (mean, output.slice(from: start, half).clamped(-20, 20))
  }

  /// x of p(x | z), from the decoder's output.
  func draw(_ output: Tensor, _ random: RandomKey) -> Tensor {
    guard decoder == .gaussian else {
      return (sigmoid(output) - random.uniform(output.shape)).step()
    }
    let (mean, logVariance) = parts(output)
    let noise = random.normal(mean.shape)
    return mean + (logVariance.map { exp(0.5 * $0) * noise } ?? (deviation ?? 1) * noise)
  }

  /// E[x | z].
  func mean(_ output: Tensor) -> Tensor {
    decoder == .bernoulli ? sigmoid(output) : parts(output).mean
  }
}
