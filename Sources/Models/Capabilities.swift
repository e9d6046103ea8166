import SGBasics
import SGData
import SGTensors

/// What makes samples: a model, or a part of one that was read from a checkpoint for this alone.
public protocol Sampler {
  /// A sample's shape.
  var sampleShape: Shape { get }
  /// What values samples take; nil: any.
  var sampleRange: ValueRange? { get }
  /// The labels and conditions that samples are made for.
  var sampleUse: LabelUse { get }
  /// New samples, [count] + sampleShape; sample i depends on (seed, i) alone.
  /// - Throws: `Failure` of kind argument, mismatch or noMemory.
  func sample(_ count: Int, seed: UInt64, given: Conditions) throws(Failure) -> Tensor
}

extension Sampler {
  /// Samples of an unconditional model; of a conditional one its classes in turn.
  public func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor {
    try sample(count, seed: seed, given: inTurn(count))
  }

  /// Class i mod classes for sample i, where samples are made for classes.
  /// - Throws: `Failure` of kind argument (how many) or noMemory.
  package func inTurn(_ count: Int) throws(Failure) -> Conditions {
    guard case .given(let classes, _) = sampleUse, classes > 0 else { return .none }
    guard (1...Int(Int32.max)).contains(count) else {
      throw Failure(.argument, "count: expected 1...\(Int32.max), found \(count)")
    }
    try Memory.expectRoom(for: 16 * count, "the labels of \(count) samples")
    return Conditions(labels: (0..<count).map { Int32($0 % classes) })
  }
}

/// How a model makes a sample.
public enum SamplingProcedure: String, Sendable {
  /// All elements in a fixed number of passes.
  case parallel
  /// Element by element, each given those before it.
  case sequential
  /// As the state of a Markov chain after many steps.
  case chain
}

/// A model that makes samples.
public protocol Sampling: Model, Sampler {
  /// How it makes a sample; by default all elements at once.
  var samplingProcedure: SamplingProcedure { get }
  /// Whether a sample is a mean, such as that of a decoder, of the distribution that its likelihood
  /// is of; by default it is drawn.
  var samplesAreMeans: Bool { get }
}

extension Sampling {
  /// All elements at once.
  public var samplingProcedure: SamplingProcedure { .parallel }
  /// They are drawn.
  public var samplesAreMeans: Bool { false }
}

/// A model of whose checkpoints a part is enough to make samples.
package protocol SamplingByPart: Sampling {
  /// That part, of a checkpoint's file.
  static func sampler(checkpoint path: String) throws(Failure) -> any Sampler
}

/// What makes its samples of latents.
public protocol LatentSampler: Sampler {
  /// Numbers of a latent.
  var latentSize: Int { get }
  /// Latents of the prior, [count, latentSize]; row i depends on (seed, i) alone.
  func latents(_ count: Int, seed: UInt64) throws(Failure) -> Tensor
  /// The samples that the model makes of latents.
  /// - Parameters:
  ///   - latents: [count, latentSize].
  ///   - given: labels and conditions, as for `sample(_:seed:given:)`.
  ///   - seed: of layers that draw noise when sampling.
  /// - Returns: [count] + sampleShape.
  func decode(_ latents: Tensor, given: Conditions, seed: UInt64) throws(Failure) -> Tensor
}

/// A model that makes its samples of latents.
public protocol HasLatents: Sampling, LatentSampler {}

/// A model that finds the latents of given samples in one pass.
public protocol Encoding: HasLatents {
  /// The latents of samples [count] + sampleShape: [count, latentSize].
  func encode(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor
}

extension Encoding {
  /// The samples that the model makes of the latents of given ones.
  public func reconstruct(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      try decode(encode(samples, given: given), given: given, seed: 0)
    }
  }
}

/// A model that makes samples from inputs, such as images from images.
public protocol Translating: Sampling {
  /// An input's shape; nil: this model makes its samples from nothing but chance and classes.
  var inputShape: Shape? { get }
}

