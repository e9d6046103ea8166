import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures
@testable import SGTensors

/// Counters near their bounds: a checkpoint or a call is refused, nothing traps, nothing changes.
@Suite struct CounterTests {
  private func model() throws -> GAN {
    try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .mlp(width: 4, depth: 1),
        discriminator: .mlp(width: 4, depth: 1)))
  }

  private static let keys = [
    "step", "draws", "samples_seen", "generator.optimizer.steps", "discriminator.optimizer.steps",
  ]

  private static func most(_ key: String) -> UInt64 {
    key == "step" || key == "draws" ? Counter.mostSteps : Counter.mostSamples
  }

  @Test(arguments: keys) func bounds(_ key: String) throws {
    var snapshot = try model().snapshot()
    for value in [Self.most(key) + 1, 1 << 48 - 1, 1 << 48, 1 << 63, .max]
    where value > Self.most(key) {
      snapshot.texts[key] = "\(value)"
      let failure = #expect(throws: Failure.self) { try GAN(snapshot) }
      #expect(failure?.kind == .format && failure?.message.contains("\(value)") == true)
    }
    // The highest value that loads leaves no room for a step, which says so and changes nothing.
    snapshot.texts[key] = "\(Self.most(key))"
    let full = try GAN(snapshot)
    let data = try Dataset.ring(count: 100)
    var trainer = try Trainer(full, data: data, batch: 4)
    let failure = #expect(throws: Failure.self) { try trainer.step() }
    #expect(failure?.kind == .limit && failure?.message.contains(key) == true)
    #expect(full.snapshot().texts == snapshot.texts)
    // What fits loads, steps and is saved in a form that loads again.
    let added = key == "samples_seen" ? 4 : Counter.mostPerStep
    snapshot.texts[key] = "\(Self.most(key) - added)"
    let last = try GAN(snapshot)
    trainer = try Trainer(last, data: data, batch: 4)
    _ = try trainer.step()
    #expect(try GAN(last.snapshot()).snapshot().texts == last.snapshot().texts)
  }

  @Test func classifier() throws {
    let classifier = try Classifier(shape: [2], range: nil, classes: 2, steps: 0)
    let whole = classifier.snapshot()
    _ = try Classifier(whole)
    func changed(_ key: String, _ value: UInt64) throws -> Snapshot {
      guard case .object(var members) = try JSON(parsing: try #require(whole.texts["classifier"]))
      else { throw Failure(.internal, "no object") }
      let i = try #require(members.firstIndex { $0.key == key })
      members[i].value = .integer(Int64(value))
      var snapshot = whole
      snapshot.texts["classifier"] = JSON.object(members).text(pretty: false)
      return snapshot
    }
    let batch = Batch(Tensor([0, 1, 1, 0], shape: [2, 2]), labels: [0, 1])
    for value: UInt64 in [1 << 48 - 1, 1 << 48, 1 << 62] {
      #expect(throws: Failure.self) { try Classifier(changed("step", value)) }
    }
    let full = try Classifier(changed("step", Counter.mostSteps))
    let failure = #expect(throws: Failure.self) {
      try full.train(on: [batch], reporting: false)
    }
    #expect(failure?.kind == .limit && full.step == Counter.mostSteps)
    full.samplesSeen = .max
    _ = full.snapshot()
    _ = try Classifier(changed("step", 1 << 46)).train(on: [batch], reporting: false)
  }

  @Test func callsNearTheBounds() throws {
    let model = try model()
    model.samplesSeen = .max
    var trainer = try Trainer(model, data: .ring(count: 100), batch: 4)
    let failure = #expect(throws: Failure.self) { try trainer.step() }
    #expect(failure?.kind == .limit)
    var costs = CostComparison([.minimax], points: 2)
    try costs.measure(model, batch: 2, batches: 2, seed: .max)
    #expect(throws: Failure.self) { try model.latents(Int(UInt32.max), seed: 1) }
    #expect(throws: Failure.self) {
      try Classifier.trained(on: .ring(count: 100), range: nil, epochs: .max)
    }
    var search = LatentSearch()
    (search.tries, search.steps) = (1 << 40, 1)
    let limit = #expect(throws: Failure.self) {
      try model.findLatents(for: .zeros([2, 2]), search)
    }
    #expect(limit?.kind == .limit)
  }
}
