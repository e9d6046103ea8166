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
@testable import SGTensors

/// A flow as the generator of a game (Grover et al. 2018).
@Suite struct FlowGANTests {
  private func model(_ own: String) throws -> DescentModel<Flow<RealNVP>> {
    try DescentModel(
      configuration: JSON(
        parsing: #"""
          {"data": {"shape": [3]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 5,
           "realnvp": {"width": 3, "depth": 1, "couplings": 2, "adversarial": {\#(own), "discriminator": {"layers": [{"dense": 3}, "tanh", {"dense": 1}]}}}}
          """#))
  }

  /// The couplings descend a weighted sum of the generator's cost and −log p(x), the discriminator
  /// its own cost, all from the same weights, as in double precision with central differences.
  @Test(arguments: [
    (#""weight": 1, "likelihood_weight": 0"#, 1.0, 0.0),
    (#""weight": 0.5, "likelihood_weight": 0.2"#, 0.5, 0.2),
  ]) func aStep(_ own: String, _ weight: Double, _ likelihoodWeight: Double) throws {
    let model = try model(own)
    for (i, (name, value)) in model.tensors.enumerated() where !name.contains("optimizer") {
      let key = RandomKey(seed: 77, stream: 3, step: UInt64(i))
      let noise = key.normal([1, value.count], deviation: 0.3).reshaped(value.shape)
      try model.setTensor(name, value + noise)
    }
    let n = 4
    let x = RandomKey(seed: 2, stream: 1, step: 0).normal([n, 3])
    func rows(_ x: Tensor) -> [[Double]] {
      let all = x.doubles
      return (0..<n).map { Array(all[3 * $0..<3 * $0 + 3]) }
    }
    let (data, latents) = (rows(x), rows(RandomKey(.latents, seed: 5).normal([n, 3])))
    func coupling(_ w: [[Double]], _ c: Int, _ x: [Double]) -> (scale: [Double], shift: [Double]) {
      let seen = (0..<3).map { ($0 % 2 == 0) == (c == 0) ? x[$0] : 0 }
      let hidden = denseInDouble(seen, w[4 * c], w[4 * c + 1]).map { max(0, $0) }
      let out = denseInDouble(hidden, w[4 * c + 2], w[4 * c + 3])
      let moves = (0..<3).map { ($0 % 2 == 0) == (c == 0) ? 0.0 : 1 }
      return (
        (0..<3).map { 3 * tanh(out[$0] / 3) * moves[$0] }, (0..<3).map { out[3 + $0] * moves[$0] }
      )
    }
    func nats(_ w: [[Double]]) -> Double {
      data.reduce(0.0) { sum, row in
        var (x, sum) = (row, sum)
        for c in 0..<2 {
          let (scale, shift) = coupling(w, c, x)
          x = (0..<3).map { x[$0] * exp(scale[$0]) + shift[$0] }
          sum -= scale.reduce(0, +)
        }
        return x.reduce(sum) { $0 + 0.5 * $1 * $1 + 0.5 * log(2 * Double.pi) }
      } / Double(n)
    }
    func logit(_ w: [[Double]], _ x: [Double]) -> Double {
      denseInDouble(denseInDouble(x, w[8], w[9]).map(tanh), w[10], w[11])[0]
    }
    func fakes(_ w: [[Double]]) -> [[Double]] {
      latents.map { z in
        [1, 0].reduce(z) { x, c in
          let (scale, shift) = coupling(w, c, x)
          return (0..<3).map { (x[$0] - shift[$0]) * exp(-scale[$0]) }
        }
      }
    }
    func softplus(_ x: Double) -> Double { log1p(exp(x)) }
    func generator(_ w: [[Double]]) -> Double {
      fakes(w).reduce(0) { $0 + 0.5 * softplus(-logit(w, $1)) } / Double(n)
    }
    func discriminator(_ w: [[Double]]) -> Double {
      let real = data.reduce(0) { $0 + 0.5 * softplus(-logit(w, $1)) }
      return fakes(w).reduce(real) { $0 + 0.5 * softplus(logit(w, $1)) } / Double(n)
    }
    let before = model.tensors.filter { !$0.name.contains("optimizer") }.map(\.value.doubles)
    let report = try expectStep(
      of: model, on: x,
      descends: { weight * generator($0) + likelihoodWeight * nats($0) },
      other: ("discriminator", discriminator), floor: 1e-2)
    let costs = [
      ("generator_cost", generator(before)), ("discriminator_cost", discriminator(before)),
    ]
    for (name, want) in costs { #expect(abs(try #require(report[name]) - want) < 1e-5) }
    #expect(abs(try #require(report["bits_per_dimension"]) - nats(before) / 3 / log(2)) < 1e-4)
  }

  /// By the game alone, samples move to the data, and the likelihood stays exact.
  @Test func learnsByTheGame() throws {
    let model = try DescentModel<Flow<RealNVP>>(
      configuration: JSON(
        parsing: #"""
          {"data": {"shape": [2]}, "optimizer": {"adam": {"learning_rate": 0.002, "beta1": 0.5}}, "average": 0.98,
           "realnvp": {"width": 16, "couplings": 4, "adversarial": {"weight": 1, "likelihood_weight": 0}}}
          """#))
    let data = try Dataset(
      RandomKey(seed: 4, stream: 1, step: 0).normal([2000, 2], mean: 2, deviation: 0.5))
    var trainer = try Trainer(model, data: data, batch: 128)
    try trainer.run(steps: 600, reportEvery: 600)
    let samples = try model.sample(2000, seed: 1).doubles
    let mean = samples.reduce(0, +) / 4000
    #expect(abs(mean - 2) < 0.4, "\(mean)")
    #expect(model.likelihood == .exact)
    let x = try model.sample(500, seed: 2)
    let nats = try model.logLikelihood(x, given: .none, options: [:]).doubles
    // Its entropy, near that of the data: −2 · (½ log 2πe + log ½) = −1.45 nats.
    #expect(abs(nats.reduce(0, +) / 500 + 1.45) < 1.5, "\(nats.reduce(0, +) / 500)")
  }

  @Test func mistakes() throws {
    func message(_ own: String) throws -> String {
      let failure = #expect(throws: Failure.self) { try model(own) }
      return failure?.message ?? ""
    }
    #expect(try message(#""weight": 0, "likelihood_weight": 0"#).contains("both 0"))
    #expect(try message(#""weight": -1"#).contains("realnvp.adversarial.weight"))
    #expect(try message(#""weight": 1, "objective": "hing""#).contains("objective"))
    // Without a game there is no discriminator, and the configuration is as before.
    let plain = try model(#""weight": 0"#)
    #expect(!plain.tensors.contains { $0.name.hasPrefix("discriminator") })
    #expect(plain.configurationJSON["realnvp"]?["adversarial"] == nil)
  }
}
