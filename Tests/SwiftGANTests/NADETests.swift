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

@Suite struct NADETests {
  private typealias Model = DescentModel<NADE>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  private func bits(_ count: Int, _ size: Int, above: Float = 0.6) -> Tensor {
    (RandomKey(seed: 3, stream: 1, step: 0).uniform([count, size]) - above).step()
  }

  /// The probabilities of all 4,096 states of 12 variables sum to 1, in any order, before and after
  /// training.
  @Test(arguments: ["null", #""reversed""#, "7", "[3, 1, 0, 2, 11, 10, 9, 8, 4, 5, 6, 7]"])
  func sumsToOne(_ order: String) throws {
    let model = try model(
      #"{"data": {"shape": [12]}, "nade": {"width": 20, "order": \#(order)}}"#)
    #expect(abs(try probabilities(of: model, 12).reduce(0, +) - 1) < 1e-4)
    var trainer = try Trainer(model, data: Dataset(bits(200, 12)), batch: 50)
    let first = try trainer.step()
    try trainer.run(steps: 200, reportEvery: 200)
    let last = try trainer.step()
    let all = try probabilities(of: model, 12)
    #expect(abs(all.reduce(0, +) - 1) < 1e-4)
    #expect((all.max() ?? 0) > 4 / 4096)
    #expect(try #require(last["cost"]) < #require(first["cost"]) - 0.5)
    let again = try Model(configuration: model.configurationJSON)
    #expect(again.configurationJSON == model.configurationJSON)
  }

  /// A step of SGD equals a computation in double precision with central differences, for both
  /// outputs. Six elements are more than one of the pieces that are computed again.
  @Test(arguments: ["bernoulli", "mixture"]) func aStep(_ output: String) throws {
    let isBinary = output == "bernoulli"
    let (size, width, n) = (6, 4, 3)
    let order = [2, 0, 5, 1, 4, 3]
    let model = try model(
      #"""
      {"data": {"shape": [2, 3, 1]}, "optimizer": {"sgd": {"learning_rate": 1}},
       "nade": {"width": 4, "output": "\#(output)"\#(isBinary ? "" : #", "components": 2"#), "order": \#(order)}}
      """#)
    let key = RandomKey(seed: 8, stream: 1, step: 0)
    // Away from the corner of ReLU, where differences mean nothing.
    try model.setTensor(
      "network.0.hidden_bias", key.uniform([width], low: 0.5, high: 0.9))
    let x = isBinary ? bits(n, size) : key.normal([n, size], deviation: 0.3)
    let data = x.doubles
    let k = isBinary ? 1 : 6
    func cost(_ w: [[Double]]) -> Double {
      let scale = isBinary ? [Double](repeating: 1, count: size) : w[2]
      let (v, b) = (w[w.count - 2], w[w.count - 1])
      var total = 0.0
      for i in 0..<n {
        var sum = w[1]
        for (d, element) in order.enumerated() {
          let value = data[i * size + element]
          let hidden = sum.map { isBinary ? 1 / (1 + exp(-$0)) : max(0, scale[d] * $0) }
          let outputs = (0..<k).map { j in
            (0..<width).reduce(b[d * k + j]) { $0 + hidden[$1] * v[(d * width + $1) * k + j] }
          }
          if isBinary {
            total += log1p(exp(outputs[0])) - value * outputs[0]
          } else {
            let shares = (exp(outputs[0]), exp(outputs[1]))
            func density(_ m: Double, _ s: Double) -> Double {
              exp(-0.5 * (value - m) * (value - m) / exp(2 * s) - s) / (2 * Double.pi).squareRoot()
            }
            let first = density(outputs[2], outputs[4])
            let second = density(outputs[3], outputs[5])
            total -= log(
              (shares.0 * first + shares.1 * second) / (shares.0 + shares.1))
          }
          for h in 0..<width { sum[h] += value * w[0][d * width + h] }
        }
      }
      return total / Double(n)
    }
    try expectStep(of: model, on: x.reshaped([n, 2, 3, 1]), descends: cost)
  }

  /// No output sees its own or a later element of the order, and each sees all the others.
  @Test func dependsOnWhatIsBefore() throws {
    let model = try model(#"{"data": {"shape": [9]}, "nade": {"width": 16, "order": 5}}"#)
    let network = model.inference(0)
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([2, 9]).tracked()
    let y = network(x, nil, RandomKey(.layers, seed: 0))
    let order = model.form.layer.order
    for d in 0..<9 {
      let slope = gradient(of: y.slice(from: [0, d, 0], [2, 1, 1]), wrt: [x])[0].array
      for (place, element) in order.enumerated() {
        for i in 0..<2 { #expect((slope[9 * i + element] != 0) == (place < d)) }
      }
    }
  }

  /// Drawing element by element from sums that grow gives what one pass over the finished samples
  /// gives with the same random numbers.
  @Test func samplesAreConsistent() throws {
    let model = try model(#"{"data": {"shape": [40]}, "nade": {"width": 30, "order": 2}}"#)
    var trainer = try Trainer(model, data: Dataset(bits(100, 40)), batch: 50)
    try trainer.run(steps: 30, reportEvery: 30)
    let samples = try model.sample(300, seed: 6, given: .none)
    let logits = model.inference(0)(samples, nil, RandomKey(.layers, seed: 0))
    let chances = sigmoid(logits).array
    let uniform = RandomKey(.sampling, seed: 6).uniform([300, 40]).array
    let found = samples.array
    for (d, element) in model.form.layer.order.enumerated() {
      for i in 0..<300 where abs(chances[40 * i + d] - uniform[40 * i + d]) > 1e-5 {
        #expect((found[40 * i + element] == 1) == (chances[40 * i + d] > uniform[40 * i + d]))
      }
    }
    #expect(Set(found) == [0, 1])
  }

  /// Samples have the probabilities that the model tells, by a χ² test over 16 states.
  @Test func samplesFollowTheModel() throws {
    let model = try model(#"{"data": {"shape": [4]}, "nade": {"width": 24, "order": "reversed"}}"#)
    let data = states(4).gather([3, 3, 3, 5, 10, 10, 15, 0])
    var trainer = try Trainer(model, data: Dataset(data), batch: 8)
    try trainer.run(steps: 200, reportEvery: 200)
    let samples = try model.sample(4000, seed: 9, given: .none)
    try expectFrequencies(of: samples, probabilities(of: model, 4))
  }

  /// Mixtures: the density in the plane integrates to 1, and a bend that no linear dependence tells
  /// of is learned.
  @Test func realValues() throws {
    let model = try model(
      #"{"data": {"shape": [2]}, "nade": {"width": 40, "output": "mixture", "components": 5}}"#)
    let key = RandomKey(seed: 4, stream: 1, step: 0)
    let first = key.uniform([4000, 1], low: -1, high: 1)
    let noise = RandomKey(seed: 4, stream: 2, step: 0).normal([4000, 1], deviation: 0.2)
    let data = try Dataset(Tensor.concatenate([first, first.squared() + noise], axis: 1))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 1200, reportEvery: 1200)
    let side = 200
    var grid: [Float] = []
    for i in 0..<side * side {
      grid.append(Float(i % side) * 0.04 - 3.98)
      grid.append(Float(i / side) * 0.04 - 3.98)
    }
    let density = try model.logLikelihood(
      Tensor(grid, shape: [side * side, 2]), given: .none, options: .object([])
    ).doubles
    #expect(abs(density.map(exp).reduce(0, +) * 0.0016 - 1) < 0.01)
    // Entropy: log 2 of the first element, ½ log 2πe σ² of the second.
    let entropy: Double = log(2) + 0.5 * log(2 * Double.pi) + 0.5 + log(0.2)
    let some = try data.batch(Array(0..<2000))
    let nats = try model.logLikelihood(some, given: .none, options: .object([])).doubles
    let mean = nats.reduce(0, +) / 2000
    #expect(mean > -entropy - 0.15 && mean < -entropy + 0.05, "\(mean) \(-entropy)")
    let samples = try model.sample(4000, seed: 1, given: .none).doubles
    var square = 0.0
    for k in 0..<4000 {
      let first = samples[2 * k]
      let rest = samples[2 * k + 1] - first * first
      square += rest * rest / 4000
    }
    #expect(square.squareRoot() < 0.3, "\(square.squareRoot())")
  }

  @Test func grayValuesAreRefused() throws {
    let model = try model(#"{"data": {"shape": [4]}}"#)
    let gray = Tensor(repeating: 0.5, shape: [2, 4])
    let failure = #expect(throws: Failure.self) {
      try model.train(on: [Batch(gray)], reporting: true)
    }
    #expect(failure?.kind == .argument)
    #expect(failure?.message.contains("data.binarize") == true, "\(failure?.message ?? "")")
    #expect(throws: Failure.self) {
      try model.logLikelihood(gray, given: .none, options: .object([]))
    }
    let dynamic = try Model(
      configuration: JSON(parsing: #"{"data": {"shape": [4], "binarize": "dynamic"}}"#))
    _ = try dynamic.train(on: [Batch(gray)], reporting: true)
    #expect(throws: Failure.self) {
      try dynamic.train(on: [Batch(3 * gray)], reporting: true)
    }
  }
}
