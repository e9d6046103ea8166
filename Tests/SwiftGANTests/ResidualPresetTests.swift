import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGNets

/// The presets `resnet` and `r3gan`.
@Suite struct ResidualPresetTests {
  private static func configuration(
    _ preset: String, _ more: String = "", shape: String = "[28, 28, 1]", classes: Int = 0
  ) throws -> Configuration {
    let network = "{\"preset\": \"\(preset)\", \"width\": 8}"
    return try Configuration(
      json: JSON(
        parsing: #"""
          {"data": {"shape": \#(shape), "classes": \#(classes)}, "latent": {"size": 6}, \#(more)
           "generator": \#(network), "discriminator": \#(network)}
          """#))
  }

  /// Every size with a pyramid has networks that fit, down to maps of 4 to 7 pixels.
  @Test(arguments: ["resnet", "r3gan"]) func sizes(_ preset: String) throws {
    for (side, last) in [(28, 7), (32, 4), (40, 5), (48, 6), (56, 7), (64, 4), (8, 4)] {
      let shape = "[\(side), \(side), 3]"
      let c = try Self.configuration(preset, shape: shape)
      #expect(try Configuration(json: c.json) == c)
      let (g, d) = try c.networks()
      #expect(g.output.array == [side, side, 3] && d.output == [1])
      #expect(g.layers.contains { $0.output.array.prefix(2) == [last, last] })
      #expect(d.layers.contains { $0.output.array.prefix(2) == [last, last] })
      #expect(!d.layers.contains { $0.layer is BatchNorm })
    }
    let (g, _) = try Self.configuration(preset, shape: "[32, 56, 1]").networks()
    #expect(g.output == [32, 56, 1])
  }

  @Test(arguments: ["resnet", "r3gan"]) func refusedSizes(_ preset: String) {
    for shape in [
      "[30, 30, 1]", "[36, 36, 1]", "[7, 7, 1]", "[64, 32, 1]", "[1024, 1024, 1]", "[5]",
    ] {
      let failure = #expect(throws: Failure.self) {
        try GAN(Self.configuration(preset, shape: shape))
      }
      #expect(failure?.message.contains("the preset \(preset) needs images whose sides") == true)
    }
  }

  /// A block of the small R3GAN begins as the identity, in groups of 16 channels.
  @Test func r3ganBlocks() throws {
    let c = try Self.configuration("r3gan")
    let (g, _) = try c.networks()
    let grouped = g.layers.compactMap { $0.layer as? Convolution }.filter { $0.kernel == Size(3) }
    #expect(grouped.count == 3 && grouped.allSatisfy { $0.channels / $0.groups == 16 })
    let model = try GAN(c)
    let last = model.tensors.filter {
      $0.name.hasSuffix("4.weight") && $0.name.hasPrefix("generator.")
    }
    #expect(last.count == 3 && last.allSatisfy { $0.value.array.allSatisfy { $0 == 0 } })
    let refused = #expect(throws: Failure.self) {
      try GAN(
        Configuration(
          json: JSON(
            parsing:
              #"{"data": {"shape": [28, 28, 1]}, "generator": {"preset": "r3gan", "width": 12}}"#
          )))
    }
    #expect(refused?.message.contains("expected a width that 8 divides, found 12") == true)
    let norm = #expect(throws: Failure.self) {
      try GAN(
        Self.configuration(
          "r3gan", #""labels": {"mode": "conditional", "generator": "batch_norm"},"#, classes: 3))
    }
    #expect(norm?.message.contains("r3gan has no batch norm") == true)
  }

  /// Both train with the costs and penalties of their papers, with labels in every form, and go on
  /// from a checkpoint with the same bits.
  @Test(arguments: [
    ("r3gan", #""objective": "relativistic", "penalties": {"r1": 1, "r2": 1},"#, ""),
    (
      "r3gan", #""objective": "relativistic", "penalties": {"r1": 1},"#,
      #"{"mode": "conditional", "generator": "embedding", "discriminator": "projection"}"#
    ),
    ("r3gan", "", #"{"mode": "auxiliary"}"#),
    ("resnet", #""objective": "hinge","#, ""),
    (
      "resnet", #""objective": "hinge","#,
      #"{"mode": "conditional", "generator": "batch_norm", "discriminator": "projection"}"#
    ), ("resnet", "", #"{"mode": "conditional"}"#),
  ]) func trainsAndResumes(_ preset: String, _ more: String, _ labels: String) throws {
    let labelled = labels.isEmpty ? more : more + "\"labels\": \(labels),"
    let c = try Self.configuration(
      preset, labelled, shape: "[16, 16, 1]", classes: labels.isEmpty ? 0 : 3)
    let model = try GAN(c)
    let x = RandomKey(seed: 2, stream: 1, step: 0).uniform([6, 16, 16, 1], low: -1)
    let batch = Batch(x, labels: labels.isEmpty ? [] : [0, 1, 2, 0, 1, 2])
    _ = try model.train(on: [batch], reporting: true)
    let again = try GAN(model.snapshot())
    for _ in 0..<2 {
      let report = try model.train(on: [batch], reporting: true)
      #expect(
        try again.train(on: [batch], reporting: true).discriminatorCost == report.discriminatorCost)
    }
    for (a, b) in zip(model.tensors, again.tensors) {
      #expect(a.value.isFinite && a.value.array == b.value.array, "\(a.name)")
    }
  }

  /// Convolutions in groups, resampling and penalties have the same bits with any number of
  /// threads.
  @Test(arguments: ["resnet", "r3gan"]) func threadsMakeNoDifference(_ preset: String) throws {
    defer { _ = Threads.set(0) }
    let c = try Self.configuration(
      preset,
      #""penalties": {"r1": 1, "r2": 1}, "augment": {"policy": "color,translation,cutout,flip"},"#,
      shape: "[16, 16, 1]")
    let x = RandomKey(seed: 2, stream: 1, step: 0).uniform([4, 16, 16, 1], low: -1)
    func results(_ threads: Int) throws -> [[Float]] {
      #expect(Threads.set(threads))
      let model = try GAN(c)
      for _ in 0..<2 { _ = try model.train(on: [x]) }
      return model.tensors.map(\.value.array)
    }
    let want = try results(1)
    for threads in [2, 5] { #expect(try results(threads) == want) }
  }

  /// Without spectral normalization, for the gradient penalty of Gulrajani et al. 2017.
  @Test func gradientPenalty() throws {
    let c = try Configuration(
      json: JSON(
        parsing: #"""
          {"data": {"shape": [16, 16, 1]}, "objective": "wasserstein", "penalties": {"gradient_penalty": 10},
           "generator": {"preset": "resnet", "width": 8}, "discriminator": {"preset": "resnet", "width": 8, "spectral_norm": false}}
          """#))
    #expect(try !c.networks().discriminator.layers.contains { $0.layer is SpectralNorm })
    let x = RandomKey(seed: 2, stream: 1, step: 0).uniform([4, 16, 16, 1], low: -1)
    #expect(try GAN(c).train(on: [x])["penalty_gradient_penalty"] ?? 0 > 0)
  }
}
