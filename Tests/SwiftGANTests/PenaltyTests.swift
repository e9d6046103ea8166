import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Penalties on the discriminator's slope.
@Suite struct PenaltyTests {
  private static let key = RandomKey(seed: 5, stream: 1, step: 0)

  /// A game in which the fakes are the latents and only D moves, by plain descent at the rate 1.
  private static func configuration(
    shape: [Int], _ discriminator: [any Layer], _ penalties: [Penalty],
    objective: Objective = .wasserstein, seed: UInt64 = 1
  ) -> Configuration {
    var c = Configuration(
      shape: shape, latent: Prior(size: shape.reduce(1, *)),
      generator: .layers([Reshaping(shape)]), discriminator: .layers(discriminator),
      objective: objective, schedule: UpdateSchedule(generatorSteps: 0),
      optimizer: OptimizerSettings(SGD(learningRate: 1)), seed: seed)
    c.penalties = penalties
    return c
  }

  private static let vector: [any Layer] = [
    Dense(5), ActivationLayer.leakyReLU(), Dense(4), ActivationLayer.leakyReLU(), Dense(1),
  ]
  private static let image: [any Layer] = [
    Convolution(2, kernel: Size(4), stride: Size(2)), ActivationLayer.leakyReLU(),
    Convolution(2, kernel: Size(3)), ActivationLayer.leakyReLU(), Flatten(), Dense(1),
  ]
  private static let cases: [(name: String, shape: [Int], layers: [any Layer])] = [
    ("linear", [3], [Dense(1)]), ("mlp", [3], vector), ("convolution", [4, 4, 1], image),
    ("mlp, batch norm", [3], normalized(vector)),
    ("convolution, batch norm", [4, 4, 1], normalized(image)),
  ]
  /// With batch norm in front of each activation.
  private static func normalized(_ layers: [any Layer]) -> [any Layer] {
    layers.flatMap { $0 is ActivationLayer ? [BatchNorm(), $0] : [$0] }
  }
  private static func oracle(_ shape: [Int], _ layers: [any Layer]) -> PenaltyOracle {
    PenaltyOracle(
      steps: layers.compactMap {
        switch $0 {
        case let l as Dense: .dense(l.units)
        case let l as Convolution:
          .convolution(channels: l.channels, kernel: l.kernel.height, stride: l.stride.height)
        case is BatchNorm: .batchNorm
        case is ActivationLayer: .leakyReLU
        default: nil
        }
      }, shape: shape)
  }

  private static func rows(_ x: Tensor) -> [[Double]] {
    let size = x.count / x.shape[0]
    return (0..<x.shape[0]).map { i in (0..<size).map { Double(x.array[i * size + $0]) } }
  }

  private static func mean(_ x: [Double], _ f: (Double) -> Double) -> Double {
    x.map(f).reduce(0, +) / Double(x.count)
  }

  /// What each penalty costs by the squares of slopes.
  private static let penalties: [(Penalty, @Sendable ([Double]) -> Double)] = [
    (.r1.weighted(3), { s in 3 * 0.5 * mean(s) { $0 } }),
    (.r2.weighted(0.7), { s in 0.7 * 0.5 * mean(s) { $0 } }),
    (
      .gradientPenalty.weighted(10),
      { s in 10 * mean(s) { ($0.squareRoot() - 1) * ($0.squareRoot() - 1) } }
    ),
    (.gradientPenalty(center: 0).weighted(2), { s in 2 * mean(s) { $0 } }),
    (
      .gradientPenalty(center: 0.4, oneSided: true),
      { s in mean(s) { pow(max(0, $0.squareRoot() - 0.4), 2) } }
    ),
  ]

