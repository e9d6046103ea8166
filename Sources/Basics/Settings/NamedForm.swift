/// A thing that JSON names, such as a layer or an optimizer: `"relu"` or `{"conv": {"channels":
/// 64}}`. One row a thing, which declares its settings.
package struct NamedForm<Base>: Sendable {
  package let name, summary: String
  /// The key that a bare value stands for: `{"dense": 128}` is `{"dense": {"units": 128}}`.
  package let short: String?
  /// Reads the thing from its object.
  package let decode: @Sendable (inout JSONObject) throws(Failure) -> Base
  /// The complete object of a thing of this kind; nil for others.
  package let encode: @Sendable (Base) -> [(key: String, value: JSON)]?
  /// Whether an object is needed, since a key of it has no default.
  private let needsObject: Bool
  private let object: @Sendable () -> JSON
  private let bare: @Sendable () -> JSON?

  /// - Parameters:
  ///   - prototype: its properties are the defaults.
  ///   - rules: members of the JSON Schema that say how its settings go together, as `check` does.
  ///   - needsObject: whether the name alone is not enough, even where no key is required.
  ///   - check: throws where settings do not fit each other, with the path of the object.
  ///   - make: the thing, made of the prototype with the settings given.
  ///   - find: the prototype's kind in a thing; nil: another kind.
  package init<Own: Sendable>(
    _ name: String, short: String? = nil, _ prototype: Own, _ summary: String,
    _ list: [Setting<Own>] = [],
    rules: @autoclosure @escaping @Sendable () -> [(key: String, value: JSON)] = [],
    needsObject: Bool = false,
    check: @escaping @Sendable (Own, _ path: String) throws(Failure) -> Void = {
      (_, _) throws(Failure) in
    }, make: @escaping @Sendable (Own) -> Base,
    find: @escaping @Sendable (Base) -> Own?
  ) {
    let settings = Settings(list)
    self.name = name
    self.short = short
    self.summary = summary
    decode = { o throws(Failure) in
      var own = prototype
      try settings.read(&own, &o)
      try check(own, o.path)
      return make(own)
    }
    encode = { find($0).map { settings.members(of: $0) } }
    self.needsObject = needsObject || !settings.required.isEmpty
    object = { settings.schema(of: prototype, summary).with(rules()) }
    bare = {
      short.flatMap { key in
        settings.properties(of: prototype).first { $0.key == key }?.value.withoutObjects
      }
    }
  }

  /// The complete JSON of a thing of this kind; nil for others.
  package func json(_ thing: Base) -> JSON? {
    encode(thing).map { $0.isEmpty ? .string(name) : .object([(name, .object($0))]) }
  }

  /// The schema of what stands under its name.
  package var valueSchema: JSON {
    bare().map { ["anyOf": .array([object(), $0])] } ?? object()
  }

  /// The schema of `{name: …}`.
  package var objectSchemas: [JSON] {
    [JSON.schema(summary, properties: [(name, valueSchema)], required: [name])]
  }

  /// The schemas of its forms: the name alone, where it needs nothing, and `{name: …}`.
  package var schemas: [JSON] {
    let bare: JSON = ["description": .string(summary), "const": .string(name)]
    return needsObject ? objectSchemas : [bare] + objectSchemas
  }

  /// The schema of `{tag: name, …}`, where the settings stand beside the name.
  package func taggedSchema(_ tag: String) -> JSON {
    guard case .object(let members) = object(),
      case .object(let properties)? = object()["properties"]
    else { return object() }
    let itself: JSON = ["const": .string(name)]
    let tagged: JSON = .object([(key: tag, value: itself)] + properties)
    return .object(members.map { $0.key == "properties" ? ($0.key, tagged) : $0 })
  }
}
