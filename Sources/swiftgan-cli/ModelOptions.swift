import ArgumentParser
import SwiftGAN

/// What model a command makes: a preset or a JSON file, with single keys changed.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model's family: \(Families.names). Other than gan: its own settings by --set, such as vae.beta=4."
    ), completion: .list(Families.all.map { $0.family }))
  var family = "gan"

  @Option(
    help:
      """
      The networks: dcgan, resnet or r3gan (images), or mlp; of images made from images unet or \
      super_resolution, with a discriminator of patches. Without: what fits the data.
      """,
    completion: .list(["dcgan", "mlp", "r3gan", "resnet", "unet", "super_resolution"]))
  var preset: String?

  @Option(
    help: "Width of the networks: channels (dcgan and resnet, 64; r3gan, 32) or units (mlp, 128).")
  var width: Int?

  @Option(
    help: "Decay of the generator's moving average, which then makes the samples (vectors: 0.999).")
  var average: Double?

  @Option(
    help:
      """
      What labels are for: none, conditional (the model knows them) or auxiliary (the \
      discriminator tells them).
      """,
    completion: .list(["none", "conditional", "auxiliary"]))
  var labels = "none"

  @Option(
    help: "A JSON file with the whole configuration, instead of the options above.",
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      Changes one key of the configuration, such as optimizer.generator.adam.beta1=0.5, \
      latent.size=64 or generator.layers[0].dense=32. lr=0.001 or learning_rate=0.001 is the rate \
      of both players' optimizers, and a rule such as optimizer.sgd.momentum=0.9 takes the place \
      of another. Repeatable; the value is JSON, else a string.
      """,
      valueName: "key=value"))
  var settings: [String] = []

  @Option(help: "Seed of weights, latents and the order of the data.")
  var seed: UInt64?

  func validate() throws {
    if let seed, seed > Int64.max {
      throw ValidationError("--seed: expected at most \(Int64.max), found \(seed)")
    }
    if chosenFamily != "gan" {
      for (name, given) in [
        ("preset", preset != nil), ("width", width != nil),
        ("labels", labels != "none" && !(labels == "conditional" && hasDataKey("classes"))),
      ] where given {
        throw ValidationError(
          "--\(name): is for the family gan; set the networks of another by --set or --config")
      }
    }
    guard config != nil else { return }
    for (name, given) in [
      ("family", family != "gan"),
      ("preset", preset != nil), ("width", width != nil), ("average", average != nil),
      ("labels", labels != "none"),
    ] where given {
      throw ValidationError("--\(name): not together with --config, which says it all")
    }
  }

  /// The family of `--family`, or of `--set family=`: a preset is one of a family, so that it must
  /// be known before single keys are changed.
  private var chosenFamily: String {
    let key = "family="
    let named = settings.last { $0.hasPrefix(key) }?.dropFirst(key.count)
    return named.flatMap { JSON(argument: String($0)).text } ?? family
  }

  /// Whether the configurations of the family have a key under `data`.
  private func hasDataKey(_ key: String) -> Bool {
    let type = Families.all.first { $0.family == chosenFamily }
    return type?.configurationSchema["properties"]?["data"]?["properties"]?[key] != nil
  }

  /// - Parameter steps: that will be trained, where that is known; schedules end with them.
  func configuration(for data: Dataset, steps: UInt64?) throws(Failure) -> JSON {
    let json = try configuration(for: data, steps: steps, isStandardized: true)
    // What the preset says of noise depends on what the other options say of the scale.
    return data.shape.rank > 1 || Self.standardizes(data, json)
      ? json : try configuration(for: data, steps: steps, isStandardized: false)
  }

  /// Whether a model of this configuration standardizes vectors.
  private static func standardizes(_ data: Dataset, _ json: JSON) -> Bool {
    guard [nil, .null].contains(json["data"]?["range"]) else { return false }
    if case .bool(let isWanted)? = json["standardize"] { return isWanted }
    return data.isStandardizedByDefault
  }

  private func configuration(
    for data: Dataset, steps: UInt64?, isStandardized: Bool
  ) throws(Failure) -> JSON {
    var json =
      if let config { try JSON(parsing: FileIO.readText(config)) } else {
        try preset(for: data, steps: steps, isStandardized: isStandardized)
      }
    if let seed { try json.set("seed", to: .integer(Int64(seed))) }
    try RateArguments.set(settings, in: &json)
    return json
  }

  private func preset(
    for data: Dataset, steps: UInt64?, isStandardized: Bool
  ) throws(Failure) -> JSON {
    let family = chosenFamily
    guard family == "gan" else {
      let shape = JSON.array(data.shape.array.map { .integer(Int64($0)) })
      var what: [(String, JSON)] = [("shape", shape)]
      if let inputs = data.inputs,
        Families.all.first(where: { $0.family == family })?.takesUnpaired == true
      {
        what.append(("conditions", .array(inputs.shape.array.map { .integer(Int64($0)) })))
      }
      if labels == "conditional" { what.append(("classes", JSON(data.classes))) }
      if let rate = data.sampleRate, hasDataKey("sample_rate") {
        what.append(("sample_rate", JSON(rate)))
      }
      var members: [(String, JSON)] = [("family", .string(family)), ("data", .object(what))]
      if let average { members.append(("average", .number(average))) }
      return .object(members)
    }
    let isVector = data.shape.rank == 1
    func sizes(_ shape: Shape) -> JSON { .array(shape.array.map { .integer(Int64($0)) }) }
    func network(_ preset: String) -> JSON {
      .object(
        [("preset", .string(preset))] + (width.map { [("width", .integer(Int64($0)))] } ?? []))
    }
    // Pairs want the second from the first.
    let mode = data.inputs != nil && labels == "none" ? "conditional" : labels
    let isOfImages = !isVector && data.inputs?.shape.rank == 3
    var conditions = JSON(mode == "conditional" ? data.conditionSize : 0)
    if isOfImages, let inputs = data.inputs { conditions = sizes(inputs.shape) }
    let isLarger = (data.inputs?.shape.array.first ?? 0) < data.shape[0]
    let generator =
      preset ?? (isVector ? "mlp" : !isOfImages ? "dcgan" : isLarger ? "super_resolution" : "unet")
    let isPair = ["unet", "super_resolution"].contains(generator)
    var members: [(String, JSON)] = [
      (
        "data",
        .object([
          ("shape", sizes(data.shape)),
          ("classes", .integer(Int64(labels == "none" ? 0 : data.classes))),
          ("conditions", conditions),
        ])
      ), ("labels", .object([("mode", .string(mode))])),
      ("generator", network(generator)),
      ("discriminator", network(isPair ? "patch" : generator)),
    ]
    if isPair { members.append(("content", ["l1": 100])) }
    if isVector {
      members += Self.vectors(deviation: isStandardized ? 1 : try data.deviation(), steps: steps)
    }
    if let average = average ?? (isVector ? 0.999 : nil) {
      members.append(("average", .number(average)))
    }
    return .object(members)
  }

  /// Finds all modes of the ring in the plane. The discriminator learns twice as fast as the
  /// generator (Heusel et al. 2017), and sees noise that fades over the first half.
  /// - Parameter deviation: of what the networks see.
  private static func vectors(deviation: Float, steps: UInt64?) -> [(String, JSON)] {
    var members = GAN.suggestionForVectors
    if let steps {
      let fall: JSON = .object([("steps", .integer(Int64(steps))), ("to", .number(0.02))])
      members += [
        ("learning_rate", .object([("linear", fall)])),
        (
          "instance_noise",
          .object([
            ("deviation", .number(0.42 * Double(deviation))),
            ("steps", .integer(Int64(steps / 2))),
          ])
        ),
      ]
    }
    return members
  }
}
