import SGTestSupport
import SwiftGAN
import Testing

/// Layers, objectives and optimizers of the user's own: trained like ours, named in checkpoints,
/// read again by the program that has them.
@Suite struct OwnCodeTests {
  /// x · w, elementwise.
  struct Weighted: Layer {
    var name = "weight"
    func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
      try d.parameter(name, x.array, .normal(1))
      return x
    }
    func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x * c.parameter() }
  }

  /// Descent without a state.
  struct Descent: Optimizer {
    var learningRate: Float
    var slots: [String] { [] }
    func step(
      weights: Tensor, gradient: Tensor, state: OptimizerState, rate: Float
    ) -> (weights: Tensor, state: OptimizerState, finite: Bool) {
      let new = weights - rate * gradient
      return (new, OptimizerState(slots: [], steps: state.steps + 1), new.isFinite)
    }
  }

  static let squares = Objective(
    name: "squares",
    discriminator: { real, fake, _ in 0.5 * ((real - 1).squared() + fake.squared()).mean() },
    generator: { fake in 0.5 * (fake - 1).squared().mean() })

  static func configuration(
    _ layer: Weighted = Weighted(), objective: Objective = squares, rate: Float = 0.01
  ) -> Configuration {
    Configuration(
      shape: [2], latent: Prior(size: 2),
      generator: .layers([Residual([Dense(2), layer]), Dense(2)]),
      discriminator: .layers([Dense(4), Weighted(), Dense(1)]), objective: objective,
      optimizer: OptimizerSettings(Descent(learningRate: rate), clipping: .norm(1)))
  }

  static func trained(_ configuration: Configuration) throws -> GAN {
    let model = try GAN(configuration)
    var trainer = try Trainer(model, data: .ring(count: 100), batch: 20)
    try trainer.run(steps: 5)
    return model
  }

  @Test func ownCodeTrainsAndIsReadWithItsConfiguration() throws {
    let model = try Self.trained(Self.configuration())
    let before = try GAN(Self.configuration())
    #expect(try model.sample(3, seed: 1).array != before.sample(3, seed: 1).array)
    let again = try GAN(model.snapshot(), configuration: Self.configuration())
    #expect(try again.sample(3, seed: 1).array == model.sample(3, seed: 1).array)
    #expect(again.step == 5)
  }

  @Test func withoutTheCodeTheCheckpointSaysWhatItNeeds() throws {
    func expect(_ configuration: Configuration, _ words: String) throws {
      let snapshot = try GAN(configuration).snapshot()
      #expect {
        try GAN(snapshot)
      } throws: {
        let failure = $0 as? Failure
        return failure?.kind == .unsupported && failure?.message.contains(words) == true
      }
    }
    try expect(
      Self.configuration(),
      "generator.layers[0].residual.layers[1]: the layer \"Weighted(name: \"weight\")\" is code")
    var c = Configuration(
      shape: [2], generator: .mlp(width: 4), discriminator: .mlp(width: 4),
      objective: Self.squares)
    try expect(c, "objective: the objective \"squares\" is code")
    c.objective = .minimax
    c.generatorOptimizer = OptimizerSettings(Descent(learningRate: 1))
    try expect(c, "optimizer.generator: the optimizer \"OptimizerSettings(rule: ")
  }

  /// Costs that are no numbers are found before the first step.
  @Test func costsOfSeveralNumbers() {
    func expect(_ words: String, _ objective: Objective) {
      let failure = #expect(throws: Failure.self) {
        try GAN(Self.configuration(objective: objective))
      }
      #expect(failure?.kind == .configuration && failure?.message.contains(words) == true)
    }
    expect(
      "the discriminator's cost",
      Objective(name: "own", discriminator: { $0 + $1 + $2.real }, generator: { $0.mean() }))
    expect(
      "the generator's cost",
      Objective(name: "own", discriminator: { r, f, _ in (r + f).mean() }, generator: { $0 }))
  }

  @Test func anotherConfigurationIsAMismatchThatIsLocated() throws {
    let snapshot = try GAN(Self.configuration()).snapshot()
    func expect(_ configuration: Configuration, _ words: String) {
      #expect {
        try GAN(snapshot, configuration: configuration)
      } throws: {
        let failure = $0 as? Failure
        return failure?.kind == .mismatch && failure?.message.hasPrefix(words) == true
      }
    }
    expect(
      Self.configuration(Weighted(name: "scale")),
      "generator.layers[0].residual.layers[1].code: the checkpoint has \"Weighted(name: ")
    expect(Self.configuration(objective: .minimax), "objective: the checkpoint has {")
    expect(Self.configuration(rate: 0.02), "optimizer.generator.code: the checkpoint has ")
  }

  /// x + 1, which other programs know.
  struct PlusOne: ExportableLayer {
    func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape { x }
    func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x + 1 }
    func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
      g.apply("Add", x, [g.constant(1)])
    }
    func addForms(to m: inout TorchForms) throws(Inexpressible) {
      throw m.refusal("it has no module that adds 1")
    }
  }

  /// A layer of one's own goes to other programs if it says how; a refusal names layer and reason.
  @Test func exported() throws {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2),
        generator: .layers([Residual([Dense(2), PlusOne()])]),
        discriminator: .layers([Weighted(), Dense(1)])))
    try inTemporaryFolder { folder in
      let path = "\(folder)/net"
      try model.exportONNX(to: path)
      let bytes = try FileIO.readBytes(path, limit: 1 << 20)
      #expect(String(decoding: bytes, as: UTF8.self).contains("Add"))
      for (network, format, words) in [
        ("generator", "PyTorch", "generator.0.1: the layer PlusOne cannot be expressed in"),
        ("discriminator", "ONNX", "discriminator.0: the layer Weighted cannot be expressed in"),
      ] {
        let failure = #expect(throws: Failure.self) {
          if format == "ONNX" {
            try model.exportONNX(network, to: path)
          } else {
            try model.exportTorch(network, to: path)
          }
        }
        #expect(failure?.kind == .unsupported && failure?.message.contains(words) == true)
      }
    }
  }
}
