import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// A pyramid of GANs: several pairs of players by name in one model (Denton et al. 2015).
@Suite struct LAPGANTests {
  private static let json = #"""
    {"family": "lapgan", "data": {"shape": [8, 8, 1]}, "seed": 3, "lapgan": {"levels": [
      {"generator": {"preset": "mlp", "width": 8}, "discriminator": {"preset": "mlp", "width": 8}, "latent": {"size": 4}},
      {"generator": {"layers": [{"reshape": [8, 8, 1]}, {"condition": 0}, {"conv": {"channels": 4, "kernel": 3}}, "relu",
         {"conv": {"channels": 1, "kernel": 3}}]}, "latent": {"size": 64}, "objective": "relativistic", "penalties": {"r1": 1},
       "discriminator": {"layers": [{"condition": 0}, {"conv": {"channels": 4, "kernel": 4, "stride": 2}}, "batch_norm",
         {"leaky_relu": 0.2}, "flatten", {"dense": 1}]}, "schedule": {"discriminator_steps": 2}}]}}
    """#
  private let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([12, 8, 8, 1], low: -1)

  @Test func pyramids() {
    let y = RandomKey(seed: 1, stream: 1, step: 0).uniform([3, 8, 12, 2])
    let levels = Pyramid.levels(of: y, count: 3)
    #expect(levels.map(\.detail.shape) == [[3, 2, 3, 2], [3, 4, 6, 2], [3, 8, 12, 2]])
    var image = levels[0].detail
    for (detail, coarse) in levels.dropFirst() {
      let doubled = Pyramid.doubled(image)
      for (a, b) in zip(coarse?.array ?? [.nan], doubled.array) { #expect(abs(a - b) < 1e-6) }
      image = doubled + detail
    }
    for (a, b) in zip(image.array, y.array) { #expect(abs(a - b) < 1e-6) }
    #expect(Pyramid.halved(Tensor([1, 3, 5, 7], shape: [1, 2, 2, 1])).array == [4])
  }

  @Test func trainsSavesLoadsSamples() throws {
    let model = try Families.create(JSON(parsing: Self.json))
    let names = Set(
      model.tensors.map { $0.name.split(separator: ".").prefix(2).joined(separator: ".") })
    #expect(
      names == [
        "level0.generator", "level0.discriminator", "level1.generator", "level1.discriminator",
      ])
    #expect(model.batchesPerStep == 2)
    let data = try Dataset(x)
    var trainer = try Trainer(model, data: data, batch: 4)
    for _ in 0..<3 {
      let report = try trainer.step()
      #expect(report["level1_penalty_r1"] != nil && report["level0_generator_cost"] != nil)
      #expect((report.verdict?.utf8.count ?? 999) <= 160 && report.imagesPerSecond > 0)
    }
    try inTemporaryFolder { folder in
      try Checkpoint.write(model.snapshot(), to: "\(folder)/model.safetensors")
      let loaded = try Families.load(Checkpoint.read("\(folder)/model.safetensors"))
      #expect(loaded.configurationJSON == model.configurationJSON && loaded.step == 3)
      var other = try Trainer(loaded, data: data, batch: 4)
      for _ in 0..<3 {
        let (a, b) = (try trainer.step(), try other.step())
        #expect(a["level1_discriminator_cost"] == b["level1_discriminator_cost"])
      }
      for (a, b) in zip(model.tensors, loaded.tensors) {
        #expect(a.name == b.name && a.value.array == b.value.array)
      }
    }
    let sampling = try #require(model as? any Sampling)
    let samples = try sampling.sample(70, seed: 5)
    #expect(samples.shape == [70, 8, 8, 1] && samples.array.allSatisfy { abs($0) <= 1 })
    let fewer = try sampling.sample(3, seed: 5)
    for (a, b) in zip(fewer.array, samples.array) { #expect(abs(a - b) < 1e-6) }
    #expect(try sampling.sample(3, seed: 6).array != fewer.array)
    let weight = try #require(model.tensors.first { $0.name == "level1.generator.2.weight" })
    try model.setTensor(weight.name, .zeros(weight.value.shape))
    #expect(try sampling.sample(3, seed: 5).array != fewer.array)
    #expect(!Families.capabilities(of: model).contains("export"))
    #expect(Families.lacks("export", model).message.contains("the family \"lapgan\" has no export"))
  }

  /// A step that fails at one level leaves all as they were.
  @Test func allOrNothing() throws {
    let model = try Families.create(JSON(parsing: Self.json))
    _ = try model.train(on: [Batch(x)], reporting: false)
    let before = model.tensors.map(\.value.array)
    let narrow = try #require(model as? LAPGAN)
    // Weights at the end of what floats hold make the second level's costs infinite.
    let weight = try #require(model.tensors.first { $0.name == "level1.discriminator.5.weight" })
    try model.setTensor(weight.name, Tensor(repeating: 3e38, shape: weight.value.shape))
    let failure = #expect(throws: Failure.self) {
      _ = try model.train(on: [Batch(x)], reporting: false)
    }
    #expect(failure?.kind == .diverged && failure?.message.hasPrefix("level1: ") == true)
    try model.setTensor(weight.name, weight.value)
    #expect(model.tensors.map(\.value.array) == before)
    #expect(narrow.levels.map(\.step) == [1, 1])
  }

  @Test func defaults() throws {
    let model = try Families.create(
      JSON(parsing: #"{"family": "lapgan", "data": {"shape": [16, 16, 3]}}"#))
    let data = try Dataset(RandomKey(seed: 1, stream: 1, step: 0).uniform([4, 16, 16, 3]))
    var trainer = try Trainer(model, data: data, batch: 4)
    _ = try trainer.step()
    let echo = try Families.create(
      JSON(parsing: Families.configuration(of: model).text(pretty: true)))
    #expect(echo.configurationJSON == model.configurationJSON)
    #expect(echo.tensors.map(\.name).count == model.tensors.map(\.name).count)
  }

  /// Every level is given the classes: samples of one class are not those of another, and names
  /// come back from the checkpoint.
  @Test func classes() throws {
    let model = try Families.create(
      JSON(parsing: #"{"family": "lapgan", "data": {"shape": [16, 16, 1], "classes": 3}}"#))
    #expect(model.labelUse == .given(classes: 3, conditions: 0))
    let images = RandomKey(seed: 1, stream: 1, step: 0).uniform([6, 16, 16, 1], low: -1)
    let data = try Dataset(images, labels: [0, 1, 2, 0, 1, 2]).matchingClasses(["a", "b", "c"])
    var trainer = try Trainer(model, data: data, batch: 4)
    for _ in 0..<2 { _ = try trainer.step() }
    let again = try Families.load(model.snapshot())
    #expect((again as? any NamesClasses)?.classNames == ["a", "b", "c"])
    #expect(again.configurationJSON == model.configurationJSON)
    for (a, b) in zip(model.tensors, again.tensors) { #expect(a.value.array == b.value.array) }
    let sampling = try #require(again as? any Sampling)
    func sample(_ label: Int32) throws -> [Float] {
      try sampling.sample(2, seed: 3, given: Conditions(labels: [label, label])).array
    }
    #expect(try sample(0) != sample(1) && sample(0) == sample(0))
    // The finer level alone looks at the class, too.
    let pyramid = try #require(again as? LAPGAN)
    let coarse = Tensor.zeros([1, 256])
    func detail(_ label: Int32) throws -> [Float] {
      try pyramid.levels[1].sample(
        1, seed: 3, given: Conditions(labels: [label], values: coarse)
      ).array
    }
    #expect(try detail(0) != detail(1))
    let failure = #expect(throws: Failure.self) {
      try model.train(on: [Batch(images)], reporting: false)
    }
    #expect(failure?.message.contains("expected a class 0...2 for each sample") == true)
    #expect(throws: Failure.self) {
      try sampling.sample(1, seed: 1, given: Conditions(labels: [3]))
    }
  }

  @Test(arguments: [
    (#""data": {"shape": [2]}"#, "data.shape: a pyramid is of images"),
    (
      #""data": {"shape": [10, 10, 1]}, "lapgan": {"levels": [{}, {}, {}]}"#,
      "10 x 10 pixels do not"
    ),
    (
      #""data": {"shape": [16, 16, 1]}, "lapgan": {"levels": [{}]}"#,
      "expected 2...8 levels, found 1"
    ),
    (
      #""data": {"shape": [16, 16, 1]}, "lapgan": {"levels": [{}, {"seed": 2}]}"#,
      "lapgan.levels[1].seed: follows from the whole"
    ),
    (
      #""data": {"shape": [16, 16, 1]}, "lapgan": {"levels": [{}, {"objectiv": "hinge"}]}"#,
      "lapgan.levels[1].objectiv: unknown key; did you mean \"objective\"?"
    ),
    (#""data": {"shape": [16, 16, 1]}, "lapgan": {"level": []}"#, "did you mean \"levels\"?"),
    (#""data": {"shape": [16, 16, 1]}, "lapgan": {"levels": [{}, 3]}"#, "expected an object"),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try Families.create(JSON(parsing: #"{"family": "lapgan", \#(members)}"#))
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
