import SGBasics
import SGData
import SGNets
import SGTensors

extension GAN {
  /// Its generator as it makes samples: the averaged one if there is one.
  public var generator: Generator {
    Generator(
      configuration, state.generator.network,
      state.average ?? (state.generator.parameters, state.generator.statistics),
      state.standardization)
  }

  /// New samples. Arguments and errors as for `Generator.sample(_:seed:given:)`.
  public func sample(
    _ count: Int, seed: UInt64, given: Conditions
  ) throws(Failure) -> Tensor {
    try generator.sample(count, seed: seed, given: given)
  }

  /// Latents of the prior, [count, latent size]; row i depends on (seed, i) alone.
  public func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try generator.latents(count, seed: seed)
  }

  /// What the generator makes of latents. Arguments and errors as for
  /// `Generator.sample(latents:given:seed:)`.
  public func sample(
    latents: Tensor, given: Conditions = .none, seed: UInt64 = 0
  ) throws(Failure) -> Tensor {
    try generator.sample(latents: latents, given: given, seed: seed)
  }

  /// D's logits, [count]: ℓ, which `Objective.output` says the meaning of; the mean over the
  /// patches of a discriminator that judges those. Uses running statistics. With a layer that sees
  /// the whole batch (minibatch discrimination or deviation) the samples are judged as one batch.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - given: labels and conditions, one each, where the discriminator is given them.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  public func discriminate(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let mode = configuration.labels.mode
      return try judge(samples, given, output: [1]) { DiscriminatorOutput($0, mode: mode).score }
        .reshaped([samples.shape[0]])
    }
  }

  /// Class logits, [count, classes], of a model whose discriminator classifies. Samples are one
  /// batch as in `discriminate(_:given:)`.
  /// - Throws: `Failure` of kind unsupported where it does not.
  public func classify(_ samples: Tensor) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      try expectClassifier()
      let mode = configuration.labels.mode
      return try judge(samples, .none, output: [configuration.classes]) {
        DiscriminatorOutput($0, mode: mode).classes ?? $0
      }
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
    let (samples, condition) = try discriminatorInput(samples, given)
    return try d.inChunks(samples, output: output) { x, place in
      body(d(x, condition(place), RandomStream.samplingLayers.key(0).from(place.lowerBound)))
    }
  }

  /// Samples as D sees them, and its condition for a part of them, both checked.
  func discriminatorInput(
    _ samples: Tensor, _ given: Conditions
  ) throws(Failure) -> (samples: Tensor, condition: (Range<Int>) -> Tensor?) {
    try expect(samples)
    try samples.expectFiniteSamples("samples")
    let c = configuration
    let standardization = state.standardization
    let taken = standardization.standardized(
      try c.taken(given, count: samples.shape[0], by: .discriminator))
    return (
      standardization.standardized(samples),
      { place in
        let given = taken.part(place)
        return c.discriminatorCondition(given.labels, given.values)
      }
    )
  }

  /// - Throws: `Failure` of kind mismatch where these are not [at least 1] + sampleShape.
  func expect(_ samples: Tensor) throws(Failure) {
    guard samples.rank >= 1, samples.shape[0] >= 1, samples.shape.droppingFirst() == sampleShape
    else {
      throw Failure(
        .mismatch, "samples: expected [count] + \(sampleShape), found \(samples.shape)")
    }
  }

  /// Whether the discriminator has an output for each sample, rather than for several together.
  public var judgesSamples: Bool { configuration.packing == 1 }

  /// Whether the discriminator needs a reference batch, which it takes from the first step, and has
  /// none yet.
  public var awaitsReference: Bool {
    state.discriminator.network.needsReference && state.reference == nil
  }

  /// - Throws: `Failure` of kind argument where it awaits its reference batch.
  func inferringDiscriminator() throws(Failure) -> Inference {
    let d = state.discriminator
    guard judgesSamples else {
      throw Failure(
        .unsupported,
        "packing: the discriminator judges \(configuration.packing) samples together, and has no"
          + " output for one of them")
    }
    guard !awaitsReference else {
      throw Failure(
        .argument,
        "the discriminator's reference_norm has no reference batch before the first training step")
    }
    return Inference(
      network: d.network, parameters: d.parameters.tensors, statistics: d.statistics.tensors,
      reference: state.reference)
  }
}
