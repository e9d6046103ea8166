import Tensors

/// Takes a model through a dataset: counts steps, shuffles, reports, writes checkpoints. It knows no costs.
public struct Trainer {
  public let model: any Model
  public let data: Dataset
  /// Samples in a minibatch.
  public let batch: Int
  private var order: SampleOrder

  /// - Throws: `Failure` of kind mismatch (the data's shape or range is not the model's) or argument (batch).
  public init(_ model: any Model, data: Dataset, batch: Int = 64) throws(Failure) {
    guard data.shape == model.sampleShape else {
      throw Failure(
        .mismatch,
        "the data's samples have the shape \(data.shape), the model's \(model.sampleShape)")
    }
    if let range = model.sampleRange { try data.check(within: range) }
    guard (1...data.count).contains(batch) else {
      throw Failure(.argument, "batch: expected 1...\(data.count), found \(batch)")
    }
    self.model = model
    self.data = data
    self.batch = batch
    order = SampleOrder(count: data.count, seed: model.seed)
  }

  /// One step on the next samples.
  /// - Parameter reporting: whether the report's figures beyond the costs are wanted.
  public mutating func step(reporting: Bool = true) throws(Failure) -> StepReport {
    let position = model.samplesSeen
    let batches = (0..<model.batchesPerStep).map {
      Batch(
        data.batch(
          order.next(batch, from: position + UInt64($0 * batch)), range: model.sampleRange))
    }
    var report = try model.train(on: batches, reporting: reporting)
    model.samplesSeen = position + UInt64(batch * batches.count)
    report.epoch = Double(model.samplesSeen) / Double(data.count)
    return report
  }

  /// Many steps.
  /// - Parameters:
  ///   - checkpoint: where to save every so many steps and at the end.
  ///   - report: called after every `reportEvery` steps; returning false stops.
  /// - Throws: `Failure` of kind cancelled when `report` said so, diverged, or of the step or the checkpoint.
  public mutating func run(
    steps: UInt64, reportEvery: UInt64 = 1, checkpoint: (path: String, every: UInt64)? = nil,
    report: (StepReport) -> Bool = { _ in true }
  ) throws(Failure) {
    for i in 1...max(steps, 1) where steps > 0 {
      let isReported = i % reportEvery == 0 || i == steps
      let figures = try step(reporting: isReported)
      if let checkpoint, i % checkpoint.every == 0 || i == steps {
        try Checkpoint.write(model.snapshot(), to: checkpoint.path)
      }
      if isReported, !report(figures) {
        throw Failure(.cancelled, "stopped after step \(figures.step)")
      }
    }
  }
}
