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
@testable import SGExchange
@testable import SGModels
@testable import SGNets
@testable import SGTensors

/// Images from images: presets, the content cost, several answers (Isola et al. 2017).
@Suite struct TranslationTests {
  private static func model(
    _ generator: String, shape: String = "[16, 16, 1]", input: String = "[16, 16, 2]",
    more: String = ""
  ) throws -> GAN {
    try GAN(
      Configuration(
        json: JSON(
          parsing: #"""
            {"data": {"shape": \#(shape), "conditions": \#(input)}, "latent": {"size": 3}, "labels": {"mode": "conditional"},
             "content": {"l1": 10}, "generator": \#(generator), "discriminator": {"preset": "patch", "width": 4}\#(more)}
            """#)))
  }

  private static func data(_ shape: Shape, _ input: Shape, count: Int = 12) throws -> Dataset {
    let x = RandomKey(seed: 3, stream: 1, step: 0).uniform(shape.prepending(count), low: -1)
    let from = RandomKey(seed: 4, stream: 1, step: 0).uniform(input.prepending(count), low: -1)
    return try Dataset(x).paired(with: Dataset(from))
  }

  private static let generators = [
    (#"{"preset": "unet", "width": 4}"#, [16, 16, 2]),
    (#"{"preset": "unet", "width": 4, "depth": 1}"#, [16, 16, 2]),
    (#"{"preset": "unet", "width": 4, "depth": 3, "noise": "latent"}"#, [16, 16, 2]),
    (#"{"preset": "super_resolution", "width": 4, "blocks": 2}"#, [8, 8, 2]),
    (#"{"preset": "super_resolution", "width": 4, "noise": "latent"}"#, [4, 4, 2]),
    (#"{"preset": "super_resolution", "width": 4, "noise": "dropout"}"#, [8, 8, 1]),
  ]

  /// Presets train and resume with the same bits, whatever the number of threads, and their answers
  /// for an input differ where they have noise.
  @Test(arguments: generators) func presets(_ generator: String, _ input: [Int]) throws {
    defer { _ = Threads.set(0) }
    let data = try Self.data([16, 16, 1], Shape(input))
    func trained(_ threads: Int, _ steps: Int) throws -> GAN {
      #expect(Threads.set(threads))
      let model = try Self.model(generator, input: "\(input)")
      var trainer = try Trainer(model, data: data, batch: 4)
      for _ in 0..<steps { #expect(try #require(trainer.step()["content_cost"]) > 0) }
      return model
    }
    let whole = try trained(1, 4)
    let half = try trained(3, 2)
    try inTemporaryFolder { folder in
      try Checkpoint.write(half.snapshot(), to: folder + "/half.safetensors")
      let again = try GAN(Checkpoint.read(folder + "/half.safetensors"))
      #expect(again.configuration == half.configuration)
      var trainer = try Trainer(again, data: data, batch: 4)
      for _ in 0..<2 { _ = try trainer.step() }
      for (a, b) in zip(again.tensors, whole.tensors) {
        #expect(a.value.array == b.value.array, "\(a.name)")
      }
      let hasDropout = generator.contains("dropout") || !generator.contains("noise")
      if !hasDropout || generator.contains("super_resolution") && !generator.contains("noise") {
        try whole.exportONNX("generator", to: folder + "/g.onnx")
      }
    }
    let inputs = try #require(data.inputs).batch([0, 1])
    let answers = try whole.translate(inputs, answers: 3, seed: 5)
    #expect(answers.shape == [6, 16, 16, 1] && answers.array.allSatisfy { abs($0) <= 1 })
    let isNoisy = generator.contains("unet") || generator.contains("noise")
    let rows = (0..<3).map { answers.rows($0..<$0 + 1).array }
    #expect((rows[0] != rows[1] && rows[1] != rows[2]) == isNoisy)
    #expect(try whole.translate(inputs, answers: 3, seed: 5).array == answers.array)
    let one = try whole.sample(
      1, seed: 5, given: Conditions(values: inputs.rows(0..<1).reshaped([1, Shape(input).count])))
    for (a, b) in zip(one.array, rows[0]) { #expect(abs(a - b) < 1e-5) }
  }

  /// Sides of the paper: eight halvings of 256 pixels, to a single one.
  @Test func layersOfThePaper() throws {
    let model = try Self.model(
      #"{"preset": "unet", "width": 2}"#, shape: "[256, 256, 3]", input: "[256, 256, 3]")
    let layers = model.networks.generator.layers
    #expect(layers.contains { $0.output == [1, 1, 16] })
    #expect(layers.count { $0.layer is Dropout } == 3)
    #expect(layers.count { $0.layer is Convolution } == 8)
    #expect(layers.count { $0.layer is TransposedConvolution } == 8)
    #expect(model.networks.discriminator.output == [30, 30, 1])
  }

  @Test(arguments: [
    (#"{"preset": "unet"}"#, "[15, 16, 1]", "[15, 16, 1]", "halves the sides at least once"),
    (
      #"{"preset": "unet", "depth": 5}"#, "[16, 16, 1]", "[16, 16, 1]",
      "halves the sides 5 times, which 16 x 16 pixels do not allow; expected a depth of at most 4"
    ),
    (#"{"preset": "unet"}"#, "[16, 16, 1]", "[8, 8, 1]", "makes images of the input's size"),
    (#"{"preset": "unet"}"#, "[16, 16, 1]", "256", "needs data.shape and data.conditions"),
    (#"{"preset": "super_resolution"}"#, "[16, 16, 1]", "[16, 16, 1]", "sides of 2, 4, 8"),
    (#"{"preset": "super_resolution"}"#, "[12, 12, 1]", "[4, 4, 1]", "sides of 2, 4, 8"),
    (
      #"{"preset": "patch"}"#, "[16, 16, 1]", "[16, 16, 1]", "the preset patch is a discriminator's"
    ),
    (#"{"preset": "unet", "noise": "loud"}"#, "[16, 16, 1]", "[16, 16, 1]", "generator.noise"),
  ]) func refused(_ generator: String, _ shape: String, _ input: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try Self.model(generator, shape: shape, input: input)
    }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  @Test(arguments: [
    (#""discriminator": "unet""#, "presets unet and super_resolution are generators'"),
    (#""content": {"l1": 1}"#, "content: compares samples with those that their conditions"),
    (#""content": {"adversarial": 0}"#, "goes with content.l1 or content.l2"),
    (#""content": {"l1": -1}"#, "content.l1"),
    (#""discriminator": "patch""#, "the preset patch judges images"),
  ]) func refusedWithoutPairs(_ member: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try GAN(Configuration(json: JSON(parsing: #"{"data": {"shape": [4]}, \#(member)}"#)))
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  @Test func inputsThatDoNotFit() throws {
    let model = try Self.model(#"{"preset": "unet", "width": 4}"#)
    let other = try Self.data([16, 16, 1], [8, 8, 8])
    let failure = #expect(throws: Failure.self) { try Trainer(model, data: other) }
    #expect(
      failure?.message.contains("inputs have the shape [8, 8, 8], the model's [16, 16, 2]") == true)
    for (inputs, answers, words) in [
      (Tensor.zeros([2, 8, 8, 2]), 1, "inputs: expected [count] + [16, 16, 2]"),
      (.zeros([2, 16, 16, 2]), 0, "answers: expected 1...1000, found 0"),
      (.zeros([0, 16, 16, 2]), 1, "inputs: expected [count]"),
    ] {
      let wrong = #expect(throws: Failure.self) { try model.translate(inputs, answers: answers) }
      #expect(wrong?.message.contains(words) == true, "\(wrong?.message ?? "")")
    }
    let plain = try GAN(Configuration(json: JSON(parsing: #"{"data": {"shape": [4]}}"#)))
    let none = #expect(throws: Failure.self) { try plain.translate(.zeros([1, 4])) }
    #expect(none?.kind == .unsupported)
  }

  /// One step of a game on pairs equals one in double precision: the adversarial cost of both
  /// players, and the content's.
  @Test(arguments: [(0.7, 0.3, 1.0), (2, 0, 0.25), (0, 1.5, 0)])
  func step(_ l1: Double, _ l2: Double, _ adversarial: Double) throws {
    var c = Configuration(
      shape: [2], latent: Prior(size: 2),
      generator: .layers([
        Skip([NamedInput("condition")]), Dense(3), ActivationLayer.tanh, Dense(2),
      ]),
      discriminator: .layers([ConditionInput(), Dense(3), ActivationLayer.tanh, Dense(1)]),
      schedule: UpdateSchedule(update: .simultaneous),
      optimizer: OptimizerSettings(SGD(learningRate: 1)))
    (c.conditions, c.labels.mode) = (1, .conditional)
    c.content = ContentCost(l1: Float(l1), l2: Float(l2), adversarial: Float(adversarial))
    let model = try GAN(c)
    let x = RandomKey(seed: 1, stream: 1, step: 0).normal([5, 2])
    let z = RandomKey(seed: 2, stream: 1, step: 0).normal([5, 2])
    let y = RandomKey(seed: 3, stream: 1, step: 0).normal([5, 1])
    func rows(_ t: Tensor) -> [[Double]] {
      let (v, n) = (t.doubles, t.shape[1])
      return stride(from: 0, to: v.count, by: n).map { Array(v[$0..<$0 + n]) }
    }
    let (xs, zs, ys) = (rows(x), rows(z), rows(y))
    func network(_ x: [Double], _ w: ArraySlice<[Double]>) -> [Double] {
      let w = Array(w)
      return denseInDouble(denseInDouble(x, w[0], w[1]).map(tanh), w[2], w[3])
    }
    func fakes(_ w: [[Double]]) -> [[Double]] {
      zs.indices.map { network(zs[$0] + ys[$0], w[0..<4]) }
    }
    func softplus(_ v: Double) -> Double { v > 0 ? v + log1p(exp(-v)) : log1p(exp(v)) }
    func logit(_ x: [Double], _ i: Int, _ w: [[Double]]) -> Double {
      network(x + ys[i], w[4..<8])[0]
    }
    func mean(_ f: (Int) -> Double) -> Double { (0..<5).reduce(0) { $0 + f($1) } / 5 }
    let before = model.tensors.map(\.value.doubles)
    let held = fakes(before)
    let ofD = finiteDifferences(
      of: { w in
        0.5 * mean { softplus(-logit(xs[$0], $0, w)) + softplus(logit(held[$0], $0, w)) }
      }, at: before)
    func generatorCost(_ w: [[Double]]) -> Double {
      let made = fakes(w)
      let judge = Array(w[0..<4]) + Array(before[4..<8])
      let differences = mean { i in
        (0..<2).reduce(0.0) { sum, k in
          let gap = made[i][k] - xs[i][k]
          return sum + (l1 * abs(gap) + l2 * gap * gap) / 2
        }
      }
      return adversarial * 0.5 * mean { softplus(-logit(made[$0], $0, judge)) } + differences
    }
    let ofG = finiteDifferences(of: generatorCost, at: before)
    let report = try model.train(
      on: [Batch(x, conditions: y)], latents: z, reporting: true)
    #expect(abs(report.generatorCost - generatorCost(before)) < 1e-5)
    for (i, tensor) in model.tensors.enumerated() where i < 8 {
      let slopes = i < 4 ? ofG[i] : ofD[i]
      let largest = max(1e-3, slopes.map(abs).max() ?? 0)
      for (k, value) in tensor.value.doubles.enumerated() {
        #expect(abs(value - (before[i][k] - slopes[k])) < 1e-4 * largest, "\(tensor.name)[\(k)]")
      }
    }
  }

  /// The content cost alone is a regression that comes close to the pairs.
  @Test func regression() throws {
    let model = try Self.model(
      #"{"preset": "unet", "width": 8, "noise": "none"}"#, input: "[16, 16, 1]",
      more: #", "optimizer": {"adam": {"learning_rate": 0.002}}"#)
    let x = RandomKey(seed: 3, stream: 1, step: 0).uniform([32, 16, 16, 1], low: -1)
    let data = try Dataset(-0.8 * x).paired(with: Dataset(x))
    var trainer = try Trainer(model, data: data, batch: 8)
    let first = try #require(trainer.step()["content_cost"])
    try trainer.run(steps: 150)
    let last = try #require(trainer.step()["content_cost"])
    #expect(last < 0.5 * first, "\(first), \(last)")
  }
}
