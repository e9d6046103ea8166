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
@testable import SGTensors

/// One input, several valid answers (Goodfellow 2016, section 1).
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil), .serialized) struct LongPairsTests {
  /// y given x of two half moons with noise of deviation 0.05 in both directions.
  private func moons() throws -> Dataset {
    let count = 20_000
    let key = RandomKey(seed: 1, stream: 1, step: 0)
    let angle = key.uniform([count], high: Float.pi).array
    let noise = RandomKey(seed: 1, stream: 2, step: 0).normal([count, 2], deviation: 0.05).array
    var (x, y) = ([Float](), [Float]())
    for i in 0..<count {
      let (cosine, sine) = (cos(angle[i]), sin(angle[i]))
      x.append((i % 2 == 0 ? cosine : 1 - cosine) + noise[2 * i])
      y.append((i % 2 == 0 ? sine : 0.5 - sine) + noise[2 * i + 1])
    }
    return try Dataset(
      Tensor(y, shape: [count, 1]), conditions: Tensor(x, shape: [count, 1]), source: "moons")
  }

  /// Answers at x = ½, which is below both moons' arcs.
  private func answers(_ content: String, seed: Int) throws -> [Float] {
    let model = try Families.create(
      JSON(
        parsing: #"""
          {"seed": \#(seed), "data": {"shape": [1], "conditions": 1},
           "labels": {"mode": "conditional"}, "latent": {"size": 8}, "average": 0.999,
           "optimizer": {"generator": {"adam": {"learning_rate": 0.0005}},
                         "discriminator": {"adam": {"learning_rate": 0.001}}},
           "learning_rate": {"linear": {"steps": 20000, "to": 0.05}}\#(content)}
          """#))
    var trainer = try Trainer(model, data: moons(), batch: 256)
    try trainer.run(steps: 20_000, reportEvery: 20_000)
    let count = 4000
    let sampling = try #require(model as? any Sampling)
    return try sampling.sample(
      count, seed: 1,
      given: Conditions(values: Tensor([Float](repeating: 0.5, count: count), shape: [count, 1]))
    ).array
  }

  /// At x = ½ the arcs are at ±√¾ (+½ for the lower one), and where they slope by 1/√3 the noise of
  /// both directions is of deviation 0.05 · √(1 + 1/3). An exact model has 95.4 % within two of
  /// them.
  @Test(arguments: [1, 2, 3]) func gameReachesBothAnswers(seed: Int) throws {
    let found = try answers("", seed: seed)
    let reach = 2 * 0.05 * Float(4.0 / 3).squareRoot()
    let shares = [Float(0.75).squareRoot(), 0.5 - Float(0.75).squareRoot()].map { answer in
      Double(found.filter { abs($0 - answer) < reach }.count) / Double(found.count)
    }
    print(
      "two moons, seed \(seed): \(shares[0]) and \(shares[1]) within two deviations of an answer")
    #expect(shares[0] + shares[1] >= 0.95 && shares.allSatisfy { $0 >= 0.3 })
  }

  /// Least squares answers with the mean, where no point is.
  @Test func leastSquaresLiesBetween() throws {
    let found = try answers(#", "content": {"l2": 1, "adversarial": 0}"#, seed: 1)
    let mean = found.reduce(0, +) / Float(found.count)
    print("two moons, least squares: \(mean)")
    #expect(abs(mean - 0.25) < 0.1)
    #expect(found.allSatisfy { abs($0 - mean) < 0.1 })
  }
}
