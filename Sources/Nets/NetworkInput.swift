import SGTensors

/// Something that a network is given besides its samples, by name: a part of what each sample is
/// conditioned on, [batch, size], as a tensor of its own.
public struct NetworkInput: Sendable, Hashable {
  /// What `NamedInput` calls it.
  public var name: String
  /// Its shape for one sample.
  public var shape: [Int]
  /// The index of its first number among the condition's.
  public var offset: Int

  /// A part of the condition.
  public init(_ name: String, shape: [Int], offset: Int = 0) {
    (self.name, self.shape, self.offset) = (name, shape, offset)
  }

  /// The whole condition as a vector, under the name `condition`.
  static func whole(_ size: Int) -> [NetworkInput] {
    size > 0 ? [NetworkInput("condition", shape: [size])] : []
  }

  /// This part of conditions [batch, size]: [batch] + shape.
  func part(of condition: Tensor) -> Tensor {
    let (n, size) = (condition.shape[0], shape.reduce(1, *))
    let part =
      size == condition.shape[1] ? condition : condition.slice(from: [0, offset], [n, size])
    return part.reshaped(Shape([n] + shape))
  }
}

extension Declarations {
  /// The shape of one of the network's inputs.
  /// - Throws: `ConfigError` where there is none of the name; it offers the nearest.
  public func input(_ name: String) throws(ConfigError) -> Shape {
    if let found = inputs.first(where: { $0.name == name }) { return try shape(found.shape) }
    guard !inputs.isEmpty else {
      throw error(
        "input needs something to condition on: labels.mode \"conditional\", in the generator also"
          + " \"auxiliary\"")
    }
    let names = inputs.map(\.name)
    let near = Suggestion.nearest(to: name, among: names).map { "; did you mean \"\($0)\"?" }
    throw error(
      "unknown input \"\(name.prefix(80))\"; expected one of"
        + " \(names.map { "\"\($0)\"" }.joined(separator: ", "))\(near ?? "")")
  }
}

extension Context {
  /// One of the network's inputs, [batch] + its shape.
  /// - Precondition: the layer has declared it, by `Declarations.input(_:)`.
  public func input(_ name: String) -> Tensor {
    guard let found = parts.first(where: { $0.name == name }) else {
      preconditionFailure("a layer took the input \(name), which it has not declared")
    }
    return found.part(of: requiredCondition)
  }

  /// All of the network's inputs by name.
  public var inputs: [String: Tensor] {
    guard let condition else { return [:] }
    return Dictionary(parts.map { ($0.name, $0.part(of: condition)) }) { first, _ in first }
  }
}

extension [NetworkInput] {
  /// The shape of the whole condition where it is an image.
  package var imageCondition: [Int]? {
    first { $0.name == "condition" && $0.shape.count == 3 }?.shape
  }
}
