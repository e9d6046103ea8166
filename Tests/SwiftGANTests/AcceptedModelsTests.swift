import SGTestSupport
import SwiftGAN
import Testing

@testable import SGNets
@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Whatever a model is made of can be stepped, judged, exported or refused by name, saved, and
/// loaded again.
@Suite struct AcceptedModelsTests {
  private static func configuration(_ text: String) throws -> Configuration {
    try Configuration(json: JSON(parsing: text))
  }

  /// Everything that can be done with a model, once.
  private func use(_ model: GAN) throws -> [[Float]] {
    let c = model.configuration
    let n = 8
    let key = RandomKey(seed: 1, stream: 1, step: 0)
    let x = key.uniform(model.sampleShape.prepending(n), low: -1, high: 1)
    let given = Conditions(
      labels: c.classes > 0 ? (0..<n).map { Int32($0 % c.classes) } : [],
      values: c.conditions > 0 ? key.normal([n, c.conditions]) : nil)
    let data = try Dataset(x, labels: given.labels, conditions: given.values)
    var trainer = try Trainer(model, data: data, batch: 4)
    var results: [[Float]] = []
    for _ in 0..<2 {
      let report = try trainer.step()
      results.append([Float(report.discriminatorCost), Float(report.generatorCost)])
    }
    let logits = try model.discriminate(x, given: given)
    #expect(logits.shape == [n])
    results.append(logits.array)
    if c.labels.classifies {
      let classes = try model.classify(x)
      #expect(classes.shape == [n, c.classes])
      results.append(classes.array)
    }
    results.append(try model.logDensityRatio(x, given: given).array)
    let slope = try model.logDensityRatioGradient(x, given: given)
    #expect(slope.shape == x.shape)
    results.append(slope.array)
    results.append(try model.sample(n, seed: 1, given: given).array)
    _ = try model.divergences(from: data)
    _ = try model.evaluate(against: data, with: .pixels, ridge: 0.01)
    return results
  }

