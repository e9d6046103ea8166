import SGTestSupport
import SwiftGAN
import Testing

@testable import SGData
@testable import SGExchange
@testable import SGModels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Costs from after 2016: their formulas, what they say of D's output, and pairs.
@Suite struct ScoreObjectiveTests {
  private static let real = [-3.0, -0.5, 0, 2, 9]
  private static let fake = [-8.0, -1, 0.25, 1.5, 4]
  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
  private static func mean(_ x: [Double], _ f: (Double) -> Double) -> Double {
    x.map(f).reduce(0, +) / Double(x.count)
  }

  private func expect(_ o: Objective, discriminator: Double, generator: Double) {
    for shape in [[5, 1], [1, 5]] as [[Int]] {
      let r = Tensor(Self.real.map(Float.init), shape: Shape(shape))
      let f = Tensor(Self.fake.map(Float.init), shape: Shape(shape))
      let found = (
        Double(o.discriminator(r, f, LabelSmoothing()).scalar),
        Double((o.pairedGenerator?(r, f) ?? o.generator(f)).scalar)
      )
      #expect(abs(found.0 - discriminator) < 1e-5 * max(1, abs(discriminator)), "\(o.name)")
      #expect(abs(found.1 - generator) < 1e-5 * max(1, abs(generator)), "\(o.name)")
    }
  }

  @Test func formulas() {
    let (r, f) = (Self.real, Self.fake)
    let (meanReal, meanFake) = (Self.mean(r) { $0 }, Self.mean(f) { $0 })
    expect(.wasserstein, discriminator: meanFake - meanReal, generator: -meanFake)
    expect(
      .hinge, discriminator: Self.mean(r) { max(0, 1 - $0) } + Self.mean(f) { max(0, 1 + $0) },
      generator: -meanFake)
    expect(
      .leastSquares(fake: -1, real: 2, generator: 0.5),
      discriminator: Self.mean(r) { ($0 - 2) * ($0 - 2) / 2 }
        + Self.mean(f) { ($0 + 1) * ($0 + 1) / 2 },
      generator: Self.mean(f) { ($0 - 0.5) * ($0 - 0.5) / 2 })
    let pairs = r.indices.map { r[$0] - f[$0] }
    expect(
      .relativistic, discriminator: Self.mean(pairs) { Self.softplus(-$0) },
      generator: Self.mean(pairs) { Self.softplus($0) })
    func against(_ high: [Double], _ low: [Double]) -> Double {
      Self.mean(high) { Self.softplus(Self.mean(low) { $0 } - $0) }
        + Self.mean(low) { Self.softplus($0 - Self.mean(high) { $0 }) }
    }
    expect(.relativisticAverage, discriminator: against(r, f), generator: against(f, r))
  }

  /// The least-squares optimum (b p + a q) / (p + q) gives the log ratio of p and q back, and
  /// stays finite beyond the targets.
  @Test func ratioOfLeastSquares() throws {
    for (a, b) in [(0, 1), (-1, 1), (3, -2)] as [(Double, Double)] {
      let objective = Objective.leastSquares(fake: Float(a), real: Float(b), generator: 0)
      let ratio = try #require(objective.logRatio)
      for want in [-3.0, -1, 0, 0.5, 4] {
        let r = exp(want)
        let found = ratio(Tensor([Float((b * r + a) / (r + 1))]), LabelSmoothing()).array[0]
        #expect(abs(Double(found) - want) < 1e-4, "\(found), not \(want)")
      }
      for logit in [-100, 100] as [Float] {
        #expect(ratio(Tensor([logit]), LabelSmoothing()).array[0].isFinite)
      }
    }
  }

  static let scores = Objective.all.filter { $0.output.isScore }

