import SGBasics
import SGFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The families of models: the only list of them. Creating and loading, descriptions and error
/// messages follow from it.
public enum Families {
  /// The families of this library.
  static var builtIn: [any Model.Type] {
    [GAN.self, LAPGAN.self, DescentModel<VAE>.self, DescentModel<MADE>.self]
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
    try type(of: configuration).init(configuration: configuration.without(key))
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

  /// A model's complete configuration, `"family"` first.
  public static func configuration(of model: any Model) -> JSON {
    .object([(key, .string(type(of: model).family))] + members(model.configurationJSON))
  }

  /// What `swiftgan_model_summary` gives: family, capabilities, likelihood, step, networks.
  public static func summary(of model: any Model) -> JSON {
    let kind = (model as? any HasLikelihood)?.likelihood.rawValue
    return .object(
      [
        (key, .string(type(of: model).family)),
        ("capabilities", .array(capabilities(of: model).map { .string($0) })),
        ("likelihood", kind.map { .string($0) } ?? .null),
      ] + members(model.summary))
  }

  private static let key = "family"

  private static func type(of model: any Model) -> any Model.Type { Swift.type(of: model) }

  private static func members(_ json: JSON) -> [(String, JSON)] {
    guard case .object(let members) = json else { return [] }
    return members.map { ($0.key, $0.value) }
  }

  fileprivate static func names(_ types: [any Model.Type]) -> String {
    types.map { "\"\($0.family)\"" }.joined(separator: ", ")
  }
}

/// What a model may be able to do beyond training: the name of each capability, and whether a
/// family has it.
private let capabilities: [(name: String, has: @Sendable (any Model.Type) -> Bool)] = [
  ("sample", { $0 is any Sampling.Type }),
  ("latents", { $0 is any HasLatents.Type }),
  ("decode", { $0 is any HasLatents.Type }),
  ("encode", { $0 is any Encoding.Type }),
  ("reconstruct", { $0 is any Encoding.Type }),
  ("log_likelihood", { $0 is any HasLikelihood.Type }),
  ("complete", { $0 is any Completing.Type }),
  ("discriminate", { $0 is any HasCritic.Type }),
  ("density_ratio", { $0 is any HasDensityRatio.Type }),
  ("classify", { $0 is any Classifying.Type }),
  ("find_latents", { $0 is any FindsLatents.Type }),
  ("export", { $0 is any Exporting.Type }),
]

extension Families {
  /// The names of what a model's family can do.
  public static func capabilities(of model: any Model) -> [String] {
    SGModels.capabilities.filter { $0.has(type(of: model)) }.map(\.name)
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
