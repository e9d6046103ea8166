import CSGZlib
import SGBasics
import SGTensors

/// Writing safetensors files: named tensors of 32-bit floats and a map of strings, the same bytes
/// for the same contents.
package enum Safetensors {
  static let checksumPrefix = "crc32."
  /// The metadata's key for the checksum over the header's bytes, its own digits taken as zeros.
  static let headerKey = "swiftgan.header_crc32"
  /// The metadata's key for the checksum over the header's contents.
  static let contentsKey = "swiftgan.contents_crc32"

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

  /// Makes sure that the reader would take a file of such tensors and texts: their number, their
  /// names, the length of the header.
  /// - Throws: `Failure` of kind limit, or argument (a name that no tensor can have, or that two
  ///   have).
  package static func check(
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
            ? "two tensors are called \"\(name.shown)\""
            : "\"\(name.shown)\" is no name for a tensor: expected 1 to 1024 bytes without \"/\" and"
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

  /// Writes tensors in the given order. The metadata gets a checksum for each tensor and two for
  /// the header: over its bytes, and over its contents, which is all that remains the same when
  /// another program writes the file anew with its members in another order.
  package static func write(
    _ tensors: [(name: String, value: Tensor)], metadata: [String: String], to path: String
  ) throws(Failure) {
    try Memory.check()
    try check(tensors.map { ($0.name, $0.value.shape) }, metadata: metadata)
    var texts = metadata
    var entries: [SafetensorsFile.Entry] = []
    var begin = 0
    for (name, value) in tensors {
      texts[checksumPrefix + name] = value.withElements { checksum(UnsafeRawBufferPointer($0)) }
      entries.append(
        SafetensorsFile.Entry(
          name: name, shape: value.shape.array, type: "F32", bytes: begin..<begin + 4 * value.count)
      )
      begin += 4 * value.count
    }
    texts[contentsKey] = contentsChecksum(entries: entries, texts)
    let blank = header(entries: entries, texts, headerChecksum: "00000000")
    let sum = Array(blank.utf8).withUnsafeBytes(checksum)
    let header = header(entries: entries, texts, headerChecksum: sum)
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

  /// A header as `write` writes it, its checksum aside.
  /// - Parameters:
  ///   - entries: tensors in order; only the differences of their places count.
  ///   - texts: the metadata; a header's checksum in them does not count.
  static func header(
    entries: [SafetensorsFile.Entry], _ texts: [String: String], headerChecksum: String
  ) -> String {
    var members: [(key: String, value: JSON)] = [
      (
        "__metadata__",
        .object([(headerKey, .string(headerChecksum))] + sorted(texts, without: [headerKey]))
      )
    ]
    let origin = entries.first?.bytes.lowerBound ?? 0
    for entry in entries {
      let place = [entry.bytes.lowerBound - origin, entry.bytes.upperBound - origin]
      members.append(
        (
          entry.name,
          .object(
            form(of: entry) + [("data_offsets", .array(place.map { .integer(Int64($0)) }))])
        ))
    }
    let text = JSON.object(members).text(pretty: false)
    // The buffer begins at a multiple of eight bytes.
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }

  /// The checksum of what a header says, whatever the order of its members, the order of the
  /// tensors in the file and the spaces: the metadata but the header's checksums, and each tensor's
  /// name, type and shape. The tensors' own checksums, which stand in the metadata, hold their
  /// contents.
  static func contentsChecksum(
    entries: [SafetensorsFile.Entry], _ texts: [String: String]
  ) -> String {
    let tensors = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let contents = JSON.object([
      ("metadata", .object(sorted(texts, without: [headerKey, contentsKey]))),
      ("tensors", .object(tensors.map { ($0.name, .object(form(of: $0))) })),
    ])
    return Array(contents.text(pretty: false).utf8).withUnsafeBytes(checksum)
  }

  private static func sorted(
    _ texts: [String: String], without keys: [String]
  ) -> [(key: String, value: JSON)] {
    texts.filter { !keys.contains($0.key) }
      .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { ($0.key, .string($0.value)) }
  }

  /// A tensor's type and shape.
  private static func form(of entry: SafetensorsFile.Entry) -> [(key: String, value: JSON)] {
    [
      ("dtype", .string(entry.type)),
      ("shape", .array(entry.shape.map { .integer(Int64($0)) })),
    ]
  }
}
