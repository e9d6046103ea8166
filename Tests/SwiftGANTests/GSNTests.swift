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

@Suite struct GSNTests {
  private typealias Model = DescentModel<GSN>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  /// Two blocks of five equal elements, of which not both are 1.
  private static let patterns: [[Float]] = [(0, 0), (1, 0), (0, 1)].map { a, b in
    (0..<10).map { $0 < 5 ? a : b }
  }

  private func trained() throws -> Model {
    let model = try model(
      #"""
      {"data": {"shape": [10]}, "optimizer": {"adam": {"learning_rate": 0.005}}, "average": 0.99,
       "gsn": {"network": {"preset": "mlp", "width": 48, "depth": 1}, "noise": 0.3, "sampling_steps": 120}}
      """#)
    let data = try Dataset(
      Tensor((0..<600).flatMap { Self.patterns[$0 % 3] }, shape: [600, 10]))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 1500, reportEvery: 1500)
    return model
  }

  /// The stationary distribution of the chain over 10 variables by enumeration: noise of 0.3 sets
  /// an element with probability 0.15 to each value, then the network's probabilities.
  private func stationary(_ model: Model) -> [Double] {
    let logits = model.inference(0)(states(10), nil, RandomKey(.layers, seed: 0))
    let chances = sigmoid(logits).doubles
    let flip = Double(model.form.noise) / 2
    // P(x̃ | x) by the number of elements that differ.
    let noise = (0...10).map { pow(flip, Double($0)) * pow(1 - flip, Double(10 - $0)) }
    func step(_ p: [Double]) -> [Double] {
      var noisy = [Double](repeating: 0, count: 1024)
      for x in 0..<1024 where p[x] > 1e-12 {
        for y in 0..<1024 { noisy[y] += p[x] * noise[(x ^ y).nonzeroBitCount] }
      }
      var next = [Double](repeating: 0, count: 1024)
      for y in 0..<1024 {
        // Products over the elements, one after another.
        var products = [noisy[y]]
        for k in 0..<10 {
          let p = chances[10 * y + k]
          products = products.map { $0 * (1 - p) } + products.map { $0 * p }
        }
        for x in 0..<1024 { next[x] += products[x] }
      }
      return next
    }
    var p = [Double](repeating: 1.0 / 1024, count: 1024)
    for _ in 0..<120 { p = step(p) }
    return p
  }

  /// Chains started anywhere reach the stationary distribution, and that is near the data's.
  @Test func chainsReachTheDistribution() throws {
    let model = try trained()
    let exact = stationary(model)
    expectFrequencies(of: try model.sample(10_000, seed: 5, given: .none), exact)
    let learned = Learned(networks: [model.inference(0)], sampleShape: [10], condition: nil)
    for start in [Float(0), 1] {
      var x = Tensor(repeating: start, shape: [10_000, 10])
      for step in 0..<120 { x = model.form.advance(x, step: step, seed: 8, first: 0, learned) }
      expectFrequencies(of: x, exact)
    }
    let known = Self.patterns.map { pattern in
      exact[pattern.enumerated().reduce(0) { $0 | Int($1.element) << $1.offset }]
    }
    // A uniform distribution has 0.003. Factors of single elements cannot tell the patterns
    // apart where noise has made them alike.
    #expect(known.reduce(0, +) > 0.45, "\(known)")
    for p in known { #expect(p > 0.1) }
    let mixing = try model.mixing(options: .object([("steps", .integer(500))]))
    #expect(try #require(mixing["effective_samples"]?.real) > 100)
    #expect(!Families.capabilities(of: model).contains("log_likelihood"))
  }

  /// Half of a pattern is known: the rest follows from it.
  @Test func completion() throws {
    let model = try trained()
    let x = Tensor(Self.patterns.flatMap { $0 }, shape: [3, 10])
    let mask = Tensor((0..<10).map { Float($0 % 2) })
    let filled = try model.complete(
      x * mask, mask: mask, given: .none,
      options: .object([("answers", .integer(20)), ("steps", .integer(30))]))
    #expect(filled.shape == [60, 10])
    let want = x.gather((0..<60).map { Int32($0 / 20) })
    let right = zip(filled.array, want.array).filter { $0 == $1 }.count
    #expect(right > 560, "\(right)")
    for (i, (a, b)) in zip(filled.array, want.array).enumerated() where i % 2 == 1 {
      #expect(a == b)
    }
  }

  /// A step of SGD equals a computation in double precision with central differences that makes the
  /// chain of walk-back training from the same random numbers.
  @Test(arguments: ["bernoulli", "gaussian"]) func aStep(_ output: String) throws {
    let isBinary = output == "bernoulli"
    let model = try model(
      #"""
      {"data": {"shape": [3]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 6,
       "gsn": {"network": {"layers": [{"dense": 4}, "tanh", {"dense": 3}]}, "output": "\#(output)", "walk_back": 3\#(isBinary ? "" : #", "deviation": 0.7"#)}}
      """#)
    let n = 4
    let key = RandomKey(seed: 2, stream: 1, step: 0)
    let x = isBinary ? (key.uniform([n, 3]) - 0.5).step() : key.normal([n, 3])
    let words = RandomKey(.chains, seed: 6).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    func numbers(_ use: UInt16, _ step: Int) -> [Double] {
      let key = RandomKey(.chains, seed: seed, use: use, step: UInt64(step))
      return (isBinary ? key.uniform([n, 3]) : key.normal([n, 3])).doubles
    }
    let weights = model.tensors.filter { !$0.name.contains("optimizer") }.map(\.value.doubles)
    let data = x.doubles
    func outputs(_ w: [[Double]], _ x: [Double]) -> [Double] {
      (0..<n).flatMap {
        let sample = Array(x[3 * $0..<3 * $0 + 3])
        return denseInDouble(denseInDouble(sample, w[0], w[1]).map(tanh), w[2], w[3])
      }
    }
    // The chain is made with the weights before the step.
    var (inputs, state) = ([[Double]](), data)
    for step in 0..<3 {
      let u = numbers(0, step)
      let noisy = state.indices.map {
        isBinary ? (u[$0] < 0.2 ? 1 : u[$0] < 0.4 ? 0 : state[$0]) : state[$0] + 0.5 * u[$0]
      }
      inputs.append(noisy)
      let (y, v) = (outputs(weights, noisy), numbers(1, step))
      state = y.indices.map {
        isBinary ? (v[$0] < 1 / (1 + exp(-y[$0])) ? 1 : 0) : y[$0] + 0.7 * v[$0]
      }
    }
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for input in inputs {
        for (y, x) in zip(outputs(w, input), data) {
          total +=
            isBinary
            ? log1p(exp(y)) - x * y
            : 0.5 * (x - y) * (x - y) / 0.49 + log(0.7) + 0.5 * log(2 * Double.pi)
        }
      }
      return total / Double(3 * n)
    }
    try expectStep(of: model, on: x, descends: cost)
  }

  /// Real numbers on a ring: samples lie near it, all around.
  @Test func realValues() throws {
    let model = try model(
      #"""
      {"data": {"shape": [2]}, "gsn": {"network": {"preset": "mlp", "width": 64, "depth": 2}, "output": "gaussian",
       "noise": 0.3, "deviation": 0.1, "sampling_steps": 50}}
      """#)
    let angles = RandomKey(seed: 4, stream: 1, step: 0).uniform([4000], high: 6.2831853).array
    let points = angles.flatMap { [Float(cos(Double($0))), Float(sin(Double($0)))] }
    let data = try Dataset(Tensor(points, shape: [4000, 2]))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 800, reportEvery: 800)
    let samples = try model.sample(1000, seed: 2, given: .none).doubles
    var (near, quadrants) = (0, [0, 0, 0, 0])
    for i in 0..<1000 {
      let (x, y) = (samples[2 * i], samples[2 * i + 1])
      if abs((x * x + y * y).squareRoot() - 1) < 0.35 { near += 1 }
      quadrants[(x > 0 ? 1 : 0) + (y > 0 ? 2 : 0)] += 1
    }
    #expect(near > 900, "\(near)")
    for count in quadrants { #expect(count > 100, "\(quadrants)") }
  }
}
