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

/// x + f(x) (He et al. 2016); f keeps the shape.
public struct Residual: ExportableLayer {
  /// f.
  public var body: Sequential
  /// x + f(x) with these layers, one after another, as f.
  public init(_ layers: [any Layer]) { body = Sequential(layers, key: "residual") }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let y = try body.declare(x, &d)
    guard y == x else {
      throw d.error("the layers of a residual block must keep the shape \(x); these give \(y)")
    }
    return x
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x + body(x, c) }
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
    let f = g.layout(try g.add(body, x), as: x)
    return g.apply("Add", x, [f.name])
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { try m.addResidual(body) }
}
