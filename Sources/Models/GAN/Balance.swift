import SGNets
import SGTensors

/// How the players stand after the discriminator's last update of a step: figures of one minibatch,
/// so they fluctuate.
public struct Balance: Sendable {
  /// Mean D = σ(ℓ) on the real and the fake batch; where D tells a ratio but no probability (f-GAN,
  /// least squares) σ(log ratio), which is what D would be for the same density ratio. Where D
  /// gives a score it is the mean ℓ.
  public var realOutput, fakeOutput: Double
  /// Share of the batch that D puts on the right side: real samples where its density ratio is
  /// above 1, fakes where it is below. Label smoothing and label flipping are undone; without them
  /// the bound is D = ½. Of a score the bound is the one that its objective states, or the middle
  /// of both means.
  public var realAccuracy, fakeAccuracy: Double
  /// Mean ℓ on real samples less mean ℓ on fakes.
  public var logitGap: Double
  /// Standard deviation of fakes over that of real samples, over all elements together; falls when
  /// the generator collapses.
  public var sampleSpread: Double
  /// Share of the logits at which the objective's exponential has been continued by its tangent.
  public var limited: Double
  /// Who is ahead, and what the tutorial would do (Goodfellow 2016, sections 3.2, 4.2 and 4.4). At
  /// most 160 bytes.
  public var verdict = ""

  /// The figures of a report.
  init(
    realOutput: Double, fakeOutput: Double, realAccuracy: Double, fakeAccuracy: Double,
    logitGap: Double, sampleSpread: Double, limited: Double, verdict: String
  ) {
    (self.realOutput, self.fakeOutput) = (realOutput, fakeOutput)
    (self.realAccuracy, self.fakeAccuracy) = (realAccuracy, fakeAccuracy)
    (self.logitGap, self.sampleSpread) = (logitGap, sampleSpread)
    (self.limited, self.verdict) = (limited, verdict)
  }

  /// - Parameters:
  ///   - real, fake: samples, [batch] + shape.
  ///   - onReal, onFake: D's logits on them.
  init(
    real: Tensor, fake: Tensor, onReal: Tensor, onFake: Tensor, configuration: Configuration
  ) {
    let objective = configuration.objective
    // With flipping probability ½ nothing can be undone: the ratio is that of the mixtures.
    var logRatio =
      configuration.logRatio ?? { objective.logRatio?($0, configuration.labelSmoothing) ?? $0 }
    let means = (onReal.mean().scalar, onFake.mean().scalar)
    (realOutput, fakeOutput) = (Double(means.0), Double(means.1))
    if case .score(let boundary) = objective.output {
      let boundary = boundary ?? (means.0 + means.1) / 2
      logRatio = { $0 - boundary }
    }
    let (ofReal, ofFake) = (logRatio(onReal), logRatio(onFake))
    switch objective.output {
    case .score: break
    case .probability:
      realOutput = Double(sigmoid(onReal).mean().scalar)
      fakeOutput = Double(sigmoid(onFake).mean().scalar)
    case .logRatio:
      realOutput = Double(sigmoid(ofReal).mean().scalar)
      fakeOutput = Double(sigmoid(ofFake).mean().scalar)
    }
    realAccuracy = Double(ofReal.step().mean().scalar)
    fakeAccuracy = Double((-ofFake).step().mean().scalar)
    logitGap = Double(means.0 - means.1)
    let (varies, should) = (fake.totalVariance, real.totalVariance)
    sampleSpread = should > 0 ? (varies / should).squareRoot() : 1
    limited = objective.shareBeyond(onReal, onFake)
    verdict = judge(
      configuration, batch: real.shape[0], belief: Double(sigmoid(ofFake).mean().scalar))
  }

