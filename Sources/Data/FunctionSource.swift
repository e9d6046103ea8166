import SGBasics
import SGTensors

/// Samples that a function makes whenever they are wanted.
struct FunctionSource: SampleSource {
  /// Floats in a sample.
  let size: Int
  let read: Dataset.Read
  /// The function is its owner's, who expects it on the thread that asked.
  var readsAhead: Bool { false }
  var isChecked: Bool { false }

  func read(
    _ index: [Int], range: ValueRange, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    // What the function forgets is found by this.
    y.update(repeating: .nan)
    try read(index, y)
    if let i = y.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .argument,
        "read: sample \(index[i / size]): element \(i % size) is \(y[i]), or was not written")
    }
  }
}

extension Dataset {
  /// Writes the samples with given indices, one after another. It is called on the thread that
  /// trains, reads or evaluates, and must give the same sample for the same index whenever it is
  /// asked; then training resumes bit for bit.
  public typealias Read =
    @Sendable (_ index: [Int], _ samples: UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void

  /// Samples that a function makes whenever they are wanted. Values that are not finite, or beyond
  /// a model's range, end the training that meets them, which keeps the steps made before.
  /// - Parameters:
  ///   - count: how many samples there are.
  ///   - shape: of a sample, rank 1 to 3.
  ///   - labels: one a sample, -1 where it is unknown; or empty.
  ///   - conditions: [count, size]; nil: none.
  ///   - source: where they are from, for reports.
  ///   - read: writes samples.
  /// - Throws: `Failure` of kind argument (no samples, shape, labels) or mismatch (labels,
  ///   conditions).
  public convenience init(
    count: Int, shape: Shape, labels: [Int32] = [], conditions: Tensor? = nil,
    source: String = "function", read: @escaping Read
  ) throws(Failure) {
    guard (1...Int(Int32.max)).contains(count), (1...3).contains(shape.rank),
      shape.array.allSatisfy({ (1...Int(Int32.max)).contains($0) })
    else {
      throw Failure(
        .argument, "expected at least one sample of rank 1 to 3, found \(count) of shape \(shape)")
    }
    try self.init(
      FunctionSource(size: shape.count, read: read), count: count, shape: shape, range: nil,
      labels: labels, conditions: conditions, source: source)
  }
}
