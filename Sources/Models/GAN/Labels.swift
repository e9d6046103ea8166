import SGBasics
import SGNets

/// What labels and real-valued conditions are for.
public struct LabelSettings: Sendable, Hashable {
  /// The players that are given labels and conditions, and those that tell them.
  public enum Mode: String, Sendable, CaseIterable {
    /// They are not used.
    case none
    /// G and D are both given them (Mirza & Osindero 2014).
    case conditional
    /// G is given them, D tells the class as well as real from fake (AC-GAN, Odena et al. 2017).
    case auxiliary
    /// D classifies, few samples have a label, G knows of none (Salimans et al. 2016).
    case semiSupervised = "semi_supervised"
  }

  /// How the generator presets take the condition.
  public enum GeneratorForm: String, Sendable, CaseIterable {
    /// Beside the latent.
    case concatenate
    /// As a learned embedding beside the latent.
    case embedding
    /// Through conditional batch norm.
    case batchNorm = "batch_norm"
  }

  /// How the discriminator presets take the condition.
  public enum DiscriminatorForm: String, Sendable, CaseIterable {
    /// Beside the sample: as planes behind an image's channels.
    case concatenate
    /// By an inner product with the last features (Miyato & Koyama 2018).
    case projection
  }

  /// Which labels the fakes of a step have.
  public enum Draw: String, Sendable, CaseIterable {
    /// Those of the real batch.
    case data
    /// Each class equally often.
    case balanced
  }

  /// The players that are given them, and those that tell them.
  public var mode = Mode.none
  /// How the generator presets take them.
  public var generator = GeneratorForm.concatenate
  /// How the discriminator presets take them.
  public var discriminator = DiscriminatorForm.concatenate
  /// Numbers in the generator's embedding.
  public var embedding = 50
  /// Which the fakes have.
  public var draw = Draw.data
  /// The weight of the classification's cost: in `auxiliary` half the cross-entropy on real samples
  /// and half that on fakes for D, half that on fakes for G; in `semiSupervised` the whole
  /// cross-entropy on the labelled samples.
  public var weight: Float = 1

  /// Settings of a mode, everything else by default.
  public init(_ mode: Mode = .none) { self.mode = mode }

  /// Whether the generator is given labels or conditions.
  package var conditionsGenerator: Bool { mode == .conditional || mode == .auxiliary }
  /// Whether the discriminator tells classes.
  package var classifies: Bool { mode == .auxiliary || mode == .semiSupervised }
}

extension Configuration {
  /// Numbers each fake is conditioned on: classes as one-hot, then real-valued conditions.
  package var generatorCondition: Int { labels.conditionsGenerator ? classes + conditions : 0 }
  /// Real-valued conditions that a network is given.
  package var usedConditions: Int { labels.conditionsGenerator ? conditions : 0 }
  package var discriminatorCondition: Int { labels.mode == .conditional ? classes + conditions : 0 }
  /// Numbers that the discriminator gives a sample.
  package var discriminatorOutputs: Int {
    switch labels.mode {
    case .none, .conditional: 1
    case .auxiliary: 1 + classes
    case .semiSupervised: classes
    }
  }

  /// - Throws: `Failure` where the settings of labels do not fit each other or the data.
  func checkLabels() throws(Failure) {
    func fail(_ text: String) -> Failure { Failure(.configuration, text) }
    try checkConditionShape()
    let mode = labels.mode.rawValue
    switch labels.mode {
    case .none:
      if conditions > 0 {
        throw fail(
          "data.conditions: labels.mode \"none\" uses no conditions; expected \"conditional\"")
      }
    case .conditional:
      if classes + conditions == 0 {
        throw fail("labels.mode: \"conditional\" needs data.classes or data.conditions")
      }
    case .auxiliary, .semiSupervised:
      if classes < 2 {
        throw fail("labels.mode: \"\(mode)\" needs data.classes of at least 2, found \(classes)")
      }
    }
    if labels.mode == .semiSupervised && conditions > 0 {
      throw fail("data.conditions: labels.mode \"semi_supervised\" uses no conditions")
    }
    guard classNames.count <= classes, Set(classNames).count == classNames.count else {
      throw fail(
        "data.class_names: expected at most \(classes) names (data.classes), all different, found"
          + " \(classNames.count), of which \(Set(classNames).count) differ")
    }
    if labels.mode != .none && classes > 65_536 {
      throw Failure(.limit, "data.classes: expected at most 65536 with labels, found \(classes)")
    }
    if labels.mode != .conditional && labels.discriminator == .projection {
      throw fail("labels.discriminator: \"projection\" goes with labels.mode \"conditional\"")
    }
    if labels.mode == .semiSupervised {
      guard case .probability = objective.output else {
        throw fail(
          "objective: labels.mode \"semi_supervised\" reads the logit off the classes, which"
            + " \(objective.name) cannot use; it goes with "
            + Objective.crossEntropy.map(\.name).joined(separator: ", "))
      }
    }
  }
}
