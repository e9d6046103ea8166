import SGTensors

/// Layers one after another. A layer that can takes over the activation that follows it.
public struct Sequential: ExportableLayer {
  /// The first is applied first.
  public var layers: [any Layer]
  /// The list's name in the configuration.
  public var key: String

  /// A stack.
  public init(_ layers: [any Layer], key: String = "layers") {
    self.layers = layers
    self.key = key
  }

  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    var shape = x
    for (i, layer) in layers.enumerated() {
      shape = try d.nested(layer, shape, name: "\(i)", place: ".\(key)[\(i)]")
    }
    return shape
  }

  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    var y = x
    var i = 0
    while i < layers.count {
      if let layer = layers[i] as? any ActivatingLayer, i + 1 < layers.count,
        let activation = (layers[i + 1] as? ActivationLayer)?.fused
      {
        y = layer(y, c, activation: activation)
        i += 2
      } else {
        y = layers[i](y, c)
        i += 1
      }
    }
    return y
  }
}

/// s(x) + f(x) (He et al. 2016), where s is x itself, or layers that bring it to the shape of f(x).
public struct Residual: ExportableLayer {
  /// f.
  public var body: Sequential
  /// s; no layers: x itself, whose shape f then keeps.
  public var shortcut: Sequential
  /// s(x) + f(x).
  /// - Parameters:
  ///   - layers: f, one after another.
  ///   - shortcut: s, likewise.
  public init(_ layers: [any Layer], shortcut: [any Layer] = []) {
    body = Sequential(layers, key: "residual")
    self.shortcut = Sequential(shortcut, key: "shortcut")
  }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let y = try body.declare(x, &d)
    guard !shortcut.layers.isEmpty else {
      guard y == x else {
        throw d.error("the layers of a residual block must keep the shape \(x); these give \(y)")
      }
      return x
    }
    let z = try d.nested(shortcut, x, name: "shortcut", place: "")
    guard y == z else {
      throw d.error(
        "the layers of a residual block give the shape \(y), those of its shortcut \(z)")
    }
    return y
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let y = body(x, c)
    return shortcut.layers.isEmpty ? x + y : shortcut(x, c) + y
  }
}

extension Sequential {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    try g.add(self, x)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { try m.add(self) }
}

extension Residual {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    let f = try g.add(body, x)
    let s = shortcut.layers.isEmpty ? x : try g.add(shortcut, x, under: "shortcut")
    return g.apply("Add", s, [g.layout(f, as: s).name])
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) {
    guard shortcut.layers.isEmpty else {
      throw m.refusal("an nn.Sequential has no module of two ways")
    }
    try m.addResidual(body)
  }
}
