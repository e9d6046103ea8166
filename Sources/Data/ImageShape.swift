import SGBasics
import SGFormats

/// How pictures of a folder become samples of one shape: a centre is cut out, brought to a size, and to a number of channels.
struct ImageShape: Sendable {
  /// What is cut out of the middle first.
  enum Crop: Sendable {
    case size(height: Int, width: Int)
    /// The largest square.
    case square
  }

  var crop: Crop?
  /// What the cut is brought to.
  var resize: (height: Int, width: Int)?
  /// 1 or 3; nil: the files'.
  var channels: Int?

  /// The largest side of a sample.
  static let largestSide = 4096

  /// - Parameter o: reads `crop` (a number, [height, width] or "square"), `resize` (a number or [height, width]), `channels`.
  init(_ o: inout JSONObject) throws(Failure) {
    switch o.take("crop") {
    case nil, .null?: break
    case .string("square")?: crop = .square
    case let json?:
      let size = try Self.size(json, "crop", or: ", \"square\"")
      crop = .size(height: size.height, width: size.width)
    }
    if let json = o.take("resize"), json != .null { resize = try Self.size(json, "resize") }
    if let json = o.take("channels"), json != .null {
      let n = try json.int(in: 1...3, path: "channels")
      guard n != 2 else {
        throw Failure(.configuration, "channels: expected 1 (grey) or 3 (RGB), found 2")
      }
      channels = n
    }
  }

  private static func size(
    _ json: JSON, _ key: String, or more: String = ""
  ) throws(Failure) -> (height: Int, width: Int) {
    switch json {
    case .integer:
      let n = try json.int(in: 1...largestSide, path: key)
      return (n, n)
    case .array(let items) where items.count == 2:
      return (
        try items[0].int(in: 1...largestSide, path: "\(key)[0]"),
        try items[1].int(in: 1...largestSide, path: "\(key)[1]")
      )
    default:
      throw Failure(
        .configuration,
        "\(key): expected a number or [height, width]\(more), found \(json.kindName)")
    }
  }

  /// The part that is cut out of a picture.
  /// - Throws: `Failure` of kind mismatch, naming the file, where the picture is smaller.
  private func cut(
    _ picture: PNG.Header, _ path: String
  ) throws(Failure) -> (top: Int, left: Int, height: Int, width: Int) {
    let (height, width) =
      switch crop {
      case nil: (picture.height, picture.width)
      case .square: (min(picture.height, picture.width), min(picture.height, picture.width))
      case .size(let height, let width): (height, width)
      }
    guard height <= picture.height, width <= picture.width else {
      throw Failure(
        .mismatch,
        "\(path): \(picture.height) x \(picture.width) pixels, fewer than the crop of \(height) x \(width)"
      )
    }
    return ((picture.height - height) / 2, (picture.width - width) / 2, height, width)
  }

  /// The shape of the sample that a picture becomes: [height, width, channels].
  func sample(of picture: PNG.Header, _ path: String) throws(Failure) -> [Int] {
    let cut = try cut(picture, path)
    let size = resize ?? (cut.height, cut.width)
    guard max(size.height, size.width) <= Self.largestSide else {
      throw Failure(
        .limit,
        "\(path): samples of \(size.height) x \(size.width) pixels; at most \(Self.largestSide) on a side (resize)"
      )
    }
    return [size.height, size.width, channels ?? picture.channels]
  }

  /// Turns a picture's pixels into a sample.
  func convert(
    _ pixels: [UInt8], _ picture: PNG.Header, _ path: String,
    into sample: UnsafeMutableBufferPointer<UInt8>
  ) throws(Failure) {
    let cut = try cut(picture, path)
    let size = resize ?? (cut.height, cut.width)
    let wanted = channels ?? picture.channels
    if size == (cut.height, cut.width), cut.width == picture.width, wanted == picture.channels {
      pixels.withUnsafeBufferPointer {
        sample.baseAddress!.update(
          from: $0.baseAddress! + cut.top * picture.width * wanted, count: sample.count)
      }
      return
    }
    let part = [UInt8](unsafeUninitializedCapacity: cut.height * cut.width * wanted) { to, n in
      n = cut.height * cut.width * wanted
      for y in 0..<cut.height {
        for x in 0..<cut.width {
          let from = ((cut.top + y) * picture.width + cut.left + x) * picture.channels
          let place = (y * cut.width + x) * wanted
          if wanted == picture.channels {
            for c in 0..<wanted { to[place + c] = pixels[from + c] }
          } else if wanted == 1 {
            to[place] = Self.luma(pixels[from], pixels[from + 1], pixels[from + 2])
          } else {
            for c in 0..<wanted { to[place + c] = pixels[from] }
          }
        }
      }
    }
    guard size != (cut.height, cut.width) else {
      _ = sample.update(fromContentsOf: part)
      return
    }
    Resampling(from: cut.height, to: size.height).apply(
      Resampling(from: cut.width, to: size.width), part, channels: wanted, into: sample)
  }

  /// ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded.
  private static func luma(_ r: UInt8, _ g: UInt8, _ b: UInt8) -> UInt8 {
    let sum: UInt32 = 19595 * UInt32(r) + 38470 * UInt32(g) + 7471 * UInt32(b)
    return UInt8((sum + 32768) >> 16)
  }
}

/// Weights that bring a row of pixels to another length: linear interpolation, its triangle widened to cover all pixels where the
/// row becomes shorter.
private struct Resampling {
  let from: Int
  /// For each new pixel the first old one, and the weights from there on.
  let taps: [(first: Int, weights: [Float])]

  init(from: Int, to: Int) {
    self.from = from
    let scale = Double(from) / Double(to)
    let reach = max(scale, 1)
    taps = (0..<to).map { i in
      let centre = (Double(i) + 0.5) * scale
      let (low, high) = (
        max(0, Int(centre - reach + 0.5)), min(from, Int(centre + reach + 0.5))
      )
      let raw = (low..<high).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / reach) }
      let sum = raw.reduce(0, +)
      return (low, raw.map { Float($0 / sum) })
    }
  }

  /// Brings the rows to this and the columns to another length.
  func apply(
    _ columns: Resampling, _ pixels: [UInt8], channels: Int,
    into sample: UnsafeMutableBufferPointer<UInt8>
  ) {
    let width = columns.taps.count
    var narrowed = [Float](repeating: 0, count: from * width * channels)
    for y in 0..<from {
      for (x, tap) in columns.taps.enumerated() {
        for (k, weight) in tap.weights.enumerated() {
          let at = (y * columns.from + tap.first + k) * channels
          for c in 0..<channels {
            narrowed[(y * width + x) * channels + c] += weight * Float(pixels[at + c])
          }
        }
      }
    }
    var sums = [Float](repeating: 0, count: width * channels)
    for (y, tap) in taps.enumerated() {
      for k in sums.indices { sums[k] = 0 }
      for (j, weight) in tap.weights.enumerated() {
        let row = (tap.first + j) * width * channels
        for k in sums.indices { sums[k] += weight * narrowed[row + k] }
      }
      for k in sums.indices {
        sample[y * width * channels + k] = UInt8(max(0, min(255, sums[k] + 0.5)))
      }
    }
  }
}
