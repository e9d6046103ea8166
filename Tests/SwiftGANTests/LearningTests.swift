import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A GAN on a mixture of Gaussians in the plane, judged by the protocol of VEEGAN and PacGAN: 2,500
/// samples.
struct PlaneRun {
  let coverage: ModeCoverage
  /// Mean distance of the samples from the nearest mode.
  let distance: Double

  init(_ configuration: Configuration, on data: Dataset, steps: UInt64, batch: Int) throws {
    let model = try GAN(configuration)
    var trainer = try Trainer(model, data: data, batch: batch)
    try trainer.run(steps: steps)
    let samples = try model.sample(2500, seed: configuration.seed)
    let mixture = try #require(data.mixture)
    coverage = try modeCoverage(
      samples: samples, centers: mixture.centers, deviation: Double(mixture.deviation))
    let (points, centers) = (samples.array, mixture.centers.array)
    var total = 0.0
    for i in stride(from: 0, to: points.count, by: 2) {
      total +=
        stride(from: 0, to: centers.count, by: 2).map { m in
          hypot(Double(points[i] - centers[m]), Double(points[i + 1] - centers[m + 1]))
        }.min() ?? 0
    }
    distance = total / 2500
  }

  /// What `swiftgan train ring` makes.
  static func ring(seed: UInt64, steps: UInt64, batch: Int) throws -> PlaneRun {
    let c = Configuration(
      shape: [2], latent: Prior(size: 16), generator: .mlp(), discriminator: .mlp(),
      optimizer: OptimizerSettings(Adam(learningRate: 0.001, beta1: 0.5)),
      generatorOptimizer: OptimizerSettings(Adam(learningRate: 0.0005, beta1: 0.5)),
      learningRate: .linear(steps: steps, to: 0.02), average: 0.999,
      tricks: Tricks(instanceNoise: 0.3, steps: steps / 2), seed: seed)
    return try PlaneRun(c, on: .ring(seed: seed), steps: steps, batch: batch)
  }

  /// The recipe for the grid.
  static func grid(seed: UInt64) throws -> PlaneRun {
    var c = try Configuration(
      json: JSON(parsing: FileIO.readText("bindings/recipes/grid.json")))
    c.seed = seed
    return try PlaneRun(c, on: .grid(seed: seed), steps: 32_000, batch: 256)
  }
}

@Suite struct LearningTests {
  /// Part of the way: samples lie near the ring's modes, of which an untrained generator, a
  /// distance of 0.9 from them, knows nothing.
  @Test func approachesTheRing() throws {
    let run = try PlaneRun.ring(seed: 1, steps: 6000, batch: 128)
    #expect(run.distance < 0.2, "mean distance \(run.distance)")
  }
}

/// Minutes of training: `make test-long`.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil)) struct LongLearningTests {
  /// How many of the seeds 1...5 find so many modes with at least 90 of 100 samples within three
  /// deviations of one.
  private func good(
    _ name: String, modes: Int, _ run: (UInt64) throws -> PlaneRun
  ) throws -> Int {
    try (1...5).count { seed in
      let found = try run(UInt64(seed)).coverage
      let share = try #require(found.highQuality)
      print(
        "\(name), seed \(seed): \(found.modesFound) of \(found.modes) modes,"
          + " \(share) within three deviations")
      return found.modesFound >= modes && share >= 0.9
    }
  }

  @Test func ringInFiveOfFiveSeeds() throws {
    #expect(try good("ring", modes: 8) { try .ring(seed: $0, steps: 16_000, batch: 256) } == 5)
  }

  @Test func gridInFourOfFiveSeeds() throws {
    #expect(try good("grid", modes: 23) { try .grid(seed: $0) } >= 4)
  }
}
