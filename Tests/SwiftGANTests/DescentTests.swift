import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGNets
@testable import SGTensors

/// Families that descend one cost: the same promises for each of them.
@Suite struct DescentTests {
  static let configurations = [
    #"{"family": "vae", "data": {"shape": [6]}, "latent": {"size": 2}, "vae": {"encoder_network": {"preset": "mlp", "width": 8}, "decoder_network": {"preset": "mlp", "width": 8}, "beta": 0.5, "warm_up": 4}, "average": 0.9}"#,
    #"{"family": "vae", "data": {"shape": [6], "binarize": "dynamic"}, "latent": {"size": 2}}"#,
    #"{"family": "vae", "data": {"shape": [3]}, "latent": {"size": 2}, "vae": {"decoder": "gaussian", "deviation": null}}"#,
    #"{"family": "vae", "data": {"shape": [16, 16, 1]}, "latent": {"size": 3}, "vae": {"encoder_network": {"preset": "dcgan", "width": 4}, "decoder_network": {"preset": "dcgan", "width": 4}}}"#,
    #"{"family": "vae", "data": {"shape": [16, 16, 2]}, "latent": {"size": 3}, "vae": {"encoder_network": {"preset": "dcgan", "width": 4}, "decoder_network": {"preset": "dcgan", "width": 4}, "decoder": "gaussian", "deviation": 0.1}}"#,
    #"{"family": "made", "data": {"shape": [6], "binarize": "fixed"}, "made": {"width": 12, "depth": 2, "orders": 3}, "average": 0.5}"#,
    #"{"family": "made", "data": {"shape": [2, 2, 1]}, "made": {"width": 9, "output": "gaussian"}, "optimizer": {"sgd": {"learning_rate": 0.01}}, "learning_rate": {"linear": {"steps": 9, "to": 0.1}}}"#,
    #"{"family": "made", "data": {"shape": [1]}}"#,
    #"{"family": "nade", "data": {"shape": [2, 3, 1], "binarize": "dynamic"}, "nade": {"width": 9, "order": 4}, "average": 0.8}"#,
    #"{"family": "nade", "data": {"shape": [5]}, "nade": {"width": 7, "output": "mixture", "components": 3, "order": "reversed"}}"#,
    #"{"family": "nade", "data": {"shape": [1], "binarize": "fixed"}}"#,
    #"{"family": "realnvp", "data": {"shape": [8, 4, 2]}, "realnvp": {"width": 4, "couplings": 1}, "average": 0.8}"#,
    #"{"family": "realnvp", "data": {"shape": [3]}, "realnvp": {"width": 8, "couplings": 3}}"#,
    #"{"family": "realnvp", "data": {"shape": [8, 4, 2]}, "realnvp": {"width": 4, "couplings": 1, "adversarial": {"weight": 1, "likelihood_weight": 0.1, "objective": "hinge", "discriminator": {"layers": [{"conv": {"channels": 3, "kernel": 3}}, "batch_norm", "flatten", {"dense": 1}]}}}, "average": 0.8}"#,
    #"{"family": "ica", "data": {"shape": [3]}, "ica": {"adversarial": {"weight": 1, "objective": "relativistic", "likelihood_weight": 0}}}"#,
    #"{"family": "vae", "data": {"shape": [3]}, "latent": {"size": 2}, "vae": {"decoder": "gaussian", "deviation": null, "samples": "drawn"}}"#,
    #"{"family": "nice", "data": {"shape": [4, 4, 1]}, "nice": {"width": 8, "couplings": 2}}"#,
    #"{"family": "nice", "data": {"shape": [5], "range": [0, 2]}, "nice": {"width": 8, "prior": "normal", "logit": 0.01}}"#,
    #"{"family": "ica", "data": {"shape": [3]}}"#,
    #"{"family": "rbm", "data": {"shape": [2, 3, 1], "binarize": "dynamic"}, "rbm": {"hidden": 5, "persistent_chains": 7, "sampling_steps": 5}, "average": 0.8}"#,
    #"{"family": "rbm", "data": {"shape": [3]}, "rbm": {"hidden": 5, "visible": "gaussian", "steps": 2, "sampling_steps": 5}}"#,
    #"{"family": "dbm", "data": {"shape": [2, 3, 1], "binarize": "dynamic"}, "dbm": {"first_hidden": 5, "second_hidden": 4, "persistent_chains": 7, "pretraining_steps": 1, "sampling_steps": 5}, "average": 0.8}"#,
    #"{"family": "dbm", "data": {"shape": [5], "binarize": "fixed"}, "dbm": {"first_hidden": 3, "second_hidden": 2, "pretraining_steps": 4, "sampling_steps": 5}}"#,
    #"{"family": "gsn", "data": {"shape": [6], "binarize": "fixed"}, "gsn": {"sampling_steps": 5}}"#,
    #"{"family": "pixelcnn", "data": {"shape": [4, 3, 1], "binarize": "dynamic"}, "pixelcnn": {"width": 4, "depth": 2, "head": 5, "levels": 2}, "average": 0.8}"#,
    #"{"family": "pixelcnn", "data": {"shape": [3, 4, 3]}, "pixelcnn": {"width": 6, "depth": 2, "head": 6, "levels": 4, "output": "logistic_mixture", "components": 2, "quantize": true}}"#,
    #"{"family": "pixelrnn", "data": {"shape": [3, 4, 3], "binarize": "fixed"}, "pixelrnn": {"width": 6, "depth": 2, "head": 6, "levels": 2}}"#,
    #"{"family": "wavenet", "data": {"shape": [40]}, "wavenet": {"width": 4, "skip": 5, "head": 6, "layers": 3, "blocks": 2, "levels": 8}, "average": 0.8}"#,
    #"{"family": "gsn", "data": {"shape": [4, 4, 1]}, "gsn": {"network": {"layers": [{"conv": {"channels": 3, "kernel": 3}}, "batch_norm", "relu", {"dropout": 0.2}, {"conv": {"channels": 1, "kernel": 3}}]}, "output": "gaussian", "sampling_steps": 4}}"#,
  ]

