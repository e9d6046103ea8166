import SGBasics
import SGData
import SGTensors

/// Takes a model through a dataset: counts steps, shuffles, reports, writes checkpoints. It knows
/// no costs.
public struct Trainer {
  /// The model to train.
  public let model: any Learner
  /// The training data.
  public let data: Dataset
  /// Samples in a minibatch.
  public let batch: Int
  private var batches: Minibatches
  /// Reads them, where that takes long.
  private let ahead: ReadAhead?

  /// A trainer that continues where the model stopped in the data. Before the model's first step
  /// this data decides how the model standardizes vectors.
  /// - Parameters:
  ///   - model: the model to train.
  ///   - data: the training data.
  ///   - batch: samples in a minibatch; nil: 64, or all of the data where there are fewer.
  /// - Throws: `Failure` of kind mismatch (the data's shape or range is not the model's) or
  ///   argument (batch).
  public init(_ model: any Learner, data: Dataset, batch: Int? = nil) throws(Failure) {
    let batch = batch ?? min(64, data.count)
    try data.check(shape: model.sampleShape)
    let named = model as? any NamesClasses
    let data = named?.takesClassNames == true ? data : try data.matchingClasses(of: model)
    try Self.checkRange(of: data, for: model)
    try Self.checkInputs(of: data, for: model)
    guard
      model.conditionShape?.count != 3 || data.augmentation == Augmentation() || data.inputs != nil
    else {
      throw Failure(
        .mismatch,
        "flip, shift: the data's images are paired with others, which would stay as they are;"
          + " augment both before they become a data set")
    }
    guard (1...data.count).contains(batch) else {
      throw Failure(.argument, "batch: expected 1...\(data.count), found \(batch)")
    }
    if let found = data.sampleRate, let wanted = (model as? any HasSound)?.sampleRate,
      found != wanted
    {
      throw Failure(
        .mismatch,
        "the data has \(found) samples a second, the model \(wanted) (data.sample_rate); the option"
          + " rate resamples the data")
    }
    try Memory.expectRoom(for: 16 * data.labels.count, "which samples have labels")
    let labelled = try Self.labelled(data, for: model.labelUse)
    try named?.takeClassNames(of: data)
    if let model = model as? any Standardizing { try model.fixStandardization(by: data) }
    Log.noticeDebugBuild()
    if model.step == 0, let compared = data.countOfEqualSamples {
      Log.warning(
        "the data does not vary: \(compared) samples, evenly over all \(data.count), are the same, so"
          + " there is no distribution to learn")
    }
    self.model = model
    self.data = data
    self.batch = batch
    batches = Minibatches(
      of: data, size: batch, range: model.sampleRange, seed: model.seed,
      labelled: labelled)
    // Without a thread for it each step reads its own samples, with the same result.
    ahead = data.readsAhead ? try? ReadAhead(batches) : nil
  }

  /// - Throws: `Failure` of kind mismatch where inputs have another shape than the model's, or
  ///   elements are missing.
  private static func checkInputs(
    of data: Dataset, for model: any Learner
  ) throws(Failure) {
    if data.hasMissing, !model.takesMissing {
      throw Failure(
        .mismatch,
        "the data has missing elements (option missing), from which this model cannot learn"
          + Families.takingMissing)
    }
    if data.isUnpaired, model.labelUse.sizes.conditions > 0, !type(of: model).takesUnpaired {
      throw Failure(
        .mismatch,
        "the data's inputs are not paired with its samples (option unpaired), as this model needs"
          + " them" + Families.takingUnpaired)
    }
    if let wanted = model.conditionShape, let inputs = data.inputs, inputs.shape.array != wanted {
      throw Failure(
        .mismatch,
        "the data's inputs have the shape \(inputs.shape), the model's \(Shape(wanted))"
          + " (data.conditions)")
    }
  }

  private static func checkRange(
    of data: Dataset, for model: any Learner
  ) throws(Failure) {
    guard let range = model.sampleRange else { return }
    do throws(Failure) {
      try data.check(within: range)
    } catch {
      guard let setting = model.unboundedSetting else { throw error }
      throw Failure(error.kind, "\(error.message); \(setting) takes any values")
    }
  }

