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

@Suite struct GameTests {
  private let real: [Float] = [-3, -0.5, 0, 2, 90]
  private let fake: [Float] = [-80, -1, 0.25, 1.5, 4]

  private func mean(_ x: [Float], _ f: (Double) -> Double) -> Double {
    x.map { f(Double($0)) }.reduce(0, +) / Double(x.count)
  }
  private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  private func expect(_ found: Tensor, _ expected: Double) {
    #expect(abs(Double(found.scalar) - expected) <= 2e-6 * max(1, abs(expected)))
  }

  @Test func costs() {
    let (r, f) = (Tensor(real), Tensor(fake))
    for objective in Objective.crossEntropy {  // they share D's cost
      let plain = 0.5 * mean(real) { softplus(-$0) } + 0.5 * mean(fake) { softplus($0) }
      expect(objective.discriminator(r, f, LabelSmoothing()), plain)
      let smoothed =
        0.5 * mean(real) { 0.9 * softplus(-$0) + 0.1 * softplus($0) }
        + 0.5 * mean(fake) { 0.8 * softplus($0) + 0.2 * softplus(-$0) }
      expect(objective.discriminator(r, f, LabelSmoothing(real: 0.1, fake: 0.2)), smoothed)
    }
    expect(Objective.minimax.generator(f), -0.5 * mean(fake, softplus))
    expect(Objective.nonSaturating.generator(f), 0.5 * mean(fake) { softplus(-$0) })
  }

  /// Where D is sure that a sample is a fake, minimax gives no gradient and non-saturating a full
  /// one.
  @Test func gradientsWhereTheDiscriminatorWins() {
    for (objective, expected) in [(Objective.minimax, 0.0), (.nonSaturating, -0.5)] {
      let logits = Tensor([-100]).tracked()
      let g = gradient(of: objective.generator(logits), wrt: [logits])[0].scalarOfOne
      #expect(abs(Double(g) - expected) < 1e-6, "\(objective.name): \(g)")
    }
  }

