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

extension JSONObject {
  mutating func tricks() throws(Failure) -> Tricks {
    var result = Tricks()
    if take("instance_noise")?.real != nil {
      result.instanceNoise = Float(try double("instance_noise", in: 0...1e6))
    } else {
      var o = try object("instance_noise", default: [])
      result.instanceNoise = Float(try o.double("deviation", in: 0...1e6, default: 0))
      result.instanceNoiseSteps = UInt64(try o.int("steps", in: 0...Int.max, default: 0))
      try o.finish()
    }
    result.labelFlipping = Float(try double("label_flipping", in: 0...0.5, default: 0))
    result.historicalAveraging = Float(
      try double("historical_averaging", in: 0...1e6, default: 0))
    result.referenceBatch = try int("reference_batch", in: 2...(1 << 20), default: 64)
    var replay = try object("replay", default: [])
    result.replayCapacity = try replay.int("capacity", in: 0...(1 << 24), default: 0)
    result.replayShare = Float(try replay.double("share", in: 0...1, default: 0.5))
    try replay.finish()
    return result
  }
}

extension Tricks {
  var members: [(String, JSON)] {
    [
      (
        "instance_noise",
        .object([
          ("deviation", .number(instanceNoise)), ("steps", JSON(instanceNoiseSteps)),
        ])
      ),
      ("label_flipping", .number(labelFlipping)),
      ("historical_averaging", .number(historicalAveraging)),
      ("reference_batch", .integer(Int64(referenceBatch))),
      (
        "replay",
        .object([
          ("capacity", .integer(Int64(replayCapacity))), ("share", .number(replayShare)),
        ])
      ),
    ]
  }
}
