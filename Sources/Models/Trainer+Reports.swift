import SGBasics

extension Trainer {
  /// A training that goes on while its reports are awaited:
  ///
  ///     for try await report in trainer.reports(steps: 1000, every: 100) { print(report.step) }
  ///
  /// The steps are made by the task that iterates, on its own executor; an actor that must answer
  /// meanwhile, such as the main one, leaves the training to a task of its own. Between two steps
  /// the task yields. Ending the iteration ends the training. Cancelling the task ends it after a
  /// whole step by throwing a `Failure` of kind cancelled, so that nobody takes the model for
  /// finished; it can be sampled, saved and trained further.
  /// - Parameters:
  ///   - steps: how many.
  ///   - every: steps between reports; the last step has one too.
  ///   - checkpoint: where to save every so many steps and at the end.
  public func reports(
    steps: UInt64, every: UInt64 = 1, checkpoint: (path: String, every: UInt64)? = nil
  ) -> TrainingReports {
    TrainingReports(
      trainer: self, run: Run(steps: steps, reportEvery: every, checkpoint: checkpoint))
  }
}

/// The reports of a training, in the order of steps; see `Trainer.reports`. Each iteration makes
/// the steps anew, from where the model is then.
public struct TrainingReports: AsyncSequence {
  public typealias Element = StepReport
  public typealias Failure = SGBasics.Failure

  let trainer: Trainer
  let run: Trainer.Run

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(trainer: trainer, run: run) }

  /// Makes steps until a report is due.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var trainer: Trainer
    var run: Trainer.Run

    /// The next report; nil at the end.
    /// - Throws: `Failure` of kind cancelled (the task was), diverged, or of the checkpoint.
    public mutating func next(
      isolation actor: isolated (any Actor)? = #isolation
    ) async throws(SGBasics.Failure) -> StepReport? {
      while !run.isOver {
        await Task.yield()
        if Task.isCancelled {
          throw SGBasics.Failure(.cancelled, "cancelled after step \(trainer.model.step)")
        }
        if let report = try trainer.advance(&run) { return report }
      }
      return nil
    }
  }
}
