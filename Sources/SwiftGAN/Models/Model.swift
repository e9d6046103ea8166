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
  /// - Parameter reporting: whether the report's figures beyond the costs are wanted.
  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport

  /// New samples, [count] + sampleShape; sample i depends on (seed, i) alone.
  func sample(_ count: Int, seed: UInt64) throws(Failure) -> Tensor

  /// Everything that a checkpoint holds.
  func snapshot() -> Snapshot
}

/// Real samples, and what is known of them.
public struct Batch: Sendable {
  /// [count] + the sample's shape.
  public var samples: Tensor
  public init(_ samples: Tensor) { self.samples = samples }

  public var count: Int { samples.shape[0] }
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
