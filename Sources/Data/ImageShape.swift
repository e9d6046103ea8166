import SGBasics
import SGFormats

/// How images become samples of one shape: a center is cut out, brought to a size, and to a number
/// of channels.
struct ImageShape: Sendable {
  /// What is cut out of the middle first.
  enum Crop: Sendable {
    case size(height: Int, width: Int)
    /// The largest square.
    case square
  }

  /// One of the halves of a picture that holds two images side by side.
  enum Half: String, Sendable, CaseIterable {
    case left, right
    var other: Half { self == .left ? .right : .left }
  }

  /// Which half of a picture is the image; nil: the whole.
  var half: Half?
  var crop: Crop?
  /// What the cut is brought to.
  var resize: (height: Int, width: Int)?
  /// 1 or 3; nil: the images'.
  var channels: Int?
  /// Whether all become RGB where one is.
  var isRGBIfAnyIs = false
  /// What transparent pixels are composed on.
  var background = ImageFile.Color.white

  /// Whether images stay as they are.
  var isNone: Bool { crop == nil && resize == nil && channels == nil }

  /// The largest side of a sample.
  static let largestSide = 4096

  /// - Parameter o: reads `size` (a number), or `crop` (a number, [height, width] or "square") and
  ///   `resize` (a number or [height, width]); and `channels`.
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
        throw Failure(.configuration, "channels: expected 1 (gray) or 3 (RGB), found 2")
      }
      channels = n
    }
    if let json = o.take("size"), json != .null {
      guard crop == nil, resize == nil else {
        throw Failure(
          .configuration,
          "size: stands for crop \"square\" and resize, so that neither can be given beside it")
      }
      let side = try json.int(in: 1...Self.largestSide, path: "size")
      crop = .square
      resize = (side, side)
      isRGBIfAnyIs = channels == nil
    }
  }

  static var options: [DataOption] {
    [
      DataOption(
        "size", "64",
        "The largest square of the middle, resized; RGB if any picture is (or --size)."),
      DataOption(
        "crop", "[60,80]",
        "Instead of size: the middle, [height, width], a number, or square (the largest)."),
      DataOption("resize", "[48,64]", "After crop: to [height, width], or a number."),
      DataOption("channels", "3", "1 (gray) or 3 (RGB)."),
    ]
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
    _ picture: ImageFile.Header, _ path: String
  ) throws(Failure) -> (top: Int, left: Int, height: Int, width: Int) {
    guard half == nil || picture.width % 2 == 0 else {
      throw Failure(
        .mismatch,
        "\(path): \(picture.width) pixels wide, which are no two images of one size side by side")
    }
    let whole = (height: picture.height, width: picture.width / (half == nil ? 1 : 2))
    let (height, width) =
      switch crop {
      case nil: whole
      case .square: (min(whole.height, whole.width), min(whole.height, whole.width))
      case .size(let height, let width): (height, width)
      }
    guard height <= whole.height, width <= whole.width else {
      throw Failure(
        .mismatch,
        "\(path): \(whole.height) x \(whole.width) pixels, fewer than the crop of \(height) x \(width)"
      )
    }
    let left = half == .right ? whole.width : 0
    return ((whole.height - height) / 2, left + (whole.width - width) / 2, height, width)
  }

  /// The shape of the sample that a picture becomes: [height, width, channels].
  func sample(of picture: ImageFile.Header, _ path: String) throws(Failure) -> [Int] {
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
  func convert<Value: PixelValue>(
    _ pixels: [Value], _ picture: ImageFile.Header, _ path: String,
    into sample: UnsafeMutableBufferPointer<Value>
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
    let part = [Value](unsafeUninitializedCapacity: cut.height * cut.width * wanted) { to, n in
      n = cut.height * cut.width * wanted
      for y in 0..<cut.height {
        for x in 0..<cut.width {
          let from = ((cut.top + y) * picture.width + cut.left + x) * picture.channels
          let place = (y * cut.width + x) * wanted
          if wanted == picture.channels {
            for c in 0..<wanted { to[place + c] = pixels[from + c] }
          } else if wanted == 1 {
            to[place] = Value.luma(pixels[from], pixels[from + 1], pixels[from + 2])
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
}
