import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Label flipping in the density ratio and what is read off it.
@Suite struct FlippingTests {
  /// p_data and p_model on three points.
  private static let data = [0.5, 0.3, 0.2]
  private static let model = [0.2, 0.2, 0.6]

  private func configuration(
    _ objective: Objective, flipping: Float, smoothing: LabelSmoothing = LabelSmoothing()
  ) -> Configuration {
    var tricks = Tricks()
    tricks.labelFlipping = flipping
    return Configuration(
      shape: [2], latent: Prior(size: 2), generator: .mlp(width: 4),
      discriminator: .mlp(width: 4), objective: objective, labelSmoothing: smoothing,
      tricks: tricks)
  }

  /// The logit of one point that minimizes the expected cost of a discriminator whose pairs change
  /// places with probability p, found by halving where the derivative changes its sign: each real
  /// sample is in the cost of real ones with probability 1 − p, else in that of fakes, and the
  /// other way round.
  private func best(
    _ c: Configuration, _ data: Double, _ model: Double
  ) throws -> Float {
    let parts = try #require(c.objective.parts)
    let p = Double(c.tricks.labelFlipping)
    let asReal = Float((1 - p) * data + p * model)
    let asFake = Float((1 - p) * model + p * data)
    func slope(_ logit: Float) -> Float {
      let v = Tensor([logit]).tracked()
      let cost =
        asReal * parts.real(v, c.labelSmoothing) + asFake * parts.fake(v, c.labelSmoothing)
      return gradient(of: cost, wrt: [v])[0].array[0]
    }
    var (low, high): (Float, Float) = (-15, 15)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if slope(middle) < 0 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private func expectRatios(_ c: Configuration) throws {
    let logRatio = try #require(c.logRatio)
    for (data, model) in zip(Self.data, Self.model) {
      let found = logRatio(Tensor([try best(c, data, model)])).array[0]
      let want = log(data / model)
      #expect(abs(Double(found) - want) < 2e-3, "\(c.objective.label): \(found), not \(want)")
    }
  }

  @Test(arguments: [(0, 0), (0.1, 0), (0, 0.2), (0.1, 0.05)] as [(Float, Float)])
  func undoneWithSmoothing(_ real: Float, _ fake: Float) throws {
    for flipping in [0, 0.1, 0.3] as [Float] {
      try expectRatios(
        configuration(
          .nonSaturating, flipping: flipping, smoothing: LabelSmoothing(real: real, fake: fake)))
    }
  }

  @Test(arguments: Divergence.allCases.filter { $0 != .totalVariation })
  func undoneInFGAN(_ divergence: Divergence) throws {
    for flipping in [0, 0.1, 0.3] as [Float] {
      try expectRatios(configuration(.fGAN(divergence), flipping: flipping))
    }
  }

  /// With real target α and fake target 0: (D − αp) / (α (1 − p) − D).
  @Test func formula() throws {
    let c = configuration(.minimax, flipping: 0.1, smoothing: LabelSmoothing(real: 0.2))
    let logRatio = try #require(c.logRatio)
    for d in [0.1, 0.3, 0.5, 0.7] {
      let want = log((d - 0.8 * 0.1) / (0.8 * 0.9 - d))
      let found = logRatio(Tensor([Float(log(d / (1 - d)))])).array[0]
      #expect(abs(Double(found) - want) < 1e-4, "\(found), not \(want)")
    }
  }

  /// The density ratio, its gradient and the balance see the same.
  @Test func everyConsumer() throws {
    let c = configuration(.nonSaturating, flipping: 0.2, smoothing: LabelSmoothing(real: 0.1))
    let model = try GAN(c)
    let x = RandomKey(seed: 3, stream: 9, step: 0).normal([40, 2])
    let logits = try model.discriminate(x)
    let logRatio = try #require(c.logRatio)
    let want = logRatio(logits).array
    #expect(try model.logDensityRatio(x).array == want)
    let slopes = try model.logDensityRatioGradient(x).array
    for axis in 0..<2 {
      let step = Tensor(axis == 0 ? [0.01, 0] : [0, 0.01])
      let (ahead, behind) = (
        try model.logDensityRatio(x + step).array, try model.logDensityRatio(x - step).array
      )
      // A kink of LeakyReLU can lie between the two points.
      let errors = ahead.indices.map {
        abs((ahead[$0] - behind[$0]) / 0.02 - slopes[2 * $0 + axis])
      }
      #expect(errors.sorted()[20] < 1e-3)
    }
    let on = logits.reshaped([40, 1])
    let balance = Balance(real: x, fake: x, onReal: on, onFake: on, configuration: c)
    #expect(abs(balance.realAccuracy - Double(want.count { $0 > 0 }) / 40) < 1e-6)
    #expect(abs(balance.fakeAccuracy - Double(want.count { $0 < 0 }) / 40) < 1e-6)
  }

  /// Where real and fake samples cannot be told apart by anybody, there is no ratio, and a message
  /// says why.
  @Test func noRatio() throws {
    let x = Tensor.ones([2, 2])
    for (c, word) in [
      (configuration(.minimax, flipping: 0.5), "label_flipping"),
      (
        configuration(.minimax, flipping: 0, smoothing: LabelSmoothing(real: 0.5, fake: 0.5)),
        "label_smoothing"
      ), (configuration(.fGAN(.kl), flipping: 0.5), "label_flipping"),
    ] {
      let model = try GAN(c)
      let failure = #expect(throws: Failure.self) { try model.logDensityRatio(x) }
      #expect(failure?.kind == .unsupported && failure?.message.contains(word) == true)
      #expect(try model.train(on: [x]).balance != nil)
    }
  }
}

/// Divergences where a few samples are outside what the discriminator's optimum can tell.
@Suite struct LimitedDivergenceTests {
  /// N(0, 1) against N(1, 1), whose log ratio is ½ − x; with smoothing some D ≥ α give 16.
  @Test func outliersDoNotSpoil() throws {
    let n = 10_000
    let key = RandomKey(seed: 5, stream: 9, step: 0)
    var data = key.normal([n]).array.map { 0.5 - $0 }
    let model = key.from(n).normal([n]).array.map { 0.5 - ($0 + 1) }
    let exact = DivergenceEstimates(onData: data, onModel: model, seed: 1)
    #expect(exact.limited == 0)
    #expect(abs(exact.kl.value - 0.5) < 0.04 && abs(exact.reverseKL.value - 0.5) < 0.04)
    for i in 0..<70 { data[100 * i] = 16.6 }
    let spoilt = DivergenceEstimates(onData: data, onModel: model, seed: 1)
    #expect(abs(spoilt.limited - 0.0035) < 1e-9)
    // 0.7 % of the samples weigh at most log 10,000 each in KL, and 10,000 in χ².
    #expect(abs(spoilt.kl.value - exact.kl.value) < 0.007 * 10)
    #expect(spoilt.pearson.value < exact.pearson.value + 0.0071 * 10_000)
    guard case .object(let members) = spoilt.json else { Issue.record("not an object"); return }
    #expect(members.contains { $0.key == "limited" && $0.value.real == spoilt.limited })
  }

