import Nets
import Tensors

/// A checkpoint's tensors, looked up by a model that knows what they must be.
struct StoredTensors {
  private let values: [String: Tensor]

  init(_ tensors: [(name: String, value: Tensor)]) {
    values = Dictionary(tensors.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// - Throws: `Failure` of kind mismatch (none of the name, another shape) or format (not finite).
  func tensor(_ name: String, shape: Shape) throws(Failure) -> Tensor {
    guard let tensor = values[name] else {
      throw Failure(.mismatch, "the checkpoint lacks the tensor \(name)")
    }
    guard tensor.shape == shape else {
      throw Failure(
        .mismatch, "\(name): expected shape \(shape), the checkpoint's is \(tensor.shape)")
    }
    guard tensor.isFinite else {
      throw Failure(.format, "\(name): the checkpoint holds NaN or infinity")
    }
    return tensor
  }

  /// A batch of any number of samples, or nil where there is none of the name.
  func optional(_ name: String, sample: Shape) throws(Failure) -> Tensor? {
    guard let found = values[name] else { return nil }
    guard found.rank == sample.rank + 1, found.shape[0] >= 1 else {
      throw Failure(
        .mismatch,
        "\(name): expected samples of shape \(sample), the checkpoint's is \(found.shape)")
    }
    return try tensor(name, shape: sample.prepending(found.shape[0]))
  }

  /// A vector, or nil where there is none of the name.
  func optional(_ name: String, count: Int) throws(Failure) -> Tensor? {
    values[name] == nil ? nil : try tensor(name, shape: [count])
  }

  /// The rows of a flat buffer.
  func parameters(_ rows: [Row], prefix: String) throws(Failure) -> Parameters {
    var parts: [Tensor] = []
    for row in rows { parts.append(try tensor(prefix + row.name, shape: row.shape)) }
    return Parameters(rows: rows, parts: parts)
  }

  /// The averaged generator.
  func average(
    _ network: Network
  ) throws(Failure) -> (parameters: Parameters, statistics: Parameters) {
    let prefix = "generator_average."
    return (
      try parameters(network.parameterRows, prefix: prefix),
      try parameters(network.stateRows, prefix: prefix)
    )
  }

  /// - Throws: `Failure` of kind mismatch where there is a tensor of another name.
  func expectNone(but names: [String]) throws(Failure) {
    guard values.count > names.count else { return }
    let known = Set(names)
    let extra = values.keys.sorted().first { !known.contains($0) } ?? ""
    throw Failure(.mismatch, "the configuration has no place for the tensor \(extra)")
  }
}
