/// Writes Protocol Buffers' wire format: fields one after another, each with its number. By hand,
/// because swift-protobuf would bring Foundation, several times the library's size, for these few
/// lines; reading, which is the harder part, is not needed.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  private enum WireType: UInt64 { case varint = 0, fixed64 = 1, length = 2, fixed32 = 5 }

  private mutating func tag(_ field: Int, _ type: WireType) {
    precondition((1..<1 << 29).contains(field), "a field's number")
    varint(UInt64(field) << 3 | type.rawValue)
  }

  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// int32, int64, uint64, bool or an enumeration's case.
  package mutating func integer(_ field: Int, _ value: Int64) {
    tag(field, .varint)
    varint(UInt64(bitPattern: value))
  }

  package mutating func float(_ field: Int, _ value: Float) {
    tag(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func double(_ field: Int, _ value: Double) {
    tag(field, .fixed64)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  /// bytes, or a packed repeated field.
  package mutating func data(_ field: Int, _ value: some Collection<UInt8>) {
    tag(field, .length)
    varint(UInt64(value.count))
    bytes += value
  }

  package mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

  /// The fields of another writer after those of this one.
  package mutating func append(_ fields: ProtobufWriter) { bytes += fields.bytes }

  /// A message within this one.
  package mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    write(&inner)
    data(field, inner.bytes)
  }
}
