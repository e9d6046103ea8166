import CSGZlib
import SGBasics
import SGTensors

/// A safetensors file, its header read and checked; values are read when asked for.
///
/// The reader follows the format exactly and trusts nothing: sizes are checked against the file
/// before memory is taken, the buffer is covered without holes, and in files of ours a checksum
/// finds any changed byte.
package struct SafetensorsFile {
  package struct Entry: Sendable {
    package let name: String
    package let shape: [Int]
    /// What its values are; only 32-bit floats are read.
    let type: String
    /// Where the values lie in the file.
    let bytes: Range<Int>
  }

  static let longestHeader = 16 << 20
  static let mostTensors = 100_000
  static let mostAxes = 16
  /// The format's types and their sizes.
  private static let bytesOfType = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8,
  ]

  package let tensors: [Entry]
  package let metadata: [String: String]
  private let file: InputFile

  package init(_ path: String) throws(Failure) {
    let file = try InputFile(path)
    guard file.size >= 8 else {
      throw Failure(
        .truncated, "\(path): a safetensors file has at least 8 bytes, this one \(file.size)")
    }
    let prefix = try file.bytes(at: 0, count: 8)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length >= 2 else {
      throw Failure(.format, "\(path), byte 0: a header of \(length) bytes is too short")
    }
    guard length <= UInt64(Self.longestHeader) else {
      throw Failure(
        .limit, "\(path), byte 0: a header of \(length) bytes is longer than \(Self.longestHeader)")
    }
    guard length <= UInt64(file.size - 8) else {
      throw Failure(
        .truncated, "\(path), byte 0: a header of \(length) bytes in a file of \(file.size)")
    }
    let header = try file.bytes(at: 8, count: Int(length))
    guard header[0] == UInt8(ascii: "{") else {
      throw Failure(.format, "\(path), byte 8: the header must begin with {")
    }
    do throws(Failure) {
      (tensors, metadata) = try Self.parse(header, dataBytes: file.size - 8 - Int(length))
    } catch {
      throw Failure(error.kind, "\(path): safetensors header: \(error.message)")
    }
    self.file = file
    try checkHeader(header)
  }

  /// A tensor's values.
  package func tensor(_ entry: Entry) throws(Failure) -> Tensor {
    guard entry.shape.count <= Shape.maximumRank, entry.shape.allSatisfy({ $0 <= Int(Int32.max) })
    else {
      throw Failure(
        .unsupported,
        "\(file.path): \(entry.name.shown) has the shape \(entry.shape), beyond six axes")
    }
    try checkType(entry)
    guard Memory.canTake(entry.bytes.count) else {
      throw Failure(.noMemory, "\(file.path): not enough memory for \(entry.name.shown)")
    }
    let tensor = try Tensor(shape: Shape(entry.shape)) { (buffer) throws(Failure) in
      try read(entry, to: buffer)
    }
    try Memory.check()
    return tensor
  }

  /// Writes a tensor's values to where there is room for them, and compares its checksum.
  package func read(_ entry: Entry, to buffer: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    try checkType(entry)
    try file.read(UnsafeMutableRawBufferPointer(buffer), at: entry.bytes.lowerBound)
    guard let expected = metadata[Safetensors.checksumPrefix + entry.name] else { return }
    guard expected == Safetensors.checksum(UnsafeRawBufferPointer(buffer)) else {
      throw Failure(
        .checksum,
        "\(file.path), bytes \(entry.bytes): \(entry.name.shown) has changed since it was written")
    }
  }

  private func checkType(_ entry: Entry) throws(Failure) {
    guard entry.type == "F32" else {
      throw Failure(
        .unsupported, "\(file.path): \(entry.name.shown): expected dtype F32, found \(entry.type)")
    }
  }

  /// The header's own checksums, in files of ours. The one over its bytes finds any change of them;
  /// where another program wrote the file anew, and with it the header, the one over its contents
  /// decides.
  private func checkHeader(_ header: [UInt8]) throws(Failure) {
    guard let expected = metadata[Safetensors.headerKey] else {
      // A file of ours whose key was hit would pass for a foreign one.
      if metadata.keys.contains(where: { $0.hasPrefix("swiftgan.") }) {
        throw Failure(.checksum, "\(file.path): the header's checksum is missing")
      }
      return
    }
    var blank = header
    let key = Array("\"\(Safetensors.headerKey)\":\"".utf8)
    if let start = blank.firstRange(of: key)?.upperBound, start + 8 <= blank.count {
      for i in start..<start + 8 { blank[i] = UInt8(ascii: "0") }
      if blank.withUnsafeBytes(Safetensors.checksum) == expected { return }
    }
    // A header that is as `Safetensors.write` writes it but for the checksum's digits was not
    // written anew: the digits have changed.
    let ours = Safetensors.header(entries: tensors, metadata, headerChecksum: "00000000")
    guard let contents = metadata[Safetensors.contentsKey], Array(ours.utf8) != blank,
      contents == Safetensors.contentsChecksum(entries: tensors, metadata)
    else {
      throw Failure(.checksum, "\(file.path): the header has changed since it was written")
    }
  }

  private static func parse(
    _ header: [UInt8], dataBytes: Int
  ) throws(Failure) -> ([Entry], [String: String]) {
    let parsed: Result<JSON, Failure> = header.withUnsafeBytes { bytes in
      do throws(Failure) {
        return .success(try JSON(parsing: bytes, limit: longestHeader))
      } catch {
        return .failure(error)
      }
    }
    guard case .object(let members) = try parsed.get() else {
      throw Failure(.format, "expected an object")
    }
    guard members.count <= mostTensors + 1 else {
      throw Failure(.limit, "\(members.count) tensors are more than \(mostTensors)")
    }
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    let origin = 8 + header.count
    for (name, value) in members {
      if name == "__metadata__" {
        guard case .object(let texts) = value else {
          throw Failure(.format, "__metadata__: expected an object, found \(value.kindName)")
        }
        for (key, text) in texts {
          guard case .string(let text) = text else {
            throw Failure(.format, "__metadata__.\(key.shown): expected a string")
          }
          metadata[key] = text
        }
      } else {
        entries.append(try entry(name, value, origin: origin, dataBytes: dataBytes))
      }
    }
    try checkCover(entries, from: origin, to: origin + dataBytes)
    return (entries, metadata)
  }

  /// Whether a tensor may have this name.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 1024 && name != ".."
      && !name.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "/") }
  }

  private static func entry(
    _ name: String, _ value: JSON, origin: Int, dataBytes: Int
  ) throws(Failure) -> Entry {
    let shown = name.shown
    guard isName(name) else {
      throw Failure(.format, "\"\(shown)\" is no name for a tensor")
    }
    guard case .object(let members) = value, members.count == 3,
      case .string(let dtype)? = value["dtype"], case .array(let extents)? = value["shape"],
      case .array(let offsets)? = value["data_offsets"]
    else {
      throw Failure(.format, "\(shown): expected dtype, shape and data_offsets, and nothing else")
    }
    guard let width = bytesOfType[dtype] else {
      throw Failure(.unsupported, "\(shown): unknown dtype \(dtype.shown)")
    }
    guard extents.count <= mostAxes else {
      throw Failure(.limit, "\(shown): \(extents.count) axes are more than \(mostAxes)")
    }
    var shape: [Int] = []
    var count = 1
    var overflows = false
    for extent in extents {
      guard case .integer(let n) = extent, n >= 0 else {
        throw Failure(.format, "\(shown).shape: expected sizes, found \(extent.kindName)")
      }
      shape.append(Int(n))
      // A zero must not hide an overflow among the others.
      let (product, overflow) = count.multipliedReportingOverflow(by: max(Int(n), 1))
      overflows = overflows || overflow || product > Int.max / 8
      count = overflow ? 1 : product
    }
    guard !overflows else {
      throw Failure(.format, "\(shown).shape: \(shape) has more elements than can be counted")
    }
    let bytes = (shape.contains(0) ? 0 : count) * width
    guard offsets.count == 2, case .integer(let begin) = offsets[0],
      case .integer(let end) = offsets[1], begin >= 0, begin <= end
    else {
      throw Failure(.format, "\(shown).data_offsets: expected [begin, end] with begin <= end")
    }
    guard end <= dataBytes else {
      throw Failure(
        .truncated, "\(shown).data_offsets: end \(end) in a buffer of \(dataBytes) bytes")
    }
    guard Int(end - begin) == bytes else {
      throw Failure(
        .format, "\(shown): \(bytes) bytes by its shape, \(end - begin) by its offsets")
    }
    return Entry(
      name: name, shape: shape, type: dtype, bytes: origin + Int(begin)..<origin + Int(end))
  }

  /// The tensors cover the buffer without holes and without sharing a byte.
  private static func checkCover(_ entries: [Entry], from: Int, to: Int) throws(Failure) {
    var place = from
    for entry in entries.sorted(by: {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }) {
      guard entry.bytes.lowerBound == place else {
        throw Failure(
          .format,
          "\(entry.name.shown) begins at byte \(entry.bytes.lowerBound), expected \(place):"
            + " tensors must follow each other without holes")
      }
      place = entry.bytes.upperBound
    }
    guard place == to else {
      throw Failure(.format, "\(to - place) bytes after the last tensor")
    }
  }
}

extension Array where Element == UInt8 {
  /// Where a run of bytes occurs first.
  fileprivate func firstRange(of part: [UInt8]) -> Range<Int>? {
    guard part.count <= count else { return nil }
    for start in 0...(count - part.count) where self[start..<start + part.count] == part[...] {
      return start..<start + part.count
    }
    return nil
  }
}
