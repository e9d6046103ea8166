import SGBasics
import SGNets
import SGTensors

extension LayerForm {
  /// The complete JSON form of a layer. A layer of the user's own gives its description, see
  /// `JSON.code`.
  static func json(_ layer: any Layer) -> JSON {
    for form in all {
      guard let members = form.encode(layer) else { continue }
      return members.isEmpty ? .string(form.name) : .object([(form.name, .object(members))])
    }
    return .code(layer)
  }

  /// Reads a layer: `"name"`, `{"name": value}` or `{"name": {…}}`.
  static func layer(_ json: JSON, path: String) throws(Failure) -> any Layer {
    let (name, value): (String, JSON)
    switch json {
    case .string(let bare): (name, value) = (bare, .object([]))
    case .object(let members) where members.count == 1:
      (name, value) = (members[0].key, members[0].value)
    default:
      throw Failure(
        .configuration,
        "\(path): expected a layer such as \"relu\" or {\"dense\": 128}, found \(json.kindName)")
    }
    if name == JSON.codeKey { throw value.isCode(path, what: "layer") }
    guard let form = all.first(where: { $0.name == name }) else {
      throw Failure(
        .configuration,
        "\(path): unknown layer \"\(name.shown)\"\(JSONObject.suggestion(for: name, among: all.map(\.name)))"
      )
    }
    var object: JSONObject
    if case .object = value {
      object = try JSONObject(value, path: "\(path).\(name)")
    } else if let short = form.short {
      object = try JSONObject(.object([(short, value)]), path: "\(path).\(name)")
    } else {
      throw Failure(
        .configuration, "\(path).\(name): expected an object, found \(value.kindName)")
    }
    let layer = try form.decode(&object)
    try object.finish()
    return layer
  }
}

extension JSONObject {
  /// A list of layers.
  mutating func layers(_ key: String) throws(Failure) -> [any Layer] {
    let items = try array(key)
    var layers: [any Layer] = []
    for (i, item) in items.enumerated() {
      layers.append(try LayerForm.layer(item, path: "\(path).\(key)[\(i)]"))
    }
    return layers
  }

  /// A number for both sides, or [height, width].
  mutating func size(
    _ key: String, in range: ClosedRange<Int>, default value: Int
  ) throws(Failure) -> Size {
    guard case .array(let items)? = take(key) else {
      return Size(try int(key, in: range, default: value))
    }
    _ = try array(key)
    guard items.count == 2 else {
      throw Failure(
        .configuration, "\(path).\(key): expected [height, width], found \(items.count) numbers")
    }
    return Size(
      try items[0].int(in: range, path: "\(path).\(key)[0]"),
      try items[1].int(in: range, path: "\(path).\(key)[1]"))
  }

  /// "same", "valid", or zeros on each side.
  mutating func padding() throws(Failure) -> Padding {
    switch take("padding") {
    case nil: return .same
    case .string?:
      return try string("padding", oneOf: ["same", "valid"]) == "same" ? .same : .valid
    default: return .symmetric(try size("padding", in: 0...255, default: 0))
    }
  }

  /// "glorot", "he", "zeros", {"normal": deviation}, …
  mutating func initializer(default value: Initializer = .glorot) throws(Failure) -> Initializer {
    switch take("initializer") {
    case nil: return value
    case .object?:
      var o = try object("initializer")
      let kinds: [(String, ClosedRange<Double>, (Float) -> Initializer)] = [
        ("constant", -1e6...1e6, Initializer.constant), ("normal", 0...1000, Initializer.normal),
        ("truncated_normal", 0...1000, Initializer.truncatedNormal),
        ("orthogonal", 0...1000, Initializer.orthogonal),
      ]
      var found: Initializer?
      for (name, range, make) in kinds where o.take(name) != nil && found == nil {
        found = make(Float(try o.double(name, in: range)))
      }
      try o.finish()
      guard let found else {
        throw Failure(
          .configuration,
          "\(path).initializer: expected \"constant\", \"normal\", \"truncated_normal\" or"
            + " \"orthogonal\" with a number"
        )
      }
      return found
    default:
      switch try string("initializer", oneOf: ["glorot", "he", "zeros"]) {
      case "he": return .he
      case "zeros": return .zeros
      default: return .glorot
      }
    }
  }
}

extension Size {
  var json: JSON {
    height == width
      ? .integer(Int64(height)) : .array([.integer(Int64(height)), .integer(Int64(width))])
  }
}

extension Padding {
  var json: JSON {
    switch self {
    case .same: .string("same")
    case .valid: .string("valid")
    case .symmetric(let size): size.json
    }
  }
}

extension Initializer {
  var json: JSON {
    switch self {
    case .zeros: .string("zeros")
    case .glorot: .string("glorot")
    case .he: .string("he")
    case .constant(let value): .object([("constant", .number(value))])
    case .normal(let deviation): .object([("normal", .number(deviation))])
    case .truncatedNormal(let deviation): .object([("truncated_normal", .number(deviation))])
    case .orthogonal(let gain): .object([("orthogonal", .number(gain))])
    }
  }
}

extension LayerForm {
  /// The layer's name in the configuration; of a layer of the user's own, its type.
  package static func name(of layer: any Layer) -> String {
    all.first { $0.encode(layer) != nil }?.name ?? "\(type(of: layer))"
  }
}
