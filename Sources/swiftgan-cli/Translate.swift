import ArgumentParser
import SwiftGAN

struct Translate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes samples from inputs, such as images from images.",
    discussion: """
      The model was trained on pairs. Images become a PNG each, under the input's name, and the \
      first of them rows of answers.png: the input, \
      its answers, and its target where the data is pairs, too. Vectors become lines of \
      answers.csv: the input's number, the answer's, and its elements.
      """)

  @Argument(
    help: "A checkpoint: model.safetensors, or a run's folder.",
    completion: .file(extensions: ["safetensors"]))
  var checkpoint: String

  @Argument(
    help: "A data set of inputs, such as a folder of pictures, or of pairs.",
    completion: .directory)
  var inputs: String

  @OptionGroup var reading: DataOptions

  @Option(help: "Different answers for each input, of a model with noise.")
  var answers = 1

  @Flag(help: "The way back, of a model of the family cyclegan: inputs from samples.")
  var back = false

  @Option(help: "Seed of the noise.")
  var seed: UInt64 = 1

  @Option(name: .shortAndLong, help: "The folder for the answers.", completion: .directory)
  var out = "translated"

  @OptionGroup var output: OutputOptions

  /// Inputs that go through the model at a time, and rows of the picture.
  private static let piece = 64
  private static let rows = 16

  func validate() throws {
    if !(1...1000).contains(answers) {
      throw ValidationError("--answers: expected 1...1000, found \(answers)")
    }
    if back, answers != 1 { throw ValidationError("--answers: there is one on the way back") }
  }

  func run() throws {
    try reporting {
      let model = try LoadedModel.with("translate", as: (any Translating).self, checkpoint)
      let opened = try reading.open(inputs)
      let data = back ? opened : opened.inputs ?? opened
      let reverse = model as? any TranslatingBack
      guard !back || reverse != nil else {
        throw Failure(
          .unsupported,
          "--back: the family \"\(type(of: model).family)\" translates inputs to samples alone")
      }
      if let shape = back ? model.sampleShape : model.inputShape, data.shape != shape {
        throw Failure(
          .mismatch,
          "\(inputs): its samples have the shape \(data.shape), the model's inputs \(shape)"
            + (shape.rank == 3 ? " (the options size, or resize, crop and channels)" : ""))
      }
      try FileIO.makeDirectory(out)
      let names = try names(of: back || opened.isUnpaired ? data : opened)
      var written: [String] = []
      var lines: [String] = []
      for first in stride(from: 0, to: data.count, by: Self.piece) {
        let place = first..<min(first + Self.piece, data.count)
        let given = try data.batch(Array(place))
        // Each piece has noise of its own.
        let own = seed &+ UInt64(first / Self.piece)
        let made =
          if back, let reverse { try reverse.translateBack(given, seed: own) } else {
            try model.translate(given, answers: answers, seed: own)
          }
        if made.rank == 4 {
          written += try images(made, names[place], model.sampleRange)
          if first == 0 { written += try picture(given, made, opened, model) }
        } else {
          lines += table(made, from: first)
        }
      }
      let shape = back ? model.inputShape ?? model.sampleShape : model.sampleShape
      if shape.rank != 3 {
        let path = "\(out)/answers.csv"
        let head = ["input", "answer"] + (0..<shape.count).map { "x\($0)" }
        try FileIO.writeText(
          ([head.joined(separator: ",")] + lines).joined(separator: "\n") + "\n", to: path)
        written = [path]
      }
      output.written(written)
    }
  }

  /// What the answers' files are called: as the inputs' without their endings, where names differ
  /// then.
  private func names(of data: Dataset) throws(Failure) -> [String] {
    guard !data.fileNames.isEmpty else {
      let width = "\(data.count - 1)".count
      return (0..<data.count).map {
        String(repeating: "0", count: width - "\($0)".count) + "\($0)"
      }
    }
    let stems = data.fileNames.map { name in
      name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
    let names = Set(stems).count == stems.count ? stems : data.fileNames
    let folders = Set(names.compactMap { name in name.lastIndex(of: "/").map { name[..<$0] } })
    for folder in folders { try FileIO.makeDirectory("\(out)/\(folder)") }
    return names
  }

  private func images(
    _ made: Tensor, _ names: ArraySlice<String>, _ range: ValueRange?
  ) throws(Failure) -> [String] {
    var paths: [String] = []
    for (i, name) in names.enumerated() {
      for j in 0..<answers {
        let path = "\(out)/\(name)\(answers > 1 ? "-\(j + 1)" : "").png"
        let place = i * answers + j
        try ImageGrid(
          made.rows(place..<place + 1), range: range ?? ValueRange(-1, 1), columns: 1, border: 0
        ).write(to: path)
        paths.append(path)
      }
    }
    return paths
  }

  /// Rows of an input, its answers and its target, where images can stand beside each other.
  private func picture(
    _ given: Tensor, _ made: Tensor, _ data: Dataset, _ model: any Translating
  ) throws(Failure) -> [String] {
    let shape = made.shape.droppingFirst()
    guard let inputs = shown(given, data.range, shape, model.sampleRange) else { return [] }
    let count = min(Self.rows, inputs.shape[0])
    let hasTargets = !back && data.inputs != nil && !data.isUnpaired && data.shape == shape
    let targets = hasTargets ? try data.batch(Array(0..<count), range: model.sampleRange) : nil
    var rows: [Tensor] = []
    for i in 0..<count {
      rows += [inputs.rows(i..<i + 1), made.rows(i * answers..<(i + 1) * answers)]
      if let targets { rows.append(targets.rows(i..<i + 1)) }
    }
    let path = "\(out)/answers.png"
    try ImageGrid(
      .concatenate(rows, axis: 0), range: model.sampleRange ?? ValueRange(-1, 1),
      columns: 1 + answers + (hasTargets ? 1 : 0)
    ).write(to: path)
    return [path]
  }

  /// Inputs in the answers' shape and range; nil: they cannot be brought to it.
  private func shown(
    _ given: Tensor, _ range: ValueRange?, _ shape: Shape, _ wanted: ValueRange?
  ) -> Tensor? {
    guard given.rank == 4, shape[0] % given.shape[1] == 0,
      shape[0] / given.shape[1] * given.shape[2] == shape[1],
      given.shape[3] == shape[2] || given.shape[3] == 1, [1, 3, 4].contains(shape[2])
    else { return nil }
    let (n, h, w, c) = (given.shape[0], given.shape[1], given.shape[2], given.shape[3])
    let k = shape[0] / h
    var x = given.reshaped([n, h, 1, w, 1, c]).broadcast(to: [n, h, k, w, k, c])
      .reshaped([n, h * k, w * k, c])
    if c != shape[2] { x = x.broadcast(to: shape.prepending(n)) }
    let from = range ?? ValueRange(-1, 1)
    let to = wanted ?? ValueRange(-1, 1)
    let scale: Float = (to.high - to.low) / (from.high - from.low)
    let centered: Tensor = x - from.low
    return centered * scale + to.low
  }

  private func table(_ made: Tensor, from first: Int) -> [String] {
    let (values, size) = (made.array, made.count / made.shape[0])
    return (0..<made.shape[0]).map { row in
      let numbers = values[row * size..<(row + 1) * size].map { "\($0)" }
      return (["\(first + row / answers)", "\(row % answers)"] + numbers).joined(separator: ",")
    }
  }
}
