import SGBasics

/// The figures of one step.
public struct StepReport: Sendable {
  /// The step's number, from 1.
  public var step: UInt64
  /// The discriminator's cost, at its last update of the step.
  public var discriminatorCost = 0.0
  /// The generator's cost, at its last update of the step.
  public var generatorCost = 0.0
  /// Euclidean norm of the discriminator's whole gradient, before clipping.
  public var discriminatorGradientNorm = 0.0
  /// The same of the generator's.
  public var generatorGradientNorm = 0.0
  /// The schedule's factor times the generator's learning rate.
  public var learningRate: Double
  /// Passes over the data so far; 0 for steps on the caller's own batches.
  public var epoch = 0.0
  /// Real samples a second, of this step alone.
  public var imagesPerSecond = 0.0
  /// Share of the labelled real samples that the discriminator classifies right, where it classifies.
  public var classAccuracy: Double?
  /// How the players stand; nil where it was not asked for.
  public var balance: Balance?

  /// A report whose other figures are to come.
  public init(step: UInt64, learningRate: Double) {
    self.step = step
    self.learningRate = learningRate
  }

  /// Everything as JSON: a line of a run's `metrics.jsonl`.
  public var json: JSON {
    var members: [(String, JSON)] = [
      ("step", .integer(Int64(step))), ("epoch", .number(epoch)),
      ("discriminator_cost", .number(discriminatorCost)),
      ("generator_cost", .number(generatorCost)),
    ]
    if let b = balance {
      members += [
        ("real_output", .number(b.realOutput)), ("fake_output", .number(b.fakeOutput)),
        ("real_accuracy", .number(b.realAccuracy)), ("fake_accuracy", .number(b.fakeAccuracy)),
        ("logit_gap", .number(b.logitGap)), ("sample_spread", .number(b.sampleSpread)),
        ("limited", .number(b.limited)),
      ]
    }
    if let classAccuracy { members.append(("class_accuracy", .number(classAccuracy))) }
    members += [
      ("discriminator_gradient_norm", .number(discriminatorGradientNorm)),
      ("generator_gradient_norm", .number(generatorGradientNorm)),
      ("learning_rate", .number(learningRate)), ("images_per_second", .number(imagesPerSecond)),
    ]
    if let b = balance { members.append(("verdict", .string(b.verdict))) }
    return .object(members)
  }
}
