import CZlib

/// Reading gzip through zlib, with bounds on what comes out.
enum Gzip {
  /// Deflate's own maximum is about 1032:1.
  static let largestRatio = 1100

  static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// All members of a gzip file, one after another.
  /// - Parameters:
  ///   - limit: the most bytes that may come out.
  ///   - name: the file, for messages.
  static func inflate(_ bytes: [UInt8], limit: Int, name: String) throws(Failure) -> [UInt8] {
    var stream = z_stream()
    // 16: gzip and nothing else.
    guard
      inflateInit2_(
        &stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw Failure(.noMemory, "\(name): no memory for zlib") }
    defer { inflateEnd(&stream) }
    let cap = min(limit, bytes.count.multipliedReportingOverflow(by: largestRatio).partialValue)
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var place = 0
    while true {
      let (status, consumed, produced) = bytes.withUnsafeBufferPointer { input in
        chunk.withUnsafeMutableBufferPointer { buffer in
          let available = min(bytes.count - place, 1 << 30)
          stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress! + place)
          stream.avail_in = UInt32(available)
          stream.next_out = buffer.baseAddress
          stream.avail_out = UInt32(buffer.count)
          let status = CZlib.inflate(&stream, Z_NO_FLUSH)
          return (status, available - Int(stream.avail_in), buffer.count - Int(stream.avail_out))
        }
      }
      place += consumed
      guard output.count + produced <= cap else {
        throw Failure(
          .limit, "\(name), byte \(place): unpacks to more than \(cap) bytes")
      }
      output += chunk[..<produced]
      switch status {
      case Z_OK where consumed > 0 || produced > 0: continue
      case Z_OK, Z_BUF_ERROR:
        throw Failure(.truncated, "\(name): the gzip data ends at byte \(place), too early")
      case Z_STREAM_END:
        if place == bytes.count { return output }
        guard bytes[place...].starts(with: [0x1F, 0x8B]) else {
          throw Failure(.format, "\(name), byte \(place): not gzip after the last member")
        }
        inflateReset(&stream)
      case Z_DATA_ERROR:
        let message = stream.msg.map { String(cString: $0) } ?? "damaged"
        let kind: Failure.Kind =
          message.hasSuffix("check") && !message.hasPrefix("header") ? .checksum : .format
        throw Failure(kind, "\(name), byte \(place): gzip: \(message)")
      case Z_MEM_ERROR: throw Failure(.noMemory, "\(name): no memory for zlib")
      default: throw Failure(.format, "\(name), byte \(place): gzip: error \(status)")
      }
    }
  }
}
