import Tensors

/// A checked stack of layers: shapes fit, parameters and statistics are known, running it cannot fail.
public struct Network: Sendable {
  /// A sample's shape on the way in and out, without the batch axis.
  public let input, output: Shape
  public let parameterRows, stateRows: [Row]
  /// Multiply-adds a sample, forward.
  public let multiplyAdds: Int
  /// Floats a sample that a training pass keeps, an estimate.
  public let floatsPerSample: Int
  /// Whether training needs batches of at least two.
  public let needsTwoSamples: Bool
  private let body: Sequence

  /// - Parameter place: the network's place in the configuration, such as `generator`.
  public init(_ layers: [any Layer], input: Shape, place: String) throws(ConfigError) {
    body = Sequence(layers)
    self.input = input
    var d = Declarations(place: place)
    output = try body.declare(input, &d)
    parameterRows = d.parameters
    stateRows = d.state
    multiplyAdds = d.multiplyAdds
    floatsPerSample = d.floatsPerSample
    needsTwoSamples = d.needsTwoSamples
  }

  /// The forward pass of a batch, [batch] + input.
  /// - Parameters:
  ///   - parameters: one tensor a row; tracked ones get derivatives.
  ///   - state: running statistics, one tensor a row.
  ///   - random: for layers that draw.
  /// - Returns: [batch] + output, and the running statistics after the pass.
  public func callAsFunction(
    _ x: Tensor, parameters: [Tensor], state: [Tensor], isTraining: Bool, random: RandomKey
  ) -> (output: Tensor, state: [Tensor]) {
    let context = Context(
      isTraining: isTraining, parameters: parameters, state: state, random: random)
    let y = body(x, context)
    return (y, context.newState)
  }
}
