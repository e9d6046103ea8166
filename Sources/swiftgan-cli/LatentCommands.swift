import ArgumentParser
import SwiftGAN

/// What the commands that draw points of the latent space share.
struct LatentOptions: ParsableArguments {
  @Argument(
    help: "A checkpoint: model.safetensors, or a run's folder.",
    completion: .file(extensions: ["safetensors"]))
  var checkpoint: String

  @Option(help: "Seed of the latents: those that `sample --seed` draws, numbered from 0.")
  var seed: UInt64 = 1

  @Option(
    help:
      """
      The class of every sample, of a conditional model: a number, or a name of the data's. \
      Without: class 0.
      """
  )
  var label: ClassArgument?

  @OptionGroup var writing: SampleOutput

  /// What makes the model's samples of latents, where nothing else of it is needed.
  func generator() throws(Failure) -> any LatentSampler {
    let sampler = try Families.sampler(checkpoint: RunFolder.checkpoint(checkpoint))
    guard let generator = sampler as? any LatentSampler else {
      throw try Families.lacks("latents", LoadedModel.any(checkpoint))
    }
    try expectImages(of: generator.sampleShape)
    return generator
  }

  private func expectImages(of shape: Shape) throws(Failure) {
    guard shape.rank == 3 else { throw Failure(.unsupported, "only images can be drawn") }
    try writing.check(shape: shape)
  }

  func decoded(_ latents: Tensor, _ model: any LatentSampler) throws(Failure) -> Tensor {
    var given = try model.inTurn(latents.shape[0])
    let number = try label?.number(for: model.sampleUse, checkpoint: checkpoint) ?? 0
    if !given.labels.isEmpty {
      given.labels = Array(repeating: number, count: latents.shape[0])
    }
    return try model.decode(latents, given: given, seed: seed)
  }

  /// - Parameter name: of the picture where no other is given.
  func draw(
    _ samples: Tensor, _ range: ValueRange?, columns: Int, name: String
  ) throws(Failure) {
    var files = SampleFiles(samples, range: range)
    files.columns = columns
    try writing.write(files, standard: name)
  }
}

struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draws the samples on the way from one latent to another.",
    discussion: "Each row leads from latent 2i to latent 2i + 1 of the seed.")

  @OptionGroup var latents: LatentOptions

  @Option(help: "Pairs of latents.")
  var rows = 6

  @Option(help: "Samples from one end to the other.")
  var columns = 10

  @Option(
    help: "linear, or spherical (along the arc).", completion: .list(["linear", "spherical"]))
  var path = "spherical"

  func validate() throws {
    if rows < 1 || columns < 2 {
      throw ValidationError("--rows and --columns: expected at least 1 and 2")
    }
    if Latents.Path(rawValue: path) == nil {
      throw ValidationError("--path: expected linear or spherical, found \(path)")
    }
  }

  func run() throws {
    try reporting {
      let model = try latents.generator()
      let ends = try model.latents(2 * rows, seed: latents.seed)
      let ways = (0..<rows).map { row in
        Latents.between(
          ends.rows(2 * row..<2 * row + 1), ends.rows(2 * row + 1..<2 * row + 2), steps: columns,
          path: Latents.Path(rawValue: path) ?? .spherical)
      }
      try latents.draw(
        latents.decoded(.concatenate(ways, axis: 0), model), model.sampleRange, columns: columns,
        name: "interpolation.png")
    }
  }
}

struct Arithmetic: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Adds and subtracts means of latents and draws what comes out.",
    discussion: """
      DCGAN's vector arithmetic: --plus 3,17,40 --minus 5,8,9 --plus 1,2,30 draws a row for each \
      group of samples (numbered as in the picture \
      of `sample` with the same seed) and, last, mean(first) - mean(second) + mean(third).
      """)

  @OptionGroup var latents: LatentOptions

  @Option(help: "Numbers of latents whose mean is added, such as 3,17,40.")
  var plus: [String] = []

  @Option(help: "Numbers of latents whose mean is subtracted.")
  var minus: [String] = []

  func run() throws {
    try reporting {
      let model = try latents.generator()
      let groups =
        try plus.map { (try numbers($0, "--plus"), Float(1)) }
        + minus.map { (try numbers($0, "--minus"), Float(-1)) }
      guard !groups.isEmpty else {
        throw Failure(.argument, "expected at least one --plus or --minus")
      }
      let most = groups.flatMap(\.0).max() ?? 0
      let all = try model.latents(Int(most) + 1, seed: latents.seed)
      let columns = groups.map(\.0.count).max() ?? 1
      var rows: [Tensor] = []
      for (index, _) in groups {
        let made = try latents.decoded(all.gather(index), model)
        let low = model.sampleRange?.low ?? -1
        let blank = Tensor(
          repeating: low, shape: model.sampleShape.prepending(columns - index.count))
        rows.append(index.count == columns ? made : .concatenate([made, blank], axis: 0))
      }
      let sum = Latents.sum(groups.map { (latents: all.gather($0.0), sign: $0.1) })
      rows.append(try latents.decoded(sum, model))
      try latents.draw(
        .concatenate(rows, axis: 0), model.sampleRange, columns: columns, name: "arithmetic.png")
    }
  }

  private func numbers(_ text: String, _ option: String) throws(Failure) -> [Int32] {
    var result: [Int32] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int32(part), (0..<1_000_000).contains(number) else {
        throw Failure(
          .argument, "\(option): expected numbers such as 3,17,40, found \"\(text.shown)\"")
      }
      result.append(number)
    }
    return result
  }
}
