import CSGImages
import SGBasics
import SGTensors

/// Reading pictures: PNG through libpng, JPEG through libjpeg-turbo. The first bytes say which it
/// is, not the name.
package enum ImageFile {
  /// The most bytes that a file may have.
  private static let largestFile = 1 << 28
  /// A file's first bytes, which as a rule hold all that comes before the pixels.
  private static let headSize = 4096

  /// An RGB color that shows behind transparent pixels.
  package struct Color: Equatable, Sendable {
    package var red, green, blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
      (self.red, self.green, self.blue) = (red, green, blue)
    }

    package static let white = Color(red: 255, green: 255, blue: 255)
  }

  /// What a file's header says of a picture.
  package struct Header: Equatable, Sendable {
    package var width, height: Int
    /// 1 for gray, else 3.
    package var channels: Int
    /// Bits a channel.
    package var depth = 8
    /// Whether it has an alpha channel or a transparent color.
    package var isTransparent = false
    /// Bytes that decoding takes beside the file and the pixels.
    fileprivate var working = 0
    package var count: Int { width * height * channels }

    /// A picture in memory.
    package init(width: Int, height: Int, channels: Int) {
      (self.width, self.height, self.channels) = (width, height, channels)
    }

    fileprivate init(_ picture: sg_picture) {
      self.init(
        width: Int(picture.width), height: Int(picture.height), channels: Int(picture.channels))
      depth = Int(picture.depth)
      isTransparent = picture.transparent != 0
      working = picture.working
    }
  }

  private enum Format: String {
    case png = "PNG"
    case jpeg = "JPEG"
  }

  /// Whether a file's name is that of a picture which can be read.
  package static func isName(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".png", ".jpg", ".jpeg", ".jpe", ".jfif"].contains(where: name.hasSuffix)
  }

  /// What a file says of itself; nothing else of it is read.
  package static func header(_ path: String) throws(Failure) -> Header {
    let file = try InputFile(path)
    let head = try file.bytes(at: 0, count: min(file.size, headSize))
    let format = try format(of: head, path)
    do throws(Failure) {
      return try header(file, head, format)
    } catch {
      // JPEG files may begin with other pictures, profiles and much else.
      guard error.kind == .truncated, head.count < file.size else { throw error }
      return try header(file, contents(of: file), format)
    }
  }

  private static func header(
    _ file: InputFile, _ bytes: [UInt8], _ format: Format
  ) throws(Failure) -> Header {
    var picture = sg_picture()
    let status =
      switch format {
      case .png: sg_png_read_header(bytes, bytes.count, file.size, &picture)
      case .jpeg: sg_jpeg_read_header(bytes, bytes.count, file.size, &picture)
      }
    if status != SG_IMAGE_OK { throw failure(status, file.path, format, &picture) }
    return Header(picture)
  }

  private static func contents(of file: InputFile) throws(Failure) -> [UInt8] {
    guard file.size <= largestFile else {
      throw Failure(.limit, "\(file.path): \(file.size) bytes are more than \(largestFile)")
    }
    return try file.bytes(at: 0, count: file.size)
  }

  /// A picture's pixels, 8 bits a channel: gray, or RGB for colors and palettes.
  /// - Parameters:
  ///   - rgb: whether gray pictures become RGB, too.
  ///   - background: what transparent pixels are composed on; its luma in gray pictures.
  ///   - pixels: grows where it is too small; rows one after another from its start.
  /// - Returns: the header, its channels those of `pixels`.
  /// - Throws: `Failure` with the file, the byte where reading ended, and the reason.
  package static func read(
    _ path: String, rgb: Bool = false, background: Color = .white, into pixels: inout [UInt8]
  ) throws(Failure) -> Header {
    let file = try InputFile(path)
    let bytes = try contents(of: file)
    let format = try format(of: bytes, path)
    var header = try header(file, bytes, format)
    if rgb { header.channels = 3 }
    try Memory.expectRoom(for: header.working, path)
    if pixels.count < header.count {
      try Memory.expectRoom(for: header.count + header.working, path)
      pixels = [UInt8](repeating: 0, count: header.count)
    }
    var picture = sg_picture()
    let status = pixels.withUnsafeMutableBufferPointer { to in
      switch format {
      case .png:
        sg_png_read(
          bytes, bytes.count, rgb ? 1 : 0, [background.red, background.green, background.blue],
          to.baseAddress, to.count, &picture)
      case .jpeg:
        sg_jpeg_read(bytes, bytes.count, rgb ? 1 : 0, to.baseAddress, to.count, &picture)
      }
    }
    if status != SG_IMAGE_OK { throw failure(status, path, format, &picture) }
    header.isTransparent = picture.transparent != 0
    return header
  }

  /// By the first bytes, and where they are of no known kind by the name.
  private static func format(of bytes: [UInt8], _ path: String) throws(Failure) -> Format {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .png }
    if bytes.starts(with: [0xFF, 0xD8]) { return .jpeg }
    if let name = FileSignature.name(of: bytes) {
      throw Failure(.format, "\(path): expected a PNG or JPEG file, found \(name)")
    }
    return path.lowercased().hasSuffix(".png") ? .png : .jpeg
  }

  private static func failure(
    _ status: sg_image_status, _ path: String, _ format: Format, _ picture: inout sg_picture
  ) -> Failure {
    let kind: Failure.Kind =
      switch status {
      case SG_IMAGE_NOMEM: .noMemory
      case SG_IMAGE_TRUNCATED: .truncated
      case SG_IMAGE_CHECKSUM: .checksum
      case SG_IMAGE_LIMIT: .limit
      case SG_IMAGE_UNSUPPORTED: .unsupported
      default: .format
      }
    let message = withUnsafeBytes(of: &picture.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Failure(kind, "\(path), byte \(picture.offset): \(format.rawValue): \(message)")
  }
}
