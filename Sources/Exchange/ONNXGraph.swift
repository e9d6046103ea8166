import SGBasics
import SGFormats
import SGNets
import SGTensors

/// A graph in the Open Neural Network Exchange format (onnx.proto3 of ONNX 1.12: IR version 8,
/// operators of version 17), written node by node.
struct ONNXGraph {
  static let operatorVersion: Int64 = 17
  private var nodes = ProtobufWriter()
  private var initializers = ProtobufWriter()
  private var inputs = ProtobufWriter()
  private var outputs = ProtobufWriter()
  private var count = 0

  enum Attribute {
    case int(Int)
    case ints([Int])
    case float(Float)
    case string(String)
  }

  private enum ElementType: Int64 { case float = 1, int64 = 7 }

  /// A name that nothing else has.
  private mutating func fresh(_ stem: String) -> String {
    count += 1
    return "\(stem)_\(count)"
  }

  /// An input of floats, [batch] + shape, the batch of any size.
  mutating func input(_ name: String, _ shape: [Int]) -> String {
    inputs.message(11) { Self.value(&$0, name, shape) }
    return name
  }

  /// Makes a value an output of the graph under a name.
  mutating func output(_ value: String, as name: String, _ shape: [Int]) {
    node("Identity", [value], as: name)
    outputs.message(12) { Self.value(&$0, name, shape) }
  }

  /// Applies an operator.
  /// - Returns: the name of what it makes.
  @discardableResult
  mutating func node(
    _ op: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [],
    as name: String? = nil
  ) -> String {
    let result = name ?? fresh(op)
    nodes.message(1) { n in
      for input in inputs { n.string(1, input) }
      n.string(2, result)
      n.string(3, result + "_node")
      n.string(4, op)
      for (key, attribute) in attributes {
        n.message(5) { a in
          a.string(1, key)
          switch attribute {
          case .float(let x):
            a.float(2, x)
            a.integer(20, 1)
          case .int(let i):
            a.integer(3, Int64(i))
            a.integer(20, 2)
          case .string(let text):
            a.string(4, text)
            a.integer(20, 3)
          case .ints(let all):
            for i in all { a.integer(8, Int64(i)) }
            a.integer(20, 7)
          }
        }
      }
    }
    return result
  }

  /// Floats that are part of the model.
  mutating func constant(_ name: String, _ tensor: Tensor) -> String {
    let name = fresh(name)
    initializers.message(5) { t in
      for n in tensor.shape.array { t.integer(1, Int64(n)) }
      t.integer(2, ElementType.float.rawValue)
      t.string(8, name)
      if tensor.isSpare { return }
      tensor.withElements { t.data(9, UnsafeRawBufferPointer($0)) }
    }
    return name
  }

  mutating func constant(_ value: Float) -> String { constant("number", Tensor(value)) }

  /// Whole numbers that are part of the model.
  mutating func integers(_ values: [Int]) -> String {
    let name = fresh("integers")
    initializers.message(5) { t in
      t.integer(1, Int64(values.count))
      t.integer(2, ElementType.int64.rawValue)
      t.string(8, name)
      t.data(9, values.flatMap { n in (0..<8).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } })
    }
    return name
  }

  /// The file's bytes.
  func model(named name: String, description: String) -> [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, 8)
    model.string(2, "swiftgan")
    model.string(3, swiftGANVersion)
    model.message(7) { graph in
      graph.append(nodes)
      graph.string(2, name)
      graph.append(initializers)
      graph.string(10, description)
      graph.append(inputs)
      graph.append(outputs)
    }
    model.message(8) {
      $0.string(1, "")
      $0.integer(2, Self.operatorVersion)
    }
    return model.bytes
  }

  private static func value(_ v: inout ProtobufWriter, _ name: String, _ shape: [Int]) {
    v.string(1, name)
    v.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, ElementType.float.rawValue)
        tensor.message(2) { s in
          s.message(1) { $0.string(2, "batch") }
          for n in shape { s.message(1) { $0.integer(1, Int64(n)) } }
        }
      }
    }
  }
}
