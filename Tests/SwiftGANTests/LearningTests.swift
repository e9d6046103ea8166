import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A GAN on the ring of eight Gaussians: radius 1, deviation 0.01 (the protocol of VEEGAN and PacGAN).
struct RingRun {
  /// Modes with at least one sample within three deviations, of eight.
  let modes: Int
  /// Share of 2,500 samples within three deviations of a mode.
  let share: Double
  /// Mean distance of the samples from the nearest mode.
  let distance: Double

  init(seed: UInt64, steps: UInt64, batch: Int) throws {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 16), generator: .mlp(), discriminator: .mlp(),
        optimizer: OptimizerSettings(Adam(learningRate: 0.001, beta1: 0.5)),
        generatorOptimizer: OptimizerSettings(Adam(learningRate: 0.0005, beta1: 0.5)),
        learningRate: .linear(steps: steps, to: 0.02), average: 0.999,
        tricks: Tricks(instanceNoise: 0.3, steps: steps / 2), seed: seed))
    var trainer = try Trainer(model, data: Dataset.ring(seed: seed), batch: batch)
    try trainer.run(steps: steps)
    let points = try model.sample(2500, seed: seed).array
    var near = [Int](repeating: 0, count: 8)
    var total = 0.0
    for i in stride(from: 0, to: points.count, by: 2) {
      let (x, y) = (Double(points[i]), Double(points[i + 1]))
      let distances = (0..<8).map { m in
        hypot(x - cos(2 * .pi * Double(m) / 8), y - sin(2 * .pi * Double(m) / 8))
      }
      let nearest = distances.indices.min { distances[$0] < distances[$1] }!
      total += distances[nearest]
      if distances[nearest] <= 0.03 { near[nearest] += 1 }
    }
    modes = near.count { $0 > 0 }
    share = Double(near.reduce(0, +)) / 2500
    distance = total / 2500
  }
}

@Suite struct LearningTests {
  /// Part of the way: samples lie near the ring's modes, of which an untrained generator, a distance of 0.9 from them, knows
  /// nothing.
  @Test func approachesTheRing() throws {
    let run = try RingRun(seed: 1, steps: 6000, batch: 128)
    #expect(run.distance < 0.2, "mean distance \(run.distance)")
  }
}

/// Minutes of training: `make test-long`.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil)) struct LongLearningTests {
  @Test func ringInFiveOfFiveSeeds() throws {
    let runs = try (1...5).map { try RingRun(seed: $0, steps: 16_000, batch: 256) }
    let good = runs.count { $0.modes == 8 && $0.share >= 0.9 }
    for (i, run) in runs.enumerated() {
      print("ring, seed \(i + 1): \(run.modes) modes, \(run.share) within three deviations")
    }
    #expect(good == 5)
  }
}
