import CZlib

/// Unpacking deflate through zlib, with bounds on what comes out.
enum Inflate {
  /// What is around the compressed data.
  enum Wrapping {
    /// Members of a gzip file, one after another.
    case gzip
    /// Nothing, as in a zip file.
    case none

    /// zlib's number for it. 16: gzip and nothing else.
    fileprivate var windowBits: Int32 { self == .gzip ? 16 + MAX_WBITS : -MAX_WBITS }
    fileprivate var name: String { self == .gzip ? "gzip" : "deflate" }
  }

  /// Deflate's own maximum is about 1032:1.
  static let largestRatio = 1100
  private static let pieceSize = 1 << 18

  static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// All that comes out of compressed bytes, of which only a piece is in memory.
  /// - Parameters:
  ///   - limit: the most bytes that may come out.
  ///   - room: how many bytes to expect.
  static func bytes(
    of packed: some StoredBytes, _ wrapping: Wrapping, limit: Int, room: Int = 0
  ) throws(Failure) -> [UInt8] {
    let name = packed.path
    var stream = z_stream()
    guard
      inflateInit2_(
        &stream, wrapping.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw Failure(.noMemory, "\(name): no memory for zlib") }
    defer { inflateEnd(&stream) }
    let cap = min(limit, packed.size.multipliedReportingOverflow(by: largestRatio).partialValue)
    var output: [UInt8] = []
    output.reserveCapacity(min(room, cap))
    var (input, chunk) = ([UInt8](), [UInt8](repeating: 0, count: pieceSize))
    // How far zlib has come: in all compressed bytes, and in the piece of them that is in memory.
    var (place, start) = (0, 0)
    while true {
      if start == input.count {
        input = try packed.bytes(at: place, count: min(pieceSize, packed.size - place))
        start = 0
      }
      let (status, consumed, produced) = input.withUnsafeBufferPointer { input in
        chunk.withUnsafeMutableBufferPointer { buffer in
          let available = input.count - start
          // zlib wants a place even for nothing.
          stream.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress.map { $0 + start } ?? UnsafePointer(buffer.baseAddress!))
          stream.avail_in = UInt32(available)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          let status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return (status, available - Int(stream.avail_in), buffer.count - Int(stream.avail_out))
        }
      }
      (place, start) = (place + consumed, start + consumed)
      guard output.count + produced <= cap else {
        throw Failure(
          .limit, "\(name), byte \(place): unpacks to more than \(cap) bytes")
      }
      output += chunk[..<produced]
      switch status {
      case Z_OK where consumed > 0 || produced > 0: continue
      case Z_OK, Z_BUF_ERROR:
        throw Failure(
          .truncated, "\(name): the \(wrapping.name) data ends at byte \(place), too early")
      case Z_STREAM_END:
        if place == packed.size { return output }
        let rest = try packed.bytes(at: place, count: min(2, packed.size - place))
        guard wrapping == .gzip, isGzip(rest) else {
          throw Failure(
            .format, "\(name), byte \(place): more after the end of the \(wrapping.name) data")
        }
        inflateReset(&stream)
      case Z_DATA_ERROR:
        let message = stream.msg.map { String(cString: $0) } ?? "damaged"
        let kind: Failure.Kind =
          message.hasSuffix("check") && !message.hasPrefix("header") ? .checksum : .format
        throw Failure(kind, "\(name), byte \(place): \(wrapping.name): \(message)")
      case Z_MEM_ERROR: throw Failure(.noMemory, "\(name): no memory for zlib")
      default: throw Failure(.format, "\(name), byte \(place): \(wrapping.name): error \(status)")
      }
    }
  }
}
