import Nets
import Tensors

/// A trained generator by itself: it makes samples, and holds neither the discriminator nor what only training needs.
///
///     let generator = try Generator(checkpoint: "run/model.safetensors")
///     let samples = try generator.sample(64, seed: 1)
///
/// A `GAN` makes its samples by the same code, with the same bits.
public struct Generator: Sendable {
  /// What the model was.
  public let configuration: Configuration
  /// The averaged generator if there is one.
  let inference: Inference

  init(
    _ configuration: Configuration, _ network: Network,
    _ learnt: (parameters: Parameters, statistics: Parameters)
  ) {
    self.configuration = configuration
    inference = Inference(
      network: network, parameters: learnt.parameters.tensors,
      statistics: learnt.statistics.tensors,
      reference: configuration.referenceLatents(for: network))
  }

  /// The generator of a checkpoint, of which nothing else is read or checked.
  /// - Parameters:
  ///   - path: a file that `Checkpoint.write(_:to:)` made of a `GAN`.
  ///   - configuration: the one that the model was made with; needed where it holds layers of the user's own.
  /// - Throws: what reading a checkpoint and making a `GAN` of it throw.
  public init(checkpoint path: String, configuration: Configuration? = nil) throws(Failure) {
    let file = try SafetensorsFile(path)
    let configuration = try GAN.configuration(of: file.metadata, given: configuration)
    let network = try configuration.networks().generator
    try GAN.reserve(floats: network.parameterCount, copies: 1, for: "the generator's weights")
    self.init(
      configuration, network,
      try StoredTensors(file).learnt(
        network, prefix: configuration.average > 0 ? "generator_average." : "generator."))
  }

  /// A sample's shape.
  public var sampleShape: Shape { inference.network.output }
  /// What values samples take; nil: any.
  public var sampleRange: ValueRange? { configuration.range }
  /// Numbers of a latent.
  public var latentSize: Int { configuration.latent.size }

  /// Samples of an unconditional model; of a conditional one its classes in turn.
  public func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try sample(count, seed: seed, given: inTurn(count))
  }

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

  /// Class i mod classes for sample i, where a model is conditioned on classes alone.
  package func inTurn(_ count: Int) -> Conditions {
    guard (1...Int(UInt32.max)).contains(count), configuration.generatorCondition > 0,
      configuration.classes > 0
    else {
      return .none
    }
    return Conditions(labels: (0..<count).map { Int32($0 % configuration.classes) })
  }

  /// Latents of the prior, [count, latent size]; row i depends on (seed, i) alone.
  public func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    guard count >= 1, count <= Int(UInt32.max) else {
      throw Failure(.argument, "count: expected 1...\(UInt32.max), found \(count)")
    }
    try GAN.reserve(floats: count, copies: latentSize, for: "\(count) latents")
    return configuration.latent.draw(count, GAN.key(.sampling, seed))
  }

  /// What the generator makes of latents [count, latent size]: [count] + sampleShape. Uses the averaged generator if there
  /// is one, and running statistics.
  /// - Parameters:
  ///   - latents: [count, latent size].
  ///   - given: labels and conditions, one each, where the generator is conditioned on them.
  ///   - seed: of layers that draw noise when sampling.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func sample(
    latents: Tensor, given: Conditions = .none, seed: UInt64 = 0
  ) throws(Failure) -> Tensor {
    let c = configuration
    if c.generatorCondition > 0 { try c.check(given, count: latents.shape[0]) }
    return try inference.inChunks(latents) { z, place in
      let given = given.part(place)
      return inference(
        z, c.generatorCondition(given.labels, given.values),
        GAN.key(.samplingLayers, seed).from(place.lowerBound))
    }
  }
}

extension Configuration {
  /// The generator's reference batch of latents, where it needs one.
  func referenceLatents(for generator: Network) -> Tensor? {
    guard generator.needsReference else { return nil }
    return latent.draw(tricks.referenceBatch, GAN.key(.latents, ~seed))
  }
}