  /// Checks that the data says of its samples what the model wants to know.
  /// - Returns: the samples with labels, where the model learns from few.
  private static func labelled(
    _ data: Dataset, for use: LabelUse
  ) throws(Failure) -> [Int] {
    func expect(_ classes: Int) throws(Failure) {
      guard data.classes >= 1, data.classes <= classes else {
        throw Failure(
          .mismatch,
          data.classes == 0
            ? "the model needs labels of \(classes) classes; the data has none"
            : "the data has labels up to \(data.classes - 1), the model \(classes) classes (data.classes)"
        )
      }
    }
    switch use {
    case .none: return []
    case .given(let classes, let conditions):
      if classes > 0 {
        try expect(classes)
        if let i = data.labels.firstIndex(of: -1) {
          throw Failure(.mismatch, "sample \(i) has no label; the model needs one for each")
        }
      }
      let found = data.conditionSize
      guard found == conditions || conditions == 0 else {
        throw Failure(
          .mismatch, "the model needs \(conditions) conditions a sample, the data has \(found)")
      }
      return []
    case .few(let classes):
      try expect(classes)
      return data.labels.indices.filter { data.labels[$0] >= 0 }
    }
  }

  /// One step on the next samples.
  /// - Parameter reporting: whether the report's figures beyond the costs are wanted.
  public mutating func step(reporting: Bool = true) throws(Failure) -> StepReport {
    let position = model.samplesSeen
    let (added, overflow) = UInt64(batch).multipliedReportingOverflow(
      by: UInt64(max(model.batchesPerStep, 0)))
    try Counter.check(
      "samples_seen", position, adding: overflow ? .max : added, most: Counter.mostSamples)
    var real: [Batch] = []
    for i in 0..<model.batchesPerStep {
      let place = position + UInt64(i * batch)
      if let ahead, ahead.isHere {
        real.append(try ahead.at(place))
      } else {
        real.append(try batches.at(place))
      }
    }
    var report = try model.train(on: real, reporting: reporting)
    model.samplesSeen = position + UInt64(batch * real.count)
    report.epoch = Double(model.samplesSeen) / Double(data.count)
    return report
  }

  /// Many steps.
  /// - Parameters:
  ///   - steps: how many.
  ///   - reportEvery: steps between reports; the last step has one too.
  ///   - checkpoint: where to save every so many steps and at the end.
  ///   - report: called after every `reportEvery` steps; returning false stops.
  /// - Throws: `Failure` of kind cancelled when `report` said so, diverged, or of the step or the
  ///   checkpoint.
  public mutating func run(
    steps: UInt64, reportEvery: UInt64 = 1, checkpoint: (path: String, every: UInt64)? = nil,
    report: (StepReport) -> Bool = { _ in true }
  ) throws(Failure) {
    var run = Run(steps: steps, reportEvery: reportEvery, checkpoint: checkpoint)
    while !run.isOver {
      if let figures = try advance(&run), !report(figures) {
        throw Failure(.cancelled, "stopped after step \(figures.step)")
      }
    }
  }

  /// How far a training goes, how far it has come, when it reports and saves.
  struct Run {
    let steps, reportEvery: UInt64
    let checkpoint: (path: String, every: UInt64)?
    private(set) var made: UInt64 = 0

    init(steps: UInt64, reportEvery: UInt64, checkpoint: (path: String, every: UInt64)?) {
      self.steps = steps
      self.reportEvery = max(reportEvery, 1)
      self.checkpoint = checkpoint.map { ($0.path, max($0.every, 1)) }
    }

    var isOver: Bool { made >= steps }
    var isReporting: Bool { (made + 1) % reportEvery == 0 || made + 1 == steps }

    /// Counts a step.
    /// - Returns: where the model is to be saved after it, if it is.
    mutating func count() -> String? {
      made += 1
      guard let checkpoint, made % checkpoint.every == 0 || isOver else { return nil }
      return checkpoint.path
    }
  }

  /// The next step of a run that is not over.
  /// - Returns: its report, where one is due.
  mutating func advance(_ run: inout Run) throws(Failure) -> StepReport? {
    let isReporting = run.isReporting
    let figures = try step(reporting: isReporting)
    if let path = run.count() { try Checkpoint.write(model.snapshot(), to: path) }
    return isReporting ? figures : nil
  }
}
