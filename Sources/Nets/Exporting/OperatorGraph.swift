import SGTensors

/// A graph of operators of the Open Neural Network Exchange format (ONNX 1.12, operators of version
/// 17).
package struct OperatorGraph {
  /// An operator and its name for what it makes.
  package struct Node {
    package let op: String
    package let inputs: [String]
    package let output: String
    package let attributes: [(name: String, value: GraphAttribute)]
  }

  /// Numbers that are part of the graph.
  package enum Constant {
    case floats(Tensor)
    case integers([Int])
  }

  /// An input or output of floats, [batch] + shape.
  package struct Port {
    package let name: String
    package let shape: [Int]
  }

  package private(set) var nodes: [Node] = []
  package private(set) var constants: [(name: String, value: Constant)] = []
  package private(set) var inputs: [Port] = []
  package private(set) var outputs: [Port] = []
  private var count = 0

  /// A name that nothing else has.
  private mutating func fresh(_ stem: String) -> String {
    count += 1
    return "\(stem)_\(count)"
  }

  /// An input of floats, [batch] + shape, the batch of any size.
  mutating func input(_ name: String, _ shape: [Int]) -> String {
    inputs.append(Port(name: name, shape: shape))
    return name
  }

  /// Makes a value an output of the graph under a name.
  mutating func output(_ value: String, as name: String, _ shape: [Int]) {
    nodes.append(Node(op: "Identity", inputs: [value], output: name, attributes: []))
    outputs.append(Port(name: name, shape: shape))
  }

  /// Applies an operator.
  /// - Returns: the name of what it makes.
  mutating func node(
    _ op: String, _ inputs: [String], _ attributes: [(name: String, value: GraphAttribute)]
  ) -> String {
    let result = fresh(op)
    nodes.append(Node(op: op, inputs: inputs, output: result, attributes: attributes))
    return result
  }

  mutating func constant(_ stem: String, _ value: Constant) -> String {
    let name = fresh(stem)
    constants.append((name, value))
    return name
  }
}

/// An operator's setting.
public enum GraphAttribute: Sendable {
  /// A whole number.
  case int(Int)
  /// Whole numbers.
  case ints([Int])
  /// A number.
  case float(Float)
  /// A text.
  case string(String)
}

/// A batch in a graph of operators.
public struct GraphValue: Sendable {
  /// Its name in the graph.
  public var name: String
  /// A sample's shape, channels last whatever the layout.
  public var shape: Shape
  /// Whether it lies there as [batch, channels, height, width]; else as everywhere in this library,
  /// [batch] + shape.
  public var channelsFirst = false

  /// Whether samples are [height, width, channels].
  public var isImage: Bool { shape.rank == 3 }
}
