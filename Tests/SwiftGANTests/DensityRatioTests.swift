import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Two Gaussians in the plane, 1.5 apart, deviations 1 (data) and 1.4 (a generator that is held
/// still): a discriminator learns their density ratio, which is known.
@Suite struct DensityRatioTests {
  private static let (near, wide) = (1.0, 1.4)
  private static let count = 50_000

  private func exact(_ x: Double, _ y: Double) -> Double {
    let (a, b) = (Self.near, Self.wide)
    return 2 * log(b / a) - ((x - 1.5) * (x - 1.5) + y * y) / (2 * a * a)
      + (x * x + y * y) / (2 * b * b)
  }

  private func data(_ seed: UInt64) -> Tensor {
    RandomKey(seed: seed, stream: 9, step: 0).normal([Self.count, 2]) + Tensor([1.5, 0])
  }

  @Test(arguments: [(0, 0), (0.1, 0), (0.1, 0.1)] as [(Float, Float)])
  func twoGaussians(_ smoothing: Float, _ flipping: Float) throws {
    let steps: UInt64 = 4000
    var tricks = Tricks()
    tricks.labelFlipping = flipping
    var configuration = Configuration(
      shape: [2], latent: Prior(size: 2),
      generator: .layers([Scaling(factor: Float(Self.wide))]),
      discriminator: .mlp(width: 64), labelSmoothing: LabelSmoothing(real: smoothing),
      schedule: UpdateSchedule(generatorSteps: 0),
      optimizer: OptimizerSettings(Adam(learningRate: 0.001, beta1: 0.9)),
      learningRate: .cosine(steps: steps, to: 0), tricks: tricks)
    // The generator, which never moves, is one of the data's own units.
    configuration.standardize = false
    let model = try GAN(configuration)
    let data = try Dataset(data(1))
    var trainer = try Trainer(model, data: data, batch: 256)
    try trainer.run(steps: steps, reportEvery: steps)

    // Within three deviations of both means.
    let points = Tensor.concatenate(
      [self.data(2).rows(0..<5000), try model.sample(5000, seed: 3)], axis: 0)
    let (x, found) = (points.array, try model.logDensityRatio(points).array)
    var errors: [Double] = []
    for i in found.indices {
      let (a, b) = (Double(x[2 * i]), Double(x[2 * i + 1]))
      guard hypot(a - 1.5, b) < 3 * Self.near, hypot(a, b) < 3 * Self.wide else { continue }
      errors.append(Double(found[i]) - exact(a, b))
    }
    #expect(errors.count > 8000)
    let rms = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    #expect(rms < 0.15, "log ratio off by \(rms)")

    let estimates = try model.divergences(from: data, count: 20_000)
    let r = Self.near / Self.wide
    let kl = -2 * log(r) + r * r + 2.25 / (2 * Self.wide * Self.wide) - 1
    #expect(abs(estimates.kl.value / kl - 1) < 0.1, "KL \(estimates.kl), not \(kl)")
    #expect((0.002...0.02).contains(estimates.kl.standardError))
    let reverse = 2 * log(r) + 1 / (r * r) + 2.25 / 2 - 1
    #expect(
      abs(estimates.reverseKL.value / reverse - 1) < 0.1, "\(estimates.reverseKL), not \(reverse)")
    // Jensen and Shannon's divergence and total variation by summing over a grid.
    var (js, tv, chi, mass) = (0.0, 0.0, 0.0, 0.0)
    for i in -500...500 {
      for j in -500...500 {
        let (a, b) = (Double(i) / 50, Double(j) / 50)
        let q =
          exp(-(a * a + b * b) / (2 * Self.wide * Self.wide))
          / (2 * .pi * Self.wide * Self.wide * 2500)
        let u = exp(exact(a, b))
        js += 0.5 * q * (u * log(2 * u / (1 + u)) + log(2 / (1 + u)))
        tv += 0.5 * q * abs(u - 1)
        chi += q * (u - 1) * (u - 1)
        mass += q
      }
    }
    #expect(abs(mass - 1) < 1e-6)
    #expect(
      abs(estimates.jensenShannon.value / js - 1) < 0.1, "\(estimates.jensenShannon), not \(js)")
    #expect(
      abs(estimates.totalVariation.value / tv - 1) < 0.1, "\(estimates.totalVariation), not \(tv)")
    #expect(abs(estimates.pearson.value / chi - 1) < 0.1, "\(estimates.pearson), not \(chi)")
  }
}
