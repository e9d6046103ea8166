import SGBasics
import SGData
import SGFormats
import SGNets
import SGTensors

/// A trained generator by itself: it makes samples, and holds neither the discriminator nor what
/// only training needs.
///
///     let generator = try Generator(checkpoint: "run/model.safetensors")
///     let samples = try generator.sample(64, seed: 1)
///
/// A `GAN` makes its samples by the same code, with the same bits.
public struct Generator: Sendable {
  /// What the model was.
  public let configuration: Configuration
  private let network: Network
  /// The averaged generator if there is one.
  private let parameters, statistics: [Tensor]
  /// Between what the network makes and samples in their own units.
  package let standardization: Standardization

  init(
    _ configuration: Configuration, _ network: Network,
    _ learned: (parameters: Parameters, statistics: Parameters), _ standardization: Standardization
  ) {
    self.configuration = configuration
    self.network = network
    self.standardization = standardization
    parameters = learned.parameters.tensors
    statistics = learned.statistics.tensors
  }

  /// The network in use. Its reference batch, if it needs one, is drawn for each use, where a lack
  /// of memory can be reported.
  package var inference: Inference {
    Inference(
      network: network, parameters: parameters, statistics: statistics,
      reference: configuration.referenceLatents(for: network))
  }

  /// The generator of a checkpoint, of which nothing else is read or checked.
  /// - Parameters:
  ///   - path: a file that `Checkpoint.write(_:to:)` made of a `GAN`.
  ///   - configuration: the one that the model was made with; needed where it holds layers of the
  ///     user's own.
  /// - Throws: what reading a checkpoint and making a `GAN` of it throw.
  public init(checkpoint path: String, configuration: Configuration? = nil) throws(Failure) {
    let file = try SafetensorsFile(path)
    let configuration = try GAN.configuration(of: file.metadata, given: configuration)
    let network = try configuration.networks().generator
    try Memory.reserve(floats: network.parameterCount, copies: 1, for: "the generator's weights")
    let prefix = configuration.averaging.isKept ? "generator_average." : "generator."
    let (learned, standardization) = try Memory.checked { () throws(Failure) in
      let stored = StoredTensors(file)
      return (
        try stored.learned(network, prefix: prefix),
        try Standardization(
          stored, samples: network.output.count, conditions: configuration.usedConditions)
      )
    }
    self.init(configuration, network, learned, standardization)
  }

  /// A sample's shape.
  public var sampleShape: Shape { network.output }
  /// What values samples take; nil: any.
  public var sampleRange: ValueRange? { configuration.range }
  /// Numbers of a latent.
  public var latentSize: Int { configuration.latent.size }

  /// New samples.
  /// - Parameters:
  ///   - count: how many.
  ///   - seed: sample i depends on (seed, i) alone.
  ///   - given: labels and conditions, one each, where the generator is conditioned on them.
  /// - Returns: [count] + sampleShape.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func sample(
    _ count: Int, seed: UInt64, given: Conditions
  ) throws(Failure) -> Tensor {
    try sample(latents: latents(count, seed: seed), given: given, seed: seed)
  }

  /// Latents of the prior, [count, latent size]; row i depends on (seed, i) alone.
  public func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard (1...Int(UInt32.max)).contains(count) else {
        throw Failure(.argument, "count: expected 1...\(UInt32.max), found \(count)")
      }
      try Memory.reserve(floats: count, copies: latentSize, for: "\(count) latents")
      guard count <= Int(Int32.max) else {
        throw Failure(.limit, "count: \(count) latents are more than \(Int32.max)")
      }
      return configuration.latent.draw(count, RandomStream.sampling.key(seed))
    }
  }

  /// What the generator makes of latents [count, latent size]: [count] + sampleShape. Uses the
  /// averaged generator if there is one, and running statistics.
  /// - Parameters:
  ///   - latents: [count, latent size].
  ///   - given: labels and conditions, one each, where the generator is conditioned on them.
  ///   - seed: of layers that draw noise when sampling.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func sample(
    latents: Tensor, given: Conditions = .none, seed: UInt64 = 0
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard latents.rank == 2, latents.shape[0] >= 1, latents.shape[1] == latentSize else {
        throw Failure(
          .mismatch, "latents: expected shape [count, \(latentSize)], found \(latents.shape)")
      }
      let c = configuration
      let taken = standardization.standardized(
        try c.taken(given, count: latents.shape[0], by: .generator))
      let inference = inference
      let made = try inference.inChunks(latents) { z, place in
        let given = taken.part(place)
        return inference(
          z, c.generatorCondition(given.labels, given.values),
          RandomStream.samplingLayers.key(seed).from(place.lowerBound))
      }
      return standardization.restored(made)
    }
  }
}

extension Configuration {
  /// The generator's reference batch of latents, where it needs one.
  func referenceLatents(for generator: Network) -> Tensor? {
    guard generator.needsReference else { return nil }
    return latent.draw(tricks.referenceBatch, RandomStream.latents.key(~seed))
  }
}
