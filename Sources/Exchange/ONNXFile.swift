import SGBasics
import SGFormats
import SGNets
import SGTensors

/// A graph of operators as an ONNX file (onnx.proto3 of ONNX 1.12: IR version 8, operators of
/// version 17).
enum ONNXFile {
  private static let operatorVersion: Int64 = 17

  private enum ElementType: Int64 { case float = 1, int64 = 7 }

  /// The file's bytes.
  static func bytes(
    of content: OperatorGraph, named name: String, description: String
  ) -> [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, 8)
    model.string(2, "swiftgan")
    model.string(3, swiftGANVersion)
    model.message(7) { graph in
      for node in content.nodes { graph.message(1) { write(node, to: &$0) } }
      graph.string(2, name)
      for (name, value) in content.constants {
        graph.message(5) { write(value, named: name, to: &$0) }
      }
      graph.string(10, description)
      for port in content.inputs { graph.message(11) { write(port, to: &$0) } }
      for port in content.outputs { graph.message(12) { write(port, to: &$0) } }
    }
    model.message(8) {
      $0.string(1, "")
      $0.integer(2, operatorVersion)
    }
    return model.bytes
  }

  private static func write(_ node: OperatorGraph.Node, to n: inout ProtobufWriter) {
    for input in node.inputs { n.string(1, input) }
    n.string(2, node.output)
    n.string(3, node.output + "_node")
    n.string(4, node.op)
    for (key, attribute) in node.attributes {
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

  private static func write(
    _ value: OperatorGraph.Constant, named name: String, to t: inout ProtobufWriter
  ) {
    switch value {
    case .floats(let tensor):
      for n in tensor.shape.array { t.integer(1, Int64(n)) }
      t.integer(2, ElementType.float.rawValue)
      t.string(8, name)
      if tensor.isSpare { return }
      tensor.withElements { t.data(9, UnsafeRawBufferPointer($0)) }
    case .integers(let values):
      t.integer(1, Int64(values.count))
      t.integer(2, ElementType.int64.rawValue)
      t.string(8, name)
      t.data(
        9, values.flatMap { n in (0..<8).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } })
    }
  }

  private static func write(_ port: OperatorGraph.Port, to v: inout ProtobufWriter) {
    v.string(1, port.name)
    v.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, ElementType.float.rawValue)
        tensor.message(2) { s in
          s.message(1) { $0.string(2, "batch") }
          for n in port.shape { s.message(1) { $0.integer(1, Int64(n)) } }
        }
      }
    }
  }
}
