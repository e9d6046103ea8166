import SGBasics
import SGFormats
import SGTensors

/// Which files an IDX data set consists of.
struct IDXFiles {
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

extension Dataset {
  /// Images and labels of IDX files.
  static func idx(
    _ files: IDXFiles, range: ValueRange, limit: Int, memory: Int
  ) throws(Failure) -> Dataset {
    let images = try IDX(readingImages: files.images)
    var labels: [Int32] = []
    if let path = files.labels {
      labels = try IDX(readingLabels: path).labels()
      guard labels.count == images.count else {
        throw Failure(
          .mismatch,
          "\(path): \(labels.count) labels for the \(images.count) images of \(files.images)")
      }
    }
    let count = min(limit, images.count)
    let shape = Shape([images.shape[1], images.shape[2], 1])
    return try Dataset(
      StoredSamples(
        images.stored, from: images.start, count: count, size: shape.count, memory: memory),
      count: count, shape: shape, range: range, labels: Array(labels.prefix(count)),
      source: files.images)
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
