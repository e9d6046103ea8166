import CSGImages
import SGBasics
import SGTensors

/// Reading PNG files through libpng.
package enum PNG {
  /// The most bytes that a file may have.
  private static let largestFile = 1 << 28
  /// A file's first bytes, up to the end of its header chunk.
  private static let headerSize = 33

  /// Size and channels (1 or 3) of a picture.
  package struct Header: Equatable {
    package var width, height, channels: Int
    var count: Int { width * height * channels }

    fileprivate init(_ picture: sg_png_picture) {
      width = Int(picture.width)
      height = Int(picture.height)
      channels = Int(picture.channels)
    }
  }

  /// What a file says of itself; nothing else of it is read.
  package static func header(_ path: String) throws(Failure) -> Header {
    let file = try InputFile(path)
    return try header(file, file.bytes(at: 0, count: min(file.size, headerSize)))
  }

  private static func header(_ file: InputFile, _ bytes: [UInt8]) throws(Failure) -> Header {
    var picture = sg_png_picture()
    let status = sg_png_read_header(bytes, bytes.count, file.size, &picture)
    if status != SG_PNG_OK { throw failure(status, file.path, &picture) }
    return Header(picture)
  }

  /// A picture's pixels, 8 bits a channel: grey, or RGB for colours and palettes. Transparency is dropped.
  /// - Parameter pixels: grows where it is too small; rows one after another from its start.
  /// - Throws: `Failure` with the file, the byte where reading ended, and the reason.
  package static func read(_ path: String, into pixels: inout [UInt8]) throws(Failure) -> Header {
    let file = try InputFile(path)
    guard file.size <= largestFile else {
      throw Failure(.limit, "\(path): \(file.size) bytes are more than \(largestFile)")
    }
    let bytes = try file.bytes(at: 0, count: file.size)
    let header = try header(file, bytes)
    if pixels.count < header.count {
      try Memory.expectRoom(for: header.count, path)
      pixels = [UInt8](repeating: 0, count: header.count)
    }
    var picture = sg_png_picture()
    let status = pixels.withUnsafeMutableBufferPointer {
      sg_png_read(bytes, bytes.count, $0.baseAddress, $0.count, &picture)
    }
    if status != SG_PNG_OK { throw failure(status, path, &picture) }
    return header
  }

  private static func failure(
    _ status: sg_png_status, _ path: String, _ picture: inout sg_png_picture
  ) -> Failure {
    let kind: Failure.Kind =
      switch status {
      case SG_PNG_NOMEM: .noMemory
      case SG_PNG_TRUNCATED: .truncated
      case SG_PNG_CHECKSUM: .checksum
      case SG_PNG_LIMIT: .limit
      case SG_PNG_UNSUPPORTED: .unsupported
      default: .format
      }
    let message = withUnsafeBytes(of: &picture.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Failure(kind, "\(path), byte \(picture.offset): PNG: \(message)")
  }
}
