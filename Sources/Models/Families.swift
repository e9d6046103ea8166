import SGBasics
import SGFormats
import SGNets

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The families of models: the only list of them. Creating and loading, descriptions and error
/// messages follow from it.
public enum Families {
  /// The families of this library.
  static var builtIn: [any Model.Type] {
    [
      GAN.self,
      LAPGAN.self,
      DescentModel<VAE>.self,
      DescentModel<MADE>.self,
      DescentModel<NADE>.self,
      DescentModel<Flow<RealNVP>>.self,
      DescentModel<Flow<NICE>>.self,
      DescentModel<Flow<ICA>>.self,
      DescentModel<BoltzmannMachine>.self,
      DescentModel<DeepBoltzmannMachine>.self,
      DescentModel<GSN>.self,
      DescentModel<PixelModel<PixelCNN>>.self,
      DescentModel<PixelModel<PixelRNN>>.self,
      DescentModel<WaveNet>.self,
      GAIN.self,
      CycleGAN.self,
    ]
  }

  /// Those that a program added with `register(_:)`.
  private static let registered = Registered()

  /// Every family by name.
  public static var all: [any Model.Type] { builtIn + registered.types }

  /// The families' names, as a message lists them.
  package static var names: String {
    all.map { $0.family }.joined(separator: ", ")
  }

  /// Adds a family of the program's own, after which `"family"` and checkpoints know it.
  /// - Throws: `Failure` of kind argument where another family has its name.
  public static func register(_ type: any Model.Type) throws(Failure) {
    try registered.add(type, besides: builtIn)
  }

  /// The family that a configuration names: `"family"`, by default `"gan"`.
  /// - Throws: `Failure` of kind configuration, which names the nearest family.
  public static func type(of configuration: JSON) throws(Failure) -> any Model.Type {
    guard let value = configuration[key] else { return GAN.self }
    guard let name = value.text else {
      throw Failure(.configuration, "family: expected a name, found \(value.kindName)")
    }
    if let found = all.first(where: { $0.family == name }) { return found }
    throw Failure(
      .configuration,
      "family: unknown family \"\(name.shown)\"; expected one of \(names(all))"
        + JSONObject.suggestion(for: name, among: all.map { $0.family }))
  }

  /// A new model of the family that a configuration names.
  /// - Throws: `Failure` of kind configuration, limit or noMemory.
  public static func create(_ configuration: JSON) throws(Failure) -> any Model {
    try type(of: configuration).init(configuration: configuration.withWholeNumbers.without(key))
  }

  /// The model of a checkpoint, of whatever family it is.
  /// - Throws: `Failure` of kind mismatch (no generative model), unsupported (a family that this
  ///   version does not know), format or noMemory.
  public static func load(_ snapshot: Snapshot) throws(Failure) -> any Model {
    let name = snapshot.texts[Snapshot.familyKey]
    if let name, let found = all.first(where: { $0.family == name }) {
      return try found.init(snapshot)
    }
    guard let name, snapshot.texts["configuration"] != nil else {
      throw Failure(
        .mismatch,
        "the checkpoint holds no generative model"
          + (name.map { ", but something of kind \"\($0.shown)\"" } ?? ""))
    }
    throw Failure(
      .unsupported,
      "the checkpoint holds a model of the family \"\(name.shown)\", which this version does not"
        + " know; it knows \(names(all))")
  }

  /// What makes the samples of a checkpoint's model, and no more of it than that needs.
  /// - Throws: as `load(_:)`, and `Failure` of kind unsupported where the family makes no samples.
  package static func sampler(checkpoint path: String) throws(Failure) -> any Sampler {
    let name = try SafetensorsFile(path).metadata[Snapshot.familyKey]
    if let family = all.first(where: { $0.family == name }) as? any SamplingByPart.Type {
      return try family.sampler(checkpoint: path)
    }
    let model = try load(Checkpoint.read(path))
    guard let sampling = model as? any Sampling else { throw lacks("sample", model) }
    return sampling
  }

  /// The names of the classes of a checkpoint's model; empty: it names none.
  package static func classNames(checkpoint path: String) throws(Failure) -> [String] {
    try Snapshot.classNames(in: SafetensorsFile(path).metadata)
  }

  /// What the configuration of a model would be with the defaults of its family, or where these do
  /// not fit its samples with what the family suggests, for the same `"data"`; nil: there is none,
  /// because the family demands more settings.
  package static func defaults(for model: any Model) -> JSON? {
    let family = type(of: model)
    let data: JSON = .object(model.configurationJSON["data"].map { [("data", $0)] } ?? [])
    let shape = model.sampleShape
    let suggested = family.suggestion(
      for: SampleKind(isImage: shape.rank == 3, isBinary: false, elements: shape.count))
    let completed =
      (try? family.completed(data)) ?? (try? family.completed(data.with(suggested.members)))
    return completed.map { .object([(key, .string(family.family))] + $0.members) }
  }

  /// A model's complete configuration, `"family"` first.
  public static func configuration(of model: any Model) -> JSON {
    .object([(key, .string(type(of: model).family))] + model.configurationJSON.members)
  }

