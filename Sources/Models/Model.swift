import SGBasics
import SGData
import SGTensors

/// Something that learns from batches of real samples.
public protocol Learner: AnyObject {
  /// A sample's shape.
  var sampleShape: Shape { get }
  /// What values samples take; nil: any.
  var sampleRange: ValueRange? { get }
  /// Steps made so far.
  var step: UInt64 { get }
  /// The seed that orders the data.
  var seed: UInt64 { get }
  /// What it wants to know of the samples.
  var labelUse: LabelUse { get }
  /// How many minibatches one step takes when it trains on a dataset.
  var batchesPerStep: Int { get }
  /// Samples taken from the dataset so far, by which `Trainer` goes on where it stopped.
  var samplesSeen: UInt64 { get set }

  /// One step on batches of real samples. On failure the model is as before.
  /// - Parameters:
  ///   - batches: one, or as many as `batchesPerStep` says.
  ///   - reporting: whether the report's figures beyond the costs are wanted.
  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport

  /// Everything that a checkpoint holds.
  func snapshot() -> Snapshot
}

/// A learner that makes samples: the GAN, and the families it is compared with.
public protocol Model: Learner {
  /// New samples, [count] + sampleShape; sample i depends on (seed, i) alone.
  func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor
}

/// Named tensors and strings: all that a checkpoint knows of a model.
public struct Snapshot: Sendable {
  /// Weights, statistics, and whatever else is made of numbers.
  public var tensors: [(name: String, value: Tensor)]
  /// Strings by key, such as `configuration`.
  public var texts: [String: String]

  /// A snapshot of named tensors and strings.
  public init(tensors: [(name: String, value: Tensor)], texts: [String: String]) {
    self.tensors = tensors
    self.texts = texts
  }
}
