import ArgumentParser
import SwiftGAN

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a new model on a data set.",
    discussion: """
      DATA is a folder of PNG and JPEG files (a subfolder for each class), a folder with train-images-idx3-ubyte(.gz), an IDX file of images, CIFAR's binary files, a .npy or .npz file, a .csv or .tsv table, "ring" (8 Gaussians in the plane) or \
      "grid" (25). The folder given by --out receives model.safetensors (everything: training can go on from it), \
      configuration.json, metrics.jsonl and metrics.csv (every step), curve.png and curve.svg (both costs), samples.png, samples/STEP.png \
      and progress.png (the same latents over the course of training, animated; in the plane with the discriminator's opinion as colour), \
      and run.json. `swiftgan report` makes a page of them.
      """)

  @Argument(help: "The data set.", completion: .directory)
  var data: String

  @OptionGroup var reading: DataOptions

  @OptionGroup var model: ModelOptions

  @Option(help: "Samples a step.")
  var batch = 64

  @Option(name: .shortAndLong, help: "The folder for results.", completion: .directory)
  var out = "run"

  @Flag(help: "Replace a model that is already in the folder for results.")
  var overwrite = false

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: out)
      if !overwrite, FileIO.isRegularFile(folder.model) {
        throw Failure(
          .argument,
          "\(out) holds a model already: go on with it (swiftgan resume \(out)), choose another folder"
            + " (--out), or replace it (--overwrite)")
      }
      let dataset = try reading.open(data)
      let made = try Families.create(model.configuration(for: dataset, steps: options.steps))
      guard let sampling = made as? any Sampling else { throw Families.lacks("sample", made) }
      let run = try Run(
        model: sampling, data: dataset,
        settings: RunSettings(data: data, options: reading.json(), batch: batch),
        folder: folder, options: options)
      try run.train(options)
    }
  }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Goes on with a training where it stopped, bit for bit.",
    discussion:
      "How often to save, evaluate, keep and draw is as it was, unless an option says otherwise.")

  @Argument(help: "The folder that train wrote.", completion: .directory)
  var folder: String

  @Option(
    help: "The data set, if it is no longer where train found it.", completion: .directory)
  var data: String?

  @OptionGroup var reading: DataOptions

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: folder)
      var settings = try RunSettings(folder)
      if let data { settings.data = data }
      settings.dataOptions = try reading.json(changing: settings.dataOptions)
      let dataset = try settings.openData()
      let model = try LoadedModel.with("sample", as: (any Sampling).self, folder.model)
      let run = try Run(
        model: model, data: dataset, settings: settings, folder: folder, options: options)
      try run.train(options)
    }
  }
}