  @Test func theLimitIsTheLogarithmOfTheCount() {
    let estimates = DivergenceEstimates(onData: [-50, 50], onModel: [0.5, -50], seed: 1)
    let limit = log(2.0)
    #expect(abs(estimates.kl.value) < 1e-6 && estimates.limited == 0.75)
    #expect(abs(estimates.reverseKL.value - (limit - 0.5) / 2) < 1e-6)
    #expect(abs(estimates.pearson.value - (2 + 0.5) / 2 + 1) < 1e-6)
  }
}

/// f-GAN's curves over the D that reports show.
@Suite struct CostCurveTests {
  @Test(arguments: Divergence.allCases) func overTheSameD(_ divergence: Divergence) throws {
    let comparison = CostComparison([.fGAN(divergence)], points: 20)
    let curve = comparison.curves[0]
    func output(_ d: Double) -> Double {
      let r = d / (1 - d)
      let rho = log(r)
      return switch divergence {
      case .kl: rho + 1
      case .pearson: 2 * r - 2
      case .neyman: 2 * rho
      case .squaredHellinger: rho / 2
      case .jeffreys: rho + 1 - 1 / r
      case .reverseKL, .jensenShannon, .gan, .totalVariation: rho
      }
    }
    func cost(_ d: Double) -> Double {
      -Double(divergence.conjugate(Tensor([Float(output(d))])).array[0])
    }
    for (i, d) in comparison.outputs.map(Double.init).enumerated() {
      #expect(abs(Double(curve.cost[i]) - cost(d)) < 1e-4 * max(1, abs(cost(d))))
      let slope = (cost(d + 1e-3) - cost(d - 1e-3)) / 2e-3
      #expect(abs(Double(curve.slope[i]) - slope) < 0.02 * max(1, abs(slope)), "\(d)")
    }
    // The report's D of that output is the curve's.
    guard divergence != .totalVariation else { return }
    let rho = log(Tensor(comparison.outputs)) - log(1 - Tensor(comparison.outputs))
    let back = sigmoid(divergence.logRatio(divergence.output(logRatio: rho))).array
    for (a, b) in zip(back, comparison.outputs) { #expect(abs(a - b) < 1e-4) }
  }
}