  private func model(_ schedule: UpdateSchedule, seed: UInt64 = 1) throws -> GAN {
    try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 3), generator: .mlp(width: 8),
        discriminator: .mlp(width: 8),
        schedule: schedule, optimizer: OptimizerSettings(SGD(learningRate: 0.1)), seed: seed))
  }
  private let x = RandomKey(seed: 5, stream: 1, step: 0).normal([6, 2])
  private let z = RandomKey(seed: 6, stream: 1, step: 0).normal([6, 3])

  /// Alternating, G answers the discriminator that has just moved; simultaneous, the one before.
  /// D's move is the same.
  @Test func updates() throws {
    let (a, b) = (try model(UpdateSchedule()), try model(UpdateSchedule(update: .simultaneous)))
    _ = try a.train(on: [x], latents: z)
    _ = try b.train(on: [x], latents: z)
    #expect(a.values("discriminator") == b.values("discriminator"))
    #expect(a.values("generator") != b.values("generator"))
    let still = try model(UpdateSchedule())
    try still.setTensor("discriminator.0.weight", a.tensor("discriminator.0.weight"))
    #expect(a.values("generator") != still.values("generator"))
  }

  /// Two updates of D on a batch, then one of G, are a step with discriminator_steps 2; G moves
  /// once.
  @Test func severalStepsOfTheDiscriminator() throws {
    let two = try model(UpdateSchedule(discriminatorSteps: 2))
    #expect(two.batchesPerStep == 2)
    _ = try two.train(on: [x, x], latents: z)
    let one = try model(UpdateSchedule())
    let before = one.values("generator")
    _ = try one.train(on: [x], latents: z)
    let shifted = try model(UpdateSchedule())
    for name in shifted.tensors.map(\.name) where name.hasPrefix("discriminator.") {
      try shifted.setTensor(name, one.tensor(name))
    }
    #expect(shifted.values("generator") == before)
    _ = try shifted.train(on: [x], latents: z)
    #expect(two.values("discriminator") == shifted.values("discriminator"))
    #expect(two.values("generator") == shifted.values("generator"))
  }

  @Test func report() throws {
    let model = try model(UpdateSchedule())
    for step in 1...5 {
      let r = try model.train(on: [x])
      #expect(r.step == UInt64(step))
      let b = try #require(r.balance)
      for share in [b.realOutput, b.fakeOutput, b.realAccuracy, b.fakeAccuracy] {
        #expect((0...1).contains(share))
      }
      #expect(r.discriminatorGradientNorm > 0 && r.generatorGradientNorm > 0)
      #expect(r.learningRate.isFinite && r.imagesPerSecond > 0)
    }
  }

  /// Norms are those of the whole gradient: with SGD the step's length over the rate.
  @Test func gradientNorms() throws {
    let model = try model(UpdateSchedule())
    let before = model.values("generator")
    let r = try model.train(on: [x], latents: z)
    let moved = zip(model.values("generator"), before).map { Double($0 - $1) }
    let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(length / 0.1 / r.generatorGradientNorm - 1) < 1e-3)
  }

  /// The averaged generator makes the samples. After the first step it is the generator, then its
  /// decay is (step - 1) / (step + 8) up to the configuration's.
  @Test func averagedGenerator() throws {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 3), generator: .mlp(width: 8),
        discriminator: .mlp(width: 8),
        optimizer: OptimizerSettings(SGD(learningRate: 0.1)), average: 0.15))
    var expected: [Float] = []
    for decay: Float in [0, 1.0 / 10, 0.15, 0.15] {
      _ = try model.train(on: [x])
      let newest = try model.tensor("generator.0.weight").array
      expected =
        expected.isEmpty
        ? newest : zip(expected, newest).map { decay * $0 + (1 - decay) * $1 }
      for (a, b) in zip(try model.tensor("generator_average.0.weight").array, expected) {
        #expect(abs(a - b) < 1e-6)
      }
    }
    let plain = try self.model(UpdateSchedule())
    for name in plain.tensors.map(\.name) where name.hasPrefix("generator.") {
      try plain.setTensor(
        name, model.tensor(name.replacingPrefix("generator.", with: "generator_average.")))
    }
    #expect(try model.sample(latents: z).array == plain.sample(latents: z).array)
  }

  /// f-GAN's logits are read by the ratio they stand for: for KL the boundary is at 1, not at 0.
  @Test func balanceOfFGAN() throws {
    let logits = Tensor([0.5, 0.9, 1.5, 2], shape: [4, 1])
    let samples = RandomKey(seed: 5, stream: 1, step: 0).normal([4, 2])
    for (divergence, share) in [(Divergence.kl, 0.5), (.reverseKL, 1)] {
      let configuration = Configuration(
        shape: [2], generator: .mlp(), discriminator: .mlp(), objective: .fGAN(divergence))
      let balance = Balance(
        real: samples, fake: samples, onReal: logits, onFake: -logits,
        configuration: configuration)
      #expect(balance.realAccuracy == share && balance.fakeAccuracy == 1)
    }
  }

  /// Noise that stays on when sampling comes from the sample's seed and index alone, and training
  /// leaves it as it is.
  @Test func noiseInsideTheGenerator() throws {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 3, distribution: .truncatedNormal),
        generator: .layers([
          Dense(8), Dropout(0.5, sampling: true), GaussianNoise(0.3, sampling: true), Dense(2),
        ]), discriminator: .mlp(width: 8)))
    let whole = try model.sample(70, seed: 4)
    let latents = try model.latents(70, seed: 4)
    #expect(latents.array.allSatisfy { abs($0) <= 2 })
    #expect(try model.sample(latents: latents, seed: 4).array == whole.array)
    #expect(try model.sample(latents: latents, seed: 5).array != whole.array)
    #expect(try model.sample(66, seed: 4).array == Array(whole.array[..<132]))
    let same = try model.sample(latents: .zeros([3, 3]), seed: 4).array
    #expect(same[0] != same[2] && same[2] != same[4])
  }

  /// With generator_steps 0 only the discriminator learns.
  @Test func generatorHeldStill() throws {
    for update in UpdateSchedule.Update.allCases {
      let model = try model(UpdateSchedule(update: update, generatorSteps: 0))
      let (g, d) = (model.values("generator"), model.values("discriminator"))
      let report = try model.train(on: [x], latents: z)
      #expect(model.values("generator") == g && model.values("discriminator") != d)
      #expect(report.generatorCost > 0 && report.generatorGradientNorm == 0)
    }
  }

  /// The verdict names who is ahead.
  @Test func verdicts() throws {
    let still = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .layers([Scaling(factor: 1)]),
        discriminator: .mlp(width: 16), objective: .minimax,
        schedule: UpdateSchedule(generatorSteps: 0),
        optimizer: OptimizerSettings(Adam(learningRate: 0.01))))
    let far = RandomKey(seed: 5, stream: 1, step: 0).normal([64, 2], mean: 9)
    var verdict = ""
    for _ in 0..<100 { verdict = try still.train(on: [far]).balance!.verdict }
    #expect(verdict.contains("vanishing under minimax; use non_saturating or label_smoothing.real"))
    let same = RandomKey(seed: 5, stream: 1, step: 0).normal([64, 2])
    for _ in 0..<400 { verdict = try still.train(on: [same]).balance!.verdict }
    #expect(verdict.contains("even") || verdict.contains("balanced"), "\(verdict)")
    let collapsed = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .layers([Scaling(factor: 0.1)]),
        discriminator: .mlp(width: 16), schedule: UpdateSchedule(generatorSteps: 0)))
    let report = try collapsed.train(on: [same]).balance!
    #expect(report.verdict.contains("collapsing"), "\(report.verdict)")
    #expect(abs(report.sampleSpread - 0.1) < 0.03)
    #expect(report.verdict.utf8.count <= 160)
  }

  /// n single samples equal one call for n, batch norm included.
  @Test func samplesOneByOne() throws {
    let model = try GAN(
      Configuration(
        shape: [16, 16, 1], generator: .dcgan(width: 4), discriminator: .dcgan(width: 4)))
    _ = try model.train(on: [RandomKey(seed: 1, stream: 1, step: 0).uniform([8, 16, 16, 1])])
    let latents = try model.latents(70, seed: 3)
    let whole = try model.sample(latents: latents).array
    for i in [0, 1, 63, 64, 69] {
      let one = try model.sample(latents: latents.slice(from: [i, 0], [1, 100])).array
      for (a, b) in zip(one, whole[(i * 256)...]) { #expect(abs(a - b) < 1e-5) }
    }
    #expect(try model.latents(3, seed: 3).array == Array(latents.array[..<300]))
  }
}

extension Tensor {
  /// The only element.
  fileprivate var scalarOfOne: Float { array[0] }
}

extension GAN {
  fileprivate func tensor(_ name: String) throws -> Tensor {
    try #require(tensors.first { $0.name == name }).value
  }
  /// All weights of a player, one after the other.
  fileprivate func values(_ player: String) -> [Float] {
    tensors.filter { $0.name.hasPrefix("\(player).") }.flatMap(\.value.array)
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with other: String) -> String {
    hasPrefix(prefix) ? other + dropFirst(prefix.count) : self
  }
}
