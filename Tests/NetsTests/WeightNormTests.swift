import SGNets
import SGTensors
import Testing

/// Weight normalization (Salimans & Kingma 2016).
@Suite struct WeightNormTests {
  private let random = RandomKey(seed: 3, stream: 1, step: 0)

  private static let rows: [(any WeightedLayer, Shape)] = [
    (Dense(5), [4]), (Dense(5, bias: false), [4]),
    (Convolution(5, kernel: Size(3), stride: Size(2)), [6, 6, 2]),
    (TransposedConvolution(5, kernel: Size(4), stride: Size(2)), [3, 3, 2]),
  ]

  /// After the first batch each output has mean 0 (where there is a bias) and variance 1 on it.
  @Test(arguments: rows.indices, [true, false])
  func theFirstBatchDecides(_ row: Int, _ trains: Bool) throws {
    let (layer, input) = Self.rows[row]
    let network = try Network(
      [WeightNorm(layer, trainsGain: trains)], input: input, place: "test")
    #expect(network.needsFirstBatch)
    #expect(network.stateRows.map(\.name) == (trains ? [] : ["0.gain"]))
    var parameters = Parameters(rows: network.parameterRows, random: random).tensors
    var state = Parameters(rows: network.stateRows, random: random).tensors
    let x = random.normal(input.prepending(40), mean: 3, deviation: 2)
    (parameters, state) = network.initialized(
      by: x, parameters: parameters, state: state, random: random)
    let y = network(x, parameters: parameters, state: state, isTraining: true, random: random)
      .output
    let moments = y.channelMoments()
    for k in 0..<5 {
      #expect(abs(moments.channelRow(1).array[k] - 1) < 1e-4)
      if layer.bias { #expect(abs(moments.channelRow(0).array[k]) < 1e-4) }
    }
  }

  /// Where the first batch is not asked, gains stay 1.
  @Test func theFirstBatchIsNotAsked() throws {
    let layers = [WeightNorm(Dense(3), takesFirstBatch: false), WeightNorm(Dense(2))]
    let network = try Network(layers, input: [4], place: "test")
    let parameters = Parameters(rows: network.parameterRows, random: random).tensors
    let decided = network.initialized(
      by: random.normal([9, 4], mean: 3), parameters: parameters, state: [], random: random
    ).parameters
    #expect(decided[2].array == [1, 1, 1] && decided[5].array != [1, 1])
    #expect(try !Network([layers[0]], input: [4], place: "test").needsFirstBatch)
  }

  /// w = g v / ‖v‖: outputs of plain loops; scaling v changes nothing, and its derivative is
  /// orthogonal to it.
  @Test func directionAndGain() throws {
    let network = try Network([WeightNorm(Dense(3, bias: true))], input: [4], place: "test")
    #expect(network.parameterRows.map(\.name) == ["0.weight", "0.bias", "0.gain"])
    let v = random.normal([4, 3])
    let (bias, gain) = (Tensor([0.5, 0, -1]), Tensor([2, 1, 0.5]))
    let x = random.from(12).normal([6, 4])
    func run(_ v: Tensor) -> Tensor {
      network(x, parameters: [v, bias, gain], state: [], isTraining: true, random: random).output
    }
    let y = run(v).array
    for i in 0..<6 {
      for k in 0..<3 {
        let column = (0..<4).map { Double(v.array[3 * $0 + k]) }
        let length = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
        var want = Double(bias.array[k])
        for j in 0..<4 {
          want += Double(gain.array[k]) * column[j] / length * Double(x.array[4 * i + j])
        }
        #expect(abs(Double(y[3 * i + k]) - want) < 1e-5)
      }
    }
    for (a, b) in zip(run(7 * v).array, y) { #expect(abs(a - b) < 1e-5) }

    let tracked = v.tracked()
    let slope = gradient(of: (run(tracked) * random.from(50).normal([6, 3])).sum(), wrt: [tracked])
    let along = (slope[0] * v).sum([0]).array
    #expect(along.allSatisfy { abs($0) < 1e-4 })
    #expect(slope[0].sumOfSquares() > 1e-3)
  }
}
