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

@Suite struct VAETests {
  private typealias Model = DescentModel<VAE>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  private static let layers =
    #""encoder_network": {"layers": [{"dense": 3}, "tanh", {"dense": 4}]}, "decoder_network": {"layers": [{"dense": 3}, "tanh", {"dense": 2}]}"#

  /// A step of SGD from given weights, data and noise equals a computation in double precision with
  /// central differences, for both decoders.
  @Test(arguments: ["bernoulli", "gaussian"]) func aStep(_ decoder: String) throws {
    let model = try model(
      #"""
      {"data": {"shape": [2]}, "latent": {"size": 2}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 11,
       "vae": {\#(Self.layers), "decoder": "\#(decoder)", "deviation": 0.7, "beta": 0.8}}
      """#)
    let n = 3
    let x = RandomKey(seed: 2, stream: 1, step: 0).uniform([n, 2])
    let noise = RandomKey(.latents, seed: 11).normal([n, 2]).doubles
    let before = model.tensors.filter { !$0.name.contains("optimizer") }
    let data = x.doubles
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for i in 0..<n {
        let sample = [data[2 * i], data[2 * i + 1]]
        let hidden = denseInDouble(sample, w[0], w[1]).map(tanh)
        let posterior = denseInDouble(hidden, w[2], w[3])
        let (mean, logVariance) = (posterior[0..<2], posterior[2..<4])
        let z = (0..<2).map { mean[$0] + exp(0.5 * logVariance[2 + $0]) * noise[2 * i + $0] }
        let output = denseInDouble(denseInDouble(z, w[4], w[5]).map(tanh), w[6], w[7])
        for k in 0..<2 {
          if decoder == "bernoulli" {
            total += log1p(exp(output[k])) - sample[k] * output[k]
          } else {
            let d = (sample[k] - output[k]) / 0.7
            total += 0.5 * d * d + log(0.7) + 0.5 * log(2 * Double.pi)
          }
          let (m, v) = (mean[k], logVariance[2 + k])
          total += 0.8 * 0.5 * (m * m + exp(v) - v - 1)
        }
      }
      return total / Double(n)
    }
    let weights = before.map(\.value.doubles)
    let slopes = finiteDifferences(of: cost, at: weights)
    let report = try model.train(on: [Batch(x)], reporting: true)
    #expect(abs(try #require(report["cost"]) - cost(weights)) < 1e-5 * abs(cost(weights)))
    let after = model.tensors.filter { !$0.name.contains("optimizer") }
    for i in before.indices {
      let largest = slopes[i].map(abs).max() ?? 0
      for (k, value) in after[i].value.doubles.enumerated() {
        let want = weights[i][k] - slopes[i][k]
        #expect(abs(value - want) < 1e-4 * max(largest, 1e-3), "\(before[i].name)[\(k)]")
      }
    }
  }

  /// A linear decoder with a normal output is a normal distribution of the data: N(b, W Wᵀ + σ² 1).
  /// The importance-weighted bound reaches its log density, and the ELBO stays below.
  @Test func boundOfALinearModel() throws {
    let model = try model(
      #"""
      {"data": {"shape": [2]}, "latent": {"size": 1},
       "vae": {"encoder_network": {"layers": [{"dense": 2}]}, "decoder_network": {"layers": [{"dense": 2}]},
               "decoder": "gaussian", "deviation": 0.5}}
      """#)
    try model.setTensor("decoder.0.weight", Tensor([0.8, -0.6], shape: [1, 2]))
    try model.setTensor("decoder.0.bias", Tensor([0.1, 0.2]))
    // z | x is normal with precision 1 + ‖W‖² / σ² = 5 and mean W·(x − b) / (σ² 5); a slightly
    // wider q.
    try model.setTensor("encoder.0.weight", Tensor([0.64, 0, -0.48, 0], shape: [2, 2]))
    try model.setTensor("encoder.0.bias", Tensor([0.032, -1.4]))
    let points: [(Double, Double)] = [(0.1, 0.2), (1, -0.5), (-1.5, 1.5), (0.4, 0.9)]
    let x = Tensor(points.flatMap { [Float($0.0), Float($0.1)] }, shape: [4, 2])
    let bound = try model.logLikelihood(
      x, given: .none, options: .object([("importance_samples", .integer(4000))])
    ).doubles
    let single = try (1...200).map { seed in
      try model.logLikelihood(
        x, given: .none,
        options: .object([("importance_samples", .integer(1)), ("seed", .integer(Int64(seed)))])
      ).doubles
    }
    for (i, (u, v)) in points.enumerated() {
      // Σ = [[0.89, −0.48], [−0.48, 0.61]]
      let (a, b, c) = (0.64 + 0.25, -0.48, 0.36 + 0.25)
      let determinant = a * c - b * b
      let (p, q) = (u - 0.1, v - 0.2)
      let square = (c * p * p - 2 * b * p * q + a * q * q) / determinant
      let exact = -0.5 * square - 0.5 * log(determinant) - log(2 * Double.pi)
      #expect(abs(bound[i] - exact) < 0.01, "\(bound[i]) \(exact)")
      let elbo = single.map { $0[i] }.reduce(0, +) / 200
      #expect(elbo < exact + 0.01 && elbo > exact - 1)
    }
  }

  /// Integration over one latent number is exact for a linear model; over two numbers, the
  /// probabilities of all states of 6 bits sum to 1, and many importance samples come near.
  @Test func quadrature() throws {
    let linear = try model(
      #"""
      {"data": {"shape": [2]}, "latent": {"size": 1},
       "vae": {"encoder_network": {"layers": [{"dense": 2}]}, "decoder_network": {"layers": [{"dense": 2}]},
               "decoder": "gaussian", "deviation": 0.5}}
      """#)
    try linear.setTensor("decoder.0.weight", Tensor([0.8, -0.6], shape: [1, 2]))
    try linear.setTensor("decoder.0.bias", Tensor([0.1, 0.2]))
    let options: JSON = ["quadrature": 200]
    let x = Tensor([0.1, 0.2, 1, -0.5, -1.5, 1.5], shape: [3, 2])
    let found = try linear.logLikelihood(x, given: .none, options: options).doubles
    let (a, b, c) = (0.64 + 0.25, -0.48, 0.36 + 0.25)
    for (i, (u, v)) in [(0.1, 0.2), (1.0, -0.5), (-1.5, 1.5)].enumerated() {
      let (p, q, determinant) = (u - 0.1, v - 0.2, a * c - b * b)
      let square = (c * p * p - 2 * b * p * q + a * q * q) / determinant
      let exact = -0.5 * square - 0.5 * log(determinant) - log(2 * Double.pi)
      #expect(abs(found[i] - exact) < 1e-4, "\(found[i]) \(exact)")
    }
    let bits = try model(#"{"data": {"shape": [6]}, "latent": {"size": 2}}"#)
    let y = states(6)
    var trainer = try Trainer(bits, data: Dataset(y.rows(0..<20)), batch: 20)
    try trainer.run(steps: 100)
    let exact = try bits.logLikelihood(y, given: .none, options: ["quadrature": 60]).doubles
    #expect(abs(exact.map(exp).reduce(0, +) - 1) < 1e-4, "\(exact.map(exp).reduce(0, +))")
    let many = try bits.logLikelihood(y, given: .none, options: ["importance_samples": 1000])
      .doubles
    for (a, b) in zip(many, exact) { #expect(abs(a - b) < 0.1, "\(a) \(b)") }
    #expect(bits.likelihoodOptions.last == ["quadrature": 200])
    let wide = try model(#"{"data": {"shape": [6]}, "latent": {"size": 3}}"#)
    let failure = #expect(throws: Failure.self) {
      try wide.logLikelihood(y, given: .none, options: options)
    }
    #expect(failure?.message.contains("latent.size up to 2") == true)
    #expect(wide.likelihoodOptions.count == 3)
  }

  /// Samples are means of p(x | z), or drawn from it.
  @Test(arguments: ["bernoulli", "gaussian", "learned"]) func samples(_ decoder: String) throws {
    func samples(_ kind: String) throws -> [Double] {
      let own =
        switch decoder {
        case "bernoulli": #""decoder": "bernoulli""#
        case "gaussian": #""decoder": "gaussian", "deviation": 0.5"#
        default: #""decoder": "gaussian", "deviation": null"#
        }
      let model = try model(
        #"""
        {"data": {"shape": [1]}, "latent": {"size": 2},
         "vae": {\#(own), "decoder_network": {"layers": [{"dense": \#(decoder == "learned" ? 2 : 1)}]}, "samples": "\#(kind)"}}
        """#)
      #expect(model.samplesAreMeans == (kind == "mean"))
      try model.setTensor(
        "decoder.0.weight", .zeros([2, decoder == "learned" ? 2 : 1]))
      // A mean of 1, or p = σ(1), and a variance of ¼.
      try model.setTensor(
        "decoder.0.bias", Tensor(decoder == "learned" ? [1, Float(log(0.25))] : [1]))
      return try model.sample(4000, seed: 3, given: .none).doubles
    }
    let (means, drawn) = (try samples("mean"), try samples("drawn"))
    let mean = decoder == "bernoulli" ? 1 / (1 + exp(-1)) : 1.0
    let variance = decoder == "bernoulli" ? mean * (1 - mean) : 0.25
    #expect(means.allSatisfy { abs($0 - mean) < 1e-6 })
    let found = drawn.reduce(0, +) / 4000
    #expect(abs(found - mean) < 5 * (variance / 4000).squareRoot(), "\(found)")
    let spread = drawn.reduce(0) { $0 + ($1 - found) * ($1 - found) } / 4000
    #expect(abs(spread - variance) < 0.1 * variance, "\(spread)")
    if decoder == "bernoulli" { #expect(Set(drawn) == [0, 1]) }
  }

  /// It learns: 4 groups of bits come back from their latents.
  @Test func learnsGroupsOfBits() throws {
    let model = try model(
      #"{"data": {"shape": [8]}, "latent": {"size": 2}, "vae": {"decoder_network": {"preset": "mlp", "width": 32}, "encoder_network": {"preset": "mlp", "width": 32}}}"#
    )
    let groups: [[Float]] = (0..<4).map { g in (0..<8).map { $0 / 2 == g ? 1 : 0 } }
    let data = try Dataset(Tensor((0..<400).flatMap { groups[$0 % 4] }, shape: [400, 8]))
    var trainer = try Trainer(model, data: data, batch: 50)
    let first = try trainer.step()
    try trainer.run(steps: 1500, reportEvery: 1500)
    let last = try trainer.step()
    // 4 equally likely groups: log 4 nats are the least.
    let (begin, end) = (try #require(first["cost"]), try #require(last["cost"]))
    #expect(begin > 4 && end < 2.2 && end > 1.2, "\(begin) \(end)")
    let x = Tensor(groups.flatMap { $0 }, shape: [4, 8])
    let again = try model.reconstruct(x, given: .none).array
    for (a, b) in zip(again, x.array) { #expect(abs(a - b) < 0.25) }
    let likelihood = try model.logLikelihood(
      x, given: .none, options: .object([("importance_samples", .integer(500))])
    ).doubles
    for value in likelihood { #expect(value < -1.2 && value > -2.2, "\(value)") }
    #expect(throws: Failure.self) {
      try model.logLikelihood(0.5 * x, given: .none, options: .object([]))
    }
    #expect(throws: Failure.self) {
      try model.logLikelihood(x, given: .none, options: .object([("samples", .integer(5))]))
    }
  }
}
