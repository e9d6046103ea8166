import SGTensors
import Testing

@testable import SGNets

/// Layers through which values take another way: named inputs and skips.
@Suite struct PathTests {
  private let random = RandomKey(seed: 1, stream: 0x4000, step: 0)

  private func run(_ network: Network, _ x: Tensor, condition: Tensor? = nil) -> Tensor {
    let parameters = Parameters(rows: network.parameterRows, random: random)
    return network(
      x, parameters: parameters.tensors, state: [], isTraining: false, random: random,
      condition: condition
    ).output
  }

  private func message(
    _ layers: [any Layer], _ input: Shape = [4], inputs: [NetworkInput] = []
  ) throws -> ConfigError {
    try #require(
      throws: ConfigError.self,
      performing: {
        let size = inputs.map { $0.shape.reduce(1, *) }.reduce(0, +)
        _ = try Network(layers, input: input, place: "g", conditionSize: size, inputs: inputs)
      })
  }

  /// x in front, then what the layers make of it; nested from the inside.
  @Test func skips() throws {
    let network = try Network(
      [Skip([Scaling(factor: 2), Skip([Scaling(factor: -1)])])], input: [2], place: "g")
    #expect(network.output == [6])
    let y = run(network, Tensor([1, 3], shape: [1, 2]))
    #expect(y.array == [1, 3, 2, 6, -2, -6])
    let image = try Network([Skip([Scaling(factor: 10)])], input: [1, 2, 2], place: "g")
    let z = run(image, Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]))
    #expect(z.shape == [1, 1, 2, 4] && z.array == [1, 2, 10, 20, 3, 4, 30, 40])
  }

  @Test func skipsThatDoNotFit() throws {
    let halved = try message([Skip([AveragePool(2)])], [4, 4, 3])
    #expect(halved.path == "g.layers[0]")
    #expect(halved.message.contains("given [4, 4, 3], made [2, 2, 3]"))
    let flat = try message([Skip([Dense(3), Skip([Reshaping([3, 1])])])])
    #expect(flat.path == "g.layers[0].skip[1]" && flat.message.contains("given [3], made [3, 1]"))
  }

  /// Parts of the condition in their shapes.
  @Test func inputs() throws {
    let parts = [
      NetworkInput("condition", shape: [7]), NetworkInput("labels", shape: [3]),
      NetworkInput("values", shape: [2, 1, 2], offset: 3),
    ]
    let condition = Tensor([0, 1, 0, 5, 6, 7, 8, 0, 0, 1, 9, 10, 11, 12], shape: [2, 7])
    func values(_ layers: [any Layer]) throws -> (Shape, [Float]) {
      let network = try Network(
        layers, input: [1], place: "g", conditionSize: 7, inputs: parts)
      let y = run(network, .zeros([2, 1]), condition: condition)
      #expect(y.shape == network.output.prepending(2))
      return (network.output, y.array)
    }
    #expect(try values([NamedInput("condition")]) == ([7], condition.array))
    #expect(try values([NamedInput("labels")]) == ([3], [0, 1, 0, 0, 0, 1]))
    #expect(try values([NamedInput("values")]) == ([2, 1, 2], [5, 6, 7, 8, 9, 10, 11, 12]))
    #expect(
      try values([Skip([NamedInput("labels")])]) == ([4], [0, 0, 1, 0, 0, 0, 0, 1]))
  }

  @Test func unknownInputs() throws {
    let parts = [NetworkInput("condition", shape: [2]), NetworkInput("labels", shape: [2])]
    let wrong = try message([Dense(2), NamedInput("conditon")], inputs: parts)
    #expect(wrong.path == "g.layers[1]")
    #expect(
      wrong.message
        == "unknown input \"conditon\"; expected one of \"condition\", \"labels\"; did you"
        + " mean \"condition\"?")
    #expect(try message([NamedInput("x")]).message.contains("needs something to condition on"))
  }

  /// State that begins with random numbers, which are not those of any parameter.
  @Test func stateOfAnInitializer() throws {
    struct Power: Layer {
      func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
        try d.parameter("u", [64], .normal(1))
        try d.state("u", [64], .normal(1))
        try d.state("v", [64], .normal(1))
        try d.state("mean", [64], initial: 3)
        return x
      }
      func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x }
    }
    let network = try Network([Power()], input: [1], place: "g")
    let key = RandomKey(seed: 1, stream: 0x1000, step: 0)
    var other = key
    other.stream += 1
    let (weights, state) = (
      Parameters(rows: network.parameterRows, random: key),
      Parameters(rows: network.stateRows, random: other)
    )
    let rows = [weights.tensors[0].array] + state.tensors.map(\.array)
    #expect(Set(rows).count == 4 && Set(rows[1]).count > 60 && rows[3].allSatisfy { $0 == 3 })
    struct Wrong: Layer {
      func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
        try d.state("u", [2], .normal(-1))
        return x
      }
      func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x }
    }
    #expect(try message([Wrong()]).message.contains("expected 0.0...1000.0"))
  }

  /// An image that samples are conditioned on lies behind the channels of an image of its size.
  @Test func imageCondition() throws {
    let parts = [NetworkInput("condition", shape: [1, 2, 1])]
    let network = try Network(
      [ConditionInput()], input: [1, 2, 2], place: "d", conditionSize: 2, inputs: parts)
    let y = run(
      network, Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), condition: Tensor([8, 9], shape: [1, 2]))
    #expect(y.array == [1, 2, 8, 3, 4, 9])
    #expect(
      try message([ConditionInput()], [2, 2, 1], inputs: parts).message.contains(
        "an image of shape [1, 2, 1], which does not fit beside one of shape [2, 2, 1]"))
  }
}