  /// The JSON Schema (2020-12) of a configuration of any family.
  public static var configurationSchema: JSON {
    let families = all
    var definitions = families.map { type in (type.family, schema(of: type)) }
    definitions += [
      ("network", NetworkDescription.definition), ("layer", LayerForm.schema),
      ("initializer", ValueForm<Initializer>.definition),
    ]
    let gan = families.first?.family ?? ""
    let choices: [JSON] = families.map { type in
      let isIt: JSON = ["properties": [key: ["const": .string(type.family)]]]
      let needsKey = type.family != gan
      return [
        "if": needsKey ? .object(isIt.members + [("required", [.string(key)])]) : isIt,
        "then": ["$ref": .string("#/$defs/\(type.family)")],
      ]
    }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A swiftgan model",
      "type": "object",
      "properties": [key: familySchema(families)],
      "allOf": .array(choices),
      "$defs": .object(definitions.map { (key: $0.0, value: $0.1) }),
    ]
  }

  private static func familySchema(_ families: [any Model.Type]) -> JSON {
    [
      "description": "The family of generative models.",
      "enum": .array(families.map { .string($0.family) }),
      "default": .string(families.first?.family ?? ""),
    ]
  }

  /// A family's schema, with the key that names it.
  private static func schema(of type: any Model.Type) -> JSON {
    let own = type.configurationSchema
    let named: JSON = ["const": .string(type.family)]
    let properties = JSON.object([(key, named)] + (own["properties"]?.members ?? []))
    return .object(
      own.members.filter { $0.key != "properties" } + [("properties", properties)])
  }

  /// What `swiftgan_model_summary` gives: family, capabilities, likelihood, units of the figures in
  /// a step's report, step, networks.
  public static func summary(of model: any Model) -> JSON {
    let kind = (model as? any HasLikelihood)?.likelihood.rawValue
    return .object(
      [
        (key, .string(type(of: model).family)),
        ("capabilities", .array(capabilities(of: model).map { .string($0) })),
        (
          "units",
          .object(
            model.figureUnits.sorted { $0.key < $1.key }
              .map { ($0.key, .string($0.value.rawValue)) })
        ),
        ("likelihood", kind.map { .string($0) } ?? .null),
        (
          "class_names",
          .array(((model as? any NamesClasses)?.classNames ?? []).map { .string($0) })
        ),
        ("standardized", (model as? any Standardizing)?.standardization.json ?? .null),
      ] + model.summary.members)
  }

  private static let key = "family"

  private static func type(of model: any Model) -> any Model.Type { Swift.type(of: model) }

  fileprivate static func names(_ types: [any Model.Type]) -> String {
    types.map { "\"\($0.family)\"" }.joined(separator: ", ")
  }
}

/// What a model may be able to do beyond training: the name of each capability, and whether a
/// family has it, at least for some configurations.
private let capabilities: [(name: String, has: @Sendable (any Model.Type) -> Bool)] = [
  ("sample", { $0 is any Sampling.Type }),
  ("translate", { $0 is any Translating.Type }),
  ("latents", { $0 is any HasLatents.Type }),
  ("decode", { $0 is any HasLatents.Type }),
  ("encode", { $0 is any Encoding.Type }),
  ("reconstruct", { $0 is any Encoding.Type }),
  ("log_likelihood", { $0 is any HasLikelihood.Type }),
  ("complete", { $0 is any Completing.Type }),
  ("mixing", { $0 is any HasChains.Type }),
  ("discriminate", { $0 is any HasCritic.Type }),
  ("compare_costs", { $0 is any ComparesCosts.Type }),
  ("density_ratio", { $0 is any HasDensityRatio.Type }),
  ("classify", { $0 is any Classifying.Type }),
  ("find_latents", { $0 is any FindsLatents.Type }),
  ("export", { $0 is any Exporting.Type }),
]

extension Families {
  /// The names of what a model can do: what its family can, without what its configuration rules
  /// out.
  public static func capabilities(of model: any Model) -> [String] {
    SGModels.capabilities.filter { $0.has(type(of: model)) }.map(\.name)
      .filter { !isRuledOut($0, model) }
  }

  private static func isRuledOut(_ capability: String, _ model: any Model) -> Bool {
    switch capability {
    case "translate": (model as? any Translating).map { $0.inputShape == nil } ?? false
    case "density_ratio": (model as? any HasDensityRatio).map { !$0.tellsDensityRatio } ?? false
    case "classify": (model as? any Classifying).map { (try? $0.classCount()) == nil } ?? false
    default: false
    }
  }

  /// The families that learn from samples with missing elements, as a message offers them.
  static var takingMissing: String {
    let able = all.filter { $0.takesMissing }
    return able.isEmpty ? "" : "; families that can: \(names(able))"
  }

  /// Those that learn from inputs without pairs.
  static var takingUnpaired: String {
    let able = all.filter { $0.takesUnpaired }
    return able.isEmpty ? "" : "; families that do not: \(names(able))"
  }

  /// The error for something that a model's family cannot do.
  package static func lacks(_ capability: String, _ model: any Model) -> Failure {
    let has = SGModels.capabilities.first { $0.name == capability }?.has ?? { _ in false }
    let others = all.filter(has)
    return Failure(
      .unsupported,
      "the family \"\(type(of: model).family)\" has no \(capability)"
        + (others.isEmpty ? "" : "; those that have: \(names(others))")
        + "; it can \(capabilities(of: model).joined(separator: ", "))")
  }
}

extension JSON {
  /// An object's members; none of another value.
  var members: [(key: String, value: JSON)] {
    if case .object(let members) = self { members } else { [] }
  }

  /// An object without one member.
  fileprivate func without(_ key: String) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.key != key })
  }
}

/// Families of programs, from any thread.
private final class Registered: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var list: [any Model.Type] = []

  init() { pthread_mutex_init(lock, nil) }

  var types: [any Model.Type] {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return list
  }

  func add(_ type: any Model.Type, besides others: [any Model.Type]) throws(Failure) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    if list.contains(where: { $0 == type }) { return }
    guard !(others + list).contains(where: { $0.family == type.family }) else {
      throw Failure(.argument, "a family is called \"\(type.family.shown)\" already")
    }
    list.append(type)
  }
}
