extension Dataset {
  /// Opens what `path` names: "ring", "grid", an IDX file of images (also .gz), or a folder with the usual four IDX files.
  /// - Parameter options: see `swiftgan_dataset_open` in the C header.
  public static func open(
    _ path: String, options: JSONObject? = nil
  ) throws(Failure) -> Dataset {
    var o: JSONObject
    if let options { o = options } else { o = try JSONObject(.object([]), path: "") }
    switch path {
    case "ring":
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let modes = try o.int("modes", in: 1...1_000_000, default: 8)
      let radius = Float(try o.double("radius", in: 0...1e6, default: 1))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.01))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish()
      return try ring(count: count, modes: modes, radius: radius, deviation: deviation, seed: seed)
    case "grid":
      let count = try o.int("count", in: 1...(1 << 28), default: 100_000)
      let side = try o.int("side", in: 1...1000, default: 5)
      let spacing = Float(try o.double("spacing", in: 0...1e6, default: 2))
      let deviation = Float(try o.double("deviation", in: 0...1e6, default: 0.05))
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      try o.finish()
      return try grid(count: count, side: side, spacing: spacing, deviation: deviation, seed: seed)
    default:
      let split = try o.string("split", oneOf: ["train", "test"], default: "train")
      let labels = try o.optionalString("labels")
      let range = try o.range("range", default: ValueRange(-1, 1)) ?? ValueRange(0, 255)
      let limit = try o.int("limit", in: 1...Int.max, default: .max)
      let labelled = try o.int("labelled", in: 0...Int.max, default: 0)
      let seed = try o.int("seed", in: 0...Int.max, default: 1)
      try o.finish()
      let data = try idx(
        IDXFiles(path, split: split, labels: labels), range: range, limit: limit)
      return labelled == 0 ? data : try data.keepingLabels(labelled, seed: UInt64(seed))
    }
  }

  /// Images and labels of IDX files.
  private static func idx(
    _ files: IDXFiles, range: ValueRange, limit: Int
  ) throws(Failure) -> Dataset {
    let images = try IDX(readingImages: files.images)
    var labels: [Int32] = []
    if let path = files.labels {
      labels = try IDX(readingLabels: path).labels
      guard labels.count == images.count else {
        throw Failure(
          .mismatch,
          "\(path): \(labels.count) labels for the \(images.count) images of \(files.images)")
      }
    }
    let count = min(limit, images.count)
    let size = images.bytes.count / images.count
    return try Dataset(
      bytes: count == images.count ? images.bytes : Array(images.bytes[..<(count * size)]),
      count: count, shape: Shape([images.shape[1], images.shape[2], 1]), range: range,
      labels: Array(labels.prefix(count)), source: files.images)
  }
}

/// Which files an IDX data set consists of.
private struct IDXFiles {
  var images: String
  var labels: String?

  /// - Parameters:
  ///   - path: a file of images, or a folder that holds train-images-idx3-ubyte or t10k-images-idx3-ubyte.
  ///   - labels: a file of labels; nil: the one beside the images whose name has labels-idx1 for images-idx3, if there is one.
  init(_ path: String, split: String, labels: String?) throws(Failure) {
    self.labels = labels
    images = path
    if FileIO.isDirectory(path) {
      let name = split == "train" ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte"
      let candidates = ["\(path)/\(name).gz", "\(path)/\(name)"]
      guard let found = candidates.first(where: { FileIO.isRegularFile($0) }) else {
        throw Failure(.io, "\(path): holds no \(name)[.gz]")
      }
      images = found
    }
    if labels == nil, let range = images.range(ofLast: "images-idx3") {
      let beside = images.replacingCharacters(in: range, with: "labels-idx1")
      if FileIO.isRegularFile(beside) { self.labels = beside }
    }
  }
}

extension String {
  /// Where a text occurs last.
  fileprivate func range(ofLast part: String) -> Range<String.Index>? {
    var end = endIndex
    while end > startIndex {
      let start = index(end, offsetBy: -part.count, limitedBy: startIndex)
      guard let start else { return nil }
      if self[start..<end] == part { return start..<end }
      end = index(before: end)
    }
    return nil
  }

  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
