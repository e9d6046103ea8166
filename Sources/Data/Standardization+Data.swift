import SGBasics
import SGTensors

extension Dataset {
  /// Whether models standardize these samples and conditions where they are not told: those of
  /// files, arrays and functions, not the synthetic sets, whose scale is part of their protocol.
  package var isStandardizedByDefault: Bool { mixture == nil }

  /// How the samples and the conditions of this data are standardized. Reads every sample once; of
  /// those that a function makes at most 10,000, evenly over the whole.
  /// - Parameters:
  ///   - samples: whether the samples are; they must be vectors.
  ///   - conditions: whether the conditions are.
  /// - Throws: `Failure` of the file where a sample cannot be read, or noMemory.
  package func standardization(
    samples: Bool, conditions: Bool
  ) throws(Failure) -> Standardization {
    try Memory.checked { () throws(Failure) in
      var (ofSamples, ofConditions): (Standardization.Columns?, Standardization.Columns?)
      if samples {
        // A function may make any number of samples, and each costs a call.
        let index = self.samples.isChecked ? nil : spread(10_000)
        ofSamples = try Self.columns(
          shape.count, index?.count ?? count
        ) { (part) throws(Failure) in
          try batch(index.map { Array($0[part]) } ?? Array(part))
        }
      }
      if conditions, let values = self.conditions {
        ofConditions = try Self.columns(values.shape[1], count) { values.rows($0) }
      }
      return Standardization(samples: ofSamples, conditions: ofConditions)
    }
  }

  /// Means and deviations of columns, in double precision, of as many rows at a time as fit in a
  /// few megabytes.
  private static func columns(
    _ size: Int, _ count: Int, read: (Range<Int>) throws(Failure) -> Tensor
  ) throws(Failure) -> Standardization.Columns {
    try Memory.expectRoom(for: 48 * size, "means and deviations of \(size) columns")
    let piece = Swift.max(1, Swift.min(count, (1 << 20) / size))
    var sums = ColumnSums(size: size)
    for first in stride(from: 0, to: count, by: piece) {
      let rows = try read(first..<Swift.min(first + piece, count))
      try Memory.check()
      rows.withElements { sums.add($0) }
    }
    return sums.columns
  }
}

extension Standardization.Columns {
  /// Means and deviations of the columns of vectors [n, size].
  /// - Throws: `Failure` of kind noMemory.
  package init(of vectors: Tensor) throws(Failure) {
    try Memory.expectRoom(
      for: 48 * vectors.shape[1], "means and deviations of \(vectors.shape[1]) columns")
    var sums = ColumnSums(size: vectors.shape[1])
    vectors.withElements { sums.add($0) }
    self = sums.columns
  }
}

/// Sums of columns and of their squares, as differences from the first row that is known there:
/// what they lose by rounding does not depend on how far from 0 a column lies. Missing elements,
/// which are NaN, do not count.
private struct ColumnSums {
  private let size: Int
  private var counts, first, sums, squares: [Double]

  init(size: Int) {
    self.size = size
    counts = [Double](repeating: 0, count: size)
    (first, sums, squares) = (counts, counts, counts)
  }

  mutating func add(_ rows: UnsafeBufferPointer<Float>) {
    first.withUnsafeMutableBufferPointer { first in
      counts.withUnsafeMutableBufferPointer { counts in
        sums.withUnsafeMutableBufferPointer { sums in
          squares.withUnsafeMutableBufferPointer { squares in
            for row in stride(from: 0, to: rows.count, by: size) {
              for k in 0..<size where !rows[row + k].isNaN {
                if counts[k] == 0 { first[k] = Double(rows[row + k]) }
                let d = Double(rows[row + k]) - first[k]
                counts[k] += 1
                sums[k] += d
                squares[k] += d * d
              }
            }
          }
        }
      }
    }
  }

  var columns: Standardization.Columns {
    let deviations = (0..<size).map { k in
      let n = max(counts[k], 1)
      return Float((max(squares[k] - sums[k] * sums[k] / n, 0) / n).squareRoot())
    }
    return Standardization.Columns(
      offset: (0..<size).map { k in Float(first[k] + sums[k] / max(counts[k], 1)) },
      factor: deviations.map { $0 > 0 ? min($0, .greatestFiniteMagnitude) : 1 })
  }
}