  /// D's output may have any shape of as many elements as the mode needs; what it says is then the
  /// same.
  @Test(
    arguments: ["none", "conditional", "auxiliary", "semi_supervised"],
    [#""update": "alternating""#, #""update": "simultaneous""#])
  func outputsOfAnyShape(_ mode: String, _ update: String) throws {
    let outputs = ["none": 1, "conditional": 1, "auxiliary": 4, "semi_supervised": 3][mode] ?? 1
    for flipping in [0, 0.25] {
      func results(_ end: String) throws -> [[Float]] {
        let generator =
          mode == "conditional" || mode == "auxiliary" ? #"{"condition": 0}, "# : ""
        let discriminator = mode == "conditional" ? #"{"condition": 0}, "# : ""
        let model = try GAN(
          Self.configuration(
            #"""
            {"data": {"shape": [4, 4, 1], "classes": 3}, "latent": {"size": 4}, "labels": {"mode": "\#(mode)"},
             "schedule": {\#(update)}, "label_flipping": \#(flipping),
             "generator": {"layers": [\#(generator){"dense": 16}, {"reshape": [4, 4, 1]}, "tanh"]},
             "discriminator": {"layers": [\#(discriminator){"conv": {"channels": \#(outputs), "kernel": 4, "padding": "valid"}}\#(end)]}}
            """#))
        return try use(model)
      }
      let want = try results(#", "flatten""#)
      let k = outputs
      for shape in ["[1, 1, \(k)]", "[\(k), 1, 1]", "[1, \(k)]", "[\(k), 1]", "[1, \(k), 1, 1]"] {
        #expect(try results(", {\"reshape\": \(shape)}") == want, "\(shape)")
      }
      #expect(try results("") == want)
    }
  }

  /// Layers that need a value, or something around them, in a form that fits samples of two rows,
  /// columns and channels.
  private static let forms: [String: String] = [
    "dense": #"{"dense": 3}"#, "conv": #"{"conv": 3}"#, "conv_transpose": #"{"conv_transpose": 3}"#,
    "embedding": #"{"embedding": {"classes": 3, "size": 2}}"#,
    "reshape": #"{"reshape": [2, 2, 2]}"#,
    "residual": #"{"residual": ["batch_norm"]}"#, "skip": #"{"skip": ["batch_norm"]}"#,
    "input": #"{"input": "condition"}"#,
    "sequence": #"{"sequence": ["batch_norm", "relu"]}"#,
    "weight_norm": #"{"weight_norm": {"conv": 3}}"#,
  ]

  private static func text(_ form: LayerForm) -> String { forms[form.name] ?? "\"\(form.name)\"" }

  /// Every layer after samples of every rank: what is accepted trains, comes back from its
  /// checkpoint, and is exported or refused by name.
  @Test(arguments: ["[8]", "[4, 2]", "[2, 2, 2]", "[2, 2, 2, 1]", "[1, 2, 2, 2, 1]"])
  func everyLayerAfterEveryRank(_ shape: String) throws {
    var made = 0
    for layer in LayerForms.all {
      let list = "{\"reshape\": \(shape)}, \(Self.text(layer)), \"flatten\""
      for labels in ["none", "conditional"] {
        let model: GAN
        do {
          model = try GAN(
            Self.configuration(
              #"""
              {"data": {"shape": [8], "classes": 2}, "latent": {"size": 8}, "labels": {"mode": "\#(labels)"},
               "generator": {"layers": [\#(list), {"dense": 8}]},
               "discriminator": {"layers": [\#(list), {"dense": 1}]}, "average": 0.5}
              """#))
        } catch let failure as Failure {
          #expect(failure.kind == .configuration, "\(failure)")
          continue
        }
        made += 1
        _ = try use(model)
        try inTemporaryFolder { folder in
          try expectReturn(of: model, in: folder)
          for name in model.networkNames {
            for export in [model.exportONNX(_:to:), { try model.exportTorch($0, to: $1) }]
              as [(String, String) throws -> Void]
            {
              do { try export(name, folder + "/exported") } catch let failure as Failure {
                #expect(failure.kind == .unsupported)
                #expect(failure.message.contains("\(name)."), "\(failure.message)")
              }
            }
          }
        }
      }
    }
    #expect(made > LayerForms.all.count / 2)
  }

  /// A model comes back from its own configuration and from its checkpoint.
  private func expectReturn(of model: GAN, in folder: String) throws {
    let text = model.configuration.json.text(pretty: true)
    let again = try Self.configuration(text)
    #expect(again == model.configuration)
    _ = try GAN(again)
    let path = folder + "/model.safetensors"
    try Checkpoint.write(model.snapshot(), to: path)
    let loaded = try GAN(Checkpoint.read(path))
    #expect(loaded.configuration == model.configuration)
    #expect(loaded.tensors.map(\.name) == model.tensors.map(\.name))
    for (a, b) in zip(loaded.tensors, model.tensors) { #expect(a.value.array == b.value.array) }
  }

  private func expect(
    _ kind: Failure.Kind, _ words: String, _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("accepted, expected \(kind): \(words)")
    } catch {
      let failure = error as? Failure
      #expect(failure?.kind == kind, "\(error)")
      #expect(failure?.message.contains(words) == true, "\(error)")
    }
  }

  /// Bounds that are different numbers, and one 32-bit float.
  @Test func rangesOfOneFloat() {
    expect(.configuration, "data.range: expected low < high") {
      _ = try Self.configuration(
        #"{"data": {"shape": [2], "range": [999999.9999, 999999.99999]}}"#)
    }
  }

  /// Beyond what the reader of configurations or of checkpoints takes.
  @Test func tooMuchToComeBack() throws {
    let layers = [String](repeating: #"{"dense":2}"#, count: 60_000).joined(separator: ",")
    expect(.limit, "the configuration, its defaults filled in, could not be read back") {
      _ = try GAN(
        Self.configuration(#"{"data": {"shape": [2]}, "generator": {"layers": [\#(layers)]}}"#))
    }
    var nested = #""relu""#
    for _ in 0..<28 { nested = #"{"residual": [\#(nested)]}"# }
    expect(.limit, "nested deeper than") {
      _ = try GAN(
        Self.configuration(
          #"{"data": {"shape": [2]}, "generator": {"layers": [\#(nested), {"dense": 2}]}}"#))
    }
    var many = Configuration(
      shape: [2], generator: .layers([Many(count: 50_000), Dense(2)]), discriminator: .mlp())
    many.average = 0.5
    expect(.limit, "a checkpoint holds at most 100000 tensors") { _ = try GAN(many) }
    many.average = 0
    many.generatorOptimizer = OptimizerSettings(SGD())
    expect(.limit, "the header of the model's checkpoint") { _ = try GAN(many) }
  }

  /// Names of a user's own layers.
  @Test(arguments: ["a/b", "a\nb", String(repeating: "x", count: 1025)])
  func namesOfTensors(_ name: String) {
    expect(.argument, "is no name for a tensor") {
      _ = try GAN(
        Configuration(
          shape: [2], generator: .layers([Named(names: [name]), Dense(2)]), discriminator: .mlp()))
    }
  }

  @Test func namesThatTwoTensorsHave() {
    expect(.argument, "two tensors are called \"generator.0.a\"") {
      _ = try GAN(
        Configuration(
          shape: [2], generator: .layers([Named(names: ["a", "a"]), Dense(2)]),
          discriminator: .mlp()))
    }
  }

  /// Values that only a Swift program can set are refused as JSON refuses them.
  @Test func valuesOutsideTheRangesOfJSON() {
    func expect(_ words: String, _ change: (inout Configuration) -> Void) {
      var c = Configuration(
        shape: [4, 4, 1], latent: Prior(size: 4), generator: .mlp(width: 4),
        discriminator: .mlp(width: 4))
      change(&c)
      self.expect(.configuration, words) { _ = try GAN(c) }
    }
    func layer(_ words: String, _ layer: any Layer) {
      expect("discriminator.layers[0].\(words)") {
        $0.discriminator = .layers([layer, Flatten(), Dense(1)])
      }
    }
    layer("average_pool.factor: expected 1...64, found 0", AveragePool(0))
    layer("upsample.factor: expected 1...64, found -1", Upsample(-1))
    layer("conv.stride", Convolution(2, kernel: Size(3), stride: Size(0)))
    layer("conv.kernel", Convolution(2, kernel: Size(0)))
    layer("conv.channels", Convolution(-1, kernel: Size(3)))
    layer("conv_transpose.stride", TransposedConvolution(2, kernel: Size(3), stride: Size(0)))
    layer("dropout.probability", Dropout(1))
    layer("dropout.probability", Dropout(.nan))
    layer("reshape.shape", Reshaping([]))
    layer("reshape.shape[0]", Reshaping([-16]))
    layer("gaussian_noise.deviation", GaussianNoise(-1))
    layer("leaky_relu.slope", ActivationLayer.leakyReLU(slope: .infinity))
    layer("layer_norm.epsilon", LayerNorm(epsilon: 0))
    layer("weight_norm.conv.stride", WeightNorm(Convolution(2, kernel: Size(3), stride: Size(0))))
    layer("residual.layers[0].average_pool.factor", Residual([AveragePool(0)]))
    expect("discriminator_steps") { $0.schedule.discriminatorSteps = 0 }
    expect("generator_steps") { $0.schedule.generatorSteps = -1 }
    expect("latent.size") { $0.latent.size = 0 }
    expect("seed") { $0.seed = .max }
    expect("average") { $0.average = 1 }
    expect("average") { $0.average = .nan }
    expect("generator.width") { $0.generator = .mlp(width: 0) }
    expect("generator.depth") { $0.generator = .mlp(depth: -1) }
    expect("data.classes") { $0.classes = -1 }
    expect("data.conditions") { $0.conditions = -1 }
    expect("data.range") { $0.range = ValueRange(1, 1) }
    expect("data.range") { $0.range = ValueRange(.nan, 1) }
    expect("data.shape") { $0.shape = [] }
    expect("data.shape") { $0.shape = [2, 2, 2, 2] }
    expect("label_flipping") { $0.tricks.labelFlipping = 2 }
    expect("reference_batch") { $0.tricks.referenceBatch = 0 }
    expect("replay.capacity") { $0.tricks.replayCapacity = -1 }
    expect("labels.embedding") {
      ($0.classes, $0.labels) = (2, LabelSettings(.conditional))
      ($0.labels.generator, $0.labels.embedding) = (.embedding, 0)
    }
    expect("linear.steps") { $0.learningRate = .linear(steps: 0, to: 0) }
    expect("linear.steps") { $0.learningRate = .linear(steps: .max, to: 0) }
    expect("adam.beta1") { $0.generatorOptimizer = OptimizerSettings(Adam(beta1: 1)) }
    expect("adam.learning_rate") {
      $0.discriminatorOptimizer = OptimizerSettings(Adam(learningRate: .nan))
    }
    expect("clip_norm") { $0.generatorOptimizer = OptimizerSettings(Adam(), clipping: .norm(0)) }
    expect("label_smoothing.real") { $0.labelSmoothing.real = 0.9 }
  }
}

/// As many parameters of one number as wanted, which are all added.
private struct Many: Layer {
  var count: Int
  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    for i in 0..<count { try d.parameter("parameter_of_a_layer_of_my_own_\(i)", [1], .zeros) }
    return x
  }
  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    (0..<count).reduce(x) { sum, _ in sum + c.parameter() }
  }
}

private struct Named: Layer {
  var names: [String]
  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    for name in names { try d.parameter(name, [1], .zeros) }
    return x
  }
  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    names.reduce(x) { sum, _ in sum + c.parameter() }
  }
}
