import SGBasics
import SGNets
import SGTensors

/// The variational autoencoder (Kingma & Welling 2013): an encoder q(z | x), normal with a diagonal
/// covariance, and a decoder p(x | z) under a standard normal prior, which descend −ELBO = E_q[−log
/// p(x | z)] + β KL(q(z | x) ‖ p(z)).
package struct VAE: DescentFamily {
  package static let family = "vae"
  package static func range(shape: [Int], own: JSON?) -> ValueRange? {
    guard own?["decoder"]?.text == Decoder.gaussian.rawValue else { return ValueRange(0, 1) }
    return shape.count == 1 ? nil : ValueRange(-1, 1)
  }

  /// p(x | z).
  package enum Decoder: String, Sendable, CaseIterable {
    /// Each element is 1 with its own probability; the network gives logits.
    case bernoulli
    /// Each element is normal; the network gives means, and log variances where these are learned.
    case gaussian
  }

  package let latent: Prior
  let decoder: Decoder
  /// The normal decoder's standard deviation; nil: learned for each element.
  let deviation: Float?
  /// Weight of the divergence (Higgins et al. 2017); 1: the bound of the likelihood.
  let beta: Float
  /// Steps over which the divergence's weight rises linearly from 0 (Bowman et al. 2016).
  let warmUp: UInt64
  private let networkSettings: (encoder: NetworkDescription, decoder: NetworkDescription)
  let encoder, generator: Network

  package init(_ o: inout JSONObject, _ settings: ModelSettings) throws(Failure) {
    var prior = try o.object("latent", default: [])
    latent = Prior(size: try prior.int("size", in: 1...(1 << 20), default: 20))
    try prior.finish()
    let preset: JSON = .string("mlp")
    var v = try o.object("vae", default: [])
    networkSettings = (
      try v.network("encoder_network", default: preset),
      try v.network("decoder_network", default: preset)
    )
    decoder = try v.choice("decoder", default: .bernoulli)
    if v.take("deviation") == .null {
      deviation = nil
    } else {
      deviation = Float(try v.double("deviation", in: 1e-3...1e3, default: 1))
    }
    beta = Float(try v.double("beta", in: 0...1e6, default: 1))
    warmUp = UInt64(try v.int("warm_up", in: 0...Int.max, default: 0))
    try v.finish()
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
        networkSettings.encoder.discriminatorLayers(down), input: Shape(settings.shape),
        place: "vae.encoder_network")
      guard encoder.output.count == 2 * latent.size else {
        throw ConfigError(
          "vae.encoder_network",
          "expected \(2 * latent.size) outputs a sample (means and log variances), found an output of"
            + " shape \(encoder.output)")
      }
      let up = PlainContext(shape: shape, latent: latent, discriminatorOutputs: 1)
      generator = try Network(
        networkSettings.decoder.generatorLayers(up), input: Shape([latent.size]),
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

  package var members: [(String, JSON)] {
    [
      ("latent", .object([("size", JSON(latent.size))])),
      (
        "vae",
        .object([
          ("encoder_network", networkSettings.encoder.json),
          ("decoder_network", networkSettings.decoder.json),
          ("decoder", .string(decoder.rawValue)),
          ("deviation", deviation.map { .number($0) } ?? .null), ("beta", .number(beta)),
          ("warm_up", JSON(warmUp)),
        ])
      ),
    ]
  }

  package var networks: [(name: String, network: Network)] {
    [("encoder", encoder), ("decoder", generator)]
  }

  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let (mean, logVariance) = posterior(pass(0, x))
    let noise = pass.random(.latents).normal(mean.shape)
    let z = mean + exp(0.5 * logVariance) * noise
    let reconstruction = -logDensity(of: x, pass(1, z)).mean()
    let divergence = Self.divergence(mean, logVariance).mean()
    let share = warmUp == 0 ? 1 : min(1, Float(pass.step) / Float(warmUp))
    return DescentCost(
      reconstruction + (beta * share) * divergence,
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

  /// E[x | z].
  func mean(_ output: Tensor) -> Tensor {
    decoder == .bernoulli ? sigmoid(output) : parts(output).mean
  }
}
