import SGTensors

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
  package func part(_ range: Range<Int>) -> Conditions {
    Conditions(
      labels: labels.isEmpty ? [] : Array(labels[range]), values: values?.rows(range))
  }
}
