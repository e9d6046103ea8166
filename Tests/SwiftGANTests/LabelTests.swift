import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Conditional, auxiliary-classifier and semi-supervised GANs.
@Suite struct LabelTests {
  private func ring(
    _ labels: LabelSettings, matching: Float = 0, width: Int = 64
  ) throws -> GAN {
    var c = Configuration(
      shape: [2], latent: Prior(size: 4), generator: .mlp(width: width),
      discriminator: .mlp(width: width),
      optimizer: OptimizerSettings(Adam(learningRate: 0.001)), average: 0.99)
    c.classes = 8
    c.labels = labels
    c.featureMatching.weight = matching
    // Copies of the ring's samples are trained on as the ring is.
    c.standardize = false
    return try GAN(c)
  }

  private static let settings: [LabelSettings] = {
    var (plain, projection, auxiliary) = (
      LabelSettings(.conditional), LabelSettings(.conditional), LabelSettings(.auxiliary)
    )
    plain.draw = .balanced
    projection.discriminator = .projection
    projection.generator = .embedding
    projection.embedding = 6
    auxiliary.weight = 2
    return [plain, projection, auxiliary]
  }()

  /// Samples of class k lie at mode k.
  @Test(arguments: settings) func samplesHaveTheirClass(_ labels: LabelSettings) throws {
    let model = try ring(labels)
    var trainer = try Trainer(model, data: Dataset.ring(count: 20_000), batch: 128)
    try trainer.run(steps: 2500, reportEvery: 2500)
    let classes = (0..<800).map { Int32($0 % 8) }
    let samples = try model.sample(800, seed: 1, given: Conditions(labels: classes))
    let centers = try Dataset.ring(count: 8, deviation: 0).batch(Array(0..<8)).array
    let x = samples.array
    let right = classes.enumerated().count { i, label in
      let distance = (0..<8).map { m in
        let (a, b) = (x[2 * i] - centers[2 * m], x[2 * i + 1] - centers[2 * m + 1])
        return a * a + b * b
      }
      return distance.indices.min { distance[$0] < distance[$1] } == Int(label)
    }
    #expect(right >= 760, "\(right) of 800")
    if labels.mode == .auxiliary {
      let found = try model.classify(samples)
      #expect(accuracy(found, classes) > 0.95)
    }
  }

  /// Real numbers serve as well as classes: G learns x = (c, −c) + noise.
  @Test func conditionedOnNumbers() throws {
    var c = Configuration(
      shape: [2], latent: Prior(size: 2), generator: .mlp(width: 32),
      discriminator: .mlp(width: 32),
      optimizer: OptimizerSettings(Adam(learningRate: 0.001)), average: 0.99)
    c.conditions = 1
    c.labels = LabelSettings(.conditional)
    let model = try GAN(c)
    let n = 10_000
    let key = RandomKey(seed: 3, stream: 9, step: 0)
    let numbers = key.uniform([n, 1], low: -1, high: 1)
    let noise = key.from(n).normal([n, 2], deviation: 0.05)
    let data = try Dataset(
      Tensor.concatenate([numbers, -numbers], axis: 1) + noise, conditions: numbers)
    var trainer = try Trainer(model, data: data, batch: 128)
    try trainer.run(steps: 3000, reportEvery: 3000)
    let wanted: [Float] = (0..<200).map { Float($0) / 100 - 1 }
    let made = try model.sample(
      200, seed: 1, given: Conditions(values: Tensor(wanted, shape: [200, 1]))
    ).array
    let error = wanted.enumerated().map { i, v in abs(made[2 * i] - v) + abs(made[2 * i + 1] + v) }
    #expect(error.reduce(0, +) / 200 < 0.25, "\(error.reduce(0, +) / 200)")
  }

  /// Softmax once: the derivative of the cost by the logits is p − y, and nothing for an unknown
  /// label.
  @Test func crossEntropyOfLogits() throws {
    let logits = Tensor([1, -2, 0.5, 30, 0, -30], shape: [2, 3]).tracked()
    let slope = gradient(of: crossEntropy(logits, [2, -1]), wrt: [logits])[0].array
    let p = softmax(logits).array
    for (i, want) in [p[0], p[1], p[2] - 1, 0, 0, 0].enumerated() {
      #expect(abs(slope[i] - want) < 1e-6)
    }
    #expect(accuracy(logits, [0, -1]) == 1 && accuracy(logits, [1, 0]) == 0.5)
  }

