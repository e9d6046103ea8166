import SGBasics
import SGData
import SGNets
import SGTensors

extension Classifier {
  /// Trains a classifier on five sixths of a dataset's labelled samples, and tries it on the
  /// others.
  /// - Parameters:
  ///   - data: samples, some with labels.
  ///   - range: what stored bytes become; nil: the data's own range.
  ///   - epochs: passes over those five sixths, 1...10,000.
  ///   - seed: of weights and order.
  ///   - progress: called after each step with the share that is done; returning false stops.
  /// - Returns: the classifier, which knows the share of the held-out samples that it classifies
  ///   right.
  /// - Throws: `Failure` of kind mismatch (no labels), cancelled, argument (epochs), or of the
  ///   steps.
  public static func trained(
    on data: Dataset, range: ValueRange?, epochs: Int = 8, seed: UInt64 = 1,
    progress: (Double) -> Bool = { _ in true }
  ) throws(Failure) -> Classifier {
    try Memory.expectRoom(for: 80 * data.labels.count, "the order of the labelled samples")
    let known = data.labels.indices.filter { data.labels[$0] >= 0 }
    guard data.classes >= 2, known.count >= 12 else {
      throw Failure(
        .mismatch,
        "a classifier needs labels of at least 2 classes, and 12 of them; the data has \(known.count)"
      )
    }
    guard (1...10_000).contains(epochs) else {
      throw Failure(.argument, "epochs: expected 1...10000, found \(epochs)")
    }
    let order = RandomStream.subset.key(seed).draw(known.count, of: known.count).map { known[$0] }
    let (held, kept) = (Array(order[..<(known.count / 6)]), Array(order[(known.count / 6)...]))
    let batch = min(128, kept.count)
    let steps = UInt64(max(1, epochs * kept.count / batch))
    let classifier = try Classifier(
      shape: data.shape.array, range: range, classes: data.classes, steps: steps, seed: seed)
    try classifier.fixStandardization(by: data)
    var shuffled = SampleOrder(count: kept.count, seed: seed)
    while classifier.step < steps {
      let index = try shuffled.next(batch, from: classifier.samplesSeen).map { kept[$0] }
      let labels = index.map { data.labels[$0] }
      _ = try classifier.train(
        on: [Batch(try data.batch(index, range: range), labels: labels)], reporting: false)
      classifier.samplesSeen += UInt64(batch)
      guard progress(Double(classifier.step) / Double(steps)) else {
        throw Failure(.cancelled, "stopped while the classifier was learning")
      }
    }
    classifier.trainedOn = try data.fingerprint()
    classifier.heldOutAccuracy = try classifier.accuracy(on: data, held)
    return classifier
  }
}
