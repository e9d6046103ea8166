import ArgumentParser
import SwiftGAN

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws samples from a trained model.",
    discussion: "Images become a grid in a PNG; vectors become lines of comma-separated numbers.")

  @Argument(help: "A checkpoint: model.safetensors.")
  var checkpoint: String

  @Option(name: .shortAndLong, help: "How many samples.")
  var count = 64

  @Option(help: "Seed of the latents: the same seed gives the same samples.")
  var seed: UInt64 = 1

  @Option(help: "The class of every sample, of a conditional model. Without: the classes in turn.")
  var label: Int32?

  @Option(help: "Images in a row.")
  var columns = 8

  @Option(
    name: .shortAndLong,
    help: "The file to write. Without: samples.png, or standard output for vectors.")
  var out: String?

  func validate() throws {
    if columns < 1 { throw ValidationError("--columns: expected at least 1, found \(columns)") }
  }

  func run() throws {
    try reporting {
      let model = try GAN(Checkpoint.read(checkpoint))
      var given = model.inTurn(count)
      if let label { given.labels = Array(repeating: label, count: count) }
      let samples = try model.sample(count, seed: seed, given: given)
      if model.sampleShape.rank == 3 {
        let path = out ?? "samples.png"
        try ImageGrid(
          samples, range: model.sampleRange ?? ValueRange(-1, 1), columns: min(columns, count)
        ).write(to: path)
        Terminal.say(path)
      } else {
        let size = model.sampleShape.count
        let values = samples.array
        let lines = stride(from: 0, to: values.count, by: size).map {
          values[$0..<$0 + size].map { "\($0)" }.joined(separator: ",")
        }
        let text = lines.joined(separator: "\n")
        if let out { try FileIO.writeText(text + "\n", to: out) } else { Terminal.say(text) }
      }
    }
  }
}