  /// D = Z / (Z + 1) with Z = Σ exp l.
  @Test func semiSupervisedLogit() throws {
    let output = Tensor([0.5, -1, 2, -3, 1, 0], shape: [2, 3])
    let said = DiscriminatorOutput(output, mode: .semiSupervised)
    let l = output.array.map { Double($0) }
    for (i, logit) in said.logits.array.enumerated() {
      var z = 0.0
      for k in 0..<3 { z += Double(exp(Tensor([Float(l[3 * i + k])])).array[0]) }
      let d = 1 / (1 + Double(exp(Tensor([-logit])).array[0]))
      #expect(abs(d - z / (z + 1)) < 1e-6)
    }
    let auxiliary = DiscriminatorOutput(output, mode: .auxiliary)
    #expect(auxiliary.logits.array == [0.5, -3])
    #expect(auxiliary.classes?.array == [-1, 2, 1, 0])
  }

  /// Only the chosen labels are touched: the others are gone from the dataset, as many are left of
  /// each class, and training on it is the same whatever they were.
  @Test func fewLabels() throws {
    let full = try Dataset.ring(count: 4000)
    let few = try full.keepingLabels(80, seed: 5)
    #expect(few.labels.count { $0 >= 0 } == 80)
    for label in 0..<8 { #expect(few.labels.count { $0 == Int32(label) } == 10) }
    for (kept, was) in zip(few.labels, full.labels) { #expect(kept == -1 || kept == was) }
    #expect(try full.keepingLabels(80, seed: 5).labels == few.labels)
    #expect(try full.keepingLabels(80, seed: 6).labels != few.labels)
    #expect(try few.keepingLabels(9).labels.count { $0 >= 0 } == 9)
    #expect(throws: Failure.self) { try few.keepingLabels(81) }

    // The same samples with wrong labels everywhere but at the chosen ones.
    var others = full.labels.map { ($0 + 3) % 8 }
    for (i, label) in few.labels.enumerated() where label >= 0 { others[i] = label }
    let hidden = zip(others, few.labels).map { $1 >= 0 ? $0 : Int32(-1) }
    let same = try Dataset(full.batch(Array(0..<4000)), labels: hidden)
    var weights: [[Float]] = []
    for data in [few, same] {
      let model = try ring(LabelSettings(.semiSupervised), matching: 1)
      var trainer = try Trainer(model, data: data, batch: 64)
      try trainer.run(steps: 300, reportEvery: 300)
      weights.append(model.tensors.flatMap(\.value.array))
      let test = try Dataset.ring(count: 800, seed: 9)
      let found = try model.classify(test.batch(Array(0..<800)))
      #expect(accuracy(found, test.labels) > 0.9)
    }
    #expect(weights[0] == weights[1])
  }

  /// Feature matching moves G by the gradient of ‖E f(x) − E f(G(z))‖² / k alone.
  @Test func featureMatchingReplacesTheCost() throws {
    let model = try ring(LabelSettings(), matching: 1, width: 8)
    let x = RandomKey(seed: 5, stream: 1, step: 0).normal([6, 2], mean: 3)
    let before = try model.sample(200, seed: 1).mean([0]).array
    var report = try model.train(on: [x])
    let first = report.generatorCost
    #expect(first > 0)
    for _ in 0..<300 { report = try model.train(on: [x]) }
    let after = try model.sample(200, seed: 1).mean([0]).array
    #expect(abs(after[0] - 3) < abs(before[0] - 3), "moves towards the data's mean")
  }

  /// Saved and loaded, every kind goes on with the same bits.
  @Test(arguments: settings + [LabelSettings(.semiSupervised)])
  func resumes(_ labels: LabelSettings) throws {
    let few = try Dataset.ring(count: 500).keepingLabels(labels.mode == .semiSupervised ? 40 : 500)
    let (whole, half) = (try ring(labels, width: 8), try ring(labels, width: 8))
    var trainer = try Trainer(whole, data: few, batch: 32)
    try trainer.run(steps: 20)
    trainer = try Trainer(half, data: few, batch: 32)
    try trainer.run(steps: 9)
    let again = try GAN(half.snapshot())
    #expect(again.configuration == whole.configuration)
    trainer = try Trainer(again, data: few, batch: 32)
    try trainer.run(steps: 11)
    #expect(again.tensors.flatMap(\.value.array) == whole.tensors.flatMap(\.value.array))
  }

  /// The DCGAN presets with each form of condition: shapes fit, a step runs, and samples of two
  /// classes differ.
  @Test func imagePresets() throws {
    for generator in LabelSettings.GeneratorForm.allCases {
      for discriminator in LabelSettings.DiscriminatorForm.allCases {
        var c = Configuration(
          shape: [16, 16, 1], latent: Prior(size: 8), generator: .dcgan(width: 4),
          discriminator: .dcgan(width: 4))
        c.classes = 3
        c.labels = LabelSettings(.conditional)
        c.labels.generator = generator
        c.labels.discriminator = discriminator
        c = try Configuration(json: c.json)
        let model = try GAN(c)
        let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([6, 16, 16, 1], low: -1)
        for _ in 0..<3 {
          _ = try model.train(
            on: [Batch(x, labels: [0, 1, 2, 0, 1, 2])], latents: nil, reporting: false)
        }
        let z = Tensor.zeros([2, 8])
        let two = try model.sample(latents: z, given: Conditions(labels: [0, 1])).array
        #expect(two[..<256] != two[256...], "\(generator) \(discriminator)")
        let logits = try model.discriminate(x.rows(0..<2), given: Conditions(labels: [0, 1]))
        #expect(logits.isFinite)
      }
    }
  }
}

/// Names of classes, which belong to the model.
@Suite struct ClassNameTests {
  private func data(_ names: [String], labels: [Int32] = [0, 1, 2, 0, 1, 2]) throws -> Dataset {
    let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([labels.count, 2])
    return try Dataset(x, labels: labels).matchingClasses(names)
  }

  private func model(
    _ names: [String] = [], _ mode: LabelSettings.Mode = .conditional
  ) throws -> GAN {
    var c = Configuration(
      shape: [2], latent: Prior(size: 2), generator: .mlp(width: 4), discriminator: .mlp(width: 4))
    c.classes = 3
    c.labels = LabelSettings(mode)
    c.classNames = names
    return try GAN(c)
  }

  /// The latest data set before the first step names them; then names stay.
  @Test func theFirstStepKeepsThem() throws {
    let model = try model()
    _ = try Trainer(model, data: data(["x", "y", "z"]))
    #expect(model.classNames == ["x", "y", "z"])
    var trainer = try Trainer(model, data: data(["a", "b", "c"]))
    #expect(model.classNames == ["a", "b", "c"])
    try trainer.run(steps: 1)
    let other = try Trainer(model, data: data(["c", "a"], labels: [0, 1]))
    #expect(model.classNames == ["a", "b", "c"])
    #expect(other.data.labels == [2, 0])
    #expect { try Trainer(model, data: data(["a", "d"], labels: [0, 1])) } throws: {
      ($0 as? Failure)?.kind == .mismatch
    }
    #expect(try GAN(model.snapshot()).classNames == ["a", "b", "c"])
  }

  /// Those of a configuration come first; a model without labels has none.
  @Test func whereTheyComeFrom() throws {
    let configured = try model(["c", "b", "a"])
    let trainer = try Trainer(configured, data: data(["a", "b", "c"]))
    #expect(trainer.data.labels == [2, 1, 0, 2, 1, 0])
    #expect(try Configuration(json: configured.configurationJSON).classNames == ["c", "b", "a"])
    let unlabelled = try model([], .none)
    _ = try Trainer(unlabelled, data: data(["a", "b", "c"]))
    #expect(unlabelled.classNames.isEmpty)
    #expect(unlabelled.snapshot().texts["class_names"] == nil)
    #expect(unlabelled.configurationJSON["data"]?["class_names"] == nil)
    for bad in [["a", "a"], ["a", "b", "c", "d"]] {
      #expect { try model(bad) } throws: { ($0 as? Failure)?.kind == .configuration }
    }
  }

  @Test func damagedNamesAreRefused() throws {
    let model = try model(["a", "b", "c"])
    for (text, kind) in [
      (#"["a", "a"]"#, Failure.Kind.format), (#"["a", 1]"#, .format), ("{}", .format),
      ("[", .format), (#"["a", "b", "c", "d"]"#, .mismatch),
    ] {
      var snapshot = model.snapshot()
      snapshot.texts["class_names"] = text
      #expect { try GAN(snapshot) } throws: { ($0 as? Failure)?.kind == kind }
    }
  }
}