extension Translating {
  /// What becomes of inputs.
  /// - Parameters:
  ///   - inputs: [count] + inputShape.
  ///   - answers: how many for each.
  ///   - labels: a class for each input, where the model is given classes, too.
  ///   - seed: answer j of input i is sample i · answers + j of it.
  /// - Returns: [count · answers] + sampleShape, each input's answers one after another.
  /// - Throws: `Failure` of kind unsupported (no inputs), mismatch (shape), argument or noMemory.
  public func translate(
    _ inputs: Tensor, answers: Int = 1, labels: [Int32] = [], seed: UInt64 = 1
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      guard let shape = inputShape else {
        throw Failure(
          .unsupported,
          "translate: the model makes its samples from no inputs; it needs data.conditions and"
            + " labels.mode \"conditional\"")
      }
      guard inputs.rank >= 1, inputs.shape[0] >= 1, inputs.shape.droppingFirst() == shape else {
        throw Failure(.mismatch, "inputs: expected [count] + \(shape), found \(inputs.shape)")
      }
      guard (1...1000).contains(answers) else {
        throw Failure(.argument, "answers: expected 1...1000, found \(answers)")
      }
      let (count, size) = (inputs.shape[0], shape.count)
      let (all, overflow) = count.multipliedReportingOverflow(by: answers)
      try Memory.reserve(
        floats: overflow ? .max : all, copies: size,
        for: "the inputs of \(count) x \(answers) answers")
      let rows = inputs.reshaped([count, size]).gather((0..<all).map { Int32($0 / answers) })
      return try sample(
        all, seed: seed,
        given: Conditions(
          labels: labels.flatMap { Array(repeating: $0, count: answers) }, values: rows))
    }
  }
}

/// A model that also makes inputs from samples.
public protocol TranslatingBack: Translating {
  /// Inputs made from samples [count] + sampleShape: [count] + inputShape.
  /// - Parameter seed: of layers that draw noise.
  /// - Throws: `Failure` of kind mismatch, argument or noMemory.
  func translateBack(_ samples: Tensor, seed: UInt64) throws(Failure) -> Tensor
}

