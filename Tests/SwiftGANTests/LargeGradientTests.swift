import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Gradients whose squares overflow a `Float`, and features of one discriminator.
@Suite struct LargeGradientTests {
  /// A discriminator w x whose own cost is `slope` times its mean output, so that its gradient is
  /// `slope` times the mean sample.
  private func model(_ slope: Float, _ clipping: Clipping) throws -> GAN {
    let objective = Objective(
      name: "line", discriminator: { real, _, _ in slope * real.mean() },
      generator: { $0.mean() })
    return try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .layers([Scaling(factor: 1)]),
        discriminator: .layers([Dense(1, bias: false, initializer: .zeros)]),
        objective: objective, schedule: UpdateSchedule(generatorSteps: 0),
        optimizer: OptimizerSettings(SGD(learningRate: 1), clipping: clipping)))
  }
  private let x = Tensor([3, 4, 3, 4], shape: [2, 2])

  private func weights(_ model: GAN) throws -> [Float] {
    try #require(model.tensors.first { $0.name == "discriminator.0.weight" }).value.array
  }

  @Test(arguments: [1e10, 1e25, 1e37] as [Float]) func clipped(_ slope: Float) throws {
    for limit in [1, 1e-25] as [Float] {
      let model = try model(slope, .norm(limit))
      let report = try model.train(on: [x])
      #expect(abs(report.discriminatorGradientNorm / (5 * Double(slope)) - 1) < 1e-6)
      for (found, part) in zip(try weights(model), [0.6, 0.8] as [Float]) {
        #expect(abs(found / (-part * limit) - 1) < 1e-5, "\(found) at \(slope)")
      }
    }
    let byElement = try model(slope, .value(2))
    _ = try byElement.train(on: [x])
    #expect(try weights(byElement) == [-2, -2])
  }

  @Test func withoutClippingOrInfinite() throws {
    for (slope, clipping, words) in [
      (1e25, .none, "clip_norm"), (1e25, .norm(1e24), "clip_norm"),
      (.infinity, .norm(1), "not finite"), (-.infinity, .value(1), "not finite"),
    ] as [(Float, Clipping, String)] {
      var player = try model(1, clipping).state.discriminator
      let failure = #expect(throws: Failure.self) {
        _ = try player.descend(Tensor([3 * slope, 4 * slope]), rate: 1, step: 1)
      }
      #expect(failure?.kind == .diverged && failure?.message.contains(words) == true, "\(slope)")
    }
  }

  /// Long enough for partial sums, at every place of the large element.
  @Test func sumOfSquares() {
    for n in [1, 7, 4096, 70_001] {
      for place in Set([0, n / 2, n - 1]) {
        var x = [Float](repeating: 1, count: n)
        x[place] = 1e25
        #expect(abs(Tensor(x).sumOfSquares() / 1e50 - 1) < 1e-6)
        x[place] = .infinity
        #expect(Tensor(x).sumOfSquares() == .infinity)
        x[place] = .nan
        #expect(Tensor(x).sumOfSquares().isNaN)
      }
    }
  }
}

/// Feature matching takes the features of real and fake samples from the same discriminator.
@Suite struct FeatureMatchingTests {
  /// D(x) = a w x with the feature w x; G(z) = z + b.
  private func moved(
    _ schedule: UpdateSchedule, flipping: Float = 0, steps: Int = 1
  ) throws -> (bias: [Float], before: [Float], after: [Float]) {
    struct Shift: Layer {
      func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
        try d.parameter("bias", x.array, .zeros)
        return x
      }
      func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x + c.parameter() }
    }
    var c = Configuration(
      shape: [1], latent: Prior(size: 1), generator: .layers([Shift()]),
      discriminator: .layers([
        Dense(1, bias: false, initializer: .constant(1)), Features(),
        Dense(1, bias: false, initializer: .constant(-4)),
      ]), schedule: schedule, optimizer: OptimizerSettings(SGD(learningRate: 1)))
    c.featureMatching.weight = 1
    c.tricks.labelFlipping = flipping
    let model = try GAN(c)
    func weight(_ name: String) throws -> [Float] {
      try #require(model.tensors.first { $0.name == name }).value.array
    }
    let before = try weight("discriminator.0.weight")
    _ = try model.train(
      on: [Tensor([1, 2], shape: [2, 1])], latents: Tensor([0.25, 0.75], shape: [2, 1]))
    return (
      try weight("generator.0.bias"), before, try weight("discriminator.0.weight")
    )
  }

  /// The gradient of w² (mean G − mean x)² is 2 w² (mean G − mean x), with the w before D's update
  /// or the one after.
  @Test(arguments: [0, 1e-6] as [Float]) func oneDiscriminator(_ flipping: Float) throws {
    for update in UpdateSchedule.Update.allCases {
      let (bias, before, after) = try moved(UpdateSchedule(update: update), flipping: flipping)
      let w = update == .simultaneous ? before[0] : after[0]
      let want = -2 * w * w * (0.5 - 1.5)
      #expect(abs(before[0] - after[0]) > 0.5, "D moves far")
      #expect(abs(bias[0] - want) < 1e-4 * abs(want), "\(bias[0]), not \(want), \(update)")
    }
  }

  /// The generator's second update of a step answers the new discriminator, also in its target.
  @Test func laterUpdates() throws {
    let (bias, before, after) = try moved(
      UpdateSchedule(update: .simultaneous, generatorSteps: 2))
    var b: Float = 0
    for w in [before[0], after[0]] { b -= 2 * w * w * (0.5 + b - 1.5) }
    #expect(abs(bias[0] - b) < 1e-3 * max(1, abs(b)), "\(bias[0]), not \(b)")
  }
}
