import ArgumentParser
import SwiftGAN

/// A training under way, with the folder of its results.
final class Run {
  private let model: any Model
  private let data: Dataset
  private let folder: RunFolder
  private let intervals: RunSettings.Intervals
  private var settings: RunSettings
  private let budget: Budget
  private var trainer: Trainer
  private var metrics: MetricFiles
  private var frames: Frames
  private let events: EventFile?
  /// When the figures were last written, for those who look on.
  private var flushed = ContinuousClock.now
  /// The step of the checkpoint on disk, when it was written and how long that took.
  private var saved: (step: UInt64, at: ContinuousClock.Instant, took: Duration)?
  /// When samples were last drawn.
  private var drawn = ContinuousClock.now
  /// Seconds of training in the sessions before this one.
  private let trainedBefore: Double

  /// A checkpoint, and a picture of samples, is at most so old where steps are slow.
  private static let longest = Duration.seconds(60)
  /// Nobody else writes to the folder meanwhile.
  private let lock: RunLock

  init(
    model: any Model, data: Dataset, settings: RunSettings, folder: RunFolder, lock: RunLock,
    options: TrainingOptions
  ) throws {
    guard Threads.set(Int(options.threads)) else {
      throw ValidationError("--threads: \(options.threads) is not possible here")
    }
    self.model = model
    self.data = data
    self.folder = folder
    self.lock = lock
    var settings = settings
    options.change(&settings.intervals)
    settings.sessions.append(Session.now(from: model.step))
    intervals = settings.intervals
    budget = Budget(options, done: model.step, settings)
    settings.goal = budget.goal(settings)
    trainedBefore = settings.trainedSeconds
    self.settings = settings
    trainer = try Trainer(model, data: data, batch: settings.batch)
    if !options.json {
      for line in Opening(data: data, model: model, batch: settings.batch).lines {
        Terminal.complain(line)
      }
    }
    try folder.make()
    if intervals.keepEvery > 0 { try folder.makeCheckpoints() }
    frames = try Frames(model, data: data, folder: folder, every: intervals.samplesEvery)
    let first = model.step == 0 ? 0 : model.step + 1
    events = try intervals.tensorboard.map { path throws(Failure) in
      try EventFile(folder: path, from: first)
    }
    if model.step == 0 { try folder.clear() } else { try folder.removePictures(after: model.step) }
    metrics = try MetricFiles(
      folder, keepingUpTo: model.step, isEvaluated: intervals.evaluateEvery > 0,
      units: model.figureUnits)
    if model.step > 0 { saved = (model.step, .now, .zero) }
    try self.settings.write(folder)
    try FileIO.writeText(
      Families.configuration(of: model).text(pretty: true) + "\n", to: folder.configuration)
  }

  /// Trains, writes the results, says where they are.
  func train(_ options: TrainingOptions) throws {
    defer { lock.release() }
    Terminal.catchInterrupts()
    var line = ProgressLine(isJSON: options.json)
    do throws(Failure) {
      if model.step == 0 {
        // What keeps the data from being evaluated (too few samples, say) is known now and not in
        // an hour.
        if intervals.evaluateEvery > 0 { _ = try evaluation() }
        try draw()
        // Whoever looks at a run finds a model there from the beginning.
        try save()
      }
      while !budget.isSpent(model.step) && !Terminal.isInterrupted { try step(&line) }
      line.end()
      settings.endSession(Terminal.isInterrupted ? .stopped : .finished, step: model.step)
      try save()
      let made = try [folder.model] + existing([folder.best]) + frames.finish() + metrics.plot()
      if !options.json, let verdict = metrics.history.verdicts.last?.text {
        Terminal.complain("The last step: \(verdict)")
      }
      var output = OutputOptions()
      output.json = options.json
      output.written(made, [("step", .integer(Int64(clamping: model.step)))])
    } catch {
      line.end()
      // What can still be written of the metrics is of use for finding out why.
      if error.kind == .diverged { try? metrics.flush() }
      _ = try? frames.finish()
      settings.trainedSeconds = trainedBefore + budget.elapsed
      settings.endSession(.failed(error), step: model.step)
      try? settings.write(folder)
      guard let saved else { throw error }
      throw Failure(
        error.kind,
        "\(error.message) (the checkpoint of step \(saved.step) stands: swiftgan resume"
          + " \(shellQuoted(folder.path)))")
    }
    if Terminal.isInterrupted {
      Terminal.complain(
        "Stopped at step \(model.step). To go on: swiftgan resume \(shellQuoted(folder.path))")
      throw ExitCode(2)
    }
  }

