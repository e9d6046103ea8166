import Nets
import Tensors

extension GAN {
  public func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try sample(latents: latents(count, seed: seed), seed: seed)
  }

  /// Latents of the prior, [count, latent size]; row i depends on (seed, i) alone.
  public func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    guard count >= 1, count <= Int(UInt32.max) else {
      throw Failure(.argument, "count: expected 1...\(UInt32.max), found \(count)")
    }
    try Self.reserve(floats: count, copies: latentSize, for: "\(count) latents")
    return configuration.latent.draw(count, Self.key(.sampling, seed))
  }

  /// What the generator makes of latents [count, latent size]: [count] + sampleShape. Uses the averaged generator if there
  /// is one, and running statistics.
  /// - Parameter seed: of layers that draw noise when sampling.
  public func sample(latents: Tensor, seed: UInt64 = 0) throws(Failure) -> Tensor {
    let generator = inferringGenerator
    return try inChunks(latents, generator.network) { z, first in
      generator(z, Self.key(.samplingLayers, seed).from(first))
    }
  }

  /// D's logits, [count]: ℓ with D = σ(ℓ). Uses running statistics.
  public func discriminate(_ samples: Tensor) throws(Failure) -> Tensor {
    let discriminator = inferringDiscriminator
    return try inChunks(samples, discriminator.network) { x, first in
      discriminator(x, Self.key(.samplingLayers, 0).from(first))
    }.reshaped([samples.shape[0]])
  }

  /// A network as it is used after training: running statistics, constant weights.
  struct Inference {
    let network: Network
    let parameters, statistics: [Tensor]

    func callAsFunction(_ x: Tensor, _ random: RandomKey) -> Tensor {
      network(x, parameters: parameters, state: statistics, isTraining: false, random: random)
        .output
    }
  }

  /// The generator that makes samples: the averaged one if there is one.
  var inferringGenerator: Inference {
    let (parameters, statistics) =
      state.average ?? (state.generator.parameters, state.generator.statistics)
    return Inference(
      network: state.generator.network, parameters: parameters.tensors,
      statistics: statistics.tensors)
  }

  var inferringDiscriminator: Inference {
    let d = state.discriminator
    return Inference(
      network: d.network, parameters: d.parameters.tensors, statistics: d.statistics.tensors)
  }

  static func key(_ stream: Stream, _ seed: UInt64) -> RandomKey {
    RandomKey(seed: seed, stream: stream.rawValue, step: 0)
  }

  /// Runs something sample by sample over a long batch, piece by piece, so that memory stays low.
  /// - Parameters:
  ///   - output: a sample's shape on the way out; nil: the network's.
  ///   - body: from a piece of x and the index of its first sample.
  func inChunks(
    _ x: Tensor, _ network: Network, output: Shape? = nil, _ body: (Tensor, Int) -> Tensor
  ) throws(Failure) -> Tensor {
    let n = x.shape[0]
    let most = 64
    let output = output ?? network.output
    try Self.reserve(floats: n, copies: output.count, for: "\(n) outputs of shape \(output)")
    try Self.reserve(
      floats: min(n, most), copies: network.floatsPerSample, for: "a forward pass")
    if n <= most { return body(x, 0) }
    return Tensor(shape: output.prepending(n)) { y in
      for first in stride(from: 0, to: n, by: most) {
        let part = body(x.rows(first..<min(first + most, n)), first)
        part.withElements {
          _ = UnsafeMutableBufferPointer(rebasing: y[(first * output.count)...]).update(from: $0)
        }
      }
    }
  }
}
