import SGBasics
import SGData
import SGTensors

/// What a family's functions know of the model that they are for.
public struct Learned {
  /// The networks as they are used after training, in the order of `networks`.
  public let networks: [Inference]
  /// A sample's shape.
  public let sampleShape: Shape
  /// Classes of the samples as one-hot, [count, classes], of a model that is given them.
  public let condition: Tensor?
}

/// A family whose models make samples.
public protocol SamplingFamily: DescentFamily {
  /// How a sample is made; by default all elements at once.
  var samplingProcedure: SamplingProcedure { get }
  /// Whether samples are means of what the likelihood is of; by default they are drawn.
  var samplesAreMeans: Bool { get }
  /// [count] + sampleShape; sample i depends on (seed, i) alone.
  func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor
}

extension SamplingFamily {
  /// All elements at once.
  public var samplingProcedure: SamplingProcedure { .parallel }
  /// They are drawn.
  public var samplesAreMeans: Bool { false }
}

/// A family whose models make them of latents.
public protocol LatentFamily: SamplingFamily {
  /// Numbers of a latent.
  var latentSize: Int { get }
  /// Latents of the prior, [count, latentSize]; row i is sample i of the key.
  func latents(_ count: Int, _ random: RandomKey) -> Tensor
  /// [count] + sampleShape of latents [count, size].
  func decode(_ latents: Tensor, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor
}

extension LatentFamily {
  public func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    try decode(latents(count, RandomKey(.sampling, seed: seed)), seed: seed, learned)
  }
}

/// A family whose models find the latents of given samples.
public protocol EncodingFamily: LatentFamily {
  /// [count, latent size] of samples [count] + sampleShape.
  func encode(_ samples: Tensor, _ learned: Learned) throws(Failure) -> Tensor
}

/// A family whose models tell likelihoods.
public protocol LikelihoodFamily: DescentFamily {
  /// What `logLikelihood` gives.
  var likelihood: LikelihoodKind { get }
  /// Whether elements are 0 or 1, so that the likelihood is a probability.
  var isBinary: Bool { get }
  /// Whether the likelihood is a probability; by default where elements are 0 or 1.
  var isProbability: Bool { get }
  /// As `HasLikelihood.likelihoodOptions`; by default none.
  var likelihoodOptions: [JSON] { get }
  /// log p of each sample, [count], in nats.
  func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor
}

extension LikelihoodFamily {
  /// Where elements are 0 or 1.
  public var isProbability: Bool { isBinary }
  /// None.
  public var likelihoodOptions: [JSON] { [] }
}

/// A family whose samples are sound.
public protocol SoundFamily: DescentFamily {}

/// A family whose models fill in the missing elements of samples.
public protocol CompletingFamily: SamplingFamily {
  /// The given samples with other values where the mask is 0.
  /// - Parameters:
  ///   - samples: [count] + sampleShape; unknown elements may have any values.
  ///   - mask: of the same shape, 1 where an element is known, else 0.
  ///   - options: the family's own; a family reads them to the end.
  ///   - seed: of its draws; sample i depends on (seed, i) and its own elements alone.
  func complete(
    _ samples: Tensor, mask: Tensor, _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor
}

extension DescentModel {
  private func learned(_ condition: Tensor?) -> Learned {
    Learned(
      networks: form.networks.indices.map { inference($0) }, sampleShape: sampleShape,
      condition: condition)
  }

  /// - Parameters:
  ///   - given: what samples are conditioned on, a class each where the model is given them.
  ///   - count: how many samples there are.
  ///   - copies: how often each is used.
  func using<R>(
    _ given: Conditions = .none, _ count: Int = 0, copies: Int = 1,
    _ body: (Learned) throws(Failure) -> R
  ) throws(Failure) -> R {
    try Memory.checked { () throws(Failure) in
      try body(learned(try oneHot(given.labels, count: count, copies: copies)))
    }
  }

  func expectCount(_ count: Int) throws(Failure) {
    guard (1...Int(Int32.max)).contains(count) else {
      throw Failure(.argument, "count: expected 1...\(Int32.max), found \(count)")
    }
    try Memory.reserve(floats: count, copies: sampleShape.count, for: "\(count) samples")
  }
}

extension DescentModel: Sampler, Sampling where Family: SamplingFamily {
  public var sampleUse: LabelUse { labelUse }
  public var samplingProcedure: SamplingProcedure { form.samplingProcedure }
  public var samplesAreMeans: Bool { form.samplesAreMeans }

  public func sample(
    _ count: Int, seed: UInt64, given: Conditions
  ) throws(Failure) -> Tensor {
    try expectCount(count)
    return try using(given, count) { (learned) throws(Failure) in
      standardization.restored(try form.sample(count, seed: seed, learned))
    }
  }
}

extension DescentModel: LatentSampler, HasLatents where Family: LatentFamily {
  public var latentSize: Int { form.latentSize }

