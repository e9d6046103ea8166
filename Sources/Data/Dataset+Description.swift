import SGBasics
import SGTensors

extension Dataset {
  /// What `info` prints and C gets.
  public var json: JSON {
    .object(
      [
        ("count", .integer(Int64(count))),
        ("shape", .array(shape.array.map { .integer(Int64($0)) })),
        ("classes", .integer(Int64(classes))),
        ("labelled", .integer(Int64(labels.count { $0 >= 0 }))),
        ("conditions", JSON(conditionSize)),
        ("range", range.map { .array([.number($0.low), .number($0.high)]) } ?? .null),
        ("source", .string(source)),
        ("flip", .bool(augmentation.flip)), ("shift", JSON(augmentation.shift)),
        ("shuffle_block", shuffleBlock.map { JSON($0) } ?? .null),
        ("stacked", JSON(stackedFrom == nil ? 0 : shape[2])),
        ("class_names", .array(classNames.map { .string($0) })),
        ("sample_rate", sampleRate.map { JSON($0) } ?? .null),
        ("input_shape", inputs.map { .array($0.shape.array.map { JSON($0) }) } ?? .null),
        ("unpaired", .bool(isUnpaired)), ("missing", .bool(hasMissing)),
      ] + skippedFiles.json)
  }

  /// Labelled samples of each class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels where label >= 0 { counts[Int(label)] += 1 }
    return counts
  }

  /// `count` samples' indices, evenly over the whole; all where there are fewer.
  package func spread(_ count: Int) -> [Int] {
    let n = Swift.min(count, self.count)
    return (0..<n).map { $0 * self.count / n }
  }

  /// `json`, samples of each class, and over the elements of 10,000 samples, evenly over the whole,
  /// the least and the greatest value, mean and standard deviation.
  /// - Throws: `Failure` of the file where a sample cannot be read, or noMemory.
  public func description() throws(Failure) -> JSON {
    try Memory.checked { () throws(Failure) in
      let index = spread(10_000)
      let piece = Swift.min(index.count, Swift.max(1, (1 << 22) / shape.count))
      try Memory.expectRoom(for: 160 * classes, "the counts of \(classes) classes")
      try Memory.reserve(floats: piece, copies: shape.count, for: "\(piece) samples")
      var (low, high) = (Float.infinity, -Float.infinity)
      var (sum, squares, known) = (0.0, 0.0, 0.0)
      for first in stride(from: 0, to: index.count, by: piece) {
        try batch(Array(index[first..<Swift.min(first + piece, index.count)])).withElements {
          for x in $0 where !x.isNaN {
            known += 1
            (low, high) = (Swift.min(low, x), Swift.max(high, x))
            sum += Double(x)
            squares += Double(x) * Double(x)
          }
        }
      }
      let all = Double(index.count) * Double(shape.count)
      let n = max(known, 1)
      let mean = sum / n
      guard case .object(let members) = json else { return json }
      return .object(
        members + [
          ("class_counts", .array(classCounts.map { .integer(Int64($0)) })),
          ("lowest", .number(Double(low))), ("highest", .number(Double(high))),
          ("mean", .number(mean)),
          ("deviation", .number(Swift.max(squares / n - mean * mean, 0).squareRoot())),
          ("missing_share", .number(1 - known / all)),
        ])
    }
  }
}
