import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGModels

/// The registry of families and what they can do.
@Suite struct FamiliesTests {
  private func expect(
    _ kind: Failure.Kind, _ words: String..., body: () throws -> Void
  ) {
    let failure = #expect(throws: Failure.self) { try body() }
    #expect(failure?.kind == kind)
    for word in words {
      #expect(failure?.message.contains(word) == true, "\(failure?.message ?? "")")
    }
  }

  private func json(_ text: String) throws -> JSON { try JSON(parsing: text) }

  @Test func theDefaultFamily() throws {
    for text in [#"{"data": {"shape": [2]}}"#, #"{"family": "gan", "data": {"shape": [2]}}"#] {
      let model = try Families.create(json(text))
      #expect(model is GAN)
      let configuration = Families.configuration(of: model)
      #expect(configuration["family"]?.text == "gan")
      #expect(try Families.create(configuration).configurationJSON == model.configurationJSON)
    }
  }

  @Test func unknownFamilies() {
    expect(.configuration, "unknown family \"gann\"", "did you mean \"gan\"") {
      _ = try Families.create(json(#"{"family": "gann", "data": {"shape": [2]}}"#))
    }
    expect(.configuration, "family: expected a name, found 3") {
      _ = try Families.create(json(#"{"family": 3, "data": {"shape": [2]}}"#))
    }
  }

  @Test func checkpoints() throws {
    let model = try Families.create(json(#"{"data": {"shape": [2]}}"#))
    var snapshot = model.snapshot()
    #expect(try Families.load(snapshot) is GAN)
    snapshot.texts[Snapshot.familyKey] = "not_yet_known"
    expect(.unsupported, "the family \"not_yet_known\"", "\"gan\"") {
      _ = try Families.load(snapshot)
    }
    snapshot.texts[Snapshot.familyKey] = nil
    expect(.mismatch, "no generative model") { _ = try Families.load(snapshot) }
    let classifier = try Classifier(shape: [2], range: nil, classes: 2, steps: 1).snapshot()
    expect(.mismatch, "\"classifier\"") { _ = try Families.load(classifier) }
  }

  @Test func capabilities() throws {
    let gan = try Families.create(json(#"{"data": {"shape": [2]}}"#))
    let names = Families.capabilities(of: gan)
    #expect(names.contains("sample") && names.contains("discriminate"))
    #expect(!names.contains("log_likelihood") && !names.contains("encode"))
    // What another configuration of the family could do.
    #expect(names.contains("density_ratio"))
    #expect(!names.contains("translate") && !names.contains("classify"))
    let critic = try Families.create(
      json(#"{"data": {"shape": [2]}, "objective": "wasserstein"}"#))
    #expect(!Families.capabilities(of: critic).contains("density_ratio"))
    let classifier = try Families.create(
      json(#"{"data": {"shape": [2], "classes": 3}, "labels": {"mode": "auxiliary"}}"#))
    #expect(Families.capabilities(of: classifier).contains("classify"))
    let translator = try Families.create(
      json(#"{"data": {"shape": [2], "conditions": 3}, "labels": {"mode": "conditional"}}"#))
    #expect(Families.capabilities(of: translator).contains("translate"))
    let summary = Families.summary(of: gan)
    #expect(summary["family"]?.text == "gan" && summary["likelihood"] == .null)
    #expect(summary["generator"]?["parameters"] != nil)
    #expect(summary["units"]?["real_output"]?.text == "probability")
    #expect(summary["units"]?["discriminator_cost"] == nil)
    let failure = Families.lacks("log_likelihood", gan)
    #expect(failure.kind == .unsupported)
    #expect(failure.message.contains("\"gan\" has no log_likelihood"))
    #expect(failure.message.contains("it can sample"))
  }

  /// What a configuration would be with the family's defaults, for the same kind of samples.
  @Test func defaults() throws {
    for text in [
      #"{"data": {"shape": [16, 16, 1]}, "generator": {"preset": "dcgan", "width": 4}}"#,
      #"{"family": "vae", "data": {"shape": [3]}, "vae": {"decoder": "gaussian", "deviation": 0.5}}"#,
      #"{"family": "gain", "data": {"shape": [3]}, "gain": {"alpha": 10}}"#,
    ] {
      let model = try Families.create(json(text))
      let defaults = try #require(Families.defaults(for: model))
      #expect(defaults["family"] == Families.configuration(of: model)["family"])
      #expect(defaults["data"] == model.configurationJSON["data"])
      #expect(defaults != Families.configuration(of: model))
      let again = try Families.create(defaults)
      #expect(Families.configuration(of: again) == defaults)
      #expect(Families.defaults(for: again) == defaults)
    }
  }

  /// A debug build says so once, to whoever listens first; a release build has nothing to say.
  @Test func debugBuildsAreNoticed() throws {
    final class Heard: @unchecked Sendable { var messages: [String] = [] }
    let heard = Heard()
    Log.set { heard.messages.append("\($1)") }
    defer { Log.set(nil) }
    let data = try Dataset.open("ring")
    for _ in 0..<3 {
      let model = try Families.create(json(#"{"data": {"shape": [2]}}"#))
      _ = try Trainer(model, data: data)
    }
    let notices = heard.messages.filter { $0.contains("a debug build") }
    #if DEBUG
      #expect(notices.count <= 1)
    #else
      #expect(notices.isEmpty)
    #endif
  }

  /// A family of a program's own: samples are the mean of the data seen so far.
  final class Mean: Sampling {
    static let family = "mean_of_the_tests"
    let sampleShape: Shape
    let sampleRange: ValueRange? = nil
    let seed: UInt64 = 1
    let labelUse = LabelUse.none
    let sampleUse = LabelUse.none
    let batchesPerStep = 1
    var samplesSeen: UInt64 = 0
    private(set) var step: UInt64 = 0
    private var mean: Tensor

    init(configuration: JSON) throws(Failure) {
      guard let size = configuration["size"]?.wholeNumber, (1...100).contains(size) else {
        throw Failure(.configuration, "size: expected 1...100")
      }
      sampleShape = [Int(size)]
      mean = .zeros(sampleShape)
    }

    init(_ snapshot: Snapshot) throws(Failure) {
      guard let value = snapshot.tensors.first?.value,
        let step = snapshot.texts["step"].flatMap(UInt64.init)
      else { throw Failure(.mismatch, "no mean") }
      (sampleShape, mean, self.step) = (value.shape, value, step)
    }

    var configurationJSON: JSON { .object([("size", .integer(Int64(sampleShape.count)))]) }
    var summary: JSON { .object([("step", .integer(Int64(step)))]) }
    var tensors: [(name: String, value: Tensor)] { [("mean", mean)] }
    func setTensor(_ name: String, _ value: Tensor) throws(Failure) { mean = value }

    func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
      step += 1
      mean = mean + (1 / Float(step)) * (batches[0].samples.mean([0]) - mean)
      var report = StepReport(step: step, learningRate: 0)
      report.figures = [("cost", Double(mean.squared().sum().scalar))]
      return report
    }

    func snapshot() -> Snapshot {
      Snapshot(
        tensors: tensors,
        texts: [
          Snapshot.familyKey: Self.family, "configuration": configurationJSON.text(pretty: false),
          "step": "\(step)",
        ])
    }

    func sample(_ count: Int, seed: UInt64, given: Conditions) throws(Failure) -> Tensor {
      mean.broadcast(to: sampleShape.prepending(count))
    }
  }

  @Test func aFamilyOfOnesOwn() throws {
    try Families.register(Mean.self)
    try Families.register(Mean.self)
    let text = #"{"family": "mean_of_the_tests", "size": 2}"#
    let model = try Families.create(json(text))
    var trainer = try Trainer(model, data: .ring(count: 100), batch: 50)
    try trainer.run(steps: 4)
    try inTemporaryFolder { folder in
      try Checkpoint.write(model.snapshot(), to: folder + "/model.safetensors")
      let again = try Families.load(Checkpoint.read(folder + "/model.safetensors"))
      #expect(again.step == 4)
      let (a, b) = (again as? any Sampling, model as? any Sampling)
      #expect(try a?.sample(3, seed: 1).array == b?.sample(3, seed: 1).array)
    }
    #expect(Families.capabilities(of: model) == ["sample"])
    expect(.configuration, "size: expected 1...100") {
      _ = try Families.create(json(#"{"family": "mean_of_the_tests"}"#))
    }
  }

  /// A name that another family has.
  class Other: Model {
    static let family = "gan"
    let sampleShape: Shape = [1]
    let sampleRange: ValueRange? = nil
    let (step, seed): (UInt64, UInt64) = (0, 1)
    let labelUse = LabelUse.none
    let batchesPerStep = 1
    var samplesSeen: UInt64 = 0
    required init(configuration: JSON) throws(Failure) {}
    required init(_ snapshot: Snapshot) throws(Failure) {}
    let configurationJSON = JSON.object([])
    let summary = JSON.object([])
    let tensors: [(name: String, value: Tensor)] = []
    func setTensor(_ name: String, _ value: Tensor) throws(Failure) {}
    func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
      StepReport(step: 1, learningRate: 0)
    }
    func snapshot() -> Snapshot { Snapshot(tensors: [], texts: [:]) }
  }

  @Test func namesAreTakenOnce() {
    expect(.argument, "a family is called \"gan\" already") { try Families.register(Other.self) }
  }
}
