import SGBasics
import SGNets
import SGTensors

/// What a variational autoencoder is good for.
extension VAE: EncodingFamily, LikelihoodFamily {
  package var likelihood: LikelihoodKind { .bound }
  package var isBinary: Bool { decoder == .bernoulli }
  package var domain: SampleDomain { isBinary ? .within(ValueRange(0, 1)) : .any }
  package var latentSize: Int { latent.size }

  package var samplesAreMeans: Bool { options.samples == .mean }

  package func latents(_ count: Int, _ random: RandomKey) -> Tensor { latent.draw(count, random) }

  /// Means E[x | z], or draws of p(x | z), for latents of the prior.
  package func sample(
    _ count: Int, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let latents = latents(count, RandomKey(.sampling, seed: seed))
    guard !samplesAreMeans else { return try decode(latents, seed: seed, learned) }
    let decoder = learned.networks[1]
    return try decoder.inChunks(latents, output: learned.sampleShape) { z, place in
      draw(
        decoder(z, nil, Self.layers(seed, place)),
        RandomKey(.sampling, seed: seed, use: 1).from(place.lowerBound))
    }
  }

  static func layers(_ seed: UInt64, _ place: Range<Int>) -> RandomKey {
    RandomKey(.layers, seed: seed).from(place.lowerBound)
  }

  /// The means E[x | z].
  package func decode(
    _ latents: Tensor, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let decoder = learned.networks[1]
    return try decoder.inChunks(latents, output: learned.sampleShape) { z, place in
      mean(decoder(z, nil, Self.layers(seed, place)))
    }
  }

  /// The means of q(z | x).
  package func encode(_ samples: Tensor, _ learned: Learned) throws(Failure) -> Tensor {
    let encoder = learned.networks[0]
    return try encoder.inChunks(samples, output: [latent.size]) { x, place in
      posterior(encoder(x, nil, Self.layers(0, place))).mean
    }
  }

  /// The importance-weighted bound log 1/k Σ p(x, zᵢ) / q(zᵢ | x) with zᵢ of q(z | x). With k = 1
  /// its mean is the ELBO; it rises to the likelihood with k (Burda et al. 2016, eq. 8).
  /// - Parameter options: `importance_samples`: k, 100 by default; `seed`; or `quadrature`: points
  ///   for each number of a latent, of which there are at most 2.
  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    var o = try JSONObject(options, path: "")
    let k = try o.int("importance_samples", in: 1...100_000, default: 100)
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    let points = try quadraturePoints(&o)
    try o.finish()
    if let points { return try integral(of: samples, points, learned) }
    let (encoder, decoder) = (learned.networks[0], learned.networks[1])
    try Memory.reserve(
      floats: 64, copies: 2 * decoder.network.floatsPerSample + 3 * learned.sampleShape.count,
      for: "a pass of the decoder")
    return try encoder.inChunks(samples, output: [1]) { x, place in
      let layers = Self.layers(seed, place)
      let (mean, logVariance) = posterior(encoder(x, nil, layers))
      var total: Tensor?
      for draw in 0..<k {
        let key = RandomKey(.estimates, seed: seed, step: UInt64(draw)).from(place.lowerBound)
        let noise = key.normal(mean.shape)
        let z = mean + exp(0.5 * logVariance) * noise
        // log p(z) − log q(z | x); the terms ½ log 2π cancel.
        let prior = (0.5 * (noise.squared() + logVariance - z.squared())).sum([1])
        let weight = logDensity(of: x, decoder(z, nil, layers)) + prior
        // log(eᵃ + eᵇ), which is −∞ where both are.
        let next = weight.reshaped([x.shape[0], 1])
        total =
          total.map { logSumExp(.concatenate([$0, next], axis: 1)).reshaped(next.shape) } ?? next
      }
      return (total ?? .zeros([x.shape[0], 1])) - log(Tensor(Float(k)))
    }.reshaped([samples.shape[0]])
  }
}