  /// Value and gradient of a step's penalties against double precision, from the first seed at
  /// which no value is near a kink.
  @Test(arguments: cases.map(\.name)) func secondDerivatives(_ name: String) throws {
    let (_, shape, layers) = try #require(Self.cases.first { $0.name == name })
    let n = 3
    let oracle = Self.oracle(shape, layers)
    for (penalty, cost) in Self.penalties {
      var tried: UInt64 = 0
      while true {
        tried += 1
        try #require(tried < 200)
        let plain = try GAN(Self.configuration(shape: shape, layers, [], seed: tried))
        let model = try GAN(Self.configuration(shape: shape, layers, [penalty], seed: tried))
        for name in model.tensors.map(\.name) where name.hasSuffix("bias") {
          let old = try #require(model.tensors.first { $0.name == name }).value
          let new = RandomKey(seed: tried, stream: 2, step: 0).normal(old.shape, deviation: 0.3)
          try model.setTensor(name, new)
          try plain.setTensor(name, new)
        }
        let x = Self.key.normal(Shape(shape).prepending(n))
        let z = RandomKey(seed: 6, stream: 1, step: 0).normal([n, x.count / n])
        let before = model.state.discriminator
        let report = try model.train(on: [x], latents: z)
        _ = try plain.train(on: [x], latents: z)
        var places = penalty.name == "r2" ? z : x.reshaped(z.shape)
        if penalty.name == "gradient_penalty" {
          // Its draw is the step's last one.
          let stream = RandomStream.penalties.rawValue
          let share = RandomKey(seed: tried, stream: stream, step: model.state.draws - 1)
            .uniform([n, 1])
          places = places + share * (z - places)
        }
        let weights = before.parameters.tensors.map(\.doubles)
        guard oracle.judge(Self.rows(places), weights).distance > 0.02 else { continue }
        let want = oracle.penalty(at: Self.rows(places), weights, cost)
        let value = try #require(report["penalty_\(penalty.name)"])
        let what = "\(penalty.name), \(name)"
        #expect(
          abs(value - want.value) <= 1e-4 * max(abs(want.value), 1e-2),
          "\(what): \(value), not \(want.value)")
        let (new, other) = (
          model.state.discriminator.parameters.tensors, plain.state.discriminator.parameters.tensors
        )
        let largest = want.gradient.joined().reduce(0) { max($0, abs($1)) }
        for i in new.indices {
          for ((a, b), g) in zip(zip(new[i].doubles, other[i].doubles), want.gradient[i]) {
            #expect(abs((b - a) - g) <= 1e-4 * max(largest, 1e-2), "\(what), weight \(i)")
          }
        }
        // Running statistics are those of the passes on real samples and fakes.
        #expect(
          model.state.discriminator.statistics.values.array
            == plain.state.discriminator.statistics.values.array)
        break
      }
    }
  }

  /// A linear D of weight w costs (‖w‖ − 1)², whatever the samples are.
  @Test func linear() throws {
    let penalties = [Penalty.gradientPenalty, .r1, .r2]
    for scale in [0.001, 0.3, 2, 700] as [Float] {
      let model = try GAN(Self.configuration(shape: [7], [Dense(1)], penalties))
      let w = Self.key.normal([7, 1], deviation: scale)
      try model.setTensor("discriminator.0.weight", w)
      let report = try model.train(on: [Self.key.normal([9, 7])])
      let square = w.doubles.reduce(0) { $0 + $1 * $1 }
      let norm = square.squareRoot()
      let want = ["gradient_penalty": (norm - 1) * (norm - 1), "r1": square / 2, "r2": square / 2]
      for (name, value) in want {
        let found = try #require(report["penalty_\(name)"])
        #expect(abs(found - value) <= 2e-6 * value, "\(name): \(found), not \(value)")
      }
    }
  }

  /// A batch that repeats one sample has that sample's penalty: one norm a sample, not one of the
  /// whole batch or of each element.
  @Test func repeatedSample() throws {
    let (x, z) = (Self.key.normal([1, 3]), RandomKey(seed: 6, stream: 1, step: 0).normal([1, 3]))
    func costs(_ n: Int) throws -> [Double] {
      let model = try GAN(
        Self.configuration(
          shape: [3], Self.vector, [.r1, .r2, .gradientPenalty(center: 0.3)]))
      // The interpolates differ: they see the same D where it is linear.
      let report = try model.train(
        on: [x.broadcast(to: [n, 3])], latents: z.broadcast(to: [n, 3]))
      return try ["r1", "r2"].map { try #require(report["penalty_\($0)"]) }
    }
    for (a, b) in zip(try costs(1), try costs(64)) { #expect(abs(a / b - 1) < 1e-5) }
  }

  /// Finite, also in its derivative, where D's slope is 0 everywhere.
  @Test func constantDiscriminator() throws {
    for layers in [[Dense(1)], Self.vector, Self.normalized(Self.vector)] {
      let penalties = [Penalty.gradientPenalty, .r1, .r2]
      let model = try GAN(Self.configuration(shape: [3], layers, penalties))
      for (name, value) in model.tensors { try model.setTensor(name, .zeros(value.shape)) }
      let report = try model.train(on: [Self.key.normal([5, 3])])
      #expect(report["penalty_gradient_penalty"] == 1)
      #expect(report["penalty_r1"] == 0 && report["penalty_r2"] == 0)
      #expect(model.tensors.allSatisfy { $0.value.isFinite })
    }
  }

  /// What is reported is what is descended: the cost's difference by a weight is the gradient's
  /// element, penalty included.
  @Test func costAndGradientAgree() throws {
    let x = Self.key.normal([6, 3])
    let z = RandomKey(seed: 6, stream: 1, step: 0).normal([6, 3])
    func model(_ move: Float) throws -> GAN {
      let model = try GAN(
        Self.configuration(
          shape: [3], Self.vector, [.r1.weighted(5)], objective: .nonSaturating))
      var w = try #require(model.tensors.first { $0.name == "discriminator.2.weight" }).value.array
      w[3] += move
      try model.setTensor("discriminator.2.weight", Tensor(w, shape: [5, 4]))
      return model
    }
    func cost(_ move: Float) throws -> Double {
      try model(move).train(on: [x], latents: z).discriminatorCost
    }
    let middle = try model(0)
    let old = middle.state.discriminator.parameters.tensors[2].array[3]
    _ = try middle.train(on: [x], latents: z)
    let slope = Double(old - middle.state.discriminator.parameters.tensors[2].array[3])
    let difference = (try cost(0.01) - cost(-0.01)) / 0.02
    #expect(abs(slope - difference) < 2e-2 * abs(difference), "\(slope), not \(difference)")
  }

  /// The slope of a projection D at a sample is w + V c: penalties on real samples and on the
  /// points between see the real sample's class, that on fakes the class that these were made for.
  @Test func conditionsOfEachSide() throws {
    var c = Self.configuration(
      shape: [3], [Projection(initializer: .normal(1))], [.r1, .r2, .gradientPenalty(center: 0)])
    c.classes = 4
    c.labels = LabelSettings(.conditional)
    c.labels.draw = .balanced
    let model = try GAN(c)
    let d = model.state.discriminator
    let w = d.parameters.tensors[0].doubles
    let v = d.parameters.tensors[2].doubles
    func square(_ label: Int32) -> Double {
      (0..<3).reduce(0) { $0 + pow(w[$1] + v[Int(label) * 3 + $1], 2) }
    }
    let labels: [Int32] = [1, 1, 1, 1, 1, 1, 2, 2]
    let batch = Batch(Self.key.normal([8, 3]), labels: labels)
    let report = try model.train(on: [batch], reporting: true)
    let real = Self.mean(labels.map(square)) { $0 }
    #expect(abs(try #require(report["penalty_r1"]) - real / 2) < 1e-5 * real)
    #expect(abs(try #require(report["penalty_gradient_penalty"]) - real) < 1e-5 * real)
    // The draw of labels is the second of the step, after the latents.
    let drawn = RandomStream.labels.rawValue
    let words = RandomKey(seed: 1, stream: drawn, step: 1).words(8)
    let fake = Self.mean(words.map { square(Int32((UInt64($0) * 4) >> 32)) }) { $0 }
    #expect(abs(try #require(report["penalty_r2"]) - fake / 2) < 1e-5 * fake)
    #expect(abs(real - fake) > 1e-2)
  }

  /// Noise and dropout of the penalty's pass are its own, and the same in every call of the critic.
  @Test func criticIsPure() throws {
    final class Seen: @unchecked Sendable { var values: [[Float]] = [] }
    let seen = Seen()
    let watch = Penalty(name: "watch") { critic, real, _, draws in
      let same = critic(real).array == critic(real).array
      seen.values.append(critic(real).array + [same ? 1 : 0])
      _ = draws.next()
      return critic.squaredSlopes(at: real).mean()
    }
    let layers: [any Layer] = [Dense(8), Dropout(0.5), Dense(1)]
    var c = Self.configuration(shape: [3], layers, [watch, .r1])
    c.tricks.instanceNoise = 0.5
    c.optimizerOfBoth(SGD(learningRate: 0))
    let model = try GAN(c)
    seen.values = []
    for _ in 0..<2 { _ = try model.train(on: [Self.key.normal([4, 3])]) }
    #expect(seen.values.allSatisfy { $0.last == 1 })
    #expect(seen.values[0] != seen.values[1])
  }
}

extension Configuration {
  fileprivate mutating func optimizerOfBoth(_ rule: any Optimizer) {
    generatorOptimizer = OptimizerSettings(rule)
    discriminatorOptimizer = OptimizerSettings(rule)
  }
}
