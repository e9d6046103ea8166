/// One key of a settings object, declared once: its name, the property that it sets, the type and
/// range of its values, and a sentence. Its default is the property's value in the object that is
/// read into. Reading, writing, checking, the JSON Schema and the reference page follow from it.
public struct Setting<Root>: Sendable {
  /// Its name in JSON.
  public let key: String
  /// Whether it must be given.
  private(set) var isRequired = false
  fileprivate let read: @Sendable (inout Root, inout JSONObject) throws(Failure) -> Void
  fileprivate let write: @Sendable (Root) -> JSON?
  /// The schema of its values; the default is the value in a root.
  fileprivate let schema: @Sendable (Root) -> JSON

  /// A key that sets a property.
  /// - Parameters:
  ///   - summary: what the setting is, a sentence.
  ///   - standard: the default where it depends on the settings before this one; nil: the
  ///     property's own value.
  public init<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable, _ form: ValueForm<Value>,
    _ summary: String, default standard: (@Sendable (Root) -> Value)? = nil
  ) {
    self.init(
      key,
      read: { root, o throws(Failure) in
        if o.take(key) != nil {
          root[keyPath: path] = try form.read(&o, key)
        } else if let standard {
          root[keyPath: path] = standard(root)
        }
      },
      write: { form.write($0[keyPath: path]) },
      schema: { root in
        let value = form.write(root[keyPath: path])
        return .object(
          [("description", .string(summary))] + form.schema()
            + (standard == nil ? [("default", value)] : []))
      })
  }

  /// A key read and written by code.
  /// - Parameter schema: null: the key is not shown.
  public init(
    _ key: String,
    read: @escaping @Sendable (inout Root, inout JSONObject) throws(Failure) -> Void,
    write: @escaping @Sendable (Root) -> JSON?, schema: @escaping @Sendable (Root) -> JSON
  ) {
    (self.key, self.read, self.write, self.schema) = (key, read, write, schema)
  }

  /// A key that holds an object of settings of its own.
  public static func object<Value>(
    _ key: String, _ path: any WritableKeyPath<Root, Value> & Sendable,
    _ settings: Settings<Value>, _ summary: String
  ) -> Setting {
    Setting(
      key,
      read: { root, o throws(Failure) in
        guard let given = o.take(key) else { return }
        if let short = settings.short, given.real != nil {
          var bare = JSONObject(bare: given, for: short, path: o.place(key))
          try settings.read(&root[keyPath: path], &bare)
        } else {
          var own = try o.object(key)
          try settings.read(&root[keyPath: path], &own)
          try own.finish()
        }
      },
      write: { .object(settings.members(of: $0[keyPath: path])) },
      schema: { settings.schema(of: $0[keyPath: path], summary) })
  }

  /// A key that holds an object of settings of the same root.
  public static func group(
    _ key: String, _ settings: Settings<Root>, _ summary: String
  ) -> Setting {
    .object(key, \.self, settings, summary)
  }

  /// The same, which must be given.
  public var required: Setting {
    let read = read
    var setting = Setting(
      key,
      read: { [key] root, o throws(Failure) in
        guard o.take(key) != nil else { throw o.missing(key) }
        try read(&root, &o)
      },
      write: write,
      schema: { [schema] root in
        guard case .object(let members) = schema(root) else { return schema(root) }
        return .object(members.filter { $0.key != "default" })
      })
    setting.isRequired = true
    return setting
  }

  /// The same, which is refused where the settings before it leave it no meaning, and then not
  /// written.
  /// - Parameter hint: what it goes with, for the error.
  public func only(
    where applies: @escaping @Sendable (Root) -> Bool, _ hint: String
  ) -> Setting {
    let read = read
    var setting = Setting(
      key,
      read: { [key] root, o throws(Failure) in
        if o.take(key) != nil, !applies(root) {
          throw Failure(.configuration, "\(o.place(key)): goes with \(hint)")
        }
        try read(&root, &o)
      },
      write: write, schema: schema
    ).written(where: applies)
    setting.isRequired = isRequired
    return setting
  }

  /// The same as a setting of something that holds its root.
  package func lifted<Outer>(
    get: @escaping @Sendable (Outer) -> Root?,
    set: @escaping @Sendable (inout Outer, Root) -> Void
  ) -> Setting<Outer> {
    let (read, write, schema) = (read, write, schema)
    var setting = Setting<Outer>(
      key,
      read: { outer, o throws(Failure) in
        guard var root = get(outer) else { return }
        try read(&root, &o)
        set(&outer, root)
      },
      write: { get($0).flatMap(write) }, schema: { get($0).map(schema) ?? true })
    setting.isRequired = isRequired
    return setting
  }

  /// The same, written only where a condition holds.
  public func written(where isWritten: @escaping @Sendable (Root) -> Bool) -> Setting {
    let write = write
    var setting = Setting(
      key, read: read, write: { isWritten($0) ? write($0) : nil }, schema: schema)
    setting.isRequired = isRequired
    return setting
  }
}

/// The keys of a settings object, in the order in which they are read and written.
public struct Settings<Root>: Sendable {
  private let list: [Setting<Root>]
  /// The key that a bare number in the object's place stands for.
  public let short: String?

  public init(short: String? = nil, _ list: [Setting<Root>]) {
    (self.short, self.list) = (short, list)
  }

  /// Reads every key; those left out keep their defaults.
  /// - Throws: `Failure` of kind configuration with the key, what was expected and what was found.
  public func read(_ root: inout Root, _ o: inout JSONObject) throws(Failure) {
    for setting in list { try setting.read(&root, &o) }
  }

  /// Every key with its value.
  public func members(of root: Root) -> [(key: String, value: JSON)] {
    list.compactMap { setting in setting.write(root).map { (setting.key, $0) } }
  }

  /// The JSON Schema's properties, with the values of a root as defaults.
  public func properties(of root: Root) -> [(key: String, value: JSON)] {
    list.map { ($0.key, $0.schema(root)) }.filter { $0.1 != .null }
  }

  /// The keys that must be given.
  public var required: [String] { list.filter(\.isRequired).map(\.key) }

  /// The JSON Schema of the object, with the values of a root as defaults.
  public func schema(of root: Root, _ summary: String) -> JSON {
    let object = JSON.schema(summary, properties: properties(of: root), required: required)
    guard let short, case .object(let members) = object,
      let bare = properties(of: root).first(where: { $0.key == short })?.value.withoutObjects
    else { return object }
    return .object([
      ("description", .string(summary)),
      ("anyOf", .array([bare, .object(members.filter { $0.key != "description" })])),
    ])
  }
}

extension JSON {
  /// A schema without those of its alternatives that are objects with members of their own, which
  /// where they stand would be taken for the settings' object.
  var withoutObjects: JSON {
    guard case .object(let members) = self, case .array(let all)? = self["anyOf"] else {
      return self
    }
    let kept = all.filter { $0["properties"] == nil }
    return .object(members.map { $0.key == "anyOf" ? ($0.key, .array(kept)) : $0 })
  }

  /// An object with further members.
  package func with(_ more: [(key: String, value: JSON)]) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(members + more)
  }

  /// The JSON Schema of an object with these properties and no others.
  package static func schema(
    _ summary: String, properties: [(key: String, value: JSON)], required: [String] = []
  ) -> JSON {
    .object(
      [
        ("description", .string(summary)), ("type", "object"), ("properties", .object(properties)),
        ("additionalProperties", false),
      ] + (required.isEmpty ? [] : [("required", .array(required.map { .string($0) }))]))
  }
}
