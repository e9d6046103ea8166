import Nets
import Tensors

extension GAN {
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
    guard configuration.generatorCondition > 0, configuration.classes > 0 else { return .none }
    return Conditions(labels: (0..<count).map { Int32($0 % configuration.classes) })
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
  /// - Parameters:
  ///   - latents: [count, latent size].
  ///   - given: labels and conditions, one each, where the generator is conditioned on them.
  ///   - seed: of layers that draw noise when sampling.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func sample(
    latents: Tensor, given: Conditions = .none, seed: UInt64 = 0
  ) throws(Failure) -> Tensor {
    let (generator, c) = (inferringGenerator, configuration)
    if c.generatorCondition > 0 { try c.check(given, count: latents.shape[0]) }
    return try inChunks(latents, generator.network) { z, place in
      let given = given.part(place)
      return generator(
        z, c.generatorCondition(given.labels, given.values),
        Self.key(.samplingLayers, seed).from(place.lowerBound))
    }
  }

  /// D's logits, [count]: ℓ with D = σ(ℓ). Uses running statistics.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - given: labels and conditions, one each, where the discriminator is given them.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func discriminate(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    let mode = configuration.labels.mode
    return try judge(samples, given, output: [1]) { Said($0, mode: mode).logits }
      .reshaped([samples.shape[0]])
  }

  /// Class logits, [count, classes], of a model whose discriminator classifies.
  /// - Throws: `Failure` of kind unsupported where it does not.
  public func classify(_ samples: Tensor) throws(Failure) -> Tensor {
    try expectClassifier()
    let mode = configuration.labels.mode
    return try judge(samples, .none, output: [configuration.classes]) {
      Said($0, mode: mode).classes ?? $0
    }
  }

  /// - Throws: `Failure` of kind unsupported where the discriminator tells no classes.
  package func expectClassifier() throws(Failure) {
    guard configuration.labels.classifies else {
      throw Failure(
        .unsupported,
        "the discriminator tells no classes: labels.mode is \"\(configuration.labels.mode.rawValue)\";"
          + " expected \"auxiliary\" or \"semi_supervised\"")
    }
  }

  /// Runs D over samples, and something over its output.
  private func judge(
    _ samples: Tensor, _ given: Conditions, output: Shape, _ body: (Tensor) -> Tensor
  ) throws(Failure) -> Tensor {
    let d = try inferringDiscriminator()
    let condition = try discriminatorConditions(samples, given)
    return try inChunks(samples, d.network, output: output) { x, place in
      body(d(x, condition(place), Self.key(.samplingLayers, 0).from(place.lowerBound)))
    }
  }

  /// D's condition for a part of the samples, checked.
  func discriminatorConditions(
    _ samples: Tensor, _ given: Conditions
  ) throws(Failure) -> (Range<Int>) -> Tensor? {
    let c = configuration
    if c.discriminatorCondition > 0 { try c.check(given, count: samples.shape[0]) }
    return { place in
      let given = given.part(place)
      return c.discriminatorCondition(given.labels, given.values)
    }
  }

  /// A network as it is used after training: running statistics, constant weights.
  struct Inference {
    let network: Network
    let parameters, statistics: [Tensor]
    let reference: Tensor?

    func callAsFunction(_ x: Tensor, _ condition: Tensor?, _ random: RandomKey) -> Tensor {
      network(
        x, parameters: parameters, state: statistics, isTraining: false, random: random,
        condition: condition, reference: reference
      ).output
    }
  }

  /// The generator that makes samples: the averaged one if there is one.
  var inferringGenerator: Inference {
    let (parameters, statistics) =
      state.average ?? (state.generator.parameters, state.generator.statistics)
    return Inference(
      network: state.generator.network, parameters: parameters.tensors,
      statistics: statistics.tensors, reference: referenceLatents)
  }

  /// Whether the discriminator needs a reference batch, which it takes from the first step, and has none yet.
  var awaitsReference: Bool {
    state.discriminator.network.needsReference && state.reference == nil
  }

  /// - Throws: `Failure` of kind argument where it awaits its reference batch.
  func inferringDiscriminator() throws(Failure) -> Inference {
    let d = state.discriminator
    guard !awaitsReference else {
      throw Failure(
        .argument,
        "the discriminator's reference_norm has no reference batch before the first training step")
    }
    return Inference(
      network: d.network, parameters: d.parameters.tensors, statistics: d.statistics.tensors,
      reference: state.reference)
  }

  static func key(_ stream: Stream, _ seed: UInt64) -> RandomKey {
    RandomKey(seed: seed, stream: stream.rawValue, step: 0)
  }

  /// Runs something sample by sample over a long batch, piece by piece, so that memory stays low.
  /// - Parameters:
  ///   - output: a sample's shape on the way out; nil: the network's.
  ///   - body: from a piece of x and the place of its samples.
  func inChunks(
    _ x: Tensor, _ network: Network, output: Shape? = nil, _ body: (Tensor, Range<Int>) -> Tensor
  ) throws(Failure) -> Tensor {
    let n = x.shape[0]
    let most = 64
    let output = output ?? network.output
    try Self.reserve(floats: n, copies: output.count, for: "\(n) outputs of shape \(output)")
    try Self.reserve(
      floats: min(n, most) + (network.needsReference ? configuration.tricks.referenceBatch : 0),
      copies: network.floatsPerSample + 2 * most * network.floatsPerPair, for: "a forward pass")
    if n <= most { return body(x, 0..<n) }
    return Tensor(shape: output.prepending(n)) { y in
      for first in stride(from: 0, to: n, by: most) {
        let place = first..<min(first + most, n)
        body(x.rows(place), place).withElements {
          _ = UnsafeMutableBufferPointer(rebasing: y[(first * output.count)...]).update(from: $0)
        }
      }
    }
  }
}
