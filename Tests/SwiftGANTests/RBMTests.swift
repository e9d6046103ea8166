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

@Suite struct RBMTests {
  private typealias Model = DescentModel<BoltzmannMachine>

  private func model(_ text: String, deviation: Float = 0) throws -> Model {
    let model = try Model(configuration: JSON(parsing: text))
    guard deviation > 0 else { return model }
    for (i, (name, value)) in model.tensors.enumerated()
    where name.hasSuffix("weight") || name.hasSuffix("bias") {
      let key = RandomKey(seed: 31, stream: 1, step: UInt64(i))
      try model.setTensor(
        name, key.normal([1, value.count], deviation: deviation).reshaped(value.shape))
    }
    return model
  }

  private func rbm(_ model: Model) -> RBM {
    RBM(model.inference(0).parameters, deviation: model.form.layer.deviation)
  }

  /// log Z by a sum over all states of both layers in double precision.
  private func logPartition(_ rbm: RBM) -> Double {
    let (w, b, c) = (rbm.weight.doubles, rbm.visibleBias.doubles, rbm.hiddenBias.doubles)
    var sum = 0.0
    for v in 0..<(1 << b.count) {
      for h in 0..<(1 << c.count) {
        var energy = 0.0
        for i in b.indices where v >> i & 1 == 1 {
          energy -= b[i]
          for j in c.indices where h >> j & 1 == 1 { energy -= w[i * c.count + j] }
        }
        for j in c.indices where h >> j & 1 == 1 { energy -= c[j] }
        sum += exp(-energy)
      }
    }
    return log(sum)
  }

