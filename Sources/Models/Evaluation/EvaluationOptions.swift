import SGBasics
import SGData
import SGFormats
import SGNets

/// What `evaluate` may be told.
public struct EvaluationOptions: Sendable {
  /// The features that are compared.
  public enum Features: String, Sendable, CaseIterable {
    /// A classifier's where the data are images with labels, pixels otherwise.
    case auto
    /// The samples' own elements.
    case pixels
    /// The last hidden layer of a classifier.
    case classifier
  }

  /// Samples of each side.
  public var count: Int
  /// The seed of the samples of both sides.
  public var seed: UInt64 = 1
  /// The features that are compared.
  public var features = Features.auto
  /// A safetensors file of a classifier: read if it is there, else written after training.
  public var extractor: String?
  /// Passes over the labelled data when a classifier is trained.
  public var epochs = 8
  /// See `frechetDistance(real:fake:ridge:)`.
  public var ridge = 0.0

  /// So many samples, everything else by default.
  public init(count: Int) { self.count = count }

  /// As many samples as are usual for the data: 10,000, of stacked images 26,000 (Lin et al. 2018);
  /// all where there are fewer.
  public init(for data: Dataset) {
    count = min(data.count, data.stackedFrom == nil ? 10_000 : 26_000)
  }

  /// Reads the options of `swiftgan_evaluate`.
  package init(json: JSONObject, data: Dataset) throws(Failure) {
    var o = json
    self.init(for: data)
    count = try o.int("count", in: 7...Int(Int32.max), default: count)
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    features = try o.choice("features", default: .auto)
    extractor = try o.optionalString("extractor")
    epochs = try o.int("epochs", in: 1...10_000, default: 8)
    ridge = try o.double("ridge", in: 0...1e12, default: 0)
    try o.finish()
  }
}

extension Sampling {
  /// Judges samples of this model against data; trains a classifier for it first where that is
  /// asked for and none is at hand.
  /// - Parameters:
  ///   - data: what the model should be like; labels where the model is conditional.
  ///   - options: how many samples, whose features.
  ///   - progress: called while a classifier learns, with the share that is done; returning false
  ///     stops.
  /// - Throws: `Failure` of kind mismatch (shapes, labels), argument (too few samples), cancelled,
  ///   noMemory, or of the extractor's file.
  public func evaluate(
    against data: Dataset, _ options: EvaluationOptions,
    progress: (Double) -> Bool = { _ in true }
  ) throws(Failure) -> Evaluation {
    let data = try data.matchingClasses(of: self)
    let extractor = try options.extractor(for: data, range: sampleRange, progress)
    return try evaluate(
      against: data, with: extractor, count: options.count, ridge: options.ridge,
      seed: options.seed)
  }
}

extension EvaluationOptions {
  fileprivate func extractor(
    for data: Dataset, range: ValueRange?, _ progress: (Double) -> Bool
  ) throws(Failure) -> Evaluation.Extractor {
    let wantsClassifier =
      switch features {
      case .pixels: false
      case .classifier: true
      case .auto: data.shape.rank == 3 && data.classes >= 2
      }
    guard wantsClassifier else { return .pixels }
    if let path = extractor, FileIO.isRegularFile(path) {
      let classifier = try Classifier(Checkpoint.read(path))
      try classifier.expect(data.stackedFrom ?? data, path: path)
      return .classifier(classifier)
    }
    let classifier = try Classifier.trained(
      on: data.stackedFrom ?? data, range: range, epochs: epochs, progress: progress)
    if let path = extractor { try Checkpoint.write(classifier.snapshot(), to: path) }
    return .classifier(classifier)
  }
}

extension Classifier {
  /// Checks that a stored classifier can judge data. That it was trained on other samples of the
  /// same kind, such as another split, is a warning.
  /// - Throws: `Failure` of kind mismatch where the shape or the classes differ.
  fileprivate func expect(_ data: Dataset, path: String) throws(Failure) {
    let way = "choose another file for the extractor, or remove this one"
    guard sampleShape == data.shape else {
      throw Failure(
        .mismatch,
        "\(path): the classifier's samples have the shape \(sampleShape), the data's \(data.shape);"
          + " \(way)")
    }
    guard let trainedOn else { return }
    let found = try data.fingerprint()
    guard trainedOn.classNames == found.classNames, found.classes <= classes else {
      throw Failure(
        .mismatch,
        "\(path): the classifier was trained on data with other classes"
          + " (\(trainedOn.difference(from: found) ?? "")); \(way)")
    }
    if let difference = trainedOn.difference(from: found) {
      Log.warning(
        "\(path): the classifier was trained on other data: this has \(difference); the distances"
          + " compare with others by the same classifier only (to train one on this data, \(way))")
    }
  }
}
