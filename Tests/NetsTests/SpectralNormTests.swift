import SGTensors
import Testing

@testable import SGNets

/// Spectral normalization (Miyato et al. 2018).
@Suite struct SpectralNormTests {
  private let random = RandomKey(seed: 3, stream: 1, step: 0)

  private static let rows: [(any WeightedLayer, Shape)] = [
    (Dense(5), [4]), (Dense(3, bias: false), [7]),
    (Convolution(5, kernel: Size(3), stride: Size(2)), [6, 6, 2]),
    (TransposedConvolution(5, kernel: Size(4), stride: Size(2)), [3, 3, 2]),
  ]

  /// The weight as rows of inputs and columns of outputs.
  private static func matrix(_ layer: any WeightedLayer, _ weight: Tensor) -> [[Double]] {
    let axis = layer.outputAxis
    let order = (0..<weight.rank).filter { $0 != axis } + [axis]
    let outputs = weight.shape[axis]
    let flat = weight.permuted(order).array.map { Double($0) }
    return stride(from: 0, to: flat.count, by: outputs).map { Array(flat[$0..<$0 + outputs]) }
  }

  /// The largest singular value, by as many power iterations as it takes in double precision.
  private static func largest(_ w: [[Double]]) -> Double {
    var u = (0..<w[0].count).map { 1 + 0.1 * Double($0) }
    var sigma = 0.0
    for _ in 0..<5000 {
      let v = w.map { zip($0, u).reduce(0) { $0 + $1.0 * $1.1 } }
      let back = u.indices.map { k in w.indices.reduce(0) { $0 + v[$1] * w[$1][k] } }
      sigma = back.reduce(0) { $0 + $1 * $1 }.squareRoot().squareRoot()
      let length = back.reduce(0) { $0 + $1 * $1 }.squareRoot()
      u = back.map { $0 / length }
    }
    return sigma
  }

  private func start(_ network: Network) -> (Parameters, Parameters) {
    let parameters = Parameters(rows: network.parameterRows, random: random)
    let state = Parameters(rows: network.stateRows, random: random.from(99))
    return (parameters, network.settled(state, by: parameters))
  }

  /// After the first iterations, and then while ten steps change the weight, the largest singular
  /// value of the normalized weight is 1 within 1 %.
  @Test(arguments: rows.indices) func largestSingularValue(_ row: Int) throws {
    let (layer, input) = Self.rows[row]
    let norm = SpectralNorm(layer)
    let network = try Network([norm], input: input, place: "test")
    #expect(network.stateRows.map(\.name) == ["0.u", "0.v"])
    var (parameters, statistics) = start(network)
    let x = random.normal(input.prepending(6))
    var state = statistics.tensors
    for step in 0..<10 {
      let weights = parameters.tensors.map { $0.tracked() }
      let pass = network(
        x, parameters: weights, state: state, isTraining: true, random: random)
      state = pass.state
      let slope = parameters.flatten(gradient(of: pass.output.squared().sum(), wrt: weights))
      parameters.values = parameters.values - (step < 9 ? 0.002 : 0) * slope
    }
    let normalized = norm.weight(parameters.tensors[0], u: state[0], v: state[1])
    let sigma = Self.largest(Self.matrix(layer, normalized))
    #expect(abs(sigma - 1) < 0.01, "\(sigma)")
    statistics.values = statistics.flatten(state)
    // Vectors of another length, such as averages, normalize as well.
    let again = norm.weight(parameters.tensors[0], u: 0.5 * state[0], v: 3 * state[1])
    for (a, b) in zip(again.array, normalized.array) { #expect(abs(a - b) < 1e-5) }
  }

  /// Output and gradient equal a computation in double precision in which σ = vᵀ W u depends on W
  /// and the vectors do not.
  @Test(arguments: rows.indices) func derivative(_ row: Int) throws {
    let (layer, input) = Self.rows[row]
    let network = try Network([SpectralNorm(layer)], input: input, place: "test")
    let plain = try Network([layer], input: input, place: "test")
    let (parameters, statistics) = start(network)
    let x = random.normal(input.prepending(3))
    let weights = parameters.tensors.map { $0.tracked() }
    let pass = network(
      x, parameters: weights, state: statistics.tensors, isTraining: true, random: random)
    let g = random.from(50).normal(pass.output.shape)
    let slope = gradient(of: pass.output, wrt: weights, seed: g)[0]
    // The plain layer's gradient by a weight P, and P = W / σ.
    let w = Self.matrix(layer, parameters.tensors[0])
    let (u, v) = (pass.state[0].array.map(Double.init), pass.state[1].array.map(Double.init))
    let sigma = w.indices.reduce(0.0) { sum, i in
      u.indices.reduce(sum) { $0 + v[i] * w[i][$1] * u[$1] }
    }
    let normalized = parameters.tensors[0] / Float(sigma)
    let tracked = normalized.tracked()
    let bias = layer.bias ? [parameters.tensors[1]] : []
    let y = plain(
      x, parameters: [tracked] + bias, state: [], isTraining: true, random: random
    ).output
    for (a, b) in zip(pass.output.array, y.array) { #expect(abs(a - b) < 1e-4) }
    let p = Self.matrix(layer, gradient(of: y, wrt: [tracked], seed: g)[0])
    let inner = w.indices.reduce(0.0) { sum, i in
      u.indices.reduce(sum) { $0 + p[i][$1] * w[i][$1] }
    }
    let found = Self.matrix(layer, slope)
    for i in w.indices {
      for k in u.indices {
        let want = p[i][k] / sigma - inner * v[i] * u[k] / (sigma * sigma)
        #expect(abs(found[i][k] - want) < 1e-4 * max(1, abs(want)), "\(i), \(k)")
      }
    }
  }

  /// Only passes with tracked weights move the singular vectors: the player's own training passes.
  @Test func vectorsStay() throws {
    let network = try Network([SpectralNorm(Dense(5))], input: [4], place: "test")
    let (parameters, statistics) = start(network)
    let x = random.normal([3, 4])
    for (isTraining, isTracked) in [(true, false), (false, true), (true, true)] {
      let weights = parameters.tensors.map { isTracked ? $0.tracked() : $0 }
      let state = network(
        x, parameters: weights, state: statistics.tensors, isTraining: isTraining, random: random
      ).state
      let stayed = zip(state, statistics.tensors).allSatisfy { $0.array == $1.array }
      #expect(stayed == !(isTraining && isTracked))
    }
  }

  /// A weight of zeros gives finite values and slopes.
  @Test func zeros() throws {
    let network = try Network(
      [SpectralNorm(Dense(2, bias: false, initializer: .zeros))], input: [3], place: "test")
    let (parameters, statistics) = start(network)
    let weights = parameters.tensors.map { $0.tracked() }
    let y = network(
      random.normal([4, 3]), parameters: weights, state: statistics.tensors, isTraining: true,
      random: random
    ).output
    #expect(y.array.allSatisfy { $0 == 0 })
    #expect(gradient(of: y.sum(), wrt: weights)[0].isFinite)
  }
}
