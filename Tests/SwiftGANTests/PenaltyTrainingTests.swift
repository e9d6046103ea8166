import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// Penalties in training: with every objective, lazily, resumed; what is refused.
@Suite struct PenaltyTrainingTests {
  private static func configuration(_ members: String) throws -> Configuration {
    try Configuration(json: JSON(parsing: #"{"data": {"shape": [2]}, "# + members + "}"))
  }
  private static let networks = #"""
    "latent": {"size": 4}, "generator": {"preset": "mlp", "width": 16},
    "discriminator": {"preset": "mlp", "width": 16}, "optimizer": {"adam": {"learning_rate": 0.001}}
    """#

  private static let objectives =
    Objective.all.map { $0.json.text(pretty: false) }
    + Divergence.allCases.map { #"{"f_gan": {"divergence": "\#($0.rawValue)"}}"# }
  private static let penalties = [
    "{}", #"{"r1": 1}"#, #"{"r2": {"weight": 1, "every": 4}, "r1": 0.5}"#,
    #"{"gradient_penalty": {"weight": 10, "center": 1}}"#,
    #"{"gradient_penalty": {"weight": 1, "center": 0, "one_sided": true, "every": 3}}"#,
    #"{"r1": {"weight": {"linear": {"start": 2, "end": 0.5, "steps": 40}}, "approximate": 0.05}}"#,
  ]

  /// Objective × penalty × update: 50 steps on the ring from JSON without NaN; the configuration
  /// echoes; a training that goes on from its checkpoint has the bits of an uninterrupted one.
  @Test(arguments: objectives) func everyGame(_ objective: String) throws {
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    for penalty in Self.penalties {
      for update in ["alternating", "simultaneous"] {
        let what = "\(objective), \(penalty), \(update)"
        let c = try Self.configuration(
          #"""
          "objective": \#(objective), "penalties": \#(penalty), "schedule": {"update": "\#(update)"},
          """# + Self.networks)
        let echo = c.json.text(pretty: true)
        let again = try Configuration(json: JSON(parsing: echo))
        #expect(again.json.text(pretty: true) == echo, "\(what)")
        let model = try GAN(c)
        var trainer = try Trainer(model, data: ring, batch: 16)
        try trainer.run(steps: 26)
        let resumed = try GAN(model.snapshot())
        var other = try Trainer(resumed, data: ring, batch: 16)
        try trainer.run(steps: 24)
        try other.run(steps: 24)
        for (a, b) in zip(model.tensors, resumed.tensors) {
          #expect(a.value.isFinite && a.value.array == b.value.array, "\(what): \(a.name)")
        }
        #expect(model.step == 50)
      }
    }
  }

  /// The steps that have it, and its factor there.
  @Test func lazy() throws {
    func figures(_ penalty: String) throws -> [Double] {
      let model = try GAN(
        Self.configuration(
          #""penalties": {"r1": \#(penalty)}, "optimizer": {"sgd": {"learning_rate": 0}},"#
            + #""discriminator": {"layers": [{"dense": 1}]}, "latent": {"size": 4}, "generator": "mlp""#
        ))
      let x = RandomKey(seed: 1, stream: 1, step: 0).normal([4, 2])
      return try (0..<9).map { _ in try #require(model.train(on: [x])["penalty_r1"]) }
    }
    let each = try figures("2")
    #expect(each.allSatisfy { $0 == each[0] && $0 > 0 })
    let lazy = try figures(#"{"weight": 2, "every": 4}"#)
    #expect(lazy == [0, 0, 0, 4 * each[0], 0, 0, 0, 4 * each[0], 0])
    #expect(try figures("0").allSatisfy { $0 == 0 })
  }

  /// Resumed at each of four steps, lazy penalties fall on the same ones.
  @Test func resumesAtAnyStep() throws {
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    for stop in 1...5 as ClosedRange<UInt64> {
      let model = try GAN(
        Self.configuration(
          #""penalties": {"gradient_penalty": {"weight": 3, "every": 4}, "r2": {"weight": 1, "every": 3}},"#
            + Self.networks))
      var trainer = try Trainer(model, data: ring, batch: 16)
      try trainer.run(steps: stop)
      let resumed = try GAN(model.snapshot())
      var other = try Trainer(resumed, data: ring, batch: 16)
      for _ in 0..<6 {
        let (a, b) = (try trainer.step(), try other.step())
        #expect(a["penalty_gradient_penalty"] == b["penalty_gradient_penalty"])
        #expect(a.discriminatorCost == b.discriminatorCost)
      }
    }
  }

  /// Penalties of weight 0 leave the bits of a training as they are.
  @Test func withoutWeightNothingChanges() throws {
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    func tensors(_ penalties: String) throws -> [[Float]] {
      let model = try GAN(Self.configuration(#""penalties": \#(penalties),"# + Self.networks))
      var trainer = try Trainer(model, data: ring, batch: 16)
      try trainer.run(steps: 10)
      return model.tensors.map(\.value.array)
    }
    #expect(try tensors("{}") == tensors(#"{"r1": 0, "gradient_penalty": 0}"#))
  }

  @Test(arguments: [
    (#""penalties": {"r1": -1}"#, "penalties.r1: expected 0.0...1000000.0, found -1.0"),
    (
      #""penalties": {"r1": {"weight": 1, "every": 0}}"#, "penalties.r1.every: expected 1...1000000"
    ),
    (#""penalties": {"r1": {"every": 2}}"#, "penalties.r1.weight: missing"),
    (#""penalties": {"r1": "strong"}"#, "penalties.r1: expected an object"),
    (#""penalties": {"gradient_penality": 1}"#, "did you mean \"gradient_penalty\"?"),
    (#""penalties": {"r1": {"weight": 1, "center": 1}}"#, "penalties.r1.center: unknown key"),
    (
      #""penalties": {"gradient_penalty": {"weight": 1, "center": -1}}"#,
      "penalties.gradient_penalty.center: expected"
    ), (#""penalties": [1]"#, "penalties: expected an object"),
    (#""penalties": {"drift": {"code": "drift"}}"#, "the penalty \"drift\" is code"),
    (
      #""penalties": {"r1": 1}, "discriminator": {"layers": [{"embedding": {"classes": 3, "size": 2}}, "flatten", {"dense": 1}]}"#,
      "penalties.r1: the output of discriminator has no derivative by its samples"
    ),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) { try GAN(Self.configuration(members)) }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  /// A checkpoint of a version that knew of no penalties agrees with a configuration without any.
  @Test func checkpointsFromBefore() throws {
    let c = try Self.configuration(Self.networks)
    var snapshot = try GAN(c).snapshot()
    let text = try #require(snapshot.texts["configuration"])
    snapshot.texts["configuration"] = text.replacing("\"penalties\":{},", with: "")
    #expect(snapshot.texts["configuration"] != text)
    _ = try GAN(snapshot)
    _ = try GAN(snapshot, configuration: c)
    var other = c
    other.penalties = [.r1]
    let failure = #expect(throws: Failure.self) { try GAN(snapshot, configuration: other) }
    #expect(failure?.kind == .mismatch && failure?.message.hasPrefix("penalties") == true)
  }

  /// A penalty of one's own trains, is named in the checkpoint, and is checked before the first
  /// step.
  @Test func ownPenalties() throws {
    func configuration(_ penalty: Penalty) throws -> Configuration {
      var c = try Self.configuration(Self.networks)
      c.penalties = [.r1, penalty]
      return c
    }
    let drift = Penalty(name: "drift", weight: 0.5) { critic, real, _, _ in
      critic(real).squared().mean()
    }
    let model = try GAN(configuration(drift))
    let x = RandomKey(seed: 1, stream: 1, step: 0).normal([4, 2])
    #expect(try #require(model.train(on: [x])["penalty_drift"]) > 0)
    let again = try GAN(model.snapshot(), configuration: configuration(drift))
    #expect(try again.train(on: [x]).discriminatorCost == model.train(on: [x]).discriminatorCost)
    let failure = #expect(throws: Failure.self) { try GAN(model.snapshot()) }
    #expect(failure?.kind == .unsupported)
    #expect(failure?.message.contains("penalties.drift: the penalty") == true)
    let other = #expect(throws: Failure.self) {
      try GAN(model.snapshot(), configuration: configuration(drift.weighted(1)))
    }
    #expect(other?.kind == .mismatch)
    let wrong = Penalty(name: "wide") { critic, real, _, _ in critic(real) }
    let refused = #expect(throws: Failure.self) { try GAN(configuration(wrong)) }
    #expect(refused?.message.contains("penalties.wide: expected one number") == true)
  }
}
