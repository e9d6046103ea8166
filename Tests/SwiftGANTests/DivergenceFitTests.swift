import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The experiment of Nowozin et al. 2016, table 7: f-GAN fits one Gaussian, G(z) = μ + σz, to the
/// mixture ⅓ N(−1, 1/16) + ⅔ N(2, 2) (weights 0.33 and 0.67), which no Gaussian can equal, so each
/// divergence has a best fit of its own. Minutes: `make test-long`.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil)) struct LongDivergenceFitTests {
  private static func normal(_ x: Double, _ mean: Double, _ variance: Double) -> Double {
    exp(-(x - mean) * (x - mean) / (2 * variance)) / sqrt(2 * .pi * variance)
  }
  private static let grid = (-5000...5000).map { Double($0) / 200 }
  private static let density = grid.map { 0.33 * normal($0, -1, 0.0625) + 0.67 * normal($0, 2, 2) }

  private static func f(_ divergence: Divergence, _ u: Double) -> Double {
    switch divergence {
    case .kl: u * log(u)
    case .reverseKL: -log(u)
    case .pearson: (u - 1) * (u - 1)
    case .neyman: (1 - u) * (1 - u) / u
    case .squaredHellinger: (sqrt(u) - 1) * (sqrt(u) - 1)
    case .jensenShannon: -(u + 1) * log((1 + u) / 2) + u * log(u)
    case .gan: u * log(u) - (u + 1) * log(u + 1)
    case .jeffreys: (u - 1) * log(u)
    case .totalVariation: abs(u - 1) / 2
    }
  }

  /// D_f(mixture ‖ N(mean, deviation²)) by the rectangle rule.
  private static func value(_ d: Divergence, _ mean: Double, _ deviation: Double) -> Double {
    var sum = 0.0
    for (x, p) in zip(grid, density) {
      let (p, q) = (max(p, 1e-300), max(normal(x, mean, deviation * deviation), 1e-300))
      let term = q * f(d, p / q)
      if term.isFinite { sum += term }
    }
    return sum / 200
  }

  /// The direct minimum, by a walk with shrinking steps.
  private static func minimum(_ d: Divergence) -> (value: Double, mean: Double, deviation: Double) {
    var best = (value: value(d, 1, 1.8), mean: 1.0, deviation: 1.8)
    var step = 0.5
    while step > 1e-3 {
      var moved = false
      for (a, b) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
        let (m, s) = (best.mean + Double(a) * step, best.deviation * exp(Double(b) * step))
        let v = value(d, m, s)
        if v < best.value - 1e-10 { (best, moved) = ((v, m, s), true) }
      }
      if !moved { step /= 2 }
    }
    return best
  }

  @Test(arguments: Divergence.allCases) func fitsTheMixture(_ divergence: Divergence) throws {
    // Total variation's D is a smoothed step whose gradient is weak and its minimum flat: slower,
    // and judged by the value.
    let isFlat = divergence == .totalVariation
    let steps: UInt64 = isFlat ? 12_000 : 8000
    let n = 400_000
    let key = RandomKey(seed: 11, stream: 9, step: 0)
    let noise = key.normal([n, 2]).array
    let pick = key.words(n)
    let samples = (0..<n).map { i in
      pick[i] < UInt32(0.67 * 4_294_967_296)
        ? 2 + Float(2).squareRoot() * noise[2 * i] : -1 + 0.25 * noise[2 * i + 1]
    }
    let beta: Float = isFlat ? 0 : 0.5
    let model = try GAN(
      Configuration(
        shape: [1], latent: Prior(size: 1), generator: .layers([Dense(1)]),
        discriminator: .layers([
          Dense(64), ActivationLayer.tanh, Dense(64), ActivationLayer.tanh, Dense(1),
        ]), objective: .fGAN(divergence),
        schedule: UpdateSchedule(discriminatorSteps: isFlat ? 2 : 1),
        optimizer: OptimizerSettings(Adam(learningRate: isFlat ? 0.005 : 0.01, beta1: beta)),
        generatorOptimizer: OptimizerSettings(
          Adam(learningRate: isFlat ? 0.001 : 0.01, beta1: beta)),
        learningRate: .cosine(steps: steps, to: 0.01), average: 0.999))
    try model.setTensor("generator.0.weight", .ones([1, 1]))
    var trainer = try Trainer(model, data: Dataset(Tensor(samples, shape: [n, 1])), batch: 1024)
    try trainer.run(steps: steps, reportEvery: steps)
    func tensor(_ name: String) throws -> Double {
      try Double(#require(model.tensors.first { $0.name == name }).value.array[0])
    }
    let mean = try tensor("generator_average.0.bias")
    let deviation = try abs(tensor("generator_average.0.weight"))
    let best = Self.minimum(divergence)
    print(
      "\(divergence.rawValue): mean \(mean) (best \(best.mean)), deviation \(deviation) (best \(best.deviation))"
    )
    if isFlat {
      #expect(Self.value(divergence, mean, deviation) < best.value + 0.01)
    } else {
      #expect(abs(mean / best.mean - 1) < 0.05)
      #expect(abs(deviation / best.deviation - 1) < 0.05)
    }
  }
}
