import SGBasics
import SGNets
import SGTensors

/// What is added to the discriminator's cost to bound its slope, as a function of the discriminator
/// itself.
///
/// The penalty is a pass of its own beside those on real and fake samples. A model without one
/// trains with the same memory, time and bits as if there were none.
public struct Penalty: Sendable {
  /// A penalty before its weight: a scalar.
  /// - Parameters:
  ///   - critic: D as a pure function.
  ///   - real: the samples that D saw as real ones, without instance noise, which the critic adds.
  ///   - fake: those that it saw as fakes, likewise.
  ///   - draws: for random numbers.
  public typealias Term =
    @Sendable (
      _ critic: Critic, _ real: Tensor, _ fake: Tensor, _ draws: inout Draws
    ) -> Tensor

  /// Its name in the configuration and in reports: `r1`, …
  public let name: String
  /// The penalty's factor over the steps, 0 or above; where it is 0 the penalty is not computed.
  public var scheduledWeight: ScheduledValue
  /// The factor at the first step; setting it makes that the factor of all steps.
  public var weight: Float {
    get { scheduledWeight.start }
    set { scheduledWeight = ScheduledValue(newValue) }
  }
  /// It is added at steps whose number this divides, times this number, so that it weighs the same
  /// in the long run (lazy regularization, Karras et al. 2020, appendix B).
  public var every: Int
  /// The penalty itself.
  public let term: Term
  /// Its own settings in the configuration; nil: it is the user's own code.
  let settings: [(name: String, value: SettingConstant)]?

  /// A penalty of one's own.
  public init(name: String, weight: Float = 1, every: Int = 1, term: @escaping Term) {
    self.init(name: name, weight: weight, every: every, settings: nil, term: term)
  }

  init(
    name: String, weight: Float = 1, every: Int = 1,
    settings: [(name: String, value: SettingConstant)]?,
    term: @escaping Term
  ) {
    (self.name, scheduledWeight, self.every) = (name, ScheduledValue(weight), every)
    (self.settings, self.term) = (settings, term)
  }

  /// The same with another weight, added at every so many steps.
  public func weighted(_ weight: Float, every: Int = 1) -> Penalty {
    var result = self
    (result.weight, result.every) = (weight, every)
    return result
  }

  /// The same with a weight that changes over the steps.
  public func scheduled(_ weight: ScheduledValue, every: Int = 1) -> Penalty {
    var result = self
    (result.scheduledWeight, result.every) = (weight, every)
    return result
  }

  /// The factor at a step, counted from 1.
  func weight(at step: UInt64) -> Float { scheduledWeight.value(at: max(step, 1) - 1) }

  /// Whether a step, counted from 1, has it.
  func isDue(at step: UInt64) -> Bool {
    weight(at: step) > 0 && step % UInt64(max(every, 1)) == 0
  }
}
