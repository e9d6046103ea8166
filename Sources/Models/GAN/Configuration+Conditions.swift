import SGBasics
import SGData
import SGTensors

extension Configuration {
  /// Which of the two networks takes labels and conditions.
  enum Recipient { case generator, discriminator }

  /// What a network takes of labels and conditions: checked, and nothing that it has no input for.
  /// Only what comes from here reaches `generatorCondition(_:_:)` and
  /// `discriminatorCondition(_:_:)`.
  /// - Throws: `Failure` of kind argument (a label out of range or missing, not finite) or mismatch
  ///   (how many).
  func taken(
    _ given: Conditions, count: Int, by recipient: Recipient
  ) throws(Failure) -> Conditions {
    let size = recipient == .generator ? generatorCondition : discriminatorCondition
    guard size > 0 else { return .none }
    var taken = Conditions.none
    if classes > 0 {
      try check(given.labels, count: count, from: 0)
      taken.labels = given.labels
    }
    if conditions > 0 { taken.values = try checked(given.values, count: count) }
    return taken
  }

  /// A batch for a training step: checked, and nothing that the model has no input for.
  /// - Parameter count: how many samples there must be.
  /// - Throws: `Failure` of kind argument (a label out of range or missing, not finite) or mismatch
  ///   (how many, another shape).
  func taken(_ batch: Batch, count: Int) throws(Failure) -> Batch {
    guard batch.samples.shape == Shape(shape).prepending(count) else {
      throw Failure(
        .mismatch,
        "the model's samples have the shape \(Shape(shape)), the data's"
          + " \(batch.samples.shape.droppingFirst())")
    }
    try batch.samples.expectFiniteSamples("real")
    switch labels.mode {
    case .none: return Batch(batch.samples)
    case .conditional, .auxiliary:
      let given = Conditions(labels: batch.labels, values: batch.conditions)
      let taken = try taken(given, count: count, by: .generator)
      return Batch(batch.samples, labels: taken.labels, conditions: taken.values)
    case .semiSupervised:
      if !batch.labels.isEmpty { try check(batch.labels, count: count, from: -1) }
      var taken = Batch(batch.samples, labels: batch.labels)
      if let labelled = batch.labelled {
        guard labelled.samples.rank >= 1, labelled.count >= 1 else {
          throw Failure(.argument, "labelled: expected at least 1 sample, found 0")
        }
        taken.labelled = try self.taken(labelled, count: labelled.count)
      }
      return taken
    }
  }

  private func checked(_ values: Tensor?, count: Int) throws(Failure) -> Tensor {
    guard let values else {
      throw Failure(
        .argument,
        "conditions: the model is conditioned on \(conditions) numbers a sample; found none")
    }
    guard values.shape == [count, conditions] else {
      throw Failure(
        .mismatch, "conditions: expected shape \([count, conditions]), found \(values.shape)")
    }
    try values.expectFiniteSamples("conditions")
    return values
  }

  private func check(_ labels: [Int32], count: Int, from lowest: Int32) throws(Failure) {
    guard !labels.isEmpty else {
      throw Failure(
        .argument,
        "labels: labels.mode is \"\(self.labels.mode.rawValue)\": expected a class 0...\(classes - 1) for each sample, found none"
      )
    }
    guard labels.count == count else {
      throw Failure(.mismatch, "labels: expected \(count), found \(labels.count)")
    }
    if let i = labels.firstIndex(where: { $0 < lowest || $0 >= Int32(classes) }) {
      throw Failure(
        .argument, "labels[\(i)]: expected \(lowest)...\(classes - 1), found \(labels[i])")
    }
  }
}
