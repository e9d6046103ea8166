import CSGKernels
import SGBasics
import SGFormats
import SGNets
import SGTensors

/// A checkpoint's tensors, looked up by a model that knows what they must be: in memory, or in a
/// file, from which only those are read that somebody asks for.
struct StoredTensors {
  /// The shapes of all tensors by name.
  private let shapes: [String: [Int]]
  /// Writes a tensor's elements to where there is room for them.
  private let read: (String, UnsafeMutableBufferPointer<Float>) -> Failure?

  init(_ tensors: [(name: String, value: Tensor)]) {
    let values = Dictionary(tensors.map { ($0.name, $0.value) }) { first, _ in first }
    shapes = values.mapValues(\.shape.array)
    read = { name, buffer in
      values[name]?.withElements { _ = buffer.update(from: $0) }
      return nil
    }
  }

  init(_ file: SafetensorsFile) {
    let entries = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    shapes = entries.mapValues(\.shape)
    read = { name, buffer in
      do throws(Failure) {
        if let entry = entries[name] { try file.read(entry, to: buffer) }
        return nil
      } catch {
        return error
      }
    }
  }

  /// - Throws: `Failure` of kind mismatch (none of the name, another shape), format (not finite),
  ///   or what reading throws.
  private func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, from name: String, shape: Shape
  ) throws(Failure) {
    guard let found = shapes[name] else {
      throw Failure(.mismatch, "the checkpoint lacks the tensor \(name)")
    }
    guard found == shape.array else {
      throw Failure(
        .mismatch, "\(name): expected shape \(shape), the checkpoint's is \(found)")
    }
    if let failure = read(name, buffer) { throw failure }
    guard sg_all_finite(buffer.baseAddress, buffer.count) != 0 else {
      throw Failure(.format, "\(name): the checkpoint holds NaN or infinity")
    }
  }

  /// A tensor. Errors as for the others below: `Failure` of kind mismatch (none of the name,
  /// another shape) or format (not finite).
  func tensor(_ name: String, shape: Shape) throws(Failure) -> Tensor {
    try Tensor(shape: shape) { (buffer) throws(Failure) in
      try fill(buffer, from: name, shape: shape)
    }
  }

  /// A batch of any number of samples, or nil where there is none of the name.
  func optional(_ name: String, sample: Shape) throws(Failure) -> Tensor? {
    guard let found = shapes[name] else { return nil }
    guard found.count == sample.rank + 1, found[0] >= 1 else {
      throw Failure(
        .mismatch,
        "\(name): expected samples of shape \(sample), the checkpoint's is \(found)")
    }
    return try tensor(name, shape: sample.prepending(found[0]))
  }

  /// A vector, or nil where there is none of the name.
  func optional(_ name: String, count: Int) throws(Failure) -> Tensor? {
    shapes[name] == nil ? nil : try tensor(name, shape: [count])
  }

  /// What a network has learned.
  func learned(
    _ network: Network, prefix: String
  ) throws(Failure) -> (parameters: Parameters, statistics: Parameters) {
    func rows(_ rows: [Row]) throws(Failure) -> Parameters {
      try Parameters(rows: rows) { (i, buffer) throws(Failure) in
        try fill(buffer, from: prefix + rows[i].name, shape: rows[i].shape)
      }
    }
    return (try rows(network.parameterRows), try rows(network.stateRows))
  }

  /// - Throws: `Failure` of kind mismatch where there is a tensor of another name.
  func expectNone(but names: [String]) throws(Failure) {
    guard shapes.count > names.count else { return }
    let known = Set(names)
    let extra = shapes.keys.sorted().first { !known.contains($0) } ?? ""
    throw Failure(.mismatch, "the configuration has no place for the tensor \(extra.shown)")
  }
}
