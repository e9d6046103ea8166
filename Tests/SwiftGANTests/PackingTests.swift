import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// Packing (PacGAN, Lin et al. 2018): D judges several samples together.
@Suite struct PackingTests {
  private static func configuration(_ members: String, shape: String = "[2]") throws
    -> Configuration
  {
    try Configuration(
      json: JSON(parsing: "{\"data\": {\"shape\": \(shape), \"classes\": 3}, \(members)}"))
  }
  private static let vectors = #"""
    "latent": {"size": 4}, "generator": {"preset": "mlp", "width": 16},
    "discriminator": {"preset": "mlp", "width": 16}, "optimizer": {"adam": {"learning_rate": 0.001}}
    """#

  /// A pack has the channels, or the elements, of its samples one after another.
  @Test func layout() throws {
    var c = try Self.configuration(#""packing": 3"#, shape: "[2, 4, 2]")
    #expect(c.packedShape == [2, 4, 6])
    let x = RandomKey(seed: 1, stream: 1, step: 0).normal([6, 2, 4, 2])
    let (values, packed) = (x.array, c.packed(x).array)
    for pack in 0..<2 {
      for place in 0..<8 {
        for m in 0..<3 {
          for k in 0..<2 {
            #expect(
              packed[(pack * 8 + place) * 6 + 2 * m + k]
                == values[((3 * pack + m) * 8 + place) * 2 + k])
          }
        }
      }
    }
    c.shape = [5]
    let y = RandomKey(seed: 1, stream: 1, step: 0).normal([6, 5])
    #expect(c.packed(y).shape == [2, 15] && c.packed(y).array == y.array)
  }

  /// A linear D has one slope: R1 of a pack is ½ ‖w‖², and a centered gradient penalty (‖w‖ − 1)².
  @Test func penaltiesOfPacks() throws {
    let model = try GAN(
      Self.configuration(
        #""packing": 2, "penalties": {"r1": 1, "r2": 1, "gradient_penalty": 1}, "generator": "mlp", "latent": {"size": 4}, "discriminator": {"layers": [{"dense": 1}]}"#
      ))
    let w: [Double] = [0.5, -1, 2, 0.25]
    try model.setTensor("discriminator.0.weight", Tensor(w.map { Float($0) }, shape: [4, 1]))
    let report = try model.train(on: [RandomKey(seed: 1, stream: 1, step: 0).normal([6, 2])])
    let square = w.reduce(0) { $0 + $1 * $1 }
    for (name, want) in [
      ("r1", square / 2), ("r2", square / 2),
      ("gradient_penalty", (square.squareRoot() - 1) * (square.squareRoot() - 1)),
    ] {
      let found = try #require(report["penalty_\(name)"])
      #expect(abs(found - want) < 1e-4 * want, "\(name): \(found)")
    }
  }

  /// It trains with everything that composes, and resumes with the same bits.
  @Test(arguments: [
    "", #""objective": "relativistic", "penalties": {"r1": 1, "gradient_penalty": 1},"#,
    #""schedule": {"update": "simultaneous"}, "label_flipping": 0.1, "instance_noise": 0.1,"#,
    #""replay": {"capacity": 20},"#,
    #""feature_matching": {"weight": 1, "adversarial": 1}, "schedule": {"discriminator_steps": 2},"#,
    #""discriminators": {"other": {"preset": "mlp", "width": 8}},"#,
  ]) func trainsAndResumes(_ more: String) throws {
    let c = try Self.configuration(#""packing": 4, \#(more) "# + Self.vectors)
    #expect(try Configuration(json: c.json) == c)
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    let model = try GAN(c)
    #expect(model.networks.discriminator.input == [8])
    var trainer = try Trainer(model, data: ring, batch: 16)
    try trainer.run(steps: 9)
    let again = try GAN(model.snapshot())
    var other = try Trainer(again, data: ring, batch: 16)
    try trainer.run(steps: 6)
    try other.run(steps: 6)
    for (a, b) in zip(model.tensors, again.tensors) {
      #expect(a.value.isFinite && a.value.array == b.value.array, "\(a.name)")
    }
    _ = try PlanePicture(data: ring).draw(model, seed: 1)
  }

  /// Images with augmentation and a reference batch of packs.
  @Test func images() throws {
    let model = try GAN(
      Self.configuration(
        #"""
        "packing": 2, "augment": {"policy": "color,translation,cutout"}, "penalties": {"r1": 1}, "latent": {"size": 4},
        "generator": {"layers": [{"dense": 32}, {"reshape": [4, 4, 2]}, "tanh"]},
        "discriminator": {"layers": [{"conv": 4}, "reference_norm", "softplus", "flatten", {"dense": 1}]}
        """#, shape: "[4, 4, 2]"))
    let x = RandomKey(seed: 1, stream: 1, step: 0).uniform([8, 4, 4, 2], low: -1)
    _ = try model.train(on: [x])
    let again = try GAN(model.snapshot())
    #expect(try model.train(on: [x]).discriminatorCost == again.train(on: [x]).discriminatorCost)
  }

  /// A batch of other than whole packs is refused, and nothing has changed.
  @Test func batchesOfOtherSizes() throws {
    let model = try GAN(Self.configuration(#""packing": 4, "# + Self.vectors))
    let before = model.tensors.map(\.value.array)
    let failure = #expect(throws: Failure.self) { try model.train(on: [.zeros([6, 2])]) }
    #expect(failure?.kind == .argument)
    #expect(
      failure?.message.contains("packing joins 4 samples; expected a multiple of 4, found 6")
        == true)
    #expect(model.step == 0 && model.tensors.map(\.value.array) == before)
    let one = try GAN(
      Self.configuration(
        #""packing": 2, "generator": "mlp", "discriminator": {"layers": [{"dense": 3}, "batch_norm", {"dense": 1}]}"#
      ))
    let alone = #expect(throws: Failure.self) { try one.train(on: [.zeros([2, 2])]) }
    #expect(alone?.message.contains("no variance in one pack of 2") == true)
    for call in [
      { _ = try model.discriminate(.zeros([4, 2])) },
      { _ = try model.densityRatio(.zeros([4, 2])) },
    ] as [() throws -> Void] {
      let refused = #expect(throws: Failure.self) { try call() }
      #expect(refused?.kind == .unsupported)
      #expect(refused?.message.contains("judges 4 samples together") == true)
    }
  }

  @Test(arguments: [
    (#""packing": 0"#, "packing: expected 1...64, found 0"),
    (#""packing": 2, "labels": {"mode": "conditional"}"#, "not with labels.mode \"conditional\""),
    (#""packing": 2, "labels": {"mode": "auxiliary"}"#, "not with labels.mode \"auxiliary\""),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) { try GAN(Self.configuration(members)) }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
