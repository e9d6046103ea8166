import ArgumentParser
import SwiftGAN

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws samples from a trained model.",
    discussion:
      "Images become a grid in a PNG; vectors become lines of comma-separated numbers; sound becomes a WAV file each.")

  @Argument(
    help: "A checkpoint: model.safetensors, or a run's folder.",
    completion: .file(extensions: ["safetensors"]))
  var checkpoint: String

  @Option(name: .shortAndLong, help: "How many samples.")
  var count = 64

  @Option(help: "Seed of the latents: the same seed gives the same samples.")
  var seed: UInt64 = 1

  @Option(
    help:
      "The class of every sample, of a conditional model: a number, or a name of the data's. Without: the classes in turn."
  )
  var label: ClassArgument?

  @Option(help: "Images in a row.")
  var columns = 8

  @Option(
    name: .shortAndLong,
    help:
      "The file to write; several sounds are numbered. Without: samples.png, samples.wav, or standard output for vectors.")
  var out: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if columns < 1 { throw ValidationError("--columns: expected at least 1, found \(columns)") }
  }

  func run() throws {
    try reporting {
      let model = try Families.sampler(checkpoint: RunFolder.checkpoint(checkpoint))
      var given = try model.inTurn(count)
      if let label {
        let number = try label.number(for: model.sampleUse, checkpoint: checkpoint)
        given.labels = given.labels.map { _ in number }
      }
      let samples = try model.sample(count, seed: seed, given: given)
      if let sound = model as? any HasSound, out?.hasSuffix(".wav") ?? true {
        try write(samples, rate: sound.sampleRate)
      } else if model.sampleShape.rank == 3 {
        let path = out ?? "samples.png"
        try ImageGrid(
          samples, range: model.sampleRange ?? ValueRange(-1, 1), columns: min(columns, count)
        ).write(to: path)
        output.written([path])
      } else {
        try write(rows(samples, model.sampleShape.count))
      }
    }
  }

  /// A WAV file of each sample.
  private func write(_ sounds: Tensor, rate: Int) throws(Failure) {
    let path = out ?? "samples.wav"
    let rows = rows(sounds, sounds.count / max(sounds.shape[0], 1))
    var paths: [String] = []
    for (i, row) in rows.enumerated() {
      let name = rows.count == 1 ? path : "\(path.dropLast(4))-\(i + 1).wav"
      try SoundFile.write(SoundFile.Sound(samples: Array(row), rate: rate), to: name)
      paths.append(name)
    }
    output.written(paths)
  }

  private func rows(_ samples: Tensor, _ size: Int) -> [ArraySlice<Float>] {
    let values = samples.array
    return stride(from: 0, to: values.count, by: size).map { values[$0..<$0 + size] }
  }

  private func write(_ rows: [ArraySlice<Float>]) throws(Failure) {
    let text = rows.map { $0.map { "\($0)" }.joined(separator: ",") }.joined(separator: "\n")
    if let out {
      try FileIO.writeText(text + "\n", to: out)
      output.written([out])
    } else if output.json {
      let samples = rows.map { JSON.array($0.map { .number(Double($0)) }) }
      Terminal.say(JSON.object([("samples", .array(samples))]).text(pretty: false))
    } else {
      Terminal.say(text)
    }
  }
}
