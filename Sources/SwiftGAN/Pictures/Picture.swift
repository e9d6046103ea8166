import CImages

/// Pixels, 8 bits a channel: 1 (grey), 3 (RGB) or 4 (RGBA).
struct Picture {
  let width, height, channels: Int
  var pixels: [UInt8]

  /// The largest side that is drawn.
  static let largestSide = 1 << 16

  init(width: Int, height: Int, channels: Int, fill: UInt8) throws(Failure) {
    guard width <= Self.largestSide, height <= Self.largestSide else {
      throw Failure(
        .limit,
        "a picture of \(width) x \(height) pixels; at most \(Self.largestSide) on a side")
    }
    self.width = width
    self.height = height
    self.channels = channels
    pixels = [UInt8](repeating: fill, count: width * height * channels)
  }

  /// Writes a PNG, atomically.
  func write(to path: String) throws(Failure) {
    var encoded: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &encoded) { target in
      sg_png_write(
        pixels, UInt32(width), UInt32(height), Int32(channels),
        { context, bytes, n in
          let target = context!.assumingMemoryBound(to: [UInt8].self)
          target.pointee += UnsafeBufferPointer(start: bytes, count: n)
          return 0
        }, target)
    }
    guard status == SG_PNG_OK else {
      throw Failure(
        status == SG_PNG_NOMEM ? .noMemory : .internal, "\(path): the picture could not be encoded")
    }
    try AtomicFile.write(to: path) { (file) throws(Failure) in try file.append(encoded) }
  }
}
