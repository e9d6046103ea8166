import SGTestSupport
import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGNets
@testable import SGTensors

@Suite struct MADETests {
  private typealias Model = DescentModel<MADE>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  /// All states of n binary variables, [2ⁿ, n].
  private func states(_ n: Int) -> Tensor {
    var bits: [Float] = []
    for state in 0..<(1 << n) {
      for k in 0..<n { bits.append(Float(state >> k & 1)) }
    }
    return Tensor(bits, shape: [1 << n, n])
  }

  private func probabilities(_ model: Model, _ n: Int) throws -> [Double] {
    try model.logLikelihood(states(n), given: .none, options: .object([])).doubles.map(exp)
  }

  /// The probabilities of all 4,096 states of 12 variables sum to 1, before and after training,
  /// with one order and with several.
  @Test(arguments: [(1, 1), (2, 1), (1, 4), (3, 5)]) func sumsToOne(_ depth: Int, _ orders: Int)
    throws
  {
    let model = try model(
      #"{"data": {"shape": [12]}, "made": {"width": 40, "depth": \#(depth), "orders": \#(orders)}}"#
    )
    #expect(abs(try probabilities(model, 12).reduce(0, +) - 1) < 1e-4)
    let bits = (RandomKey(seed: 3, stream: 1, step: 0).uniform([200, 12]) - 0.7).step()
    var trainer = try Trainer(model, data: Dataset(bits), batch: 50)
    try trainer.run(steps: 300, reportEvery: 300)
    let all = try probabilities(model, 12)
    #expect(abs(all.reduce(0, +) - 1) < 1e-4)
    #expect((all.max() ?? 0) > 4 / 4096)
  }

