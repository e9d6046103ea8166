import SGBasics
import SGTensors

/// Samples as a grid of images with thin lines between them.
public struct ImageGrid {
  /// The grid.
  public let picture: Picture

  /// A grid of some images, row by row.
  /// - Parameters:
  ///   - images: [count, height, width] or [count, height, width, channels] with 1, 3 or 4
  ///     channels.
  ///   - range: the values that become black and white; what is beyond is clamped.
  ///   - columns: images in a row.
  ///   - gap: the width of the lines between images and around them, in pixels.
  /// - Throws: `Failure` of kind argument (channels, columns) or limit (too large).
  public init(_ images: Tensor, range: ValueRange, columns: Int, gap: Int = 2) throws(Failure) {
    try Memory.check()
    let shape = images.shape
    guard shape.rank == 3 || shape.rank == 4 else {
      throw Failure(
        .argument, "expected images [height, width, channels], found \(shape.droppingFirst())")
    }
    let (count, height, width) = (shape[0], shape[1], shape[2])
    let channels = shape.rank == 4 ? shape[3] : 1
    guard [1, 3, 4].contains(channels) else {
      throw Failure(.argument, "a picture has 1, 3 or 4 channels; these samples have \(channels)")
    }
    guard columns >= 1 else { throw Failure(.argument, "columns: expected at least 1") }
    let columns = min(columns, count)
    let rows = (count + columns - 1) / columns
    var picture = try Picture(
      width: columns * (width + gap) + gap, height: rows * (height + gap) + gap,
      channels: channels, fill: 255)
    let scale = 255 / (range.high - range.low)
    images.withElements { x in
      for i in 0..<count {
        let (top, left) = (gap + i / columns * (height + gap), gap + i % columns * (width + gap))
        for y in 0..<height {
          let from = (i * height + y) * width * channels
          let to = ((top + y) * picture.width + left) * channels
          for k in 0..<width * channels {
            let value = (x[from + k] - range.low) * scale + 0.5
            picture.pixels[to + k] = UInt8(max(0, min(255, value)))
          }
        }
      }
    }
    self.picture = picture
  }

  /// Writes a PNG, atomically.
  public func write(to path: String) throws(Failure) { try picture.write(to: path) }
}
