import ArgumentParser
import SwiftGAN

/// How long to train, what to do and what to say meanwhile: common to `train` and `resume`.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Steps to make. Without --steps and --minutes: 10000.")
  var steps: UInt64?

  @Option(help: "Minutes to train at most.")
  var minutes: Double?

  @Option(help: "Threads for the arithmetic; 0: all cores. Results do not depend on it.")
  var threads: Int32 = 0

  @Option(help: "Steps between checkpoints (1000).")
  var checkpointEvery: UInt64?

  @Option(
    help:
      """
      Steps between evaluations, which add Fréchet distance, precision and recall to the metrics; \
      the model with the least distance is kept as best.safetensors. 0: none (default).
      """
  )
  var evaluateEvery: UInt64?

  @Option(help: "Samples of each side in such an evaluation (2500).")
  var evaluateCount: Int?

  @Option(
    help:
      """
      The file of the classifier whose features such an evaluation compares: read if it is there, \
      else written after training. Without: extractor.safetensors in the folder for results.
      """,
    completion: .file(extensions: ["safetensors"]))
  var extractor: String?

  @Option(help: "Steps between checkpoints that are kept in checkpoints/. 0: none is (default).")
  var keepEvery: UInt64?

  @Option(
    help:
      "Steps between pictures in samples/. 0: from 10 up to 1000, more often at first (default).")
  var samplesEvery: UInt64?

  @Option(help: "A folder for TensorBoard's event files.", completion: .directory)
  var tensorboard: String?

  @Flag(
    help:
      """
      One JSON object a step on standard output instead of a progress line, and one with the files \
      written at the end.
      """
  )
  var json = false

  func validate() throws {
    if let minutes, !(minutes > 0 && minutes < 1e7) {
      throw ValidationError("--minutes: expected a time above 0, found \(minutes)")
    }
    if steps == 0 { throw ValidationError("--steps: expected at least 1, found 0") }
    if checkpointEvery == 0 { throw ValidationError("--checkpoint-every: expected at least 1") }
    if !(0...256).contains(threads) {
      throw ValidationError("--threads: expected 0...256, found \(threads)")
    }
    if let evaluateCount, !(7...Int(Int32.max)).contains(evaluateCount) {
      throw ValidationError("--evaluate-count: expected at least 7, found \(evaluateCount)")
    }
    for (name, value) in [
      ("steps", steps), ("checkpoint-every", checkpointEvery), ("evaluate-every", evaluateEvery),
      ("keep-every", keepEvery), ("samples-every", samplesEvery),
    ] {
      if let value, value > Int64.max {
        throw ValidationError("--\(name): expected at most \(Int64.max), found \(value)")
      }
    }
  }

  /// What was given takes the place of what was; the rest stays.
  func change(_ intervals: inout RunSettings.Intervals) {
    intervals.checkpointEvery = checkpointEvery ?? intervals.checkpointEvery
    intervals.evaluateEvery = evaluateEvery ?? intervals.evaluateEvery
    intervals.evaluateCount = evaluateCount ?? intervals.evaluateCount
    intervals.extractor = extractor ?? intervals.extractor
    intervals.keepEvery = keepEvery ?? intervals.keepEvery
    intervals.samplesEvery = samplesEvery ?? intervals.samplesEvery
    intervals.tensorboard = tensorboard ?? intervals.tensorboard
  }
}
