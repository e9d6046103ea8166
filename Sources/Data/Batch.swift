import SGTensors

/// Real samples, and what is known of them.
public struct Batch: Sendable {
  /// [count] + the sample's shape.
  public var samples: Tensor
  /// A class index a sample, -1 where it is unknown; or empty.
  public var labels: [Int32]
  /// [count, size]: real numbers that each sample is conditioned on.
  public var conditions: Tensor?
  /// [count, latent size]: latents for the model's own samples of the step; nil: drawn from the
  /// prior. Families without latents take none.
  public var latents: Tensor?
  /// Other samples, whose labels are known, for models that learn from few labels. None: the
  /// batch's own.
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

  /// How many classes there are, and numbers of each condition; 0: none.
  package var sizes: (classes: Int, conditions: Int) {
    switch self {
    case .none: (0, 0)
    case .given(let classes, let conditions): (classes, conditions)
    case .few(let classes): (classes, 0)
    }
  }
}
