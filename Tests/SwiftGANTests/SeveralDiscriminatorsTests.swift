import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// Further discriminators by name: each descends its own cost, the generator the mean of its costs.
@Suite struct SeveralDiscriminatorsTests {
  private let x = RandomKey(seed: 5, stream: 1, step: 0).normal([8, 2])
  private let z = RandomKey(seed: 6, stream: 1, step: 0).normal([8, 3])

  private func configuration(
    _ others: [NamedDiscriminator], _ update: UpdateSchedule.Update = .alternating,
    objective: Objective = .nonSaturating, penalties: [Penalty] = []
  ) -> Configuration {
    var c = Configuration(
      shape: [2], latent: Prior(size: 3), generator: .mlp(width: 8),
      discriminator: .mlp(width: 8), objective: objective,
      schedule: UpdateSchedule(update: update),
      optimizer: OptimizerSettings(SGD(learningRate: 0.5)))
    c.discriminators = others
    c.penalties = penalties
    return c
  }

  private func values(_ model: GAN, _ player: String) -> [[Float]] {
    model.tensors.filter { $0.name.hasPrefix("\(player).") }.map(\.value.array)
  }

  /// The first discriminator moves as if it were alone; the generator by the mean of the gradients
  /// that each would give it.
  @Test(arguments: UpdateSchedule.Update.allCases, [Objective.nonSaturating, .relativistic])
  func meanOfTheCosts(_ update: UpdateSchedule.Update, _ objective: Objective) throws {
    let other = NamedDiscriminator("wide", .mlp(width: 16, depth: 1))
    let both = try GAN(configuration([other], update, objective: objective))
    let before = both.state
    let alone = try GAN(configuration([], update, objective: objective))
    #expect(values(both, "discriminator") == values(alone, "discriminator"))
    let report = try both.train(on: [x], latents: z)
    _ = try alone.train(on: [x], latents: z)
    #expect(values(both, "discriminator") == values(alone, "discriminator"))

    // The other one in the place of the first.
    var c = configuration([], update, objective: objective)
    c.discriminator = other.network
    let swapped = try GAN(c)
    for (name, value) in both.tensors where name.hasPrefix("generator.") {
      _ = value
      let first = try #require(
        zip(before.generator.parameters.rows, before.generator.parameters.tensors)
          .first { "generator.\($0.0.name)" == name })
      try swapped.setTensor(name, first.1)
    }
    for (row, value) in zip(before.others[0].parameters.rows, before.others[0].parameters.tensors) {
      try swapped.setTensor("discriminator.\(row.name)", value)
    }
    let single = try swapped.train(on: [x], latents: z)
    #expect(values(swapped, "discriminator") == values(both, "wide"))
    #expect(report["wide_cost"] == single.discriminatorCost)
    #expect(report["wide_gradient_norm"] == single.discriminatorGradientNorm)
    let old = before.generator.parameters.tensors
    let (a, b) = (values(alone, "generator"), values(swapped, "generator"))
    for (i, moved) in values(both, "generator").enumerated() {
      for (k, new) in moved.enumerated() {
        let start = old[i].array[k]
        let want = start + ((a[i][k] - start) + (b[i][k] - start)) / 2
        #expect(abs(new - want) < 1e-6)
      }
    }
  }

  @Test func trainsSavesLoads() throws {
    let json = #"""
      {"data": {"shape": [16, 16, 1]}, "latent": {"size": 4}, "generator": {"preset": "dcgan", "width": 2},
       "discriminator": {"preset": "dcgan", "width": 2}, "penalties": {"r1": {"weight": 1, "every": 2}},
       "discriminators": {"patches": {"layers": [{"conv": {"channels": 4, "kernel": 4, "stride": 2}}, {"leaky_relu": 0.2},
         {"conv": {"channels": 1, "kernel": 4, "stride": 2}}]}, "coarse": {"preset": "mlp", "width": 4}},
       "historical_averaging": 0.1, "objective": "hinge"}
      """#
    let model = try GAN(Configuration(json: JSON(parsing: json)))
    let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([8, 16, 16, 1], low: -1)
    for _ in 0..<3 {
      let report = try model.train(on: [x])
      #expect(report["patches_cost"] != nil && report["coarse_gradient_norm"] != nil)
      #expect(report.json.text(pretty: false).utf8.count < model.reportBytes)
    }
    try inTemporaryFolder { folder in
      try Checkpoint.write(model.snapshot(), to: "\(folder)/m")
      let loaded = try GAN(Checkpoint.read("\(folder)/m"))
      #expect(loaded.configuration == model.configuration)
      for _ in 0..<3 {
        let (a, b) = (try model.train(on: [x]), try loaded.train(on: [x]))
        #expect(a["coarse_cost"] == b["coarse_cost"] && a.generatorCost == b.generatorCost)
      }
      for (a, b) in zip(model.tensors, loaded.tensors) {
        #expect(a.name == b.name && a.value.array == b.value.array)
      }
    }
    #expect(model.summary["patches"] != nil && model.summary["coarse"] != nil)
    let weight = try #require(model.tensors.first { $0.name == "patches.0.weight" })
    try model.setTensor(weight.name, .zeros(weight.value.shape))
    #expect(
      model.tensors.first { $0.name == "patches.0.weight" }?.value.array.allSatisfy { $0 == 0 }
        == true)
  }

  /// Weights of several players are drawn apart.
  @Test func weightsOfTheirOwn() throws {
    let same = NetworkDescription.mlp(width: 8)
    let model = try GAN(
      configuration([NamedDiscriminator("a", same), NamedDiscriminator("b", same)]))
    let all = ["discriminator", "a", "b"].map { values(model, $0)[0] }
    #expect(Set(all).count == 3)
  }

  @Test(arguments: [
    (#""discriminators": {"generator": "mlp"}"#, "discriminators.generator: expected a name"),
    (#""discriminators": {"A b": "mlp"}"#, "expected a name of at most 64 small letters"),
    (#""discriminators": {"": "mlp"}"#, "expected a name"),
    (#""discriminators": ["mlp"]"#, "discriminators: expected an object"),
    (
      #""discriminators": {"x": {"layers": [{"dense": 3}]}}"#,
      "discriminators.x: expected one logit"
    ),
    (#""discriminators": {"x": {"layers": ["rellu"]}}"#, "did you mean \"relu\""),
    (#""discriminators": {"x": "mlp"}, "replay": {"capacity": 9}"#, "neither with replay"),
    (#""discriminators": {"x": "mlp"}, "labels": {"mode": "semi_supervised"}"#, "labels.mode"),
    (
      #""discriminators": {"x": {"layers": [{"reference_norm": "none"}, {"dense": 1}]}}"#,
      "discriminators.x: reference_norm"
    ),
    (
      #""penalties": {"r1": 1}, "discriminators": {"x": {"layers": [{"embedding": {"classes": 3, "size": 1}}, "flatten", {"dense": 1}]}}"#,
      "penalties.r1: the output of x has no derivative"
    ),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) {
      try GAN(
        Configuration(
          json: JSON(parsing: #"{"data": {"shape": [2], "classes": 2}, \#(members)}"#)))
    }
    #expect(failure?.kind == .configuration)
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
