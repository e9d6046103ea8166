import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// Spectral normalization in games: from JSON, with penalties, averages and checkpoints.
@Suite struct SpectralNormTrainingTests {
  private static func configuration(_ more: String = "") throws -> Configuration {
    func hidden(_ name: String) -> String {
      #"{"spectral_norm": {"dense": 16}}, "\#(name)", {"spectral_norm": {"dense": {"units": 16, "bias": false}}}, "\#(name)""#
    }
    return try Configuration(
      json: JSON(
        parsing: #"""
          {"data": {"shape": [2]}, "latent": {"size": 4}, \#(more) "average": 0.9,
           "generator": {"layers": [\#(hidden("relu")), {"dense": 2}]},
           "discriminator": {"layers": [\#(hidden("tanh")), {"spectral_norm": {"dense": 1}}]},
           "optimizer": {"adam": {"learning_rate": 0.002}}}
          """#))
  }

  @Test(arguments: [
    "", #""objective": "hinge", "schedule": {"update": "simultaneous", "generator_steps": 2},"#,
    #""objective": "wasserstein", "penalties": {"r1": 1, "gradient_penalty": 1},"#,
  ]) func trainsAndResumes(_ more: String) throws {
    let c = try Self.configuration(more)
    #expect(try Configuration(json: c.json) == c)
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    let model = try GAN(c)
    var trainer = try Trainer(model, data: ring, batch: 16)
    try trainer.run(steps: 13)
    let again = try GAN(model.snapshot())
    var other = try Trainer(again, data: ring, batch: 16)
    try trainer.run(steps: 10)
    try other.run(steps: 10)
    for (a, b) in zip(model.tensors, again.tensors) {
      #expect(a.value.isFinite && a.value.array == b.value.array, "\(a.name)")
    }
    // A chain of normalized layers and slopes of at most 1 changes by no more than its input.
    let x = RandomKey(seed: 1, stream: 1, step: 0).normal([64, 2])
    let gap = 0.01 * RandomKey(seed: 2, stream: 1, step: 0).normal([64, 2])
    let (a, b) = (try model.discriminate(x), try model.discriminate(x + gap))
    let lengths = gap.squared().sum([1]).squareRoot().array
    for (change, length) in zip((b - a).array, lengths) { #expect(abs(change) <= 1.02 * length) }
    #expect(try model.sample(8, seed: 1).isFinite)
  }

  @Test(arguments: [
    (#""spectral_norm""#, "spectral_norm: expected one of"),
    (#"{"spectral_norm": {"dense": 1, "conv": 2}}"#, "expected one of \"dense\", \"conv\""),
    (#"{"spectral_norm": {"dense": 1, "gain": 2}}"#, "unknown key"),
    (#"{"spectral_norm": {"relu": {}}}"#, "spectral_norm: expected one of"),
  ]) func refused(_ layer: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try GAN(
        Configuration(
          json: JSON(
            parsing: #"{"data": {"shape": [2]}, "discriminator": {"layers": [\#(layer)]}}"#)))
    }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
