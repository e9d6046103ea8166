import CSGImages
import SGBasics
import SGFormats
import SGTensors

/// Pixels, 8 bits a channel: 1 (gray), 3 (RGB) or 4 (RGBA).
public struct Picture: Sendable {
  /// In pixels; channels are numbers a pixel.
  public let width, height, channels: Int
  /// Row by row from the top, [height, width, channels].
  public internal(set) var pixels: [UInt8]

  /// The largest side that is drawn.
  static let largestSide = 1 << 16

  package init(width: Int, height: Int, channels: Int, fill: UInt8) throws(Failure) {
    guard width <= Self.largestSide, height <= Self.largestSide else {
      throw Failure(
        .limit,
        "a picture of \(width) x \(height) pixels; at most \(Self.largestSide) on a side")
    }
    try Memory.expectRoom(
      for: width * height * channels, "a picture of \(width) x \(height) pixels")
    self.width = width
    self.height = height
    self.channels = channels
    pixels = [UInt8](repeating: fill, count: width * height * channels)
  }

  /// Pixels that were read, [height, width, channels].
  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * channels)
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  /// Red, green, blue.
  public typealias Color = (red: UInt8, green: UInt8, blue: UInt8)

  /// Colors a pixel of an RGB picture; beyond its sides nothing happens.
  package mutating func dot(_ x: Int, _ y: Int, _ color: Color) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let i = (y * width + x) * 3
    pixels[i] = color.red
    pixels[i + 1] = color.green
    pixels[i + 2] = color.blue
  }

  /// The picture as a PNG file's bytes.
  /// - Throws: `Failure` of kind noMemory or internal.
  public func png() throws(Failure) -> [UInt8] {
    // At most a little more than the pixels, in an array that doubles.
    try Memory.expectRoom(for: 4 * pixels.count, "a picture of \(width) x \(height) pixels")
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
    guard status == SG_IMAGE_OK else {
      throw Failure(
        status == SG_IMAGE_NOMEM ? .noMemory : .internal, "the picture could not be encoded")
    }
    return encoded
  }

  /// Writes a PNG, atomically.
  public func write(to path: String) throws(Failure) {
    try FileIO.writeBytes(try png(), to: path)
  }
}
