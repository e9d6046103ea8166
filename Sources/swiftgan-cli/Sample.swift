import ArgumentParser
import SwiftGAN

struct Sample: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws samples from a trained model.",
    discussion: """
      Images become a grid in a PNG, sounds one after another a WAV file, vectors lines of \
      comma-separated numbers, unless the ending of --out says otherwise.

        swiftgan sample run --count 1000 --out samples/     one PNG for each
        swiftgan sample run --count 1000 --out samples.npz  arrays samples and labels
      """)

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
      """
      The class of every sample, of a conditional model: a number, or a name of the data's. \
      Without: the classes in turn.
      """
  )
  var label: ClassArgument?

  @Option(help: "Images in a row.")
  var columns = 8

  @OptionGroup var writing: SampleOutput

  func validate() throws {
    if columns < 1 { throw ValidationError("--columns: expected at least 1, found \(columns)") }
  }

  func run() throws {
    try reporting {
      let model = try Families.sampler(checkpoint: RunFolder.checkpoint(checkpoint))
      let isImage = model.sampleShape.rank == 3
      let rate = (model as? any HasSound)?.sampleRate
      try writing.check(shape: model.sampleShape, isSound: rate != nil)
      var given = try model.inTurn(count)
      if let label {
        let number = try label.number(for: model.sampleUse, checkpoint: checkpoint)
        given.labels = given.labels.map { _ in number }
      }
      var files = SampleFiles(
        try model.sample(count, seed: seed, given: given), range: model.sampleRange)
      files.labels = given.labels
      files.classNames = try ClassArgument.names(checkpoint)
      files.columns = columns
      files.sampleRate = rate
      let standard = isImage ? "samples.png" : rate != nil ? "samples.wav" : nil
      try writing.write(files, standard: standard)
    }
  }
}
