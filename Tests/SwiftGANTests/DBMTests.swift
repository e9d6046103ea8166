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

/// The deep Boltzmann machine with two hidden layers.
@Suite struct DBMTests {
  private typealias Model = DescentModel<DeepBoltzmannMachine>

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

  private func dbm(_ model: Model) -> DBM { DBM(model.inference(0).parameters) }

  /// Weights in double precision, in order of declaration.
  private func weights(_ model: Model) -> [[Double]] {
    model.inference(0).parameters.map(\.doubles)
  }

  /// −E of a state whose units are the bits of v, h and g.
  private func logWeight(_ w: [[Double]], _ v: Int, _ h: Int, _ g: Int) -> Double {
    let (visible, first, second) = (w[1].count, w[2].count, w[4].count)
    var sum = 0.0
    for i in 0..<visible where v >> i & 1 == 1 {
      sum += w[1][i]
      for j in 0..<first where h >> j & 1 == 1 { sum += w[0][i * first + j] }
    }
    for j in 0..<first where h >> j & 1 == 1 {
      sum += w[2][j]
      for k in 0..<second where g >> k & 1 == 1 { sum += w[3][j * second + k] }
    }
    for k in 0..<second where g >> k & 1 == 1 { sum += w[4][k] }
    return sum
  }

  /// p(v) of all v and log Z, by a sum over all states of all layers.
  private func enumeration(_ model: Model) -> (probabilities: [Double], logZ: Double) {
    let w = weights(model)
    let sums = (0..<(1 << w[1].count)).map { v in
      (0..<(1 << w[2].count)).reduce(0.0) { sum, h in
        (0..<(1 << w[4].count)).reduce(sum) { $0 + exp(logWeight(w, v, h, $1)) }
      }
    }
    let total = sums.reduce(0, +)
    return (sums.map { $0 / total }, log(total))
  }

  private static let small =
    #"{"data": {"shape": [6]}, "dbm": {"first_hidden": 4, "second_hidden": 3, "sampling_steps": 60}}"#

