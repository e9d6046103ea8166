import SGBasics
import SGTensors

/// Images whose channels are gray images of another dataset, each drawn independently.
struct StackedImages: SampleSource {
  let gray: Dataset
  let channels: Int
  /// The index of the gray image for each channel of each image.
  let drawn: [Int32]
  var readsAhead: Bool { gray.readsAhead }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    let planes = try gray.batch(
      index.flatMap { i in (0..<channels).map { Int(drawn[i * channels + $0]) } }, range: range)
    let pixels = gray.shape.count
    planes.withElements { x in
      for i in index.indices {
        for c in 0..<channels {
          let plane = (i * channels + c) * pixels
          for p in 0..<pixels { y[(i * pixels + p) * channels + c] = x[plane + p] }
        }
      }
    }
  }
}

extension Dataset {
  /// Images of several channels, each of them a gray image of this dataset, drawn uniformly and
  /// independently: three digits of MNIST make one of 1,000 modes (Metz et al. 2017, section 3.3.1;
  /// Lin et al. 2018 with 128,000 images). Where the gray images have labels, an image's label is
  /// the number that its channels' labels are the digits of, the first channel's the highest; -1
  /// where one is unknown.
  /// - Parameters:
  ///   - channels: 2...4.
  ///   - count: of images.
  ///   - seed: of the draws.
  /// - Throws: `Failure` of kind mismatch (these are not gray images), limit (more than 1,000,000
  ///   classes) or noMemory.
  public func stacked(
    _ channels: Int, count: Int = 128_000, seed: UInt64 = 1
  ) throws(Failure) -> Dataset {
    try Memory.checked { () throws(Failure) in
      guard shape.rank == 3, shape[2] == 1 else {
        throw Failure(.mismatch, "stack: expected images of one channel, found samples \(shape)")
      }
      guard (2...4).contains(channels), count >= 1 else {
        throw Failure(
          .argument, "stack: expected 2 to 4 channels and a sample, found \(channels) and \(count)")
      }
      // Counted once: it goes over all labels.
      let classes = classes
      let modes = Self.modes(classes: classes, channels: channels)
      guard modes <= Self.mostModes else {
        throw Failure(
          .limit,
          "stack: \(channels) channels of \(classes) classes are more than \(Self.mostModes) modes")
      }
      try Memory.reserve(floats: count, copies: 4 * channels, for: "\(count) stacked images")
      try Memory.expectRoom(for: (12 * channels + 8) * count, "\(count) stacked images")
      let key = RandomKey(seed: seed, stream: RandomStream.stack.rawValue, step: 0)
      let words = key.words(2 * count * channels)
      let drawn = (0..<count * channels).map { Int32(words[(2 * $0)...].draw(below: self.count)) }
      var numbers: [Int32] = []
      if !labels.isEmpty {
        numbers = (0..<count).map { i in
          Self.number(
            ofDigits: (0..<channels).map { labels[Int(drawn[i * channels + $0])] },
            classes: classes)
        }
      }
      return try Dataset(
        StackedImages(gray: self, channels: channels, drawn: drawn), count: count,
        shape: Shape([shape[0], shape[1], channels]), range: range, labels: numbers,
        skippedFiles: skippedFiles, stackedFrom: self, source: source)
    }
  }

  /// The most modes of stacked images: labels are below it.
  private static let mostModes = 1_000_000

  /// How many classes stacked images have; beyond what there may be, one number for all.
  static func modes(classes: Int, channels: Int) -> Int {
    (0..<channels).reduce(1) { modes, _ in min(modes * max(classes, 1), mostModes + 1) }
  }

  /// The label of a stacked image from its channels' labels, the first channel's the highest digit;
  /// -1 where one is unknown.
  package static func number(ofDigits digits: [Int32], classes: Int) -> Int32 {
    digits.contains { $0 < 0 } ? -1 : digits.reduce(0) { $0 * Int32(classes) + $1 }
  }
}