  static func model(_ text: String) throws -> any Model {
    try Families.create(JSON(parsing: text))
  }

  private func data(_ model: any Model) throws -> Dataset {
    let key = RandomKey(seed: 5, stream: 1, step: 0)
    let low = model.sampleRange?.low ?? -1
    return try Dataset(
      key.uniform(model.sampleShape.prepending(40), low: low, high: 1))
  }

  private func trained(_ text: String, steps: UInt64) throws -> any Model {
    let model = try Self.model(text)
    var trainer = try Trainer(model, data: data(model), batch: 8)
    try trainer.run(steps: steps)
    return model
  }

  /// What has a unit is in the report.
  @Test(arguments: configurations) func units(_ text: String) throws {
    let model = try Self.model(text)
    var trainer = try Trainer(model, data: data(model), batch: 8)
    // Some figures come after pretraining.
    let names = try (0..<10).reduce(into: Set<String>()) { names, _ in
      names.formUnion(try trainer.step(reporting: true).figures.map(\.name))
    }
    #expect(!model.figureUnits.isEmpty)
    for (name, unit) in model.figureUnits {
      #expect(names.contains(name), "\(name)")
      #expect(Families.summary(of: model)["units"]?[name]?.text == unit.rawValue)
    }
  }

  @Test(arguments: configurations) func resumesBitForBit(_ text: String) throws {
    let whole = try trained(text, steps: 9)
    let half = try trained(text, steps: 4)
    try inTemporaryFolder { folder in
      try Checkpoint.write(half.snapshot(), to: folder + "/half.safetensors")
      let again = try Families.load(Checkpoint.read(folder + "/half.safetensors"))
      #expect(again.configurationJSON == half.configurationJSON)
      var trainer = try Trainer(again, data: data(again), batch: 8)
      try trainer.run(steps: 5)
      #expect(again.step == 9 && again.samplesSeen == whole.samplesSeen)
      #expect(again.tensors.map(\.name) == whole.tensors.map(\.name))
      for (a, b) in zip(again.tensors, whole.tensors) {
        #expect(a.value.array == b.value.array, "\(a.name)")
      }
    }
  }

