import SGBasics
import SGNets
import SGTensors

extension Configuration {
  /// Reads a configuration; what is left out takes its default.
  /// - Throws: `Failure` that names the key, what was expected and what was found.
  public init(json: JSON) throws(Failure) {
    var o = try JSONObject(json, path: "")
    var data = try o.object("data")
    let shape = try data.shape("shape")
    guard shape.count <= 3 else {
      throw Failure(
        .configuration, "data.shape: expected 1 to 3 sizes, found \(shape.count)")
    }
    let classes = try data.int("classes", in: 0...1_000_000, default: 0)
    let (conditions, conditionShape) = try data.conditions()
    let range = try data.range("range", default: shape.count == 1 ? nil : ValueRange(-1, 1))
    try data.finish()

    var latent = try o.object("latent", default: [])
    let prior = Prior(
      size: try latent.int("size", in: 1...(1 << 20), default: 100),
      distribution: try latent.choice("distribution", default: .normal))
    try latent.finish()

    let preset: JSON = .string(shape.count == 3 ? "dcgan" : "mlp")
    let generator = try o.network("generator", default: preset)
    let discriminator = try o.network("discriminator", default: preset)
    let others = try o.discriminators(default: preset)
    let optimizers = try o.optimizers()

    self.init(
      shape: shape, latent: prior, generator: generator, discriminator: discriminator,
      objective: try o.objective(), labelSmoothing: try o.labelSmoothing(),
      schedule: try o.updateSchedule(), learningRate: try o.learningRateSchedule(),
      average: Float(try o.double("average", in: 0...0.999999, default: 0)),
      seed: UInt64(try o.int("seed", in: 0...Int.max, default: 1)))
    discriminators = others
    self.classes = classes
    self.conditions = conditions
    self.conditionShape = conditionShape
    self.range = range
    (generatorOptimizer, discriminatorOptimizer) = optimizers
    try objective.check(labelSmoothing)
    labels = try o.labelSettings()
    featureMatching = try o.featureMatching()
    penalties = try o.penalties()
    tricks = try o.tricks()
    try o.finish()
  }

  /// The whole configuration, defaults filled in.
  public var json: JSON {
    .object(
      [
        (
          "data",
          .object([
            ("shape", .array(shape.map { .integer(Int64($0)) })),
            ("classes", .integer(Int64(classes))), ("conditions", conditionsJSON),
            ("range", range.map { .array([.number($0.low), .number($0.high)]) } ?? .null),
          ])
        ),
        (
          "latent",
          .object([
            ("size", .integer(Int64(latent.size))),
            ("distribution", .string(latent.distribution.rawValue)),
          ])
        ),
        ("generator", generator.json), ("discriminator", discriminator.json),
        ("discriminators", discriminatorsJSON),
        ("objective", objective.json),
        ("penalties", penaltiesJSON), ("labels", labels.json),
        (
          "feature_matching",
          .object([
            ("weight", .number(featureMatching.weight)),
            ("adversarial", .number(featureMatching.adversarial)),
          ])
        ),
        (
          "label_smoothing",
          .object([
            ("real", .number(labelSmoothing.real)), ("fake", .number(labelSmoothing.fake)),
          ])
        ),
        (
          "schedule",
          .object([
            ("update", .string(schedule.update.rawValue)),
            ("discriminator_steps", .integer(Int64(schedule.discriminatorSteps))),
            ("generator_steps", .integer(Int64(schedule.generatorSteps))),
          ])
        ),
        (
          "optimizer",
          .object([
            ("generator", generatorOptimizer.json), ("discriminator", discriminatorOptimizer.json),
          ])
        ),
        ("learning_rate", learningRate.json), ("average", .number(average)),
      ] + tricks.members + [("seed", JSON(seed))])
  }
}

extension Configuration: Codable {
  /// Reads a configuration from a decoder.
  public init(from decoder: any Decoder) throws {
    try self.init(json: JSON(from: decoder))
  }
  /// Writes the whole configuration to an encoder.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension JSONObject {

  /// A preset's name, {"preset": …, …} or {"layers": […]}.
  mutating func network(
    _ key: String, default preset: JSON
  ) throws(Failure) -> NetworkDescription {
    var o: JSONObject
    switch take(key) {
    case .object?: o = try object(key)
    case .string?:
      o = try JSONObject(.object([("preset", take(key) ?? preset)]), path: key)
    case nil: o = try JSONObject(.object([("preset", preset)]), path: key)
    case let other?:
      throw Failure(
        .configuration,
        "\(key): expected a preset or {\"layers\": […]}, found \(other.kindName)")
    }
    let result: NetworkDescription
    if o.take("layers") != nil {
      result = .layers(try o.layers("layers"))
    } else if try o.string("preset", oneOf: ["mlp", "dcgan"], default: preset.text ?? "mlp")
      == "mlp"
    {
      result = .mlp(
        width: try o.int("width", in: 1...(1 << 20), default: 128),
        depth: try o.int("depth", in: 1...64, default: 2))
    } else {
      result = .dcgan(width: try o.int("width", in: 1...(1 << 16), default: 64))
    }
    try o.finish()
    return result
  }

  fileprivate mutating func objective() throws(Failure) -> Objective {
    try objective("objective", default: .nonSaturating)
  }

  fileprivate mutating func labelSmoothing() throws(Failure) -> LabelSmoothing {
    var o = try object("label_smoothing", default: [])
    let result = LabelSmoothing(
      real: Float(try o.double("real", in: 0...0.5, default: 0)),
      fake: Float(try o.double("fake", in: 0...0.5, default: 0)))
    try o.finish()
    return result
  }

  fileprivate mutating func featureMatching() throws(Failure) -> FeatureMatching {
    if take("feature_matching")?.real != nil {
      return FeatureMatching(weight: Float(try double("feature_matching", in: 0...1e6)))
    }
    var o = try object("feature_matching", default: [])
    let result = FeatureMatching(
      weight: Float(try o.double("weight", in: 0...1e6, default: 0)),
      adversarial: Float(try o.double("adversarial", in: 0...1e6, default: 0)))
    try o.finish()
    return result
  }

  fileprivate mutating func updateSchedule() throws(Failure) -> UpdateSchedule {
    var o = try object("schedule", default: [])
    let result = UpdateSchedule(
      update: try o.choice("update", default: .alternating),
      discriminatorSteps: try o.int("discriminator_steps", in: 1...1000, default: 1),
      generatorSteps: try o.int("generator_steps", in: 0...1000, default: 1))
    try o.finish()
    return result
  }

}

extension NetworkDescription {
  var json: JSON {
    switch self {
    case .mlp(let width, let depth):
      .object([
        ("preset", .string("mlp")), ("width", .integer(Int64(width))),
        ("depth", .integer(Int64(depth))),
      ])
    case .dcgan(let width):
      .object([("preset", .string("dcgan")), ("width", .integer(Int64(width)))])
    case .layers(let layers): .object([("layers", .array(layers.map(LayerForm.json)))])
    }
  }
}