  /// D's output is a score: verdict and density ratio say so, and no figure reads it as a
  /// probability.
  @Test(arguments: scores.map(\.name) + ["own"]) func scoresAreNoRatios(_ name: String) throws {
    let own = Objective(
      name: "own", discriminator: { r, f, _ in (f - r).mean() }, generator: { -$0.mean() })
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .layers([Scaling(factor: 2)]),
        discriminator: .mlp(width: 16),
        objective: Objective.all.first { $0.name == name } ?? own,
        schedule: UpdateSchedule(generatorSteps: 0),
        optimizer: OptimizerSettings(Adam(learningRate: 0.01))))
    let x = RandomKey(seed: 5, stream: 1, step: 0).normal([64, 2], mean: 9)
    var verdicts: Set<String> = []
    for _ in 0..<60 {
      let balance = try #require(try model.train(on: [x]).balance)
      verdicts.insert(balance.verdict)
      #expect(balance.verdict.contains("D gives a score, not a ratio"), "\(balance.verdict)")
      #expect(balance.verdict.utf8.count <= 160)
      #expect(GAN.verdictKinds.contains { balance.verdict.hasPrefix($0.words) })
      #expect(abs(balance.realOutput - balance.fakeOutput - balance.logitGap) < 1e-3)
    }
    #expect(verdicts.contains { $0.contains("parts 100 %") }, "\(verdicts)")
    let failure = #expect(throws: Failure.self) { try model.densityRatio(x) }
    #expect(failure?.kind == .unsupported && failure?.message.contains("a score, not a") == true)
    #expect(try model.opinion(of: x, given: .none).allSatisfy { (0...1).contains($0) })
  }

  /// G's cost compares the fakes with real samples of the discriminator that it faces: the one
  /// before D's update where updates are simultaneous, else the one after.
  @Test(arguments: UpdateSchedule.Update.allCases, [Objective.relativistic, .relativisticAverage])
  func pairsOfTheSameDiscriminator(
    _ update: UpdateSchedule.Update, _ objective: Objective
  ) throws {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 3), generator: .mlp(width: 8),
        discriminator: .mlp(width: 8), objective: objective,
        schedule: UpdateSchedule(update: update),
        optimizer: OptimizerSettings(SGD(learningRate: 0.5))))
    let x = RandomKey(seed: 5, stream: 1, step: 0).normal([6, 2])
    let z = RandomKey(seed: 6, stream: 1, step: 0).normal([6, 3])
    let before = model.state
    let report = try model.train(on: [x], latents: z)
    let d = update == .simultaneous ? before.discriminator : model.state.discriminator
    func judge(_ x: Tensor) -> Tensor {
      d.network(
        x, parameters: d.parameters.tensors, state: [], isTraining: true,
        random: RandomKey(seed: 0, stream: 0, step: 0)
      ).output
    }
    let weights = before.generator.parameters.tensors.map { $0.tracked() }
    let fake = before.generator.network(
      z, parameters: weights, state: [], isTraining: true,
      random: RandomKey(seed: 0, stream: 0, step: 0)
    ).output
    let ofPairs = try #require(objective.pairedGenerator)
    let cost = ofPairs(judge(x), judge(fake))
    #expect(abs(Double(cost.scalar) - report.generatorCost) < 1e-6)
    let slopes = gradient(of: cost, wrt: weights)
    for (i, new) in model.state.generator.parameters.tensors.enumerated() {
      for ((a, b), g) in zip(zip(weights[i].array, new.array), slopes[i].array) {
        #expect(abs(b - (a - 0.5 * g)) < 1e-6)
      }
    }
  }

  private static func patches(_ more: String = "") throws -> GAN {
    try GAN(
      Configuration(
        json: JSON(
          parsing: #"""
            {"data": {"shape": [16, 16, 1]}, "latent": {"size": 4}, \#(more)
             "generator": {"preset": "dcgan", "width": 4},
             "discriminator": {"layers": [{"conv": {"channels": 4, "kernel": 4, "stride": 2}}, {"leaky_relu": 0.2},
               {"conv": {"channels": 1, "kernel": 4, "stride": 2}}]}}
            """#)))
  }

  /// A patch discriminator, logits [n, 4, 4, 1]: a sample's logit is their mean.
  @Test(arguments: Objective.all.map(\.name)) func patches(_ objective: String) throws {
    let model = try Self.patches(
      #""objective": "\#(objective)", "penalties": {"r1": 1, "gradient_penalty": 1}, "label_flipping": 0.1,"#
    )
    #expect(model.networks.discriminator.output == [4, 4, 1])
    let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([6, 16, 16, 1], low: -1)
    for _ in 0..<3 { _ = try model.train(on: [x]) }
    let again = try GAN(model.snapshot())
    #expect(try again.train(on: [x]).discriminatorCost == model.train(on: [x]).discriminatorCost)
    let d = model.state.discriminator
    let maps = d.network(
      x, parameters: d.parameters.tensors, state: [], isTraining: false,
      random: RandomKey(seed: 0, stream: 0, step: 0)
    ).output
    for (a, b) in zip(try model.discriminate(x).array, maps.mean([1, 2, 3]).array) {
      #expect(abs(a - b) < 1e-6)
    }
    let failure = #expect(throws: Failure.self) { try model.densityRatio(x) }
    #expect(failure?.kind == .unsupported)
    if objective == "non_saturating" {
      #expect(failure?.message.contains("judges patches, [4, 4, 1] logits") == true)
    }
    #expect(try model.opinion(of: x, given: .none).count == 6)
    try inTemporaryFolder { folder in
      try model.exportONNX("discriminator", to: "\(folder)/d.onnx")
    }
  }

  @Test(arguments: [
    (
      #""objective": "wasserstein", "labels": {"mode": "semi_supervised"}"#,
      "which wasserstein cannot use"
    ),
    (
      #""objective": "hinge", "label_smoothing": {"real": 0.1}"#,
      "label_smoothing: hinge has no targets"
    ),
    (
      #""objective": "least_squares", "label_smoothing": {"real": 0.1}"#,
      "no targets that could be smoothed but its own, a and b"
    ),
    (
      #""objective": {"least_squares": {"a": 1}}"#,
      "objective.least_squares.b: expected another target"
    ),
    (#""objective": "wasserstien""#, "did you mean \"wasserstein\"?"),
    (#""discriminator": {"layers": [{"dense": 2}]}"#, "expected one logit a sample"),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try GAN(
        Configuration(
          json: JSON(parsing: #"{"data": {"shape": [2], "classes": 2}, \#(members)}"#)))
    }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