  /// - Parameter belief: mean σ(log ratio) on fakes.
  private func judge(_ c: Configuration, batch: Int, belief: Double) -> String {
    if batch > 1, sampleSpread < 0.25 {
      return
        "samples hardly vary (\(percent(sampleSpread)) of the data's spread): the generator is collapsing"
        + " or has just begun"
    }
    let accuracy = (realAccuracy + fakeAccuracy) / 2
    if c.objective.output.isScore { return judgeScore(c, accuracy) }
    var isProbability = false
    if case .probability = c.objective.output { isProbability = true }
    if accuracy >= 0.95 {
      let advice =
        c.labelSmoothing.real == 0 && isProbability
        ? "label_smoothing.real 0.1" : "a lower learning rate for it"
      if c.objective.name == "minimax" {
        return
          "discriminator ahead: generator's gradient is vanishing under minimax; use non_saturating or \(advice)"
      }
      return
        "discriminator ahead: right on \(percent(accuracy)); fine while samples improve, else try \(advice)"
    }
    if belief > 0.5, fakeAccuracy < 0.25 {
      return
        "generator ahead: discriminator takes \(percent(1 - fakeAccuracy)) of the fakes for real; try"
        + " discriminator_steps \(c.schedule.discriminatorSteps + 1)"
    }
    if accuracy < 0.6 { return "even: the discriminator hardly tells real from fake" }
    return "balanced"
  }

  /// The verdict where D gives a score, which is neither a probability nor a ratio.
  private func judgeScore(_ c: Configuration, _ accuracy: Double) -> String {
    let score = "(D gives a score, not a ratio; gap \(logitGap.fixed(2)))"
    if logitGap <= 0 {
      return
        "generator ahead: fakes score no lower than real samples \(score); try discriminator_steps"
        + " \(c.schedule.discriminatorSteps + 1)"
    }
    if accuracy >= 0.95 {
      return
        "discriminator ahead: its score parts \(percent(accuracy)) \(score); fine while samples improve"
    }
    if accuracy < 0.6 { return "even: the score hardly parts real from fake \(score)" }
    return "balanced: the score parts \(percent(accuracy)) \(score)"
  }

  /// The kinds of verdicts above.
  static let verdictKinds = [
    VerdictKind(
      "balanced",
      "The discriminator is right on 60 to 95 % of a minibatch of real and generated samples, so both"
        + " players learn. Nothing needs to change."),
    VerdictKind(
      "discriminator ahead",
      "The discriminator is right on at least 95 % of a minibatch of real and generated samples. This"
        + " is fine while samples improve. If they do not, one-sided label smoothing or a lower learning"
        + " rate for the discriminator leaves the generator more to learn from."),
    VerdictKind(
      "generator ahead",
      "The discriminator takes most generated samples for real ones, so the generator learns little"
        + " from it. More discriminator steps for each step of the generator help."),
    VerdictKind(
      "even",
      "The discriminator is right on fewer than 60 % of a minibatch of real and generated samples."
        + " Either the samples are nearly as good as the data, or the discriminator is too weak: the"
        + " samples and their distance to the data tell which."),
    VerdictKind(
      "samples hardly vary",
      "The standard deviation of generated samples is less than a quarter of the data's. This is usual"
        + " in the first steps. Later it means that the generator has collapsed to few samples."),
  ]

  private func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
}

extension Tensor {
  /// The sum over all elements of a sample of their variance over the batch.
  var totalVariance: Double {
    let n = Swift.max(shape[0], 1)
    return Double(reshaped([n, count / n]).channelMoments().rows(1..<2).sum().scalar)
  }
}

extension Objective {
  /// The share of logits beyond `exact`.
  fileprivate func shareBeyond(_ logits: Tensor...) -> Double {
    guard exact.lowerBound > -.infinity || exact.upperBound < .infinity else { return 0 }
    var (beyond, all) = (0, 0)
    for tensor in logits {
      if tensor.isSpare { continue }
      tensor.withElements { beyond += $0.count { !exact.contains($0) } }
      all += tensor.count
    }
    return Double(beyond) / Double(max(all, 1))
  }
}
