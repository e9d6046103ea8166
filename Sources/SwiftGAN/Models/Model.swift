import Tensors

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

/// Real samples, and what is known of them.
public struct Batch: Sendable {
  /// [count] + the sample's shape.
  public var samples: Tensor
  /// A class index a sample, -1 where it is unknown; or empty.
  public var labels: [Int32]
  /// [count, size]: real numbers that each sample is conditioned on.
  public var conditions: Tensor?
  /// Other samples, whose labels are known, for models that learn from few labels. None: the batch's own.
  public var labelled: Batch? {
    get { others.first }
    set { others = newValue.map { [$0] } ?? [] }
  }
  private var others: [Batch] = []

  /// Samples, and what is known of them.
  public init(_ samples: Tensor, labels: [Int32] = [], conditions: Tensor? = nil) {
    self.samples = samples
    self.labels = labels
    self.conditions = conditions
  }

  /// How many samples there are.
  public var count: Int { samples.shape[0] }
}

/// What a model wants to know of the samples it learns from.
public enum LabelUse: Sendable, Hashable {
  /// Nothing.
  case none
  /// A class of each (classes: 0 for none) and so many real numbers.
  case given(classes: Int, conditions: Int)
  /// Besides unlabelled samples as many whose class is known.
  case few(classes: Int)
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
