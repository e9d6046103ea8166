import ArgumentParser
import SwiftGAN

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a new model on a data set.",
    discussion: """
      DATA is a folder of PNG and JPEG files (a subfolder for each class), a folder with \
      train-images-idx3-ubyte(.gz), an IDX file of images, CIFAR's binary files, a .npy or .npz \
      file, a .csv or .tsv table, "ring" (8 Gaussians in the plane) or \
      "grid" (25). The folder given by --out receives model.safetensors (everything: training can \
      go on from it), \
      configuration.json, metrics.jsonl and metrics.csv (every step), curve.png and curve.svg \
      (both costs), samples.png, samples/STEP.png \
      and progress.png (the same latents over the course of training, animated; in the plane with \
      the discriminator's opinion as color), \
      and run.json. `swiftgan report` makes a page of them.
      """)

  @Argument(help: "The data set.", completion: .directory)
  var data: String

  @OptionGroup var reading: DataOptions

  @OptionGroup var model: ModelOptions

  @Option(help: "Samples a step. Without: 64, or all where there are fewer.")
  var batch: Int?

  @Option(name: .shortAndLong, help: "The folder for results.", completion: .directory)
  var out = "run"

  @Flag(help: "Replace a model that is already in the folder for results.")
  var overwrite = false

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: out)
      try RunLock.expectFree(folder)
      try expectNoModel(folder)
      let dataset = try reading.open(data)
      let made = try Families.create(model.configuration(for: dataset, steps: options.steps))
      var settings = RunSettings(
        data: data, options: try reading.json(), batch: batch ?? min(64, dataset.count))
      settings.fingerprint = try dataset.fingerprint()
      try FileIO.makeDirectory(out)
      let lock = try RunLock(folder)
      // Another training may have ended since.
      try expectNoModel(folder)
      let run = try Run(
        model: made, data: dataset, settings: settings, folder: folder, lock: lock,
        options: options)
      try run.train(options)
    }
  }

  private func expectNoModel(_ folder: RunFolder) throws(Failure) {
    if !overwrite, FileIO.isRegularFile(folder.model) {
      throw Failure(
        .argument,
        "\(out) holds a model already: go on with it (swiftgan resume \(shellQuoted(out))), choose another folder"
          + " (--out), or replace it (--overwrite)")
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

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      A learning rate or another number of the optimizers, the schedule or the average from here \
      on, such as lr=0.0001. Repeatable.
      """,
      valueName: "key=value"))
  var changes: [String] = []

  @Option(help: "Samples a step from here on.")
  var batch: Int?

  @OptionGroup var options: TrainingOptions

  func validate() throws {
    if let batch, !(1...Int(Int32.max)).contains(batch) {
      throw ValidationError("--batch: expected at least 1, found \(batch)")
    }
  }

  func run() throws {
    try reporting {
      let folder = RunFolder(path: folder)
      guard FileIO.isRegularFile(folder.settings) else {
        throw Failure(.io, "\(folder.settings): No such file; expected a folder that train wrote")
      }
      let lock = try RunLock(folder)
      var settings = try RunSettings(folder)
      if data != nil || !reading.settings.isEmpty {
        settings.setData(
          data ?? settings.data, options: try reading.json(changing: settings.dataOptions))
      }
      settings.batch = batch ?? settings.batch
      let model = try changed(LoadedModel.any(folder.model))
      // This data may have fewer classes than the model, or have them in another order.
      let dataset = try settings.openData(of: folder).matchingClasses(of: model)
      try check(dataset, settings, model)
      settings.fingerprint = try dataset.fingerprint()
      let run = try Run(
        model: model, data: dataset, settings: settings, folder: folder, lock: lock,
        options: options)
      try run.train(options)
    }
  }

  /// What may change in a run: nothing that a checkpoint's tensors or earlier steps depend on.
  private static let changeable = ["optimizer", "learning_rate", "average"]

  /// The model with the settings that `--set` changes.
  private func changed(_ model: any Model) throws(Failure) -> any Model {
    guard !changes.isEmpty else { return model }
    let before = model.configurationJSON
    var after = before
    try RateArguments.set(changes, in: &after)
    var keys: Set<String> = []
    for case .object(let members) in [before, after] { keys.formUnion(members.map(\.key)) }
    for key in keys.sorted() where before[key] != after[key] && !Self.changeable.contains(key) {
      throw Failure(
        .argument,
        "--set \(key): cannot change in a run; expected one of"
          + " \(Self.changeable.joined(separator: ", "))")
    }
    var snapshot = model.snapshot()
    snapshot.texts["configuration"] = after.text(pretty: false)
    let new: any Model
    do throws(Failure) {
      new = try Families.load(snapshot)
    } catch {
      throw Failure(error.kind, "--set: \(error.message)")
    }
    guard new.configurationJSON != before || after == before else {
      throw Failure(
        .unsupported, "--set: the settings of a model of this family cannot change in a run")
    }
    return new
  }

  /// That the data is what the model was trained on, or that other data is meant. Other classes
  /// never are, for the model's are numbered by them.
  private func check(
    _ dataset: Dataset, _ settings: RunSettings, _ model: any Model
  ) throws(Failure) {
    guard let before = settings.fingerprint,
      let difference = before.difference(from: try dataset.fingerprint())
    else { return }
    let isMeant = data != nil || !reading.settings.isEmpty
    if model.labelUse != .none, before.classNames != dataset.classNames {
      throw Failure(
        .mismatch,
        "\(settings.data): holds \(difference), by whose names the model's classes are numbered;"
          + " give data with the same classes")
    }
    guard isMeant else {
      throw Failure(
        .mismatch,
        "\(settings.data): differs from what the model was trained on: it holds \(difference); if that"
          + " is meant, say so by --data \(shellQuoted(settings.data))")
    }
  }
}