  /// A step of SGD equals a computation in double precision with central differences that knows of
  /// masks only what they are for: element d depends on the elements before it.
  @Test func aStep() throws {
    let model = try model(
      #"{"data": {"shape": [3]}, "made": {"width": 4}, "optimizer": {"sgd": {"learning_rate": 1}}}"#
    )
    let bits: [Float] = [1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0]
    // Away from the corner of ReLU, where differences mean nothing.
    let biases = RandomKey(seed: 8, stream: 1, step: 0).uniform([4], low: 0.1, high: 0.3)
    for (name, value) in model.tensors where name.hasSuffix("bias") {
      try model.setTensor(name, biases.rows(0..<value.count))
    }
    let before = model.tensors.filter { !$0.name.contains("optimizer") }
    let weights = before.map(\.value.doubles)
    // Hidden degrees 1, 2, 1, 2; unit k sees the elements d ≤ degree(k); output d sees units of
    // degree < d (from 1).
    let degrees = [1, 2, 1, 2]
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for i in 0..<4 {
        let x = (0..<3).map { Double(bits[3 * i + $0]) }
        var hidden = w[1]
        for k in 0..<4 {
          for d in 0..<degrees[k] { hidden[k] += x[d] * w[0][d * 4 + k] }
          hidden[k] = max(0, hidden[k])
        }
        for d in 0..<3 {
          var logit = w[3][d]
          for k in 0..<4 where degrees[k] < d + 1 { logit += hidden[k] * w[2][k * 3 + d] }
          total += log1p(exp(logit)) - x[d] * logit
        }
      }
      return total / 4
    }
    let slopes = finiteDifferences(of: cost, at: weights)
    let report = try model.train(on: [Batch(Tensor(bits, shape: [4, 3]))], reporting: true)
    #expect(abs(try #require(report["cost"]) - cost(weights)) < 1e-5)
    let after = model.tensors.filter { !$0.name.contains("optimizer") }
    for i in before.indices {
      for (k, value) in after[i].value.doubles.enumerated() {
        #expect(abs(value - weights[i][k] + slopes[i][k]) < 1e-4, "\(before[i].name)[\(k)]")
      }
    }
  }

  /// No output sees its own or a later element of its order.
  @Test func dependsOnWhatIsBefore() throws {
    let model = try model(
      #"{"data": {"shape": [9]}, "made": {"width": 40, "depth": 2, "orders": 3}}"#)
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([2, 9]).tracked()
    for (places, form) in zip(model.form.places, model.form.forms) {
      let network = Inference(
        network: form, parameters: model.inference(0).parameters, statistics: [], reference: nil)
      let y = network(x, nil, RandomKey(.layers, seed: 0))
      for d in 0..<9 {
        let slope = gradient(of: y.slice(from: [0, d], [2, 1]), wrt: [x])[0].array
        for e in 0..<9 where places[e] >= places[d] {
          #expect(slope[e] == 0 && slope[9 + e] == 0)
        }
        if places[d] == 8 { #expect(slope.contains { $0 != 0 }) }
      }
    }
  }

  /// Samples have the probabilities that the model tells, by a χ² test over 16 states.
  @Test(arguments: [1, 3]) func samplesFollowTheModel(_ orders: Int) throws {
    let model = try model(
      #"{"data": {"shape": [4]}, "made": {"width": 24, "orders": \#(orders)}}"#)
    let bits = states(4).gather([3, 3, 3, 5, 10, 10, 15, 0])
    var trainer = try Trainer(model, data: Dataset(bits), batch: 8)
    try trainer.run(steps: 200, reportEvery: 200)
    let n = 4000
    let samples = try model.sample(n, seed: 9, given: .none).array
    var counts = [Double](repeating: 0, count: 16)
    for i in 0..<n {
      var state = 0
      for k in 0..<4 where samples[4 * i + k] > 0.5 { state |= 1 << k }
      counts[state] += 1
    }
    let expected = try probabilities(model, 4).map { $0 * Double(n) }
    var (square, freedom) = (0.0, -1.0)
    for (count, want) in zip(counts, expected) where want >= 5 {
      square += (count - want) * (count - want) / want
      freedom += 1
    }
    // Mean and five standard deviations of χ².
    #expect(square < freedom + 5 * (2 * freedom).squareRoot(), "\(square) of \(freedom)")
    #expect(freedom >= 4)
  }

  /// Normal conditionals: the density of two dependent variables integrates to 1 and matches the
  /// data's.
  @Test func realValues() throws {
    let model = try model(
      #"{"data": {"shape": [2]}, "made": {"width": 60, "output": "gaussian"}}"#)
    let key = RandomKey(seed: 4, stream: 1, step: 0)
    let first = key.normal([4000, 1])
    let second = 0.8 * first + 0.6 * RandomKey(seed: 4, stream: 2, step: 0).normal([4000, 1])
    let data = try Dataset(Tensor.concatenate([first, second], axis: 1))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 1500, reportEvery: 1500)
    let side = 60
    var grid: [Float] = []
    for i in 0..<side * side {
      grid.append(Float(i % side) * 0.2 - 5.9)
      grid.append(Float(i / side) * 0.2 - 5.9)
    }
    let points = Tensor(grid, shape: [side * side, 2])
    let density = try model.logLikelihood(points, given: .none, options: .object([])).doubles
    #expect(abs(density.map(exp).reduce(0, +) * 0.04 - 1) < 0.02)
    // Entropy of the data's normal distribution, correlation 0.8: 1 + log 2π + log 0.6.
    let some = try data.batch(Array(0..<1000))
    let held = try model.logLikelihood(some, given: .none, options: .object([])).doubles
    let mean = held.reduce(0, +) / 1000
    let entropy: Double = 1 + log(2 * Double.pi) + log(0.6)
    #expect(abs(mean + entropy) < 0.1, "\(mean)")
    let samples = try model.sample(4000, seed: 1, given: .none).doubles
    var products = 0.0
    for k in 0..<4000 { products += samples[2 * k] * samples[2 * k + 1] / 4000 }
    #expect(abs(products - 0.8) < 0.1, "\(products)")
  }
}
