import SGBasics
import SGData

/// What a comparison of families may be told.
public struct ComparisonOptions: Sendable {
  /// How long each family is trained.
  public enum Length: Sendable {
    /// The whole comparison takes about so many minutes: families share them equally.
    case minutes(Double)
    /// So many steps of a family by its name; `nil` stands for every family that is not named.
    case steps([String?: UInt64])
  }

  /// The families' names, in the order of the table.
  public var families: [String]
  /// How long each is trained.
  public var length = Length.minutes(2)
  /// Samples in a minibatch; nil: 64, or all of the data where there are fewer.
  public var batch: Int?
  /// Samples that no family is trained on; nil: a sixth of the data, at most 1,000.
  public var heldOut: Int?
  /// The seed of weights, of the samples that are held out, and of every draw.
  public var seed: UInt64 = 1
  /// Members of a family's configuration, by its name, beside those that fit the data.
  public var configurations: [(key: String, value: JSON)] = []

  /// The most minutes of a comparison: a week.
  private static let mostMinutes = 10_080.0

  /// All families that make samples from chance alone, two minutes.
  public init() {
    families = Families.all.filter { $0 is any Sampling.Type && !$0.takesUnpaired }
      .map { $0.family }
  }

  /// Reads the options of `swiftgan_compare`.
  /// - Throws: `Failure` of kind configuration, which names the nearest family.
  package init(json: JSONObject) throws(Failure) {
    self.init()
    var o = json
    if let names = try Self.families(&o) { families = names }
    let steps = try Self.steps(&o)
    let minutes = o.has("minutes") ? try o.double("minutes", in: 0...Self.mostMinutes) : nil
    if let minutes {
      guard steps == nil else {
        throw Failure(.configuration, "minutes: not together with steps")
      }
      guard minutes > 0 else {
        throw Failure(.configuration, "minutes: expected more than 0, found \(minutes)")
      }
      length = .minutes(minutes)
    }
    if let steps { length = .steps(steps) }
    _ = o.take("minutes")
    if o.has("batch") { batch = try o.int("batch", in: 1...Int(Int32.max)) }
    if o.has("held_out") { heldOut = try o.int("held_out", in: 7...Int(Int32.max)) }
    _ = (o.take("batch"), o.take("held_out"))
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    configurations = try Self.configurations(&o)
    try o.finish()
  }

  /// "all", a name, or a list of names.
  private static func families(_ o: inout JSONObject) throws(Failure) -> [String]? {
    let key = "families"
    switch o.take(key) {
    case nil, .null?, .string("all")?: return nil
    case .string(let name)?: return [try known(name, at: key)]
    default: break
    }
    let names = try o.strings(key)
    guard !names.isEmpty else {
      throw Failure(.configuration, "families: expected \"all\" or at least one name")
    }
    for (i, name) in names.enumerated() {
      _ = try known(name, at: "families[\(i)]")
      guard !names[..<i].contains(name) else {
        throw Failure(.configuration, "families[\(i)]: \"\(name)\" a second time")
      }
    }
    return names
  }

  private static func known(_ name: String, at place: String) throws(Failure) -> String {
    let all = Families.all.map { $0.family }
    guard all.contains(name) else {
      throw Failure(
        .configuration,
        "\(place): unknown family \"\(name.shown)\"; expected \"all\" or some of \(Families.names)"
          + JSONObject.suggestion(for: name, among: all))
    }
    return name
  }

  /// A number, or an object of numbers by family.
  private static func steps(_ o: inout JSONObject) throws(Failure) -> [String?: UInt64]? {
    let (key, most) = ("steps", Int(Int32.max))
    guard let given = o.take(key), given != .null else { return nil }
    guard case .object(let members) = given else {
      return [nil: UInt64(try given.int(in: 0...most, path: key))]
    }
    var steps: [String?: UInt64] = [nil: 0]
    for (name, value) in members {
      let place = "\(key).\(name.shown)"
      steps[try known(name, at: place)] = UInt64(try value.int(in: 0...most, path: place))
    }
    return steps
  }

  private static func configurations(
    _ o: inout JSONObject
  ) throws(Failure) -> [(key: String, value: JSON)] {
    let key = "configurations"
    guard let given = o.take(key), given != .null else { return [] }
    guard case .object(let members) = given else {
      throw Failure(.configuration, "\(key): expected an object, found \(given.kindName)")
    }
    for (name, value) in members {
      let place = "\(key).\(name.shown)"
      _ = try known(name, at: place)
      guard case .object = value else {
        throw Failure(.configuration, "\(place): expected an object, found \(value.kindName)")
      }
    }
    return members
  }
}

extension ComparisonOptions {
  /// A family's configuration: the data's shape, what the family suggests for such samples, and
  /// what was given for it, which comes last. Objects `data` and of the family's name are merged.
  func configuration(_ type: any Model.Type, shape: [Int], _ kind: SampleKind) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("family", .string(type.family)),
      ("data", .object([("shape", .array(shape.map { JSON($0) }))])),
      ("seed", JSON(seed)),
    ]
    let given = configurations.first { $0.key == type.family }?.value.members ?? []
    for (key, value) in type.suggestion(for: kind).members + given {
      guard let i = members.firstIndex(where: { $0.key == key }) else {
        members.append((key, value))
        continue
      }
      guard [type.family, "data"].contains(key), case .object(let new) = value else {
        members[i].value = value
        continue
      }
      let kept = members[i].value.members.filter { old in !new.contains { $0.key == old.key } }
      members[i].value = .object(kept + new)
    }
    return .object(members)
  }

  /// Steps of a family; nil: as many as its time allows.
  func steps(of family: String) -> UInt64? {
    guard case .steps(let steps) = length else { return nil }
    return steps[family] ?? steps[nil] ?? 0
  }
}
