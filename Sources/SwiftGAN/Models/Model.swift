import Tensors

/// Something that learns from batches and makes samples: the GAN, and the families it is compared with.
public protocol Model: AnyObject {
  /// A sample's shape.
  var sampleShape: Shape { get }
  /// What values samples take; nil: any.
  var sampleRange: ValueRange? { get }
  /// Steps made so far.
  var step: UInt64 { get }
  /// The seed that orders the data.
  var seed: UInt64 { get }
  /// How many minibatches one step takes when it trains on a dataset.
  var batchesPerStep: Int { get }
  /// Samples taken from the dataset so far, by which `Trainer` goes on where it stopped.
  var samplesSeen: UInt64 { get set }

  /// One step on batches of real samples. On failure the model is as before.
  func train(on batches: [Tensor]) throws(Failure) -> StepReport

  /// New samples, [count] + sampleShape; sample i depends on (seed, i) alone.
  func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor

  /// Everything that a checkpoint holds.
  func snapshot() -> Snapshot
}

/// Named tensors and strings: all that a checkpoint knows of a model.
public struct Snapshot: Sendable {
  public var tensors: [(name: String, value: Tensor)]
  public var texts: [String: String]

  public init(tensors: [(name: String, value: Tensor)], texts: [String: String]) {
    self.tensors = tensors
    self.texts = texts
  }
}

/// The figures of one step.
public struct StepReport: Sendable {
  /// The step's number, from 1.
  public var step: UInt64
  public var discriminatorCost, generatorCost: Double
  /// Mean D = σ(ℓ) on the real and the fake batch of the discriminator's last update.
  public var realOutput, fakeOutput: Double
  /// Share of the batch that D puts on the right side of ½.
  public var realAccuracy, fakeAccuracy: Double
  /// Euclidean norms of the whole gradients, before clipping.
  public var discriminatorGradientNorm, generatorGradientNorm: Double
  /// The schedule's factor times the generator's learning rate.
  public var learningRate: Double
  /// Passes over the data so far; 0 for steps on the caller's own batches.
  public var epoch: Double = 0
  /// Real samples a second, of this step alone.
  public var imagesPerSecond: Double = 0

  public var json: JSON {
    .object([
      ("step", .integer(Int64(step))), ("epoch", .number(epoch)),
      ("discriminator_cost", .number(discriminatorCost)),
      ("generator_cost", .number(generatorCost)),
      ("real_output", .number(realOutput)), ("fake_output", .number(fakeOutput)),
      ("real_accuracy", .number(realAccuracy)), ("fake_accuracy", .number(fakeAccuracy)),
      ("discriminator_gradient_norm", .number(discriminatorGradientNorm)),
      ("generator_gradient_norm", .number(generatorGradientNorm)),
      ("learning_rate", .number(learningRate)), ("images_per_second", .number(imagesPerSecond)),
    ])
  }
}
