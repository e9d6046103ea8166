import ArgumentParser
import SwiftGAN

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judges a model's samples against data.",
    discussion: """
      Fréchet and kernel distance, precision and recall, density and coverage, sliced Wasserstein \
      distance; modes for ring, grid and stacked images; \
      nearest real neighbors and closest pairs, which show copying. Images with labels are \
      compared by the features of a classifier that \
      is trained on them first (minutes) and kept beside the model as extractor.safetensors; \
      others by their pixels.
      """)

  @Argument(
    help: "A checkpoint: model.safetensors, or a run's folder.",
    completion: .file(extensions: ["safetensors"]))
  var checkpoint: String

  @Argument(
    help: "A data set, as for train. Without: the run's own, read as it was.",
    completion: .directory)
  var data: String?

  @OptionGroup var reading: DataOptions

  @Option(
    help:
      "Samples of each side. Without: 10000 (stacked images: 26000), or all where there are fewer.")
  var count: Int?

  @Option(
    help: "auto, pixels or classifier.", completion: .list(["auto", "pixels", "classifier"]))
  var features = "auto"

  @Option(help: "The classifier's file: read if it is there, else written.")
  var extractor: String?

  @Option(help: "Passes over the data when the classifier is trained.")
  var epochs = 8

  @Option(help: "Seed of the model's samples and of every draw.")
  var seed: UInt64 = 1

  @Option(help: "Added to the covariances' diagonals, for fewer samples than features.")
  var ridge = 0.0

  @Option(help: "A PNG of fakes, each above its nearest real neighbor.")
  var neighbors: String?

  @Flag(help: "One JSON object.")
  var json = false

  func run() throws {
    try reporting {
      let dataset = try reading.open(data, orOfRun: checkpoint)
      let model = try LoadedModel.with("sample", as: (any Sampling).self, checkpoint)
      guard let features = EvaluationOptions.Features(rawValue: features) else {
        throw ValidationError("--features: expected auto, pixels or classifier, found \(features)")
      }
      var options = EvaluationOptions(for: dataset)
      if let count { options.count = count }
      options.features = features
      options.extractor = extractor ?? beside(RunFolder.checkpoint(checkpoint))
      options.epochs = epochs
      options.seed = seed
      options.ridge = ridge
      Terminal.catchInterrupts()
      let progress = LearningLine()
      defer { progress.end() }
      let evaluation = try model.evaluate(against: dataset, options, progress: progress.show)
      progress.end()
      if let neighbors { try draw(evaluation, model, dataset, to: neighbors) }
      Terminal.say(evaluation.json.text(pretty: !json))
    }
  }

  private func beside(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "extractor.safetensors" }
    return path[...slash] + "extractor.safetensors"
  }

  /// Rows of fakes, each row above the nearest real neighbors.
  private func draw(
    _ evaluation: Evaluation, _ model: any Sampling, _ data: Dataset, to path: String
  ) throws(Failure) {
    guard model.sampleShape.rank == 3 else {
      throw Failure(.unsupported, "--neighbors: only images can be drawn")
    }
    let columns = 10
    let fakes = evaluation.firstFakes
    let rows = fakes.shape[0] / columns
    guard rows >= 1 else { throw Failure(.argument, "--neighbors: needs at least 10 samples") }
    var parts: [Tensor] = []
    for row in 0..<min(rows, 5) {
      let place = (row * columns)..<((row + 1) * columns)
      parts.append(fakes.rows(place))
      parts.append(
        try data.batch(place.map { evaluation.nearest.indices[$0] }, range: model.sampleRange))
    }
    try ImageGrid(
      .concatenate(parts, axis: 0), range: model.sampleRange ?? ValueRange(-1, 1),
      columns: columns
    ).write(to: path)
    Terminal.complain(path)
  }
}
