import ArgumentParser
import SwiftGAN

/// How long to train and what to say meanwhile: common to `train` and `resume`.
struct TrainingOptions: ParsableArguments {
  @Option(help: "Steps to make. Without --steps and --minutes: 10000.")
  var steps: UInt64?

  @Option(help: "Minutes to train at most.")
  var minutes: Double?

  @Option(help: "Threads for the arithmetic; 0: all cores. Results do not depend on it.")
  var threads: Int32 = 0

  @Option(help: "Steps between checkpoints.")
  var checkpointEvery: UInt64 = 1000

  @Flag(help: "One JSON object a step on standard output instead of a progress line.")
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
  }
}
