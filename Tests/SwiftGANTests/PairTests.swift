import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGModels

/// Data that comes in pairs, an image and what it is made from: a U-Net by nested skips and a
/// discriminator of patches, described in JSON (Isola et al. 2017).
@Suite struct PairTests {
  private static let down =
    #"{"conv": {"channels": 4, "kernel": 4, "stride": 2}}, {"leaky_relu": 0.2}"#
  private static let up = #"{"conv_transpose": {"channels": 4, "kernel": 4, "stride": 2}}, "relu""#
  private static var unet: String {
    let inner = "{\"skip\": [\(down), \(up)]}"
    let middle =
      "{\"skip\": [\(down), \"batch_norm\", \(inner), \(up), {\"dropout\": {\"probability\": 0.5, \"sampling\": true}}]}"
    return "{\"skip\": [\(down), \(middle), \(up)]}"
  }
  static func configuration(
    _ more: String = "", conditions: String = "[16, 16, 2]", noise: Bool = true
  ) throws -> Configuration {
    let unet =
      noise
      ? unet
      : unet.replacing(", {\"dropout\": {\"probability\": 0.5, \"sampling\": true}}", with: "")
    return try Configuration(
      json: JSON(
        parsing: #"""
          {"data": {"shape": [16, 16, 1], "conditions": \#(conditions)}, "latent": {"size": 1},
           "labels": {"mode": "conditional"}, \#(more)
           "generator": {"layers": [{"input": "condition"}, \#(unet), {"conv": {"channels": 1, "kernel": 3}}, "tanh"]},
           "discriminator": {"layers": [{"condition": 0}, \#(down), {"conv": {"channels": 8, "kernel": 4, "stride": 2}},
             {"leaky_relu": 0.2}, {"conv": {"channels": 1, "kernel": 3}}]},
           "optimizer": {"adam": {"learning_rate": 0.002}}}
          """#))
  }

  /// Samples of 16 x 16 that are minus the first channel of what they are conditioned on.
  static func pairs(_ count: Int) throws -> Dataset {
    let given = RandomKey(seed: 3, stream: 1, step: 0).uniform([count, 16, 16, 2], low: -1)
    let first = given.slice(from: [0, 0, 0, 0], [count, 16, 16, 1])
    return try Dataset(-first, conditions: given.reshaped([count, 512]))
  }

  @Test(arguments: [
    "", #""objective": "relativistic", "penalties": {"r1": 1, "r2": {"weight": 1, "every": 2}},"#,
    #""objective": "hinge", "schedule": {"update": "simultaneous"}, "penalties": {"gradient_penalty": 1},"#,
  ]) func trainsSavesLoadsExports(_ more: String) throws {
    let model = try GAN(Self.configuration(more))
    #expect(model.networks.generator.output == [16, 16, 1])
    #expect(model.networks.discriminator.output == [4, 4, 1])
    let names = model.networks.generator.layers.map(\.name)
    #expect(names.contains("1.2.3.0"), "\(names)")
    let data = try Self.pairs(24)
    var trainer = try Trainer(model, data: data, batch: 8)
    for _ in 0..<4 { _ = try trainer.step() }
    try inTemporaryFolder { folder in
      let path = "\(folder)/model.safetensors"
      try Checkpoint.write(model.snapshot(), to: path)
      let loaded = try GAN(Checkpoint.read(path))
      #expect(loaded.configuration == model.configuration)
      var other = try Trainer(loaded, data: data, batch: 8)
      for _ in 0..<3 {
        #expect(try trainer.step().discriminatorCost == other.step().discriminatorCost)
      }
      try model.exportONNX("discriminator", to: "\(folder)/d.onnx")
      let failure = #expect(throws: Failure.self) {
        try model.exportONNX("generator", to: "\(folder)/g.onnx")
      }
      #expect(failure?.message.contains("dropout cannot be expressed in ONNX") == true)
      let plain = try GAN(Self.configuration(more, noise: false))
      try plain.exportONNX("generator", to: "\(folder)/g.onnx")
      let torch = #expect(throws: Failure.self) {
        try plain.exportTorch("generator", to: "\(folder)/g.safetensors")
      }
      #expect(torch?.kind == .unsupported && torch?.message.contains("generator.0") == true)
    }
    let given = try data.conditions([0, 1, 2])
    let samples = try model.sample(3, seed: 1, given: given)
    #expect(samples.shape == [3, 16, 16, 1] && samples.isFinite)
    #expect(try model.discriminate(samples, given: given).shape == [3])
    // What is made depends on what is given, and on nothing else but dropout.
    let turned = try data.conditions([1, 0, 2])
    #expect(try model.sample(3, seed: 1, given: turned).array != samples.array)
  }

  /// With feature matching's L2 beside it the U-Net learns to answer what it is given: its error
  /// falls far below that of an answer that does not look.
  @Test func learnsThePairs() throws {
    var c = try Self.configuration(noise: false)
    c.objective = .leastSquares
    let model = try GAN(c)
    let data = try Self.pairs(64)
    func error() throws -> Double {
      let index = Array(0..<64)
      let made = try model.sample(64, seed: 1, given: data.conditions(index))
      let real = try data.batch(index, range: nil)
      return Double((made - real).squared().mean().scalar)
    }
    let before = try error()
    var trainer = try Trainer(model, data: data, batch: 16)
    try trainer.run(steps: 300)
    let after = try error()
    #expect(after < 0.5 * before, "\(after) after, \(before) before")
  }

  @Test(arguments: [
    (#"[16, 16, 0]"#, "data.conditions[2]: expected 1..."),
    (#"[2, 2, 2, 2]"#, "data.conditions: expected 1 to 3 sizes"),
    (#"[2000, 2000]"#, "data.conditions: expected at most 1048576 numbers"),
    (#"[8, 8, 2]"#, "generator: its samples have the shape [8, 8, 1]"),
    (#""many""#, "data.conditions"),
  ]) func refusedShapes(_ conditions: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try GAN(Self.configuration(conditions: conditions, noise: false))
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  @Test func shapeOfAnotherCount() throws {
    var c = try Self.configuration()
    c.conditions = 7
    let failure = #expect(throws: Failure.self) { try GAN(c) }
    #expect(failure?.message.contains("7 numbers have no shape [16, 16, 2]") == true)
    for shape in [[-1, 2], [Int](repeating: 1, count: 9), []] as [[Int]] {
      c.conditionShape = shape
      #expect(throws: Failure.self) { try GAN(c) }
    }
  }

  /// Pairs of unequal count, and of another size than the model's.
  @Test func pairsThatDoNotFit() throws {
    let x = RandomKey(seed: 3, stream: 1, step: 0).uniform([4, 16, 16, 1])
    let unequal = #expect(throws: Failure.self) { try Dataset(x, conditions: .zeros([3, 512])) }
    #expect(
      unequal?.message.contains("conditions: expected shape [4, size], found [3, 512]") == true)
    let model = try GAN(Self.configuration())
    let size = #expect(throws: Failure.self) {
      try model.train(on: [Batch(x, conditions: .zeros([4, 7]))], reporting: false)
    }
    #expect(size?.message.contains("conditions: expected shape [4, 512]") == true)
    let paired = try Self.pairs(8)
    let flipped = #expect(throws: Failure.self) {
      try Trainer(model, data: paired.augmented(Augmentation(flip: true)), batch: 4)
    }
    #expect(flipped?.message.contains("paired with others, which would stay") == true)
    let missing = #expect(throws: Failure.self) { try model.sample(2, seed: 1) }
    #expect(missing?.kind == .argument)
  }

  /// The classes and the real numbers by themselves, in JSON.
  @Test func labelsAndValues() throws {
    let model = try GAN(
      Configuration(
        json: JSON(
          parsing: #"""
            {"data": {"shape": [2], "classes": 3, "conditions": 2}, "latent": {"size": 4}, "labels": {"mode": "conditional"},
             "generator": {"layers": [{"skip": [{"input": "labels"}]}, {"dense": 8}, "tanh", {"skip": [{"input": {"name": "values"}}]}, {"dense": 2}]},
             "discriminator": {"layers": [{"skip": [{"input": "condition"}]}, {"dense": 8}, "tanh", {"dense": 1}]}}
            """#)))
    let x = RandomKey(seed: 3, stream: 1, step: 0).normal([6, 2])
    let batch = Batch(x, labels: [0, 1, 2, 0, 1, 2], conditions: x)
    for _ in 0..<3 { _ = try model.train(on: [batch], reporting: true) }
    let again = try GAN(model.snapshot())
    #expect(again.configuration == model.configuration)
    func sample(_ label: Int32, _ value: Float) throws -> [Float] {
      try model.sample(
        1, seed: 1, given: Conditions(labels: [label], values: Tensor([value, 0], shape: [1, 2]))
      ).array
    }
    #expect(try sample(0, 1) != sample(1, 1) && sample(0, 1) != sample(0, 2))
  }
}
