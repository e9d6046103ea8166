import Tensors

/// Labels and conditions that accompany latents or samples.
public struct Conditions: Sendable {
  /// A class index each, or empty.
  public var labels: [Int32]
  /// [count, size], or nothing.
  public var values: Tensor?

  /// Labels, conditions, or both.
  public init(labels: [Int32] = [], values: Tensor? = nil) {
    self.labels = labels
    self.values = values
  }

  /// Neither.
  public static let none = Conditions()

  /// Those of samples `range`.
  func part(_ range: Range<Int>) -> Conditions {
    Conditions(
      labels: labels.isEmpty ? [] : Array(labels[range]), values: values?.rows(range))
  }
}

extension Configuration {
  /// - Throws: `Failure` of kind argument (a label out of range or missing, not finite) or mismatch (how many).
  func check(_ batch: Batch) throws(Failure) {
    let given = Conditions(labels: batch.labels, values: batch.conditions)
    switch labels.mode {
    case .none: break
    case .conditional, .auxiliary: try check(given, count: batch.count)
    case .semiSupervised:
      if !batch.labels.isEmpty { try check(batch.labels, count: batch.count, from: -1) }
    }
  }

  /// For a network that is conditioned: everything must be there.
  func check(_ given: Conditions, count: Int) throws(Failure) {
    if classes > 0 { try check(given.labels, count: count, from: 0) }
    guard conditions > 0 else { return }
    guard let values = given.values else {
      throw Failure(
        .argument,
        "conditions: the model is conditioned on \(conditions) numbers a sample; found none")
    }
    guard values.shape == [count, conditions] else {
      throw Failure(
        .mismatch, "conditions: expected shape \([count, conditions]), found \(values.shape)")
    }
    try values.expectFiniteSamples("conditions")
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
