import CSGZlib
import SGBasics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Unpacking deflate through zlib as a stream: whoever reads decides how much memory what comes out
/// may take.
final class Inflate {
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

  private let packed: any StoredBytes
  private let wrapping: Wrapping
  /// In one place: zlib remembers where it is.
  private let stream: UnsafeMutablePointer<z_stream>
  /// A piece of the compressed bytes, how much of it there is, and how far zlib has come in it.
  private let input: Buffer
  private var (length, start) = (0, 0)
  /// How far zlib has come in all compressed bytes.
  private var place = 0
  private var isOver = false

  /// - Throws: `Failure` of kind noMemory.
  init(_ packed: some StoredBytes, _ wrapping: Wrapping) throws(Failure) {
    self.packed = packed
    self.wrapping = wrapping
    input = try Buffer(count: min(Self.pieceSize, max(packed.size, 1)), for: packed.path)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, wrapping.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(.noMemory, "\(packed.path): no memory for zlib") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills a buffer with what comes next.
  /// - Returns: how many bytes there were; fewer than there is room for only at the end of the
  ///   data.
  /// - Throws: `Failure` of kind format, truncated, checksum or noMemory.
  func read(_ output: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    var done = 0
    while done < output.count && !isOver {
      if start == length {
        length = min(input.count, packed.size - place)
        start = 0
        try packed.read(UnsafeMutableRawBufferPointer(rebasing: input.bytes[..<length]), at: place)
      }
      let (available, room) = (length - start, min(output.count - done, 1 << 30))
      stream.pointee.next_in = input.elements.baseAddress.map { $0 + start }
      stream.pointee.avail_in = UInt32(available)
      stream.pointee.next_out = output.baseAddress.map {
        ($0 + done).assumingMemoryBound(to: UInt8.self)
      }
      stream.pointee.avail_out = UInt32(room)
      let status = inflate(stream, Z_NO_FLUSH)
      let consumed = available - Int(stream.pointee.avail_in)
      let produced = room - Int(stream.pointee.avail_out)
      (place, start, done) = (place + consumed, start + consumed, done + produced)
      try check(status, isProgress: consumed > 0 || produced > 0)
    }
    return done
  }

  private func check(_ status: Int32, isProgress: Bool) throws(Failure) {
    let name = packed.path
    switch status {
    case Z_OK where isProgress: return
    case Z_OK, Z_BUF_ERROR:
      throw Failure(
        .truncated, "\(name): the \(wrapping.name) data ends at byte \(place), too early")
    case Z_STREAM_END:
      if place == packed.size {
        isOver = true
        return
      }
      let rest = try packed.bytes(at: place, count: min(2, packed.size - place))
      guard wrapping == .gzip, Self.isGzip(rest) else {
        throw Failure(
          .format, "\(name), byte \(place): more after the end of the \(wrapping.name) data")
      }
      inflateReset(stream)
    case Z_DATA_ERROR:
      let message = stream.pointee.msg.map { String(cString: $0) } ?? "damaged"
      let kind: Failure.Kind =
        message.hasSuffix("check") && !message.hasPrefix("header") ? .checksum : .format
      throw Failure(kind, "\(name), byte \(place): \(wrapping.name): \(message)")
    case Z_MEM_ERROR: throw Failure(.noMemory, "\(name): no memory for zlib")
    default: throw Failure(.format, "\(name), byte \(place): \(wrapping.name): error \(status)")
    }
  }

  /// Whether anything comes after what was read; what is wrong at the end of the data is found,
  /// too.
  func hasMore() throws(Failure) -> Bool {
    let byte = try Buffer(count: 1, for: packed.path)
    defer { withExtendedLifetime(byte) {} }
    return try read(byte.bytes) > 0
  }
}
