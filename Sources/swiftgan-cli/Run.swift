import ArgumentParser
import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What `resume` must know besides the checkpoint: `run.json`.
struct RunSettings {
  var data: String
  var batch: Int

  init(data: String, batch: Int) { (self.data, self.batch) = (data, batch) }

  init(folder: String) throws(Failure) {
    var o = try JSONObject(JSON(parsing: FileIO.readText("\(folder)/run.json")), path: "run.json")
    data = try o.string("data")
    batch = try o.int("batch", in: 1...Int(Int32.max))
    try o.finish()
  }

  var json: JSON { .object([("data", .string(data)), ("batch", .integer(Int64(batch)))]) }
}

/// A training under way, with the folder of its results.
final class Run {
  private let model: GAN
  private let settings: RunSettings
  private let folder: String
  private var trainer: Trainer
  private var metrics: Metrics
  /// Samples of the same latents, one row for each moment.
  private var progress: [Tensor] = []
  private let latents: Tensor

  init(model: GAN, data: Dataset, settings: RunSettings, folder: String) throws(Failure) {
    self.model = model
    self.settings = settings
    self.folder = folder
    trainer = try Trainer(model, data: data, batch: settings.batch)
    try FileIO.makeDirectory(folder)
    metrics = try Metrics(path: "\(folder)/metrics.jsonl", keepingUpTo: model.step)
    latents = try model.latents(Self.columns, seed: 7)
    try FileIO.writeText(settings.json.text(pretty: true) + "\n", to: "\(folder)/run.json")
  }

  private static let columns = 12
  private static let rows = 10

  /// Trains, writes the results, says where they are.
  func train(_ options: TrainingOptions) throws {
    guard Threads.set(Int(options.threads)) else {
      throw ValidationError("--threads: \(options.threads) is not possible here")
    }
    Terminal.catchInterrupts()
    let budget = Budget(options, done: model.step)
    var line = ProgressLine(isJSON: options.json)
    var nextPicture = 0.0
    var verdict: String?
    while !budget.isSpent(model.step) && !Terminal.isInterrupted {
      if model.sampleShape.rank == 3, budget.share(model.step) >= nextPicture {
        progress.append(try model.sample(latents: latents, given: model.inTurn(Self.columns)))
        nextPicture += 1 / Double(Self.rows - 1)
      }
      let report: StepReport
      do throws(Failure) {
        report = try trainer.step()
      } catch {
        line.end()
        metrics.flush()
        if error.kind == .diverged {
          Terminal.complain("The last checkpoint in \(folder) is from before that.")
        }
        throw error
      }
      metrics.append(report)
      line.show(report, budget)
      verdict = report.balance?.verdict
      if report.step % options.checkpointEvery == 0 { try save() }
    }
    line.end()
    if let verdict, !options.json { Terminal.complain("The last step: \(verdict)") }
    try save()
    try finish(quiet: options.json)
    if Terminal.isInterrupted {
      Terminal.complain("Stopped at step \(model.step). To go on: swiftgan resume \(folder)")
      throw ExitCode(2)
    }
  }

  private func save() throws(Failure) {
    try Checkpoint.write(model.snapshot(), to: "\(folder)/model.safetensors")
    metrics.flush()
  }

  /// Pictures, and where everything is.
  private func finish(quiet: Bool) throws(Failure) {
    var made = ["model.safetensors"]
    if model.sampleShape.rank == 3 {
      let range = model.sampleRange ?? ValueRange(-1, 1)
      progress.append(try model.sample(latents: latents, given: model.inTurn(Self.columns)))
      try ImageGrid(.concatenate(progress, axis: 0), range: range, columns: Self.columns)
        .write(to: "\(folder)/progress.png")
      try ImageGrid(try model.sample(64, seed: 1), range: range, columns: 8)
        .write(to: "\(folder)/samples.png")
      made += ["samples.png", "progress.png"]
    }
    try metrics.plot(to: "\(folder)/curve.png")
    made.append("curve.png")
    if quiet { return }
    for name in made { Terminal.say("\(folder)/\(name)") }
  }
}
