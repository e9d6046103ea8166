import SGBasics
import SGTensors

/// Arrays in NumPy's format (NEP 1, version 1.0), little-endian, in C order.
package enum NPYWriter {
  /// 32-bit floats.
  package static func bytes(_ tensor: Tensor) -> [UInt8] {
    var bytes = header("<f4", tensor.shape.array)
    tensor.withElements { bytes += UnsafeRawBufferPointer($0) }
    return bytes
  }

  /// A row of 32-bit integers.
  package static func bytes(_ values: [Int32]) -> [UInt8] {
    values.withUnsafeBytes { header("<i4", [values.count]) + $0 }
  }

  private static func header(_ type: String, _ shape: [Int]) -> [UInt8] {
    let extents = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    // Ten bytes come before the text; all of it is a multiple of 64 with the line's end.
    let rest = (10 + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: rest == 0 ? 0 : 64 - rest) + "\n"
    let size = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)]
      + Array(text.utf8)
  }
}