/// A model with a discriminator that tells real samples from its own.
public protocol HasCritic: Model {
  /// The labels and conditions that the discriminator is given.
  var criticLabelUse: LabelUse { get }
  /// Whether the discriminator cannot judge before the first training step.
  var awaitsReference: Bool { get }
  /// Whether the discriminator has an output for each sample, rather than for several together.
  var judgesSamples: Bool { get }
  /// Logits ℓ of samples, [count]; D = σ(ℓ).
  func discriminate(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor
  /// D of samples that are no batch of the caller's, for pictures.
  func opinion(of samples: Tensor, given: Conditions) throws(Failure) -> [Float]
}

extension HasCritic {
  /// It has.
  public var judgesSamples: Bool { true }
}

/// A model whose discriminator tells the density ratio p_data / p_model.
public protocol HasDensityRatio: HasCritic {
  /// Whether this model's configuration lets the discriminator tell it; by default it does.
  var tellsDensityRatio: Bool { get }
  /// The ratio at each sample, [count]: at most e⁸⁸.
  func densityRatio(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor
  /// Its logarithm, [count].
  func logDensityRatio(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor
  /// The logarithm's derivative by the samples, [count] + sampleShape.
  func logDensityRatioGradient(_ samples: Tensor, given: Conditions) throws(Failure) -> Tensor
  /// Divergences between data and model by the ratio, as JSON.
  /// - Parameter count: samples of each side; nil: 10,000, or all where there are fewer.
  func divergenceReport(from data: Dataset, count: Int?, seed: UInt64) throws(Failure) -> JSON
}

extension HasDensityRatio {
  /// It does.
  public var tellsDensityRatio: Bool { true }
}

/// A model whose generator could descend another cost: how much the gradients of each fluctuate.
public protocol ComparesCosts: Model {
  /// Adds to a comparison of costs their gradients for this model.
  /// - Parameters:
  ///   - batch: samples of a minibatch.
  ///   - batches: how many minibatches.
  func measure(
    _ comparison: inout CostComparison, batch: Int, batches: Int, seed: UInt64
  ) throws(Failure)
}

/// A model that tells the class of a sample.
public protocol Classifying: Model {
  /// How many classes it tells apart.
  /// - Throws: `Failure` of kind unsupported where its configuration makes no classifier of it.
  func classCount() throws(Failure) -> Int
  /// Class logits of samples, [count, classes].
  func classify(_ samples: Tensor) throws(Failure) -> Tensor
}

/// What a log-likelihood is.
public enum LikelihoodKind: String, Sendable {
  /// The logarithm of the model's density or probability.
  case exact
  /// A lower bound of it.
  case bound
  /// An estimate of it.
  case estimate
}

/// A model that tells how likely samples are.
public protocol HasLikelihood: Model {
  /// What `logLikelihood(_:given:options:)` gives.
  var likelihood: LikelihoodKind { get }
  /// Whether it is a probability of discrete samples; otherwise a density. By default a density.
  var isProbability: Bool { get }
  /// Options under which `logLikelihood` gives other values for the same samples, from the loosest
  /// bound on, those of the default (`[:]`) among them; none where there is one value only.
  var likelihoodOptions: [JSON] { get }
  /// Natural log density (of real-valued samples) or probability (of discrete ones), [count].
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - given: labels and conditions.
  ///   - options: the family's own, such as the number of importance samples; and `seed`.
  /// - Throws: `Failure` of kind argument, mismatch, configuration (options) or noMemory.
  func logLikelihood(
    _ samples: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor
}

extension HasLikelihood {
  /// A density.
  public var isProbability: Bool { false }
  /// None.
  public var likelihoodOptions: [JSON] { [] }
}

/// A model that fills in the missing elements of samples.
public protocol Completing: Model {
  /// The labels and conditions that samples are completed for.
  var sampleUse: LabelUse { get }
  /// Samples whose unknown elements the model fills in; known ones stay.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - mask: of the samples' shape, or of one sample for all: 1 where an element is known, else
  ///     0.
  ///   - options: `answers`, `seed`, and the family's own.
  /// - Returns: [count · answers] + sampleShape, each sample's answers one after another.
  func complete(
    _ samples: Tensor, mask: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor
}

/// A model whose samples are sound.
public protocol HasSound: Model {
  /// Samples in a second.
  var sampleRate: Int { get }
}

/// A model that samples by Markov chains.
public protocol HasChains: Sampling {
  /// How well the chains mix, as JSON: `chains`, `steps`, `burn_in`, `autocorrelation_time`,
  /// `effective_samples`, `autocorrelation` by lags, and the family's own figures.
  /// - Parameter options: `chains`, `steps`, `seed`, and the family's own.
  func mixing(options: JSON) throws(Failure) -> JSON
}

/// A model that looks for latents of given samples by descent.
public protocol FindsLatents: HasLatents {
  /// Latents whose samples match given ones where these are known.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - mask: as for `complete(_:mask:given:options:)`; nil: everything is known.
  ///   - search: how they are looked for.
  func findLatents(
    for samples: Tensor, mask: Tensor?, given: Conditions, _ search: LatentSearch
  ) throws(Failure) -> FoundLatents
}

/// A model whose networks can be written for other programs, and read from them.
public protocol Exporting: Model {
  /// The networks' names; the first is the one that makes samples.
  var networkNames: [String] { get }
  /// A network as it is used after training, with averaged weights if there are such.
  /// - Parameter name: one of `networkNames`.
  func trainedNetwork(_ name: String) throws(Failure) -> TrainedNetwork
  /// Replaces tensors, all of them or none.
  /// - Throws: `Failure` of kind argument (unknown name, not finite) or mismatch (shape).
  func setTensors(_ values: [String: Tensor]) throws(Failure)
}
