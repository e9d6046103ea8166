import ArgumentParser
import SwiftGAN

struct Complete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fills in what is covered or missing of samples.",
    discussion: """
      Rows of a picture: an image, what is left of it when the part is covered, and the model's \
      answers, which match what is left. Where elements \
      of the data are missing (--data-option missing=true), these are filled in; of a table, all \
      lines are written to completed.csv.
      """)

  @OptionGroup var latents: LatentOptions

  @Argument(
    help: "A data set, as for train. Without: the run's own, read as it was.",
    completion: .directory)
  var data: String?

  @OptionGroup var reading: DataOptions

  @Option(
    help: "What is covered: lower, upper, left, right or center.",
    completion: .list(["lower", "upper", "left", "right", "center"]))
  var cover = "lower"

  @Option(help: "Which of the data's samples, such as 0,5,9. Without: the first 8, of a table all.")
  var samples: String?

  @Option(help: "Different answers for each. Without: 4, of a table 1.")
  var answers: Int?

  @Option(
    help:
      """
      How a model of the family gain answers: gain, least_squares (the same network without its \
      adversarial cost) or mean (of each element's known values).
      """,
    completion: .list(["gain", "least_squares", "mean"]))
  var method: String?

  func run() throws {
    try reporting {
      let model = try LoadedModel.with(
        "complete", as: (any Completing).self, latents.checkpoint)
      let dataset = try reading.open(data, orOfRun: latents.checkpoint)
        .matchingClasses(of: model)
      try dataset.check(shape: model.sampleShape)
      let isTable = model.sampleShape.rank != 3
      guard !isTable || dataset.hasMissing else {
        throw Failure(
          .unsupported,
          "\(dataset.source): only images can be covered; of a table missing elements are filled in"
            + " (--data-option missing=true)")
      }
      try latents.writing.check(shape: model.sampleShape)
      let index = try index(of: dataset, isTable)
      let answers = answers ?? (isTable ? 1 : 4)
      guard (1...16).contains(answers) else {
        throw Failure(.argument, "--answers: expected 1...16, found \(answers)")
      }
      let found = try dataset.batch(index, range: model.sampleRange)
      let mask = dataset.hasMissing ? found.known : try mask(model.sampleShape)
      let real = dataset.hasMissing ? select(mask, found, .zeros(found.shape)) : found
      var options: [(String, JSON)] = [
        ("answers", .integer(Int64(answers))), ("seed", .integer(Int64(clamping: latents.seed))),
      ]
      if model is any FindsLatents { options.append(("tries", .integer(Int64(max(8, answers))))) }
      if let method { options.append(("method", .string(method))) }
      let given =
        model.sampleUse != .none ? try dataset.conditions(index) : .none
      let filled = try model.complete(real, mask: mask, given: given, options: .object(options))
      guard !isTable else {
        var files = SampleFiles(
          filled.reshaped(model.sampleShape.prepending(index.count * answers)),
          range: model.sampleRange)
        files.columnNames = dataset.columnNames
        return try latents.writing.write(files, standard: "completed.csv")
      }
      let low = model.sampleRange?.low ?? -1
      let covered = real * mask + Tensor(repeating: low, shape: mask.shape) * (1 - mask)
      var rows: [Tensor] = []
      for i in index.indices {
        // Nobody knows the whole of an image with missing elements.
        let whole = dataset.hasMissing ? covered : real
        rows += [
          whole.rows(i..<i + 1), covered.rows(i..<i + 1),
          filled.rows(i * answers..<(i + 1) * answers),
        ]
      }
      try latents.draw(
        .concatenate(rows, axis: 0), model.sampleRange, columns: 2 + answers,
        name: "completed.png")
    }
  }

  private func index(of data: Dataset, _ isTable: Bool) throws(Failure) -> [Int] {
    guard let samples else { return Array(0..<(isTable ? data.count : min(8, data.count))) }
    let index = samples.split(separator: ",").compactMap { Int($0) }
    guard !index.isEmpty, index.allSatisfy({ (0..<data.count).contains($0) }) else {
      throw Failure(.argument, "--samples: expected numbers below \(data.count)")
    }
    return index
  }

  /// 1 where an image is left as it is.
  private func mask(_ shape: Shape) throws(Failure) -> Tensor {
    let (h, w, channels) = (shape[0], shape[1], shape[2])
    let isCovered: (Int, Int) -> Bool
    switch cover {
    case "lower": isCovered = { y, _ in y >= h / 2 }
    case "upper": isCovered = { y, _ in y < h / 2 }
    case "left": isCovered = { _, x in x < w / 2 }
    case "right": isCovered = { _, x in x >= w / 2 }
    case "center":
      isCovered = { y, x in
        (h / 4..<h - h / 4).contains(y) && (w / 4..<w - w / 4).contains(x)
      }
    default:
      throw Failure(
        .argument, "--cover: expected lower, upper, left, right or center, found \(cover)")
    }
    return Tensor(shape: shape) { m in
      for i in m.indices {
        m[i] = isCovered(i / (w * channels), i / channels % w) ? 0 : 1
      }
    }
  }
}

extension Tensor {
  /// 1 where an element is not missing, else 0.
  fileprivate var known: Tensor {
    withElements { x in
      Tensor(shape: shape) { m in for i in m.indices { m[i] = x[i].isNaN ? 0 : 1 } }
    }
  }
}
