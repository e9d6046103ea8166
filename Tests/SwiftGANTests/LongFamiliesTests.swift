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

private let mnist = getenv("SWIFTGAN_MNIST").map { String(cString: $0) } ?? ""
private let fashion = "/usr/share/datasets/fashion-mnist"

/// Likelihoods of the families on MNIST, at most an hour each: `make test-long MNIST=folder`.
/// Digits are drawn once with their values as probabilities (`fixed`), which is not the draw of
/// Larochelle's file; a draw at each step (`dynamic`) gives other figures by two to three nats.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil), .serialized) struct LongFamiliesTests {
  /// Trains for some steps and judges test digits, the first ones or all.
  private func nats(
    _ text: String, steps: UInt64, batch: Int = 100, count: Int = 10_000,
    options: [(String, JSON)] = []
  ) throws -> (mean: Double, model: any Model) {
    let model = try Families.create(JSON(parsing: text))
    let test = try JSONObject(.object([("split", .string("test"))]), path: "")
    let data = try Dataset.open(mnist, options: JSONObject(.object([]), path: ""))
    let held = try Dataset.open(mnist, options: test)
    var trainer = try Trainer(model, data: data, batch: batch)
    try trainer.run(steps: steps, reportEvery: steps)
    let judge = try #require(model as? any HasLikelihood)
    var found: [Float] = []
    // An RBM's log Z is estimated at each call, so that it takes all digits at once.
    let part = model is any HasChains ? count : 500
    for first in stride(from: 0, to: count, by: part) {
      let digits = try held.batch(Array(first..<first + part), range: model.sampleRange)
      found += try judge.logLikelihood(digits, given: .none, options: .object(options)).array
    }
    let mean = found.reduce(0) { $0 + Double($1) } / Double(count)
    print(
      "MNIST, \(count) test digits, binarization fixed(1): \(text): \(-mean) nats"
        + " (\(judge.likelihood.rawValue)), step \(model.step)")
    return (-mean, model)
  }

  private static let hasMNIST = access(mnist, R_OK) == 0

  @Test(.enabled(if: hasMNIST)) func nade() throws {
    let found = try nats(
      #"""
      {"family": "nade", "data": {"shape": [28, 28, 1], "binarize": "fixed"}, "nade": {"width": 500},
       "learning_rate": {"linear": {"steps": 30000, "to": 0.02}}, "average": 0.999}
      """#, steps: 30_000)
    #expect(found.mean < 88.33 + 0.6)
  }

  /// A fixed draw is learned by heart by and by: after 8,000 steps the likelihood of test digits
  /// falls.
  @Test(.enabled(if: hasMNIST)) func made() throws {
    let found = try nats(
      #"""
      {"family": "made", "data": {"shape": [28, 28, 1], "binarize": "fixed"}, "made": {"width": 4000},
       "learning_rate": {"linear": {"steps": 24000, "to": 0.02}}, "average": 0.999}
      """#, steps: 8000)
    #expect(found.mean < 88.9)
  }

  /// The importance-weighted bound of a VAE with a draw at each step.
  @Test(.enabled(if: hasMNIST)) func vae() throws {
    let found = try nats(
      #"""
      {"family": "vae", "data": {"shape": [28, 28, 1], "binarize": "dynamic"}, "latent": {"size": 50},
       "vae": {"encoder_network": {"preset": "mlp", "width": 500, "depth": 2},
               "decoder_network": {"preset": "mlp", "width": 500, "depth": 2}},
       "learning_rate": {"cosine": {"steps": 60000, "to": 0.05}}, "average": 0.999}
      """#, steps: 35_000, options: [("importance_samples", .integer(200))])
    #expect(found.mean < 90.5)
  }

  @Test(.enabled(if: hasMNIST)) func rbm() throws {
    let found = try nats(
      #"""
      {"family": "rbm", "data": {"shape": [28, 28, 1], "binarize": "fixed"},
       "rbm": {"hidden": 500, "steps": 25}, "optimizer": {"sgd": {"learning_rate": 0.05, "momentum": 0.5}},
       "learning_rate": {"linear": {"steps": 28000, "to": 0.02}}}
      """#, steps: 28_000, options: [("annealing_steps", .integer(14_500))])
    // An estimate of log Z that misses modes makes digits too likely; it grows with the steps.
    #expect(found.mean < 86.3 + 1.5 && found.mean > 80)
    let chains = try #require(found.model as? any HasChains)
    let partitions = try [3000, 14_500].map { steps in
      try #require(
        chains.mixing(
          options: .object([("steps", .integer(10)), ("annealing_steps", .integer(steps))])
        )["log_partition"]?.real)
    }
    #expect(abs(partitions[0] - partitions[1]) < 1, "\(partitions)")
  }

  /// Half of the digits' pixels from the other half: chains with clamped elements are better than
  /// what is most frequent at each place.
  @Test(.enabled(if: hasMNIST)) func gsn() throws {
    let model = try Families.create(
      JSON(
        parsing: #"""
          {"family": "gsn", "data": {"shape": [28, 28, 1], "binarize": "fixed"},
           "gsn": {"network": {"preset": "mlp", "width": 1000, "depth": 2}, "walk_back": 5}}
          """#))
    let data = try Dataset.open(mnist, options: JSONObject(.object([]), path: ""))
    var trainer = try Trainer(model, data: data, batch: 100)
    try trainer.run(steps: 4000, reportEvery: 4000)
    let digits = (try data.batch(Array(0..<200), range: ValueRange(0, 1)) - 0.5).step()
    let mask = Tensor((0..<784).map { $0 < 392 ? 1 : 0 }, shape: [28, 28, 1])
    let chains = try #require(model as? any Completing)
    let filled = try chains.complete(
      digits, mask: mask, given: .none, options: .object([("steps", .integer(50))]))
    func errors(_ x: Tensor) -> Float { ((x - digits).squared() * (1 - mask)).sum().scalar }
    let mean = digits.mean([0])
    let frequent = (mean - 0.5).step().broadcast(to: digits.shape)
    print("MNIST, gsn: wrong pixels \(errors(filled)), of the most frequent \(errors(frequent))")
    #expect(errors(filled) < errors(frequent))
  }

  /// Real NVP on Fashion-MNIST: bits per dimension of images with 256 levels.
  @Test(.enabled(if: access(fashion, R_OK) == 0)) func realNVP() throws {
    let model = try Families.create(
      JSON(
        parsing:
          #"{"family": "realnvp", "data": {"shape": [28, 28, 1]}, "realnvp": {"width": 32}, "average": 0.999}"#
      ))
    let data = try Dataset.open(fashion, options: JSONObject(.object([]), path: ""))
    let held = try Dataset.open(
      fashion, options: JSONObject(.object([("split", .string("test"))]), path: ""))
    var trainer = try Trainer(model, data: data, batch: 64)
    try trainer.run(steps: 6000, reportEvery: 6000)
    let judge = try #require(model as? any HasLikelihood)
    let found = try judge.logLikelihood(
      held.batch(Array(0..<1000), range: model.sampleRange), given: .none, options: .object([])
    ).array
    let bits = -found.reduce(0) { $0 + Double($1) } / (1000 * 784 * log(2))
    print("Fashion-MNIST, realnvp: \(bits) bits per dimension (bound, uniform dequantization)")
    // 8 bits are those of uniform noise.
    #expect(bits < 4.5 && bits > 2)
  }
}
