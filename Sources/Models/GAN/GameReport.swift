import SGBasics

/// The figures of one step of the game.
struct GameReport: Sendable {
  var step: UInt64
  /// The costs, at each player's last update of the step.
  var discriminatorCost = 0.0
  var generatorCost = 0.0
  /// Euclidean norms of the whole gradients, before clipping.
  var discriminatorGradientNorm = 0.0
  var generatorGradientNorm = 0.0
  var learningRate: Double
  var classAccuracy: Double?
  /// What the difference from paired samples added to the generator's cost.
  var contentCost: Double?
  /// What each penalty added to the discriminator's cost at its last update, by name.
  var penalties: [String: Double] = [:]
  var balance: Balance?
  /// That each operation of the augmentation was applied to a sample, where there is one.
  var augmentProbability: Double?
  /// Mean sign of D's output on real samples, where it is augmented and has one.
  var overfitting: Double?
  /// The figures of further discriminators, by their names.
  var others: [String: [(String, Double)]] = [:]

  init(step: UInt64, learningRate: Double) {
    self.step = step
    self.learningRate = learningRate
  }

  /// As the trainer and other programs see it.
  func report(samplesPerSecond: Double) -> StepReport {
    var report = StepReport(step: step, learningRate: learningRate)
    report.imagesPerSecond = samplesPerSecond
    report.figures = [
      ("discriminator_cost", discriminatorCost), ("generator_cost", generatorCost),
    ]
    if let balance {
      report.figures += [
        ("real_output", balance.realOutput), ("fake_output", balance.fakeOutput),
        ("real_accuracy", balance.realAccuracy), ("fake_accuracy", balance.fakeAccuracy),
        ("logit_gap", balance.logitGap), ("sample_spread", balance.sampleSpread),
        ("limited", balance.limited),
      ]
      report.verdict = balance.verdict
      report.brief =
        "cost D \(discriminatorCost.fixed(3)) G \(generatorCost.fixed(3))"
        + "  D(real) \(balance.realOutput.fixed(2)) D(fake) \(balance.fakeOutput.fixed(2))"
    }
    report.figures += penalties.sorted { $0.key < $1.key }.map { ("penalty_\($0.key)", $0.value) }
    if let augmentProbability {
      report.figures.append(("augment_probability", augmentProbability))
    }
    if let overfitting { report.figures.append(("overfitting", overfitting)) }
    if let contentCost { report.figures.append(("content_cost", contentCost)) }
    if let classAccuracy { report.figures.append(("class_accuracy", classAccuracy)) }
    report.figures += [
      ("discriminator_gradient_norm", discriminatorGradientNorm),
      ("generator_gradient_norm", generatorGradientNorm),
    ]
    report.figures += others.sorted { $0.key < $1.key }.flatMap(\.value)
    return report
  }
}

extension GAN {
  /// Costs have no unit: how they relate to nats depends on the objective.
  public var figureUnits: [String: FigureUnit] {
    var units: [String: FigureUnit] = [
      "real_accuracy": .share, "fake_accuracy": .share, "limited": .share,
      "sample_spread": .ratio,
    ]
    if case .score = configuration.objective.output {
    } else {
      units["real_output"] = .probability
      units["fake_output"] = .probability
    }
    if configuration.labels.classifies { units["class_accuracy"] = .share }
    return units
  }
}

/// The figures of a GAN's step.
extension StepReport {
  /// The discriminator's cost, at its last update of the step; NaN in reports of other families.
  public var discriminatorCost: Double { self["discriminator_cost"] ?? .nan }
  /// The generator's cost, at its last update of the step.
  public var generatorCost: Double { self["generator_cost"] ?? .nan }
  /// Euclidean norm of the discriminator's whole gradient, before clipping.
  public var discriminatorGradientNorm: Double { self["discriminator_gradient_norm"] ?? .nan }
  /// The same of the generator's.
  public var generatorGradientNorm: Double { self["generator_gradient_norm"] ?? .nan }
  /// Share of the labelled real samples that the discriminator classifies right, where it
  /// classifies.
  public var classAccuracy: Double? { self["class_accuracy"] }
  /// How the players stand; nil where it was not asked for.
  public var balance: Balance? {
    guard let realOutput = self["real_output"], let fakeOutput = self["fake_output"],
      let realAccuracy = self["real_accuracy"], let fakeAccuracy = self["fake_accuracy"],
      let logitGap = self["logit_gap"], let sampleSpread = self["sample_spread"],
      let limited = self["limited"]
    else { return nil }
    return Balance(
      realOutput: realOutput, fakeOutput: fakeOutput, realAccuracy: realAccuracy,
      fakeAccuracy: fakeAccuracy, logitGap: logitGap, sampleSpread: sampleSpread, limited: limited,
      verdict: verdict ?? "")
  }
}