  private func existing(_ paths: [String]) -> [String] { paths.filter(FileIO.isRegularFile) }

  private func step(_ line: inout ProgressLine) throws(Failure) {
    let began = ContinuousClock.now
    let report = try trainer.step()
    if report.step == 1 { line.first(frames, took: (ContinuousClock.now - began) / .seconds(1)) }
    let isEvaluated = intervals.evaluateEvery > 0 && report.step % intervals.evaluateEvery == 0
    if isEvaluated { line.end() }
    let evaluation = isEvaluated ? try evaluated() : []
    let json = metrics.append(report, evaluation: evaluation)
    events?.append(step: report.step, scalars: scalars(json))
    line.show(report, json, budget)
    if frames.areDue(report.step) || began - drawn > Self.longest { try draw() }
    if intervals.keepEvery > 0, report.step % intervals.keepEvery == 0 {
      try Checkpoint.write(model.snapshot(), to: folder.checkpoint(report.step))
    }
    if report.step % intervals.checkpointEvery == 0 || isCheckpointOld {
      try save()
    } else if ContinuousClock.now - flushed > .seconds(1) {
      try flush()
    }
    try frames.animateIfCheap()
  }

  /// Whether the checkpoint on disk is a minute old, or so old that writing it takes a twentieth of
  /// the time at most.
  private var isCheckpointOld: Bool {
    guard let saved else { return true }
    return ContinuousClock.now - saved.at > max(Self.longest, saved.took * 20)
  }

  private func scalars(_ json: JSON) -> [(tag: String, value: Double)] {
    guard case .object(let members) = json else { return [] }
    return members.compactMap { member in
      member.key == "step" ? nil : member.value.real.map { (member.key, $0) }
    }
  }

  private func draw() throws(Failure) {
    drawn = .now
    guard let picture = try frames.draw() else { return }
    try events?.append(step: model.step, tag: "samples", picture: picture)
  }

  /// How the model compares with the data; nil where Ctrl-C stopped it.
  private func evaluation() throws(Failure) -> Evaluation? {
    var options = EvaluationOptions(count: min(intervals.evaluateCount, data.count))
    options.extractor = intervals.extractor ?? folder.extractor
    let progress = LearningLine()
    defer { progress.end() }
    do throws(Failure) {
      guard let model = model as? any Sampling else { throw Families.lacks("sample", model) }
      return try model.evaluate(against: data, options, progress: progress.show)
    } catch {
      if error.kind == .cancelled { return nil }
      throw error
    }
  }

  /// What an evaluation adds to the step's report; the best model so far is kept.
  private func evaluated() throws(Failure) -> [(String, JSON)] {
    guard let evaluation = try evaluation() else {
      Terminal.complain("The evaluation of step \(model.step) was stopped.")
      return []
    }
    let found = evaluation.comparison
    var members: [(String, JSON)] = [
      ("precision", .number(found.precisionRecall.precision)),
      ("recall", .number(found.precisionRecall.recall)),
      ("kernel_distance", .number(found.kernel.distance)),
    ]
    if let modes = evaluation.modes {
      members.append(("modes_found", .integer(Int64(modes.modesFound))))
    }
    if case .none(let reason) = found.frechetFeatures {
      members.append(("frechet_distance_missing", .string(reason)))
    }
    members.insert(
      ("frechet_distance", found.frechet.map { .number($0.distance) } ?? .null), at: 0)
    let distance = found.frechet?.distance ?? found.kernel.distance
    if distance < metrics.history.best?.distance ?? .infinity {
      try Checkpoint.write(model.snapshot(), to: folder.best)
    }
    return members
  }

  private func flush() throws(Failure) {
    try metrics.flush()
    try events?.flush()
    flushed = ContinuousClock.now
  }

  /// The figures first, so that no checkpoint is ahead of them.
  private func save() throws(Failure) {
    let began = ContinuousClock.now
    try flush()
    try Checkpoint.write(model.snapshot(), to: folder.model)
    settings.trainedSeconds = trainedBefore + budget.elapsed
    try settings.write(folder)
    saved = (model.step, .now, .now - began)
  }
}
