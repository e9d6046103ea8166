import SGBasics

/// Remedies that change what the discriminator sees or how either player moves. All off by default;
/// they compose.
public struct Tricks: Sendable, Hashable {
  /// Standard deviation of normal noise on real and fake samples before the discriminator (Sønderby
  /// et al. 2017; Arjovsky & Bottou 2017).
  public var instanceNoise: Float = 0
  /// Steps over which that deviation falls linearly to 0; 0: it stays.
  public var instanceNoiseSteps: UInt64 = 0
  /// Probability that a real sample and a fake change places in the discriminator's cost, 0...½.
  /// The density ratio and what is read off it undo it; at ½ there is no ratio.
  public var labelFlipping: Float = 0
  /// λ of λ ‖θ − mean of θ so far‖², of both players (Salimans et al. 2016, section 3.3).
  public var historicalAveraging: Float = 0
  /// The most samples in the reference batch of reference and virtual batch norm; the
  /// discriminator's are the first real samples that it sees.
  public var referenceBatch = 64

  /// Old fakes that are kept, of which the discriminator sees some again (Shrivastava et al. 2017,
  /// section 2.3); 0: none.
  public var replayCapacity = 0
  /// Share of the discriminator's fakes that are old ones.
  public var replayShare: Float = 0.5

  /// Instance noise; everything else off.
  /// - Parameters:
  ///   - instanceNoise: standard deviation of the noise on what the discriminator sees.
  ///   - steps: over which it falls to 0; 0: it stays.
  public init(instanceNoise: Float = 0, steps: UInt64 = 0) {
    self.instanceNoise = instanceNoise
    instanceNoiseSteps = steps
  }

  /// The noise's deviation at a step, counted from 0.
  func noise(at step: UInt64) -> Float {
    guard instanceNoiseSteps > 0 else { return instanceNoise }
    return instanceNoise * max(0, 1 - Float(step) / Float(instanceNoiseSteps))
  }
}