  @Test(arguments: configurations) func threadsMakeNoDifference(_ text: String) throws {
    defer { _ = Threads.set(0) }
    func results(_ threads: Int) throws -> [[Float]] {
      #expect(Threads.set(threads))
      let model = try trained(text, steps: 3)
      let samples = try (model as? any Sampling)?.sample(70, seed: 2).array ?? []
      return model.tensors.map(\.value.array) + [samples]
    }
    let want = try results(1)
    for threads in [2, 3, 5] { #expect(try results(threads) == want) }
  }

  /// Sample i depends on (seed, i) alone; configuration and tensors can be written and read.
  @Test(arguments: configurations) func samplesAndTensors(_ text: String) throws {
    let model = try trained(text, steps: 2)
    let sampling = try #require(model as? any Sampling)
    let many = try sampling.sample(70, seed: 3)
    #expect(many.shape == model.sampleShape.prepending(70) && many.isFinite)
    let size = model.sampleShape.count
    let few = try sampling.sample(5, seed: 3).array
    for (a, b) in zip(few, many.array) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b))) }
    #expect(few.count == 5 * size)
    let name = model.tensors[0].name
    let value = model.tensors[0].value
    try model.setTensor(name, 2 * value)
    #expect(model.tensors[0].value.array == (2 * value).array)
    #expect(throws: Failure.self) { try model.setTensor("nothing", value) }
    #expect(throws: Failure.self) { try model.setTensor(name, .zeros([1])) }
  }

  /// A step that fails leaves the model as it was.
  @Test(arguments: configurations) func failuresChangeNothing(_ text: String) throws {
    let model = try trained(text, steps: 2)
    let before = model.tensors.map(\.value.array)
    let shape = model.sampleShape
    for batch in [
      Batch(.zeros([4, 7])), Batch(Tensor(repeating: .nan, shape: shape.prepending(4))),
      Batch(.zeros([])),
    ] {
      #expect(throws: Failure.self) { try model.train(on: [batch], reporting: true) }
    }
    #expect(throws: Failure.self) { try model.train(on: [], reporting: true) }
    #expect(model.step == 2 && model.tensors.map(\.value.array) == before)
  }

  /// Shapes whose elements cannot be counted, or not be held.
  @Test(arguments: [
    "vae", "made", "nade", "realnvp", "nice", "ica", "rbm", "dbm", "gsn", "pixelcnn",
    "pixelrnn", "wavenet",
  ])
  func hugeShapes(_ family: String) {
    for shape in ["[2147483647, 2147483647, 2147483647]", "[65536, 65536, 1]", "[1073741824]"] {
      let failure = #expect(throws: Failure.self) {
        try Self.model(#"{"family": "\#(family)", "data": {"shape": \#(shape)}}"#)
      }
      #expect(failure.map { [.limit, .noMemory, .configuration].contains($0.kind) } == true)
    }
  }

  @Test(arguments: [
    (#"{"family": "vae", "data": {"shape": [2]}, "vae": {"betta": 1}}"#, "\"beta\""),
    (#"{"family": "vae", "data": {"shape": [2]}, "vae": {"decoder": "gauss"}}"#, "vae.decoder"),
    (
      #"{"family": "vae", "data": {"shape": [2], "range": [-1, 1]}}"#,
      "\"bernoulli\" goes with data.range [0, 1]"
    ),
    (
      #"{"family": "vae", "data": {"shape": [2]}, "vae": {"encoder_network": {"layers": [{"dense": 3}]}}}"#,
      "expected 40 outputs"
    ),
    (
      #"{"family": "vae", "data": {"shape": [2]}, "vae": {"decoder_network": {"layers": [{"dense": 3}]}}}"#,
      "vae.decoder_network: expected an output of shape [2]"
    ),
    (#"{"family": "made", "data": {"shape": [2]}, "made": {"orders": 0}}"#, "made.orders"),
    (#"{"family": "made", "data": {"shape": [2]}, "latent": {"size": 2}}"#, "latent"),
    (#"{"family": "made", "data": {"shape": [2], "binarize": "sometimes"}}"#, "data.binarize"),
    (#"{"family": "made", "data": {"shape": [2], "range": null}}"#, "made.output"),
    (#"{"family": "made", "data": {"shape": [70000]}}"#, "65536"),
    (
      #"{"family": "nade", "data": {"shape": [3]}, "nade": {"order": [0, 2, 0]}}"#,
      "expected a permutation of 0...2, found 0 twice"
    ),
    (
      #"{"family": "nade", "data": {"shape": [3]}, "nade": {"order": [0, 2]}}"#,
      "expected a permutation of 0...2, found 2 elements"
    ),
    (#"{"family": "nade", "data": {"shape": [3]}, "nade": {"order": [0, 1, 3]}}"#, "nade.order[2]"),
    (#"{"family": "nade", "data": {"shape": [3]}, "nade": {"order": "random"}}"#, "a seed"),
    (#"{"family": "nade", "data": {"shape": [3]}, "nade": {"components": 2}}"#, "components"),
    (#"{"family": "nade", "data": {"shape": [3], "range": null}}"#, "nade.output"),
    (
      #"{"family": "realnvp", "data": {"shape": [27, 28, 1]}}"#,
      "checkerboard masks on 2 scales need sides that 4 divides, found 27 x 28"
    ),
    (#"{"family": "realnvp", "data": {"shape": [1]}}"#, "at least 2 elements"),
    (#"{"family": "realnvp", "data": {"shape": [4, 4]}}"#, "vectors [size] and images"),
    (#"{"family": "realnvp", "data": {"shape": [4]}, "realnvp": {"scales": 2}}"#, "scales"),
    (#"{"family": "nice", "data": {"shape": [4]}, "nice": {"dequantize": 256}}"#, "data.range"),
    (#"{"family": "nice", "data": {"shape": [4]}, "nice": {"prior": "uniform"}}"#, "nice.prior"),
    (#"{"family": "ica", "data": {"shape": [40, 40, 1]}}"#, "at most 1024 elements"),
    (#"{"family": "rbm", "data": {"shape": [4], "range": null}}"#, "rbm.visible"),
    (#"{"family": "rbm", "data": {"shape": [4]}, "rbm": {"deviation": 2}}"#, "deviation"),
    (#"{"family": "rbm", "data": {"shape": [4]}, "rbm": {"hiden": 2}}"#, "\"hidden\""),
    (#"{"family": "dbm", "data": {"shape": [4], "range": null}}"#, "0 or 1"),
    (#"{"family": "dbm", "data": {"shape": [4]}, "dbm": {"persistent_chains": 0}}"#, "chains"),
    (#"{"family": "dbm", "data": {"shape": [4]}, "dbm": {"first_hiden": 3}}"#, "\"first_hidden\""),
    (#"{"family": "gsn", "data": {"shape": [4], "range": null}}"#, "gsn.output"),
    (#"{"family": "pixelcnn", "data": {"shape": [4]}}"#, "takes images"),
    (#"{"family": "pixelcnn", "data": {"shape": [4, 4, 1], "range": null}}"#, "data.range"),
    (
      #"{"family": "pixelcnn", "data": {"shape": [4, 4, 1], "range": [0, 1], "binarize": "fixed"}}"#,
      "pixelcnn.levels"
    ),
    (#"{"family": "pixelcnn", "data": {"shape": [4, 4, 1]}, "pixelcnn": {"kernel": 4}}"#, "odd"),
    (
      #"{"family": "pixelcnn", "data": {"shape": [4, 4, 1]}, "pixelcnn": {"components": 4}}"#,
      "components"
    ),
    (
      #"{"family": "pixelcnn", "data": {"shape": [4, 4, 3]}, "pixelcnn": {"width": 2}}"#,
      "number of channels"
    ),
    (#"{"family": "wavenet", "data": {"shape": [4, 4, 1]}}"#, "takes vectors"),
    (#"{"family": "wavenet", "data": {"shape": [4], "range": [0, 1]}}"#, "data.range"),
    (#"{"family": "wavenet", "data": {"shape": [4], "sample_rate": 0}}"#, "sample_rate"),
    (#"{"family": "made", "data": {"shape": [2], "classes": 2}}"#, "classes"),
    (
      #"{"family": "gsn", "data": {"shape": [4]}, "gsn": {"network": {"layers": [{"dense": 3}]}}}"#,
      "expected 4 outputs"
    ),
  ])
  func wrongConfigurations(_ text: String, _ words: String) {
    let failure = #expect(throws: Failure.self) { try Self.model(text) }
    #expect(failure.map { [.configuration, .limit].contains($0.kind) } == true)
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
