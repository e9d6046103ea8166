import SGNets
import SGTensors
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

private let mnist = getenv("SWIFTGAN_MNIST").map { String(cString: $0) } ?? ""
private let recipe = "bindings/recipes/semi_supervised_mnist.json"

/// MNIST with 100 labels: `make test-long MNIST=folder`. SWIFTGAN_DRAWS is how many draws of the
/// labels (5), SWIFTGAN_STEPS how many steps each (the recipe's).
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil && access(mnist, R_OK) == 0), .serialized)
struct LongSemiSupervisedTests {
  private func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  private func open(_ options: [(String, JSON)]) throws -> Dataset {
    let range: JSON = .array([.integer(0), .integer(1)])
    return try Dataset.open(
      mnist, options: JSONObject(.object(options + [("range", range)]), path: ""))
  }

  /// Errors of 10,000 on the test set, from class logits.
  private func errors(_ test: Dataset, _ logits: (Tensor) throws -> Tensor) throws -> Int {
    let index = Array(0..<test.count)
    let found = try logits(test.batch(index, range: ValueRange(0, 1)))
    let right = accuracy(found, try test.conditions(index).labels)
    return Int((Double(test.count) * (1 - right)).rounded())
  }

  /// The discriminator as a classifier of the labelled samples alone, same optimizer, as long as
  /// its training accuracy can gain from it.
  private func alone(_ c: Configuration, _ data: Dataset, _ test: Dataset) throws -> Int {
    var player = try Player(
      name: "alone", network: c.networks().discriminator, optimizer: c.discriminatorOptimizer.rule,
      clipping: .none, from: .drawn(RandomKey(seed: c.seed, stream: 0x2000, step: 0)))
    let known = data.labels.indices.filter { data.labels[$0] >= 0 }
    let (x, labels) = (try data.batch(known, range: c.range), known.map { data.labels[$0] })
    let steps = UInt64(600)
    for step in 0..<steps {
      let weights = player.parameters.tensors.map { $0.tracked() }
      let logits = player(
        x, parameters: weights, condition: nil, reference: nil,
        random: RandomKey(seed: c.seed, stream: 0x4000, step: step)
      ).output
      let rate = Schedule.linear(steps: steps, to: 0).factor(at: step)
      let gradients = gradient(of: crossEntropy(logits, labels), wrt: weights)
      _ = try player.descend(
        player.parameters.flatten(gradients), rate: rate, step: step + 1)
    }
    return try errors(test) {
      player.network(
        $0, parameters: player.parameters.tensors, state: player.statistics.tensors,
        isTraining: false, random: RandomKey(seed: 0, stream: 0, step: 0)
      ).output
    }
  }

  /// The unlabelled samples take away more than half of the errors that 100 labels alone leave.
  @Test func aHundredLabels() throws {
    let test = try open([("split", .string("test"))])
    var found: [(gan: Double, alone: Double)] = []
    for draw in 1...(number("SWIFTGAN_DRAWS") ?? 5) {
      let data = try open([("labelled", .integer(100)), ("seed", .integer(Int64(draw)))])
      #expect(data.labels.count { $0 >= 0 } == 100)
      var c = try Configuration(json: JSON(parsing: FileIO.readText(recipe)))
      c.seed = UInt64(draw)
      guard case .linear(let planned, let to) = c.learningRate else {
        Issue.record("the recipe's learning rate falls linearly")
        return
      }
      let steps = number("SWIFTGAN_STEPS").map(UInt64.init) ?? planned
      c.learningRate = .linear(steps: steps, to: to)
      let model = try GAN(c)
      var trainer = try Trainer(model, data: data, batch: 100)
      try trainer.run(steps: steps, reportEvery: steps)
      let ours = try errors(test) { try model.classify($0) }
      let baseline = try alone(c, data, test)
      print("MNIST, 100 labels, draw \(draw): \(ours) errors of 10,000; labels alone \(baseline)")
      found.append((Double(ours), Double(baseline)))
    }
    let (ours, alone) = (meanAndDeviation(found.map(\.gan)), meanAndDeviation(found.map(\.alone)))
    print("errors: \(ours.mean) ± \(ours.deviation)")
    print("labels alone: \(alone.mean) ± \(alone.deviation)")
    #expect(ours.mean < alone.mean / 2)
  }
}
