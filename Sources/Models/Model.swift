import SGBasics
import SGData
import SGTensors

/// Something that learns from batches of real samples.
public protocol Learner: AnyObject {
  /// A sample's shape.
  var sampleShape: Shape { get }
  /// What values samples take; nil: any.
  var sampleRange: ValueRange? { get }
  /// The setting that would let samples take any values, such as `vae.decoder "gaussian"`; nil:
  /// there is none.
  var unboundedSetting: String? { get }
  /// Steps made so far.
  var step: UInt64 { get }
  /// The seed that orders the data.
  var seed: UInt64 { get }
  /// The labels and conditions that a training step takes.
  var labelUse: LabelUse { get }
  /// The shape of what each sample is conditioned on, such as that of an image; nil: a vector.
  var conditionShape: [Int]? { get }
  /// Whether it learns from samples with missing elements, which are NaN.
  static var takesMissing: Bool { get }
  /// Whether it learns from inputs that belong to no sample in particular.
  static var takesUnpaired: Bool { get }
  /// How many minibatches one step takes when it trains on a dataset.
  var batchesPerStep: Int { get }
  /// Samples taken from the dataset so far, by which `Trainer` goes on where it stopped.
  var samplesSeen: UInt64 { get set }

  /// The units of a step's figures by name; a figure that is not among them has none.
  var figureUnits: [String: FigureUnit] { get }

  /// The kinds of verdicts in its reports, with what they mean.
  static var verdictKinds: [VerdictKind] { get }

  /// More bytes than a step's report has as JSON, so that whoever needs them can have them before
  /// the step.
  var reportBytes: Int { get }

  /// One step on batches of real samples. On failure the model is as before.
  /// - Parameters:
  ///   - batches: one, or as many as `batchesPerStep` says.
  ///   - reporting: whether the report's figures beyond the costs are wanted.
  func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport

  /// Everything that a checkpoint holds.
  func snapshot() -> Snapshot
}

extension Learner {
  /// None.
  public var unboundedSetting: String? { nil }
  /// A vector.
  public var conditionShape: [Int]? { nil }
  /// None.
  public var figureUnits: [String: FigureUnit] { [:] }
  /// It does not.
  public static var takesMissing: Bool { false }
  /// It does not.
  public static var takesUnpaired: Bool { false }
  /// None: its reports have no verdict.
  public static var verdictKinds: [VerdictKind] { [] }
  /// Whether it learns from samples with missing elements.
  package var takesMissing: Bool { type(of: self).takesMissing }
  /// 1024, enough for 20 figures and a verdict.
  public var reportBytes: Int { 1024 }
}

/// A generative model of any family, as the trainer, checkpoints, the C interface and the command
/// see it. What else it can do its other protocols say: `Sampling`, `HasLatents`, `Encoding`,
/// `HasCritic`, `HasDensityRatio`, `Classifying`, `HasLikelihood`, `Completing`, `HasChains`.
public protocol Model: Learner {
  /// The family's name: the value of `"family"` in a configuration and of `swiftgan.model` in a
  /// checkpoint.
  static var family: String { get }

  /// A new model.
  /// - Parameter configuration: the whole configuration, with or without `"family"`.
  /// - Throws: `Failure` of kind configuration, limit or noMemory.
  init(configuration: JSON) throws(Failure)

  /// The model of a checkpoint, which continues with the bits of an uninterrupted run.
  /// - Throws: `Failure` of kind mismatch, format, unsupported or noMemory.
  init(_ snapshot: Snapshot) throws(Failure)

  /// The members of a configuration that make the family fit a kind of samples, where its defaults
  /// do not; by default none.
  static func suggestion(for samples: SampleKind) -> JSON

  /// The JSON Schema of a configuration, without `"family"`; by default that of any object.
  static var configurationSchema: JSON { get }

  /// A configuration with the defaults filled in, as `configurationJSON` of its model has them; by
  /// default the model is made for it.
  /// - Throws: `Failure` of kind configuration.
  static func completed(_ configuration: JSON) throws(Failure) -> JSON

  /// The complete configuration, defaults filled in, without `"family"`.
  var configurationJSON: JSON { get }

  /// What `swiftgan_model_summary` gives beside the family: an object, with the networks by name.
  var summary: JSON { get }

  /// Everything the model has learned, by name.
  var tensors: [(name: String, value: Tensor)] { get }

  /// Replaces a tensor.
  /// - Throws: `Failure` of kind argument (unknown name, not finite) or mismatch (shape).
  func setTensor(_ name: String, _ value: Tensor) throws(Failure)
}

extension Model {
  /// No members: the defaults fit.
  public static func suggestion(for samples: SampleKind) -> JSON { [:] }
  /// The schema of any object.
  public static var configurationSchema: JSON { ["type": "object"] }
  /// The configuration of a model that is made for it.
  public static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    try Self(configuration: configuration).configurationJSON
  }
}

/// What kind of samples a model is to fit.
public struct SampleKind: Sendable, Equatable {
  /// Whether they are images, [height, width, channels].
  public let isImage: Bool
  /// Whether every element is 0 or 1.
  public let isBinary: Bool

  /// Elements of a sample; nil: unknown.
  public let elements: Int?

  /// Samples that are images or vectors, binary or real-valued.
  public init(isImage: Bool, isBinary: Bool, elements: Int? = nil) {
    (self.isImage, self.isBinary, self.elements) = (isImage, isBinary, elements)
  }

  /// Real-valued samples that are not images.
  package var isRealVector: Bool { !isImage && !isBinary }
  /// Images with more values than 0 and 1.
  package var isGrayImage: Bool { isImage && !isBinary }
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