  /// The probabilities of all 4,096 states of 12 variables sum to 1, whichever layer is counted.
  @Test(arguments: [5, 12, 30]) func sumsToOne(_ hidden: Int) throws {
    let model = try model(
      #"{"data": {"shape": [3, 4, 1]}, "rbm": {"hidden": \#(hidden)}}"#, deviation: 0.7)
    #expect(model.likelihood == .exact)
    #expect(abs(try probabilities(of: model, 12).reduce(0, +) - 1) < 1e-4)
  }

  @Test func partitionFunction() throws {
    for (visible, hidden) in [(4, 6), (6, 4), (1, 5)] {
      let rbm = rbm(
        try model(
          #"{"data": {"shape": [\#(visible)]}, "rbm": {"hidden": \#(hidden)}}"#, deviation: 1))
      #expect(abs(try rbm.logPartition() - logPartition(rbm)) < 1e-5)
    }
  }

  /// Annealed importance sampling comes within 0.1 nat of the exact log Z at 15 hidden units, with
  /// binary and with normal visible units.
  @Test(arguments: ["binary", "gaussian"]) func annealing(_ visible: String) throws {
    let model = try model(
      #"{"data": {"shape": [25]}, "rbm": {"hidden": 15, "visible": "\#(visible)"}}"#,
      deviation: visible == "binary" ? 0.6 : 0.25)
    let rbm = rbm(model)
    let exact = try rbm.logPartition()
    for seed in 1...3 {
      let found = try rbm.annealedLogPartition(
        chains: 200, temperatures: 2000, burnIn: 50, seed: UInt64(seed))
      #expect(abs(found.value - exact) < 0.1, "\(found) \(exact)")
      #expect(abs(found.value - exact) < 5 * found.deviation + 0.01, "\(found) \(exact)")
      #expect(found.deviation < 0.1)
    }
  }

  /// More than 20 units in both layers: an estimate, near the sum that a smaller machine with the
  /// same distribution has. The added units have no connections and no bias.
  @Test func estimates() throws {
    let small = try model(#"{"data": {"shape": [22]}, "rbm": {"hidden": 6}}"#, deviation: 0.5)
    let large = try model(#"{"data": {"shape": [22]}, "rbm": {"hidden": 22}}"#)
    for name in ["network.0.weight", "network.0.visible_bias", "network.0.hidden_bias"] {
      guard let from = small.tensors.first(where: { $0.name == name })?.value,
        let to = large.tensors.first(where: { $0.name == name })?.value
      else { continue }
      let zeros = [Int](repeating: 0, count: to.rank)
      try large.setTensor(name, from.padded(at: zeros, in: to.shape))
    }
    #expect(small.likelihood == .exact && large.likelihood == .estimate)
    let x = (RandomKey(seed: 3, stream: 1, step: 0).uniform([5, 22]) - 0.5).step()
    let want = try small.logLikelihood(x, given: .none, options: .object([])).doubles
    let found = try large.logLikelihood(
      x, given: .none, options: .object([("annealing_steps", .integer(2000))])
    ).doubles
    for (a, b) in zip(found, want) { #expect(abs(a - b) < 0.1, "\(a) \(b)") }
    #expect(throws: Failure.self) {
      try large.logLikelihood(x, given: .none, options: .object([("annealing", .integer(5))]))
    }
  }

  /// Chains reach the probabilities of all states, wherever they start.
  @Test func chainsReachTheDistribution() throws {
    let model = try model(
      #"{"data": {"shape": [10]}, "rbm": {"hidden": 6, "sampling_steps": 100}}"#, deviation: 0.8)
    let exact = try probabilities(of: model, 10)
    try expectFrequencies(of: model.sample(20_000, seed: 5, given: .none), exact)
    let rbm = rbm(model)
    for start in [Float(0), 1] {
      var v = Tensor(repeating: start, shape: [20_000, 10])
      for step in 0..<100 { v = rbm.gibbs(v, step: step, seed: 9) }
      expectFrequencies(of: v, exact)
    }
  }

  /// With normal visible units: samples have the mean and the variance of the mixture of normal
  /// distributions that the machine is, and the density integrates to 1.
  @Test func normalUnits() throws {
    let model = try model(
      #"{"data": {"shape": [1]}, "rbm": {"hidden": 3, "visible": "gaussian", "deviation": 0.5, "sampling_steps": 100}}"#,
      deviation: 1)
    let step = 0.01
    let points = (0..<2400).map { Double($0) * step - 12 }
    let density = try model.logLikelihood(
      Tensor(points.map { Float($0) }, shape: [2400, 1]), given: .none, options: .object([])
    ).doubles.map { exp($0) * step }
    #expect(abs(density.reduce(0, +) - 1) < 1e-3)
    let mean = zip(points, density).reduce(0) { $0 + $1.0 * $1.1 }
    let square = zip(points, density).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1 }
    let samples = try model.sample(20_000, seed: 2, given: .none).doubles
    let found = samples.reduce(0, +) / 20_000
    let spread = samples.reduce(0) { $0 + ($1 - found) * ($1 - found) } / 20_000
    #expect(abs(found - mean) < 5 * (square / 20_000).squareRoot(), "\(found) \(mean)")
    #expect(abs(spread - square) < 0.06 * square, "\(spread) \(square)")
  }

  /// A step of SGD equals the difference of free energies at data and samples, in double precision
  /// with central differences. The samples are the chain's, whose distribution is tested above.
  @Test(arguments: [("binary", 0), ("gaussian", 0), ("binary", 5)])
  func aStep(_ visible: String, _ chains: Int) throws {
    let model = try model(
      #"""
      {"data": {"shape": [4]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 3,
       "rbm": {"hidden": 3, "visible": "\#(visible)"\#(visible == "gaussian" ? #", "deviation": 0.7"# : ""), "steps": 2, "persistent_chains": \#(chains)}}
      """#, deviation: 0.5)
    let n = 3
    let key = RandomKey(seed: 2, stream: 1, step: 0)
    let x =
      visible == "binary" ? (key.uniform([n, 4]) - 0.5).step() : key.normal([n, 4])
    let words = RandomKey(.chains, seed: 3).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    var samples = chains == 0 ? x : x.gather((0..<chains).map { Int32($0 % n) })
    for step in 0..<2 { samples = rbm(model).gibbs(samples, step: step, seed: seed) }
    func energy(_ w: [[Double]], _ v: [Double]) -> Double {
      var total = 0.0
      for i in 0..<v.count / 4 {
        let row = Array(v[4 * i..<4 * i + 4])
        var inputs = w[2]
        for k in 0..<4 {
          total +=
            visible == "binary"
            ? -row[k] * w[1][k] : (row[k] - w[1][k]) * (row[k] - w[1][k]) / (2 * 0.49)
          for j in 0..<3 {
            inputs[j] += row[k] * w[0][3 * k + j] / (visible == "binary" ? 1 : 0.7)
          }
        }
        for input in inputs { total -= log1p(exp(input)) }
      }
      return total / Double(v.count / 4)
    }
    let (data, drawn) = (x.doubles, samples.doubles)
    func cost(_ w: [[Double]]) -> Double { energy(w, data) - energy(w, drawn) }
    let weights = model.tensors.filter {
      !$0.name.contains("optimizer") && !$0.name.contains("chains")
    }.map(\.value.doubles)
    let report = try expectStep(
      of: model, on: x, descends: cost, floor: 1e-2, costTolerance: 1e-5)
    #expect(abs(try #require(report["free_energy"]) - energy(weights, data)) < 1e-4)
    let kept = model.tensors.first { $0.name == "network.0.chains" }?.value.array
    #expect(kept == (chains == 0 ? nil : samples.array))
  }

  /// Contrastive divergence and persistent chains learn a distribution of four patterns.
  @Test(arguments: [0, 100]) func learns(_ chains: Int) throws {
    let model = try model(
      #"""
      {"data": {"shape": [8]}, "optimizer": {"adam": {"learning_rate": 0.02}}, "average": 0.99,
       "rbm": {"hidden": 12, "steps": 5, "persistent_chains": \#(chains), "sampling_steps": 300}}
      """#)
    let patterns: [[Float]] = (0..<4).map { g in (0..<8).map { $0 / 2 == g ? 1 : 0 } }
    let data = try Dataset(
      Tensor((0..<400).flatMap { patterns[$0 % 4] }, shape: [400, 8]))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 1500, reportEvery: 1500)
    let nats = try model.logLikelihood(
      Tensor(patterns.flatMap { $0 }, shape: [4, 8]), given: .none, options: .object([])
    ).doubles
    // 4 equally likely patterns: log 4 = 1.39 nats are the least, 5.5 those of a uniform model.
    #expect(nats.reduce(0, +) / 4 > -2.2, "\(nats)")
    let samples = try model.sample(400, seed: 3, given: .none)
    let found = counts(of: samples, 8)
    let known = patterns.reduce(0.0) { sum, pattern in
      sum + found[pattern.enumerated().reduce(0) { $0 | Int($1.element) << $1.offset }]
    }
    #expect(known > 0.6 * 400, "\(known)")
  }

  /// Known elements stay, and unknown ones have the conditional probabilities of enumeration.
  @Test func completion() throws {
    let model = try model(
      #"{"data": {"shape": [6]}, "rbm": {"hidden": 4, "sampling_steps": 60}}"#, deviation: 0.8)
    let mask = Tensor([1, 1, 0, 0, 1, 0] as [Float])
    let x = Tensor([1, 0, 0.5, 7, 1, -3] as [Float], shape: [1, 6])
    let options = JSON.object([("answers", .integer(1000)), ("seed", .integer(4))])
    let filled = try model.complete(x, mask: mask, given: .none, options: options)
    #expect(filled.shape == [1000, 6])
    let found = counts(of: filled, 6)
    let joint = try probabilities(of: model, 6)
    let possible = (0..<64).map { $0 & 0b010011 == 0b010001 ? joint[$0] : 0 }
    let total = possible.reduce(0, +)
    for (count, p) in zip(found, possible) {
      let want = 1000 * p / total
      #expect(abs(count - want) <= 5 * max(1, want).squareRoot(), "\(count) \(want)")
      if p == 0 { #expect(count == 0) }
    }
    #expect(throws: Failure.self) {
      try model.complete(x, mask: 2 * mask, given: .none, options: options)
    }
    #expect(throws: Failure.self) {
      try model.complete(0.5 * x, mask: mask, given: .none, options: options)
    }
    #expect(throws: Failure.self) {
      try model.complete(
        x, mask: mask, given: .none, options: .object([("anwsers", .integer(2))]))
    }
  }

  /// Known gray elements are binarized for the chain, and stay as they were given.
  @Test func knownElementsStayGray() throws {
    let model = try model(
      #"{"data": {"shape": [4], "binarize": "fixed"}, "rbm": {"hidden": 3, "sampling_steps": 5}}"#,
      deviation: 0.5)
    let x = Tensor([0.3, 0.8, 0, 0] as [Float], shape: [1, 4])
    let filled = try model.complete(
      x, mask: Tensor([1, 1, 0, 0] as [Float]), given: .none, options: .object([]))
    #expect(filled.array.prefix(2) == [0.3, 0.8])
    #expect(filled.array.suffix(2).allSatisfy { $0 == 0 || $0 == 1 })
  }

  /// Strong connections make chains slower, and the figures say so.
  @Test func mixing() throws {
    func report(_ strength: Float) throws -> JSON {
      let model = try model(
        #"{"data": {"shape": [6]}, "rbm": {"hidden": 2, "sampling_steps": 50}}"#)
      // Two modes, all 0 and all 1, of the same probability.
      try model.setTensor(
        "network.0.weight", Tensor(repeating: strength, shape: [6, 2]))
      try model.setTensor(
        "network.0.visible_bias", Tensor(repeating: -strength, shape: [6]))
      try model.setTensor("network.0.hidden_bias", Tensor(repeating: -3 * strength, shape: [2]))
      return try model.mixing(
        options: .object([("chains", .integer(10)), ("steps", .integer(2000))]))
    }
    let (fast, slow) = (try report(0.3), try report(2.5))
    let times = [fast, slow].compactMap { $0["autocorrelation_time"]?.real }
    let samples = [fast, slow].compactMap { $0["effective_samples"]?.real }
    #expect(times[0] < 3 && times[1] > 5, "\(times)")
    for i in 0..<2 { #expect(abs(samples[i] * times[i] - 20_000) < 1e-6 * 20_000) }
    #expect(slow["log_partition"]?.real != nil && slow["log_partition_deviation"]?.real == 0)
  }

  /// The estimator finds the time of an autoregressive process, (1 + ρ) / (1 − ρ).
  @Test func autocorrelationTime() {
    for rho in [0.0, 0.5, 0.9] {
      let noise = RandomKey(seed: 5, stream: 1, step: 0).normal([10, 20_000]).doubles
      let traces = (0..<10).map { chain -> [Double] in
        var x = noise[20_000 * chain]
        return (0..<20_000).map { k in
          x = rho * x + (1 - rho * rho).squareRoot() * noise[20_000 * chain + k]
          return x
        }
      }
      let want = (1 + rho) / (1 - rho)
      let found = Mixing(traces)
      #expect(abs(found.time - want) < 0.1 * want, "\(found.time) \(want)")
    }
    #expect(Mixing([[1, 1, 1]]).effectiveSamples == 3)
  }
}
