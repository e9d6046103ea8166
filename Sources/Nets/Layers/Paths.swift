import SGTensors

/// One of the network's inputs in the place of what comes before. `Skip([NamedInput(…)])` puts it
/// beside that.
public struct NamedInput: ExportableLayer {
  /// The input's name, such as `condition`.
  public var name: String
  /// The input of this name.
  public init(_ name: String) { self.name = name }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.input(name)
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { c.input(name) }
}

/// x and behind it, along the channels, what the layers make of it. Nested, it is a U-Net
/// (Ronneberger et al. 2015).
public struct Skip: ExportableLayer {
  /// The layers that x passes by.
  public var body: Sequential
  /// x beside what these layers, one after another, make of it.
  public init(_ layers: [any Layer]) { body = Sequential(layers, key: "skip") }
  public func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let y = try body.declare(x, &d)
    guard x.rank >= 1, x.rank == y.rank, x.array.dropLast() == y.array.dropLast() else {
      throw d.error(
        "skip puts what its layers make beside what they are given: expected the same sizes but for the"
          + " last, the channels; given \(x), made \(y)")
    }
    return try d.shape(x.array.dropLast() + [x[-1] + y[-1]])
  }
  public func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    .concatenate([x, body(x, c)], axis: x.rank - 1)
  }
}

extension NamedInput {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) -> GraphValue {
    g.part(name, g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}

extension Skip {
  public func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue {
    let f = g.layout(try g.add(body, x), as: x)
    let axis = x.channelsFirst ? 1 : x.shape.rank
    return g.apply("Concat", x, [f.name], [("axis", .int(axis))], to: g.outputShape)
  }
  public func addForms(to m: inout TorchForms) throws(Inexpressible) { throw m.noModule }
}