  public func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try using { (_) throws(Failure) in
      try expectCount(count)
      try Memory.reserve(floats: count, copies: latentSize, for: "\(count) latents")
      return form.latents(count, RandomKey(.sampling, seed: seed))
    }
  }

  public func decode(
    _ latents: Tensor, given: Conditions, seed: UInt64
  ) throws(Failure) -> Tensor {
    try using { (learned) throws(Failure) in
      guard latents.rank == 2, latents.shape[0] >= 1, latents.shape[1] == latentSize else {
        throw Failure(
          .mismatch, "latents: expected shape [count, \(latentSize)], found \(latents.shape)")
      }
      return standardization.restored(try form.decode(latents, seed: seed, learned))
    }
  }
}

extension DescentModel: Encoding where Family: EncodingFamily {
  public func encode(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor {
    try using { (learned) throws(Failure) in
      try expect(samples)
      try form.domain.check(samples, "samples")
      return try form.encode(standardization.standardized(samples), learned)
    }
  }
}

extension DescentModel: HasLikelihood where Family: LikelihoodFamily {
  public var likelihood: LikelihoodKind { form.likelihood }
  public var isProbability: Bool { form.isProbability }
  public var likelihoodOptions: [JSON] { form.likelihoodOptions }

  public func logLikelihood(
    _ samples: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor {
    try expect(samples)
    return try using(given, samples.shape[0]) { (learned) throws(Failure) in
      standardization.restoredDensity(
        try form.logLikelihood(
          standardization.standardized(binary(samples)), options, learned))
    }
  }

  /// The samples of a likelihood that is a probability: 0 or 1.
  private func binary(_ samples: Tensor) throws(Failure) -> Tensor {
    guard form.isBinary else {
      try form.domain.check(samples, "samples")
      return samples
    }
    guard settings.binarization == .none else {
      try SampleDomain.within(ValueRange(0, 1)).check(samples, "samples")
      return settings.binarizedForJudging(samples)
    }
    let other = samples.withElements { $0.firstIndex { $0 != 0 && $0 != 1 } }
    guard let other else { return samples }
    let size = sampleShape.count
    throw Failure(
      .argument,
      "samples[\(other / size)]: element \(other % size) is neither 0 nor 1, which the model's"
        + " probabilities are of (data.binarize makes values between them so)")
  }
}

extension DescentModel: HasSound where Family: SoundFamily {
  public var sampleRate: Int { settings.sampleRate }
}

extension DescentModel: Completing where Family: CompletingFamily {
  public func complete(
    _ samples: Tensor, mask: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor {
    var o = try JSONObject(options, path: "")
    let answers = try o.int("answers", in: 1...1000, default: 1)
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    try expect(samples)
    let count = samples.shape[0]
    let (all, overflow) = count.multipliedReportingOverflow(by: answers)
    try expectCount(overflow ? .max : all)
    return try using(given, count, copies: answers) { (learned) throws(Failure) in
      guard mask.shape == samples.shape || mask.shape == sampleShape else {
        throw Failure(
          .mismatch, "mask: expected shape \(sampleShape) or \(samples.shape), found \(mask.shape)")
      }
      let bad = mask.withElements { $0.firstIndex { $0 != 0 && $0 != 1 } }
      if let bad {
        throw Failure(
          .argument,
          "mask: expected 0 or 1, found another value at element \(bad % sampleShape.count)")
      }
      let known = mask.broadcast(to: samples.shape)
      let isDrawn = form.domain == .binary && settings.binarization != .none
      let domain = isDrawn ? .within(ValueRange(0, 1)) : form.domain
      let unknown = domain.allowedValue.broadcast(to: known.shape)
      try domain.check(select(known, samples, unknown), "samples")
      let index = (0..<all).map { Int32($0 / answers) }
      let values = settings.binarized(samples, RandomKey(.binarization, seed: seed)).gather(index)
      let mask = known.gather(index)
      let result = try form.complete(
        standardization.standardized(values), mask: mask, &o, seed: seed, learned)
      try o.finish()
      return select(mask, samples.gather(index), standardization.restored(result))
    }
  }
}

/// A family whose networks other programs can use.
public protocol ExportingFamily: DescentFamily {
  /// The networks' names; the first is the one that makes samples.
  var networkNames: [String] { get }
  /// A network as it is used after training.
  func trainedNetwork(
    _ name: String, _ learned: Learned, _ standardization: Standardization
  ) throws(Failure) -> TrainedNetwork
}

extension DescentModel: Exporting where Family: ExportingFamily {
  public var networkNames: [String] { form.networkNames }
  public func trainedNetwork(_ name: String) throws(Failure) -> TrainedNetwork {
    try form.trainedNetwork(name, learned(nil), standardization)
  }
}
