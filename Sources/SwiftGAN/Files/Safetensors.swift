import CZlib
import Tensors

/// Writing safetensors files: named tensors of 32-bit floats and a map of strings, the same bytes for the same contents.
enum Safetensors {
  static let checksumPrefix = "crc32."
  static let headerKey = "swiftgan.header_crc32"

  /// CRC-32 as eight hexadecimal digits.
  static func checksum(_ bytes: UnsafeRawBufferPointer) -> String {
    var crc = crc32(0, nil, 0)
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      crc = crc32(crc, part.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt32(part.count))
      rest = rest.dropFirst(part.count)
    }
    let digits = String(crc, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Makes sure that the reader would take a file of such tensors and texts: their number, their names, the length of the header.
  /// - Throws: `Failure` of kind limit, or argument (a name that no tensor can have, or that two have).
  static func check(
    _ tensors: [(name: String, shape: Shape)], metadata: [String: String]
  ) throws(Failure) {
    guard tensors.count <= SafetensorsFile.mostTensors else {
      throw Failure(
        .limit,
        "a checkpoint holds at most \(SafetensorsFile.mostTensors) tensors; this model has"
          + " \(tensors.count)")
    }
    var names: Set<String> = []
    // An entry's punctuation, extents and offsets, its checksum: at most so many bytes.
    var length = metadata.reduce(256) { $0 + 2 * ($1.key.utf8.count + $1.value.utf8.count) + 8 }
    for (name, _) in tensors {
      guard SafetensorsFile.isName(name), names.insert(name).inserted else {
        throw Failure(
          .argument,
          names.contains(name)
            ? "two tensors are called \"\(name.prefix(80))\""
            : "\"\(name.prefix(80))\" is no name for a tensor: expected 1 to 1024 bytes without \"/\" and"
              + " control characters")
      }
      length += 4 * name.utf8.count + 256
    }
    guard length <= SafetensorsFile.longestHeader else {
      throw Failure(
        .limit,
        "the header of the model's checkpoint would have up to \(length) bytes, more than"
          + " \(SafetensorsFile.longestHeader)")
    }
  }

  /// Writes tensors in the given order. The metadata gets a checksum for each tensor and one for the header.
  static func write(
    _ tensors: [(name: String, value: Tensor)], metadata: [String: String], to path: String
  ) throws(Failure) {
    try Memory.check()
    try check(tensors.map { ($0.name, $0.value.shape) }, metadata: metadata)
    var texts = metadata
    for (name, value) in tensors {
      texts[checksumPrefix + name] = value.withElements { checksum(UnsafeRawBufferPointer($0)) }
    }
    var header = header(tensors, texts, headerChecksum: "00000000")
    let sum = Array(header.utf8).withUnsafeBytes(checksum)
    header = self.header(tensors, texts, headerChecksum: sum)
    var prefix: [UInt8] = []
    for i in 0..<8 { prefix.append(UInt8(truncatingIfNeeded: header.utf8.count >> (8 * i))) }
    try AtomicFile.write(to: path) { (file) throws(Failure) in
      try file.append(prefix + Array(header.utf8))
      for (_, value) in tensors {
        let result: Result<Void, Failure> = value.withElements { elements in
          do throws(Failure) {
            return .success(try file.append(UnsafeRawBufferPointer(elements)))
          } catch {
            return .failure(error)
          }
        }
        try result.get()
      }
    }
  }

  private static func header(
    _ tensors: [(name: String, value: Tensor)], _ texts: [String: String], headerChecksum: String
  ) -> String {
    var members: [(key: String, value: JSON)] = [
      (
        "__metadata__",
        .object(
          [(headerKey, .string(headerChecksum))]
            + texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
      )
    ]
    var begin = 0
    for (name, value) in tensors {
      let end = begin + 4 * value.count
      members.append(
        (
          name,
          .object([
            ("dtype", .string("F32")),
            ("shape", .array(value.shape.array.map { .integer(Int64($0)) })),
            ("data_offsets", .array([.integer(Int64(begin)), .integer(Int64(end))])),
          ])
        ))
      begin = end
    }
    let text = JSON.object(members).text(pretty: false)
    // The buffer begins at a multiple of eight bytes.
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }
}
