import SGBasics
import SGData
import SGTensors

/// The GAN among the other families.
extension GAN: HasLatents, HasDensityRatio, Classifying, Completing, FindsLatents, Translating {
  public static let family = "gan"

  public convenience init(configuration: JSON) throws(Failure) {
    try self.init(Configuration(json: configuration))
  }

  public convenience init(_ snapshot: Snapshot) throws(Failure) {
    try self.init(snapshot, configuration: nil)
  }

  /// Vectors by small networks; D learns twice as fast as G (Heusel et al. 2017).
  public static func suggestion(for samples: SampleKind) -> JSON {
    samples.isImage ? [:] : .object(suggestionForVectors + [("average", 0.999)])
  }

  /// The size of the latent and the optimizers that find all modes of the ring in the plane.
  package static var suggestionForVectors: [(String, JSON)] {
    func adam(_ rate: Double) -> JSON { ["adam": ["learning_rate": .number(rate)]] }
    return [
      ("latent", ["size": 16]),
      ("optimizer", ["generator": adam(0.0005), "discriminator": adam(0.001)]),
    ]
  }

  public static var configurationSchema: JSON { Configuration.schema }
  public static func completed(_ configuration: JSON) throws(Failure) -> JSON {
    try Configuration(json: configuration).json
  }
  public static var verdictKinds: [VerdictKind] { Balance.verdictKinds }
  public var configurationJSON: JSON { configuration.json }

  public var inputShape: Shape? {
    guard configuration.usedConditions > 0 else { return nil }
    return Shape(configuration.conditionShape ?? [configuration.conditions])
  }

  public var sampleUse: LabelUse { configuration.sampleUse }
  public var criticLabelUse: LabelUse {
    configuration.labels.mode == .conditional ? configuration.sampleUse : .none
  }

  public var tellsDensityRatio: Bool { configuration.logRatio != nil && !judgesPatches }

  public func divergenceReport(
    from data: Dataset, count: Int?, seed: UInt64
  ) throws(Failure) -> JSON {
    try divergences(from: data, count: count, seed: seed).json
  }

  public func classCount() throws(Failure) -> Int {
    try expectClassifier()
    return configuration.classes
  }

  public func complete(
    _ samples: Tensor, mask: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor {
    try complete(
      samples, mask: mask, given: given, LatentSearch(json: JSONObject(options, path: "")))
  }
}

extension GAN {
  public func decode(
    _ latents: Tensor, given: Conditions, seed: UInt64
  ) throws(Failure) -> Tensor {
    try sample(latents: latents, given: given, seed: seed)
  }
}

extension GAN: Standardizing {
  public var standardization: Standardization { state.standardization }
  public var standardizeSetting: Bool? { configuration.standardize }
  public func setStandardization(_ standardization: Standardization) {
    state.standardization = standardization
  }
}

extension GAN: NamesClasses {
  public var classNames: [String] { state.classNames }
  public var configuredClassNames: [String] { configuration.classNames }
  public func setClassNames(_ names: [String]) throws(Failure) {
    let before = state.classNames
    state.classNames = names
    do throws(Failure) {
      try checkSnapshot()
    } catch {
      state.classNames = before
      throw error
    }
  }
}

extension GAN: SamplingByPart {
  package static func sampler(checkpoint path: String) throws(Failure) -> any Sampler {
    try Generator(checkpoint: path)
  }
}

extension Generator: LatentSampler {
  public var sampleUse: LabelUse { configuration.sampleUse }
}

extension Generator {
  public func decode(
    _ latents: Tensor, given: Conditions, seed: UInt64
  ) throws(Failure) -> Tensor {
    try sample(latents: latents, given: given, seed: seed)
  }
}

extension Configuration {
  /// The labels and conditions that samples are made for.
  fileprivate var sampleUse: LabelUse {
    labels.conditionsGenerator ? .given(classes: classes, conditions: conditions) : .none
  }
}

extension GAN: ComparesCosts {
  public func measure(
    _ comparison: inout CostComparison, batch: Int, batches: Int, seed: UInt64
  ) throws(Failure) {
    try comparison.measure(self, batch: batch, batches: batches, seed: seed)
  }
}
