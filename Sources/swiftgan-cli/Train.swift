import ArgumentParser
import SwiftGAN

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a new GAN on a data set.",
    discussion: """
      DATA is a folder with train-images-idx3-ubyte(.gz), an IDX file of images, "ring" (8 Gaussians in the plane) or \
      "grid" (25). The folder given by --out receives model.safetensors (everything: training can go on from it), \
      samples.png, progress.png (the same latents over the course of training), curve.png (both costs), metrics.jsonl and \
      run.json.
      """)

  @Argument(help: "The data set.")
  var data: String

  @Option(help: "The networks: dcgan (images) or mlp. Without: dcgan for images, mlp for vectors.")
  var preset: String?

  @Option(help: "Width of the networks: channels (dcgan, 64) or units (mlp, 128).")
  var width: Int?

  @Option(
    help: "Decay of the generator's moving average, which then makes the samples (vectors: 0.999).")
  var average: Double?

  @Option(
    help:
      "What labels are for: none, conditional (both players know them) or auxiliary (the discriminator tells them)."
  )
  var labels = "none"

  @Option(help: "A JSON file with the whole configuration, instead of the options above.")
  var config: String?

  @Option(help: "Samples a step.")
  var batch = 64

  @Option(help: "Seed of weights, latents and the order of the data.")
  var seed: UInt64?

  @Option(name: .shortAndLong, help: "The folder for results.")
  var out = "run"

  @Flag(help: "Replace a model that is already in the folder for results.")
  var overwrite = false

  @OptionGroup var options: TrainingOptions

  func validate() throws {
    guard config != nil else { return }
    for (name, given) in [
      ("preset", preset != nil), ("width", width != nil), ("average", average != nil),
      ("labels", labels != "none"),
    ] where given {
      throw ValidationError("--\(name): not together with --config, which says it all")
    }
  }

  func run() throws {
    try reporting {
      if !overwrite, FileIO.isRegularFile("\(out)/model.safetensors") {
        throw Failure(
          .argument,
          "\(out) holds a model already: go on with it (swiftgan resume \(out)), choose another folder"
            + " (--out), or replace it (--overwrite)")
      }
      let dataset = try Dataset.open(data)
      let model = try GAN(configuration(for: dataset))
      let run = try Run(
        model: model, data: dataset, settings: RunSettings(data: data, batch: batch), folder: out)
      try run.train(options)
    }
  }

  private func configuration(for dataset: Dataset) throws(Failure) -> Configuration {
    var json: JSON
    if let config {
      json = try JSON(parsing: FileIO.readText(config))
    } else {
      let preset = preset ?? (dataset.shape.rank == 3 ? "dcgan" : "mlp")
      var network: [(String, JSON)] = [("preset", .string(preset))]
      if let width { network.append(("width", .integer(Int64(width)))) }
      var members: [(String, JSON)] = [
        (
          "data",
          .object([
            ("shape", .array(dataset.shape.array.map { .integer(Int64($0)) })),
            ("classes", .integer(Int64(labels == "none" ? 0 : dataset.classes))),
          ])
        ), ("labels", .object([("mode", .string(labels))])),
        ("generator", .object(network)), ("discriminator", .object(network)),
      ]
      if dataset.shape.rank == 1 {
        // Finds all modes of the ring in the plane. The discriminator learns twice as fast as the generator (Heusel et al. 2017), and sees
        // noise that fades over the first half.
        func adam(_ rate: Double) -> JSON {
          .object([("adam", .object([("learning_rate", .number(rate))]))])
        }
        members += [
          ("latent", .object([("size", .integer(16))])),
          (
            "optimizer",
            .object([("generator", adam(0.0005)), ("discriminator", adam(0.001))])
          ),
        ]
        if let steps = options.steps {
          members.append(
            (
              "learning_rate",
              .object([
                ("linear", .object([("steps", .integer(Int64(steps))), ("to", .number(0.02))]))
              ])
            ))
          members.append(
            (
              "instance_noise",
              .object([
                ("deviation", .number(0.42 * Double(dataset.deviation))),
                ("steps", .integer(Int64(steps / 2))),
              ])
            ))
        }
      }
      if let average = average ?? (dataset.shape.rank == 1 ? 0.999 : nil) {
        members.append(("average", .number(average)))
      }
      json = .object(members)
    }
    var configuration = try Configuration(json: json)
    if let seed { configuration.seed = seed }
    return configuration
  }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Goes on with a training where it stopped, bit for bit.")

  @Argument(help: "The folder that train wrote.")
  var folder: String

  @Option(help: "The data set, if it is no longer where train found it.")
  var data: String?

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try reporting {
      var settings = try RunSettings(folder: folder)
      if let data { settings.data = data }
      let dataset = try Dataset.open(settings.data)
      let model = try GAN(Checkpoint.read("\(folder)/model.safetensors"))
      let run = try Run(model: model, data: dataset, settings: settings, folder: folder)
      try run.train(options)
    }
  }
}
