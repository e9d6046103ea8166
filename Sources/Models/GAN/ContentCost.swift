import SGBasics
import SGTensors

/// How far a sample may be from the one that it is paired with: the generator's cost beside the
/// adversarial one (Isola et al. 2017, eq. 3 and 4), means over all elements of a batch.
public struct ContentCost: Sendable, Hashable {
  /// Weight of E |x − G(z | y)|.
  public var l1: Float
  /// Weight of E (x − G(z | y))².
  public var l2: Float
  /// Weight of the objective's own cost beside them; 0: the generator is a regression.
  public var adversarial: Float

  /// A cost of these weights.
  public init(l1: Float = 0, l2: Float = 0, adversarial: Float = 1) {
    (self.l1, self.l2, self.adversarial) = (l1, l2, adversarial)
  }

  var isNone: Bool { l1 == 0 && l2 == 0 }

  static let settings = Settings<ContentCost>([
    Setting("l1", \.l1, .float(in: 0...1e6), "Weight of the mean absolute difference."),
    Setting("l2", \.l2, .float(in: 0...1e6), "Weight of the mean squared difference."),
    Setting(
      "adversarial", \.adversarial, .float(in: 0...1e6),
      "Weight of the objective's own cost beside it; 0: the generator is a regression."),
  ])

  /// - Throws: `Failure` where there are no pairs, or the weights leave nothing.
  func check(_ configuration: Configuration) throws(Failure) {
    guard !isNone else {
      guard adversarial == 1 else {
        throw Failure(.configuration, "content.adversarial: goes with content.l1 or content.l2")
      }
      return
    }
    guard configuration.usedConditions > 0 else {
      throw Failure(
        .configuration,
        "content: compares samples with those that their conditions belong to; goes with"
          + " data.conditions and labels.mode \"conditional\"")
    }
  }

  /// The weighted differences of samples; nil: there is no such cost.
  func callAsFunction(_ fake: Tensor, _ real: Tensor) -> Tensor? {
    guard !isNone else { return nil }
    let gap = fake - real
    let parts =
      (l1 > 0 ? [l1 * gap.absolute().mean()] : []) + (l2 > 0 ? [l2 * gap.squared().mean()] : [])
    return parts.dropFirst().reduce(parts[0], +)
  }
}
