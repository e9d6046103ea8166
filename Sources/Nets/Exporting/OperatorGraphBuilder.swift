import SGTensors

/// Puts a network's layers into a graph of ONNX operators. Inputs and outputs are laid out as
/// everywhere in this library (NHWC); between convolutions images have their channels first, as
/// ONNX wants them.
public struct OperatorGraphBuilder {
  package private(set) var graph = OperatorGraph()
  /// Numbers that each sample is conditioned on; 0: none.
  public let conditionSize: Int
  /// The parts of those, by name.
  public let inputs: [NetworkInput]
  /// The condition in the graph, [batch, conditionSize].
  private var conditionName = ""
  private let body: Sequential
  private let tensors: [String: Tensor]
  private let outputs: [String: Shape]
  private var current: (name: String, layer: any Layer) = ("", Flatten())

  /// - Parameters:
  ///   - network: whose layers are put into the graph.
  ///   - tensors: parameters and statistics as files hold them, such as `3.weight`.
  package init(_ network: Network, tensors: [String: Tensor]) {
    body = network.body
    (conditionSize, inputs) = (network.conditionSize, network.inputs)
    self.tensors = tensors
    outputs = Dictionary(uniqueKeysWithValues: network.layers.map { ($0.name, $0.output) })
  }

  // MARK: The whole

  /// The input of the graph, [batch] + shape.
  package mutating func input(_ name: String, _ shape: Shape) -> GraphValue {
    GraphValue(name: graph.input(name, shape.array), shape: shape)
  }

  /// The input that the network is conditioned on.
  package mutating func conditionInput(_ name: String) -> GraphValue {
    // As people have images; within, a sample's numbers one after another.
    let given = input(name, Shape(inputs.imageCondition ?? [conditionSize]))
    let value = given.shape.rank == 1 ? given : reshape(given, to: [conditionSize])
    conditionName = value.name
    return value
  }

  /// Sets what layers take as the condition.
  package mutating func setCondition(_ value: GraphValue) { conditionName = value.name }

  /// All layers of the network.
  package mutating func addNetwork(_ x: GraphValue) throws(Inexpressible) -> GraphValue {
    try add(body, x)
  }

  /// Makes a batch an output of the graph.
  package mutating func output(_ x: GraphValue, as name: String) {
    graph.output(channelsLast(x).name, as: name, x.shape.array)
  }

  // MARK: Layers

  /// A list of layers, one after another.
  public mutating func add(
    _ layers: Sequential, _ x: GraphValue
  ) throws(Inexpressible) -> GraphValue {
    try add(layers, x, at: current.name)
  }

  /// One of several lists of layers that the current layer has.
  /// - Parameter part: the name that it has for this one.
  public mutating func add(
    _ layers: Sequential, _ x: GraphValue, under part: String
  ) throws(Inexpressible) -> GraphValue {
    try add(layers, x, at: "\(current.name).\(part)")
  }

  private mutating func add(
    _ layers: Sequential, _ x: GraphValue, at place: String
  ) throws(Inexpressible) -> GraphValue {
    let outer = current
    defer { current = outer }
    var x = x
    for (i, layer) in layers.layers.enumerated() {
      current = (place.isEmpty ? "\(i)" : "\(place).\(i)", layer)
      x = try add(layer, x)
    }
    return x
  }

  /// A layer that has the parameters of the current one.
  public mutating func add(_ layer: any Layer, _ x: GraphValue) throws(Inexpressible) -> GraphValue
  {
    guard let layer = layer as? any ExportableLayer else {
      throw refusal("it is a layer of your own")
    }
    return try layer.addOperators(x, to: &self)
  }

  /// The error for a layer that has no operators.
  public func refusal(_ reason: String) -> Inexpressible {
    Inexpressible(layer: current.layer, name: current.name, format: "ONNX", reason: reason)
  }

  /// The shape of a sample that the current layer makes.
  public var outputShape: Shape { outputs[current.name] ?? [] }

  /// A parameter or statistic of the current layer.
  /// - Precondition: the layer has declared it.
  public func tensor(_ name: String) -> Tensor {
    guard let found = tensorIfAny(name) else {
      preconditionFailure("layer \(current.name) has no \(name)")
    }
    return found
  }

