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
  ///   - border: pixels of the lines around each image.
  ///   - scale: the side of the square that a pixel becomes.
  /// - Throws: `Failure` of kind argument (channels, columns, border, scale) or limit (too large).
  public init(
    _ images: Tensor, range: ValueRange, columns: Int, border: Int = 2, scale: Int = 1
  ) throws(Failure) {
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
    for (name, value, range) in [("border", border, 0...1024), ("scale", scale, 1...1024)]
    where !range.contains(value) {
      throw Failure(
        .argument, "\(name): expected \(range.lowerBound)...\(range.upperBound), found \(value)")
    }
    let columns = min(columns, count)
    let rows = (count + columns - 1) / columns
    func extent(_ side: Int, _ count: Int) throws(Failure) -> Int {
      let (all, isLarge) = (side * scale + border).multipliedReportingOverflow(by: count)
      guard !isLarge, all < Int.max - border else {
        throw Failure(.limit, "a picture of \(count) images on a side")
      }
      return all + border
    }
    var picture = try Picture(
      width: extent(width, columns), height: extent(height, rows), channels: channels, fill: 255)
    let factor = 255 / (range.high - range.low)
    images.withElements { x in
      for i in 0..<count {
        let top = border + i / columns * (height * scale + border)
        let left = border + i % columns * (width * scale + border)
        for y in 0..<height * scale {
          let from = (i * height + y / scale) * width * channels
          let to = ((top + y) * picture.width + left) * channels
          for k in 0..<width * scale * channels {
            let (place, channel) = (k / channels / scale, k % channels)
            let value = (x[from + place * channels + channel] - range.low) * factor + 0.5
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
