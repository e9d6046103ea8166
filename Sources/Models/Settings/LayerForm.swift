import SGBasics
import SGNets
import SGTensors

/// A layer's form in JSON: `"relu"` or `{"conv": {"channels": 64, "kernel": 4}}`. One row a layer,
/// in `LayerForms`.
package typealias LayerForm = NamedForm<any Layer>

extension NamedForm<any Layer> {
  /// A layer's row. The layer says how other programs' files hold it.
  /// - Parameter prototype: its properties are the defaults; those of required keys stand for
  ///   nothing.
  init<L: ExportableLayer>(
    _ name: String, short: String? = nil, _ prototype: L, _ summary: String,
    _ settings: [Setting<L>] = [],
    rules: @autoclosure @escaping @Sendable () -> [(key: String, value: JSON)] = [],
    needsObject: Bool = false
  ) {
    self.init(
      name, short: short, prototype, summary, settings, rules: rules(), needsObject: needsObject,
      make: { $0 }, find: { $0 as? L })
  }

  /// The row of one activation function.
  init(
    _ name: String, short: String? = nil, _ prototype: ActivationLayer, _ summary: String,
    _ settings: [Setting<ActivationLayer>] = []
  ) {
    self.init(name, short: short, prototype, summary, settings, make: { $0 }) {
      guard let layer = $0 as? ActivationLayer, layer.name == prototype.name else {
        return nil
      }
      return layer
    }
  }

  /// The complete JSON form of a layer. A layer of the user's own gives its description, see
  /// `JSON.code`.
  static func json(_ layer: any Layer) -> JSON {
    for form in LayerForms.all {
      if let json = form.json(layer) { return json }
    }
    return .code(layer)
  }

  /// The layer's name in the configuration; of a layer of the user's own, its type.
  package static func name(of layer: any Layer) -> String {
    LayerForms.all.first { $0.encode(layer) != nil }?.name ?? "\(type(of: layer))"
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
    guard let form = LayerForms.all.first(where: { $0.name == name }) else {
      throw Failure(
        .configuration,
        "\(path): unknown layer \"\(name.shown)\"\(JSONObject.suggestion(for: name, among: LayerForms.all.map(\.name)))"
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

  /// The JSON Schema of a layer, to which lists of layers refer as `#/$defs/layer`.
  static var schema: JSON {
    ["description": "A layer.", "anyOf": .array(LayerForms.all.flatMap(\.schemas))]
  }
}

extension ValueForm<[any Layer]> {
  /// A list of layers, the first applied first.
  static var layers: ValueForm {
    ValueForm(schema: [("type", "array"), ("items", ["$ref": "#/$defs/layer"])]) {
      o, key throws(Failure) in
      try o.layers(key)
    } write: {
      .array($0.map(LayerForm.json))
    }
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
}

extension ActivationLayer {
  /// Its function, whatever its constants.
  fileprivate var name: String {
    switch self {
    case .relu: "relu"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .silu: "silu"
    case .softplus: "softplus"
    case .leakyReLU: "leaky_relu"
    case .elu: "elu"
    }
  }

  /// The constant of `leakyReLU`.
  var slope: Float {
    get { if case .leakyReLU(let slope) = self { slope } else { 0 } }
    set { self = .leakyReLU(slope: newValue) }
  }

  /// The constant of `elu`.
  var alpha: Float {
    get { if case .elu(let alpha) = self { alpha } else { 0 } }
    set { self = .elu(alpha: newValue) }
  }
}