  /// A parameter or statistic of the current layer; nil: it has none of the name.
  public func tensorIfAny(_ name: String) -> Tensor? { tensors["\(current.name).\(name)"] }

  // MARK: Operators

  /// An operator on a batch, which keeps its layout.
  /// - Parameters:
  ///   - more: names of further operands.
  ///   - shape: a sample's on the way out; nil: as x.
  public mutating func apply(
    _ op: String, _ x: GraphValue, _ more: [String] = [],
    _ attributes: [(name: String, value: GraphAttribute)] = [], to shape: Shape? = nil
  ) -> GraphValue {
    GraphValue(
      name: graph.node(op, [x.name] + more, attributes), shape: shape ?? x.shape,
      channelsFirst: x.channelsFirst)
  }

  /// An operator on operands by name.
  /// - Returns: the name of what it makes.
  public mutating func node(
    _ op: String, _ inputs: [String], _ attributes: [(name: String, value: GraphAttribute)] = []
  ) -> String {
    graph.node(op, inputs, attributes)
  }

  /// A tensor of the current layer as an operand.
  public mutating func operand(_ name: String) -> String { constant(tensor(name)) }

  /// Floats as an operand.
  public mutating func constant(_ value: Tensor) -> String {
    graph.constant(current.name.isEmpty ? "tensor" : current.name, .floats(value))
  }

  /// A number as an operand.
  public mutating func constant(_ value: Float) -> String {
    graph.constant("number", .floats(Tensor(value)))
  }

  /// Whole numbers as an operand.
  public mutating func integers(_ values: [Int]) -> String {
    graph.constant("integers", .integers(values))
  }

  // MARK: Layout

  /// The batch as convolutions take it; only images change.
  public mutating func channelsFirst(_ x: GraphValue) -> GraphValue {
    guard x.isImage, !x.channelsFirst else { return x }
    let name = graph.node("Transpose", [x.name], [("perm", .ints([0, 3, 1, 2]))])
    return GraphValue(name: name, shape: x.shape, channelsFirst: true)
  }

  /// The batch as everywhere in this library.
  public mutating func channelsLast(_ x: GraphValue) -> GraphValue {
    guard x.channelsFirst else { return x }
    let name = graph.node("Transpose", [x.name], [("perm", .ints([0, 2, 3, 1]))])
    return GraphValue(name: name, shape: x.shape)
  }

  /// The batch in the layout of another.
  public mutating func layout(_ x: GraphValue, as other: GraphValue) -> GraphValue {
    other.channelsFirst ? channelsFirst(x) : channelsLast(x)
  }

  /// A sample's elements under another shape of the same count.
  public mutating func reshape(_ x: GraphValue, to shape: Shape) -> GraphValue {
    let whole = channelsLast(x)
    return GraphValue(
      name: graph.node("Reshape", [whole.name, integers([0] + shape.array)], []), shape: shape)
  }

  /// Numbers for each channel, [batch, channels], as images with the channels first.
  public mutating func planes(_ value: String, _ channels: Int) -> String {
    graph.node("Reshape", [value, integers([0, channels, 1, 1])], [])
  }

  // MARK: Conditions

  /// What samples are conditioned on, [batch, conditionSize].
  public var condition: String { conditionName }

  /// The condition times a table of the current layer, [batch, columns].
  public mutating func conditioned(_ table: String) -> String {
    graph.node("MatMul", [conditionName, operand(table)], [])
  }

  /// A part of the condition, a sample's elements one after another, in its shape.
  public mutating func part(_ name: String, _ shape: Shape) -> GraphValue {
    var value = conditionName
    if let part = inputs.first(where: { $0.name == name }), shape.count < conditionSize {
      let bounds = [[part.offset], [part.offset + shape.count], [1]].map { integers($0) }
      value = graph.node("Slice", [value] + bounds, [])
    }
    if shape.rank > 1 {
      value = graph.node("Reshape", [value, integers([0] + shape.array)], [])
    }
    return GraphValue(name: value, shape: shape)
  }
}