  /// log Z is that of enumeration; the bound stays below the exact likelihood and comes near.
  @Test func boundsTheLikelihood() throws {
    let model = try model(Self.small, deviation: 0.7)
    let (exact, logZ) = enumeration(model)
    #expect(abs(try dbm(model).rbm.logPartition() - logZ) < 1e-5)
    #expect(model.likelihood == .bound && model.isProbability)
    func bounds(_ steps: Int) throws -> [Double] {
      try model.logLikelihood(
        states(6), given: .none, options: .object([("mean_field_steps", JSON(steps))])
      ).doubles
    }
    let (one, many) = (try bounds(1), try bounds(200))
    var gap = 0.0
    for (v, p) in exact.enumerated() {
      #expect(many[v] < log(p) + 1e-5 && one[v] < many[v] + 1e-5)
      gap += p * (log(p) - many[v])
    }
    #expect(gap < 0.1, "\(gap)")
    let usual = try model.logLikelihood(states(6), given: .none, options: [:]).doubles
    for (a, b) in zip(usual, many) { #expect(abs(a - b) < 1e-5) }
  }

  /// Without connections to the second layer the bound is the likelihood of a restricted machine.
  @Test func isExactWithoutASecondLayer() throws {
    let model = try model(Self.small, deviation: 0.7)
    try model.setTensor("network.0.second_weight", .zeros([4, 3]))
    let exact = enumeration(model).probabilities
    let w = weights(model)
    let found = try model.logLikelihood(states(6), given: .none, options: [:]).doubles
    for v in 0..<64 {
      // q(h) of independent units is exact where each has its own input alone.
      #expect(abs(found[v] - log(exact[v])) < 1e-4, "\(found[v]) \(log(exact[v]))")
    }
    #expect(w[3].allSatisfy { $0 == 0 })
  }

  /// Annealed importance sampling comes within 0.1 nat of the exact log Z at 15 units of the layer
  /// between the others.
  @Test func annealing() throws {
    let model = try model(
      #"{"data": {"shape": [25]}, "dbm": {"first_hidden": 15, "second_hidden": 10}}"#,
      deviation: 0.5)
    let rbm = dbm(model).rbm
    let exact = try rbm.logPartition()
    for seed in 1...3 {
      let found = try rbm.annealedLogPartition(
        chains: 200, temperatures: 2000, burnIn: 50, seed: UInt64(seed))
      #expect(abs(found.value - exact) < 0.1, "\(found) \(exact)")
    }
    let large = try self.model(
      #"{"data": {"shape": [22]}, "dbm": {"first_hidden": 21, "second_hidden": 4}}"#)
    #expect(large.likelihood == .estimate)
    let x = Tensor(repeating: 1, shape: [1, 22])
    // Weights of deviation 0.01: every state is about as likely.
    let options = JSON.object([("annealing_steps", .integer(100))])
    let nats = try large.logLikelihood(x, given: .none, options: options).doubles[0]
    #expect(abs(nats + 22 * log(2)) < 0.5, "\(nats)")
  }

  /// Chains reach the probabilities of all states, and fill in unknown elements by theirs.
  @Test func chainsReachTheDistribution() throws {
    let model = try model(Self.small, deviation: 0.8)
    let exact = enumeration(model).probabilities
    try expectFrequencies(of: model.sample(20_000, seed: 5, given: .none), exact)
    let mask = Tensor([1, 1, 0, 0, 1, 0] as [Float])
    let x = Tensor([1, 0, 0.5, 7, 1, -3] as [Float], shape: [1, 6])
    let options = JSON.object([("answers", .integer(1000)), ("seed", .integer(4))])
    let found = counts(
      of: try model.complete(x, mask: mask, given: .none, options: options), 6)
    let possible = (0..<64).map { $0 & 0b010011 == 0b010001 ? exact[$0] : 0 }
    let total = possible.reduce(0, +)
    for (count, p) in zip(found, possible) {
      let want = 1000 * p / total
      #expect(abs(count - want) <= 5 * max(1, want).squareRoot(), "\(count) \(want)")
      if p == 0 { #expect(count == 0) }
    }
    let report = try model.mixing(options: .object([("steps", .integer(200))]))
    #expect(report["log_partition_deviation"]?.real == 0)
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// A step equals the difference of free energies at the data, with the second layer's means, and
  /// at the chains, in double precision.
  @Test func aStep() throws {
    let (n, size, first, second) = (3, 4, 3, 2)
    let model = try model(
      #"""
      {"data": {"shape": [4]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 3,
       "dbm": {"first_hidden": 3, "second_hidden": 2, "steps": 2, "persistent_chains": 5, "mean_field_steps": 7, "pretraining_steps": 0}}
      """#, deviation: 0.5)
    let x = (RandomKey(seed: 2, stream: 1, step: 0).uniform([n, size]) - 0.5).step()
    let w0 = weights(model)
    // The means of the second layer.
    func inputs(_ w: [[Double]], _ v: [Double], _ g: [Double]) -> [Double] {
      (0..<first).map { j in
        let below = (0..<size).reduce(w[2][j]) { $0 + v[$1] * w[0][$1 * first + j] }
        return (0..<second).reduce(below) { $0 + g[$1] * w[3][j * second + $1] }
      }
    }
    func upper(_ h: [Double]) -> [Double] {
      denseInDouble(h, w0[3], w0[4]).map(sigmoid)
    }
    let data = x.doubles
    let rows = (0..<n).map { Array(data[size * $0..<size * $0 + size]) }
    var means: [[Double]] = []
    for v in rows {
      let none = [Double](repeating: 0, count: second)
      let doubled = inputs(w0, v.map { 2 * $0 }, none)
      var g = upper(doubled.map(sigmoid))
      for _ in 0..<7 { g = upper(inputs(w0, v, g).map(sigmoid)) }
      means.append(g)
    }
    // The chains: rows of the batch with g of its means, then two steps.
    let words = RandomKey(.chains, seed: 3).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    let drawn = RandomKey(.chains, seed: seed, use: 2).uniform([5, second]).doubles
    let start = (0..<5).map { i in
      rows[i % n] + (0..<second).map { means[i % n][$0] > drawn[second * i + $0] ? 1 : 0 }
    }
    var chains = Tensor(start.flatMap { $0 }.map { Float($0) }, shape: [5, size + second])
    for step in 0..<2 { chains = dbm(model).rbm.gibbs(chains, step: step, seed: seed) }
    func energy(_ w: [[Double]], _ v: [Double], _ g: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<size { sum -= v[i] * w[1][i] }
      for k in 0..<second { sum -= g[k] * w[4][k] }
      return inputs(w, v, g).reduce(sum) { $0 - log1p(exp($1)) }
    }
    func entropy(_ g: [Double]) -> Double {
      g.reduce(0) { $0 - $1 * log($1) - (1 - $1) * log(1 - $1) }
    }
    let states = chains.doubles
    func cost(_ w: [[Double]]) -> Double {
      let observed = (0..<n).reduce(0.0) {
        $0 + energy(w, rows[$1], means[$1]) - entropy(means[$1])
      }
      let made = (0..<5).reduce(0.0) { sum, i in
        let row = Array(states[(size + second) * i..<(size + second) * (i + 1)])
        return sum + energy(w, Array(row[..<size]), Array(row[size...]))
      }
      return observed / Double(n) - made / 5
    }
    try expectStep(of: model, on: x, descends: cost, floor: 1e-2, costTolerance: 1e-5)
    #expect(model.tensors.first { $0.name == "network.0.chains" }?.value.array == chains.array)
  }

  /// The first steps train the lower pair of layers alone, with doubled inputs upwards; the next
  /// ones the upper pair, with doubled inputs downwards. Each equals the difference of energies in
  /// double precision.
  @Test(arguments: [true, false]) func aStepOfPretraining(_ isLower: Bool) throws {
    let (n, size, first, second) = (3, 4, 3, 2)
    let model = try model(
      #"""
      {"data": {"shape": [4]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 3,
       "dbm": {"first_hidden": 3, "second_hidden": 2, "steps": 1, "pretraining_steps": 1}}
      """#)
    let x = (RandomKey(seed: 2, stream: 1, step: 0).uniform([n, size]) - 0.5).step()
    if !isLower { _ = try model.train(on: [Batch(x)], reporting: false) }
    for (i, (name, value)) in model.tensors.enumerated()
    where name.hasSuffix("weight") || name.hasSuffix("bias") {
      let key = RandomKey(seed: 8, stream: 1, step: UInt64(i))
      try model.setTensor(name, key.normal([1, value.count]).reshaped(value.shape))
    }
    let w0 = weights(model)
    let words = RandomKey(.chains, seed: 3, step: isLower ? 0 : 1).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    let (units, below) = (isLower ? first : second, isLower ? size : first)
    let (at, bias, lowerBias) = isLower ? (0, 2, 1) : (3, 4, 2)
    let (up, down) = isLower ? (2.0, 1.0) : (1.0, 2.0)
    func means(_ w: [[Double]], _ v: [Double]) -> [Double] {
      denseInDouble(v.map { up * $0 }, w[at], w[bias]).map(sigmoid)
    }
    var rows = (0..<n).map { Array(x.doubles[size * $0..<size * $0 + size]) }
    if !isLower {
      rows = rows.map { denseInDouble($0.map { 2 * $0 }, w0[0], w0[2]).map(sigmoid) }
    }
    let u = RandomKey(.chains, seed: seed, use: 0).uniform([n, units]).doubles
    let t = RandomKey(.chains, seed: seed, use: 1).uniform([n, below]).doubles
    let again = (0..<n).map { r -> [Double] in
      let m = means(w0, rows[r])
      let h = m.indices.map { m[$0] > u[units * r + $0] ? 1.0 : 0 }
      return (0..<below).map { i in
        let pull = h.indices.reduce(0.0) { $0 + h[$1] * w0[at][i * units + $1] }
        return sigmoid(down * pull + w0[lowerBias][i]) > t[below * r + i] ? 1 : 0
      }
    }
    let (fixed, fixedAgain) = (rows.map { means(w0, $0) }, again.map { means(w0, $0) })
    func energy(_ w: [[Double]], _ v: [Double], _ p: [Double]) -> Double {
      // The upper pair leaves the bias of the layer below it alone.
      let b = isLower ? w[lowerBias] : w0[lowerBias]
      var sum = 0.0
      for i in v.indices {
        sum -= v[i] * b[i]
        for k in p.indices { sum -= v[i] * p[k] * w[at][i * units + k] }
      }
      return p.indices.reduce(sum) { $0 - p[$1] * w[bias][$1] }
    }
    func cost(_ w: [[Double]]) -> Double {
      (0..<n).reduce(0.0) {
        $0 + energy(w, rows[$1], fixed[$1]) - energy(w, again[$1], fixedAgain[$1])
      } / Double(n)
    }
    try expectStep(of: model, on: x, descends: cost, floor: 1e-1, costTolerance: 1e-5)
  }

  /// It learns a distribution of four patterns, after pretraining and without.
  @Test(arguments: [0, 200]) func learns(_ pretraining: Int) throws {
    let model = try model(
      #"""
      {"data": {"shape": [8]}, "optimizer": {"adam": {"learning_rate": 0.02}}, "average": 0.99,
       "dbm": {"first_hidden": 10, "second_hidden": 6, "pretraining_steps": \#(pretraining), "sampling_steps": 300}}
      """#)
    let patterns: [[Float]] = (0..<4).map { g in (0..<8).map { $0 / 2 == g ? 1 : 0 } }
    let data = try Dataset(
      Tensor((0..<400).flatMap { patterns[$0 % 4] }, shape: [400, 8]))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 1500, reportEvery: 1500)
    let nats = try model.logLikelihood(
      Tensor(patterns.flatMap { $0 }, shape: [4, 8]), given: .none, options: .object([])
    ).doubles
    // 4 equally likely patterns: log 4 = 1.39 nats are the least, 5.5 those of a uniform one.
    // This is a bound.
    #expect(nats.reduce(0, +) / 4 > -3, "\(nats)")
    let found = counts(of: try model.sample(400, seed: 3, given: .none), 8)
    let known = patterns.reduce(0.0) { sum, pattern in
      sum + found[pattern.enumerated().reduce(0) { $0 | Int($1.element) << $1.offset }]
    }
    #expect(known > 0.6 * 400, "\(known)")
  }
}
