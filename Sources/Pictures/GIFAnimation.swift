import CSGImages
import SGBasics
import SGFormats
import SGTensors

/// An animated GIF, which browsers, mail programs and slides show alike. Gray pictures keep their
/// values; of colors it has the 256 that represent each picture best.
public struct GIFAnimation {
  private var pictures: [Picture] = []

  /// An animation without pictures.
  public init() {}

  /// How many pictures it has.
  public var count: Int { pictures.count }

  /// Adds a picture.
  /// - Parameter path: a PNG file; transparent pixels are composed on white.
  /// - Throws: `Failure` of the file, or of kind mismatch where its size is another than that of
  ///   the pictures before.
  public mutating func append(png path: String) throws(Failure) {
    var pixels: [UInt8] = []
    let header = try ImageFile.read(path, into: &pixels)
    let picture = Picture(
      width: header.width, height: header.height, channels: header.channels, pixels: pixels)
    if let first = pictures.first,
      (first.width, first.height, first.channels)
        != (picture.width, picture.height, picture.channels)
    {
      throw Failure(.mismatch, "\(path): another size or kind than the pictures before")
    }
    pictures.append(picture)
  }

  /// The animation as a file's bytes.
  /// - Parameters:
  ///   - seconds: for which each picture is shown, 0.02...60.
  ///   - lastSeconds: for which the last one is shown before all begins anew.
  /// - Throws: `Failure` of kind argument where there are no pictures, limit (65,535 pixels on a
  ///   side), noMemory or internal.
  public func encoded(seconds: Double, lastSeconds: Double) throws(Failure) -> [UInt8] {
    guard let first = pictures.first else {
      throw Failure(.argument, "an animation of no pictures")
    }
    // Indices, planes and at most a little more than a byte a pixel of the file, which doubles.
    try Memory.expectRoom(
      for: (4 * pictures.count + 4) * first.width * first.height, "an animation")
    var bytes: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &bytes) { target -> sg_image_status in
      var gif: OpaquePointer?
      var status = sg_gif_begin(
        &gif, UInt32(first.width), UInt32(first.height), Int32(first.channels),
        { context, bytes, n in
          let target = context!.assumingMemoryBound(to: [UInt8].self)
          target.pointee += UnsafeBufferPointer(start: bytes, count: n)
          return 0
        }, target)
      guard status == SG_IMAGE_OK else { return status }
      for (i, picture) in pictures.enumerated() {
        let shown = i == pictures.count - 1 ? lastSeconds : seconds
        status = sg_gif_add(gif, picture.pixels, UInt32(100 * min(max(shown, 0.02), 60)))
        guard status == SG_IMAGE_OK else {
          sg_gif_free(gif)
          return status
        }
      }
      return sg_gif_end(gif)
    }
    switch status {
    case SG_IMAGE_OK: return bytes
    case SG_IMAGE_NOMEM: throw Failure(.noMemory, "not enough memory for an animation")
    case SG_IMAGE_LIMIT:
      throw Failure(
        .limit,
        "a GIF of \(first.width) x \(first.height) pixels; at most \(SG_GIF_SIDE) on a side")
    default: throw Failure(.internal, "the animation could not be encoded")
    }
  }
}
