import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Every block of memory that cannot be had is a failure of kind noMemory that changes nothing.
@Suite struct ShortageTests {
  /// Runs a body with all blocks failing from the first on, from the second on, and so on, until it
  /// succeeds; of the later ones of many only some.
  /// - Parameter unchanged: called after each failure.
  /// - Returns: what the body returned at last.
  @discardableResult private func everyShortage<R>(
    _ what: String, unchanged: () throws -> Void = {}, _ body: () throws -> R
  ) throws -> R {
    var n = 0
    while n < 1_000_000 {
      do {
        let result = try Memory.failing(after: n, body)
        #expect(!Memory.isShort)
        return result
      } catch let failure as Failure {
        guard failure.kind == .noMemory else {
          Issue.record("\(what), with \(n) blocks: \(failure.kind): \(failure.message)")
          throw failure
        }
        try unchanged()
      }
      n += max(1, n / 150)
    }
    throw Failure(.internal, "\(what): never succeeds")
  }

  private static let vectors = #"""
    {"data": {"shape": [3]}, "latent": {"size": 5}, "generator": {"preset": "mlp", "width": 270},
     "discriminator": {"preset": "mlp", "width": 12}}
    """#
  private static let everything = #"""
    {"data": {"shape": [8, 8, 1], "range": [-1, 1]}, "latent": {"size": 4},
     "generator": {"layers": [{"dense": {"units": 32, "initializer": {"orthogonal": 1}}}, {"reshape": [4, 4, 2]},
       {"weight_norm": {"conv_transpose": {"channels": 4, "kernel": 4, "stride": 2}}}, "reference_norm", "relu",
       {"conv": {"channels": 1, "kernel": 3, "initializer": {"truncated_normal": 0.1}}}, {"dropout": 0.1}, "tanh"]},
     "discriminator": {"layers": [{"gaussian_noise": 0.1}, {"conv": {"channels": 4, "kernel": 3, "stride": 2}},
       {"leaky_relu": 0.2}, "layer_norm", "flatten", "features", "minibatch_deviation", {"dense": 8}, "silu", {"dense": 1}]},
     "average": 0.9, "instance_noise": 0.1, "historical_averaging": 0.01,
     "replay": {"capacity": 8, "share": 0.5}, "label_flipping": 0.1, "feature_matching": {"weight": 1, "adversarial": 1},
     "reference_batch": 4, "optimizer": {"adam": {"amsgrad": true, "clip_norm": 1}}}
    """#
  private static let images = #"""
    {"data": {"shape": [28, 28, 1]}, "latent": {"size": 6}, "generator": {"preset": "dcgan", "width": 2},
     "discriminator": {"preset": "dcgan", "width": 2}, "optimizer": {"rmsprop": {"momentum": 0.5}}}
    """#
  private static let auxiliary = #"""
    {"data": {"shape": [8, 8, 1], "classes": 3}, "latent": {"size": 4}, "generator": {"layers": [{"dense": 64},
       "batch_norm", "relu", {"reshape": [8, 8, 1]}, "tanh"]}, "discriminator": {"layers": ["flatten",
       {"minibatch_discrimination": {"kernels": 3, "size": 2}}, {"dense": 4}]},
     "labels": {"mode": "auxiliary", "draw": "balanced"}, "optimizer": {"sgd": {"momentum": 0.5, "nesterov": true}}}
    """#
  private static let conditional = #"""
    {"data": {"shape": [2], "classes": 2}, "latent": {"size": 3}, "generator": {"preset": "mlp", "width": 6},
     "discriminator": {"preset": "mlp", "width": 6}, "labels": {"mode": "conditional", "generator": "embedding",
     "discriminator": "projection"}, "objective": {"f_gan": {"divergence": "kl"}}, "schedule": {"update": "simultaneous",
     "discriminator_steps": 2}}
    """#

  private func configuration(_ text: String) throws -> Configuration {
    try Configuration(json: JSON(parsing: text))
  }

  private func batch(_ model: GAN, _ n: Int = 6) -> Batch {
    let key = RandomKey(seed: 3, stream: 1, step: 0)
    let classes = model.configuration.classes
    return Batch(
      key.uniform(model.sampleShape.prepending(n), low: -0.9, high: 0.9),
      labels: classes > 0 ? (0..<n).map { Int32($0 % classes) } : [])
  }

  private func data(_ model: GAN, _ n: Int) throws -> Dataset {
    let batch = batch(model, n)
    return try Dataset(batch.samples, labels: batch.labels)
  }

  /// Every number that a model has.
  private func values(_ model: GAN) -> [[Float]] { model.tensors.map(\.value.array) }

  @Test(arguments: [vectors, everything, images, auxiliary, conditional])
  func createAndTrain(_ text: String) throws {
    let configuration = try configuration(text)
    let plain = try GAN(configuration)
    let model = try everyShortage("create") { try GAN(configuration) }
    #expect(values(model) == values(plain))
    let batch = batch(model)
    for i in 0..<2 {
      let before = values(model)
      let state = (model.step, model.state.draws)
      try everyShortage("step \(i)") {
        #expect((model.step, model.state.draws) == state)
        #expect(values(model) == before)
      } _: {
        try model.train(on: [batch], reporting: i == 0)
      }
      // With the bits of a step that was never interrupted.
      _ = try plain.train(on: [batch], reporting: i == 0)
      #expect(values(model) == values(plain))
    }
  }

  @Test(arguments: [vectors, everything, auxiliary, conditional])
  func use(_ text: String) throws {
    let model = try GAN(configuration(text))
    let batch = batch(model)
    _ = try model.train(on: [batch], reporting: false)
    let given = Conditions(labels: batch.labels)
    let judged = model.configuration.discriminatorCondition > 0 ? given : .none
    let before = values(model)
    defer { #expect(values(model) == before) }
    let n = 100
    let plain = try model.sample(n, seed: 1).array
    let samples = try everyShortage("sample") { try model.sample(n, seed: 1) }
    #expect(samples.array == plain)
    try everyShortage("discriminate") { try model.discriminate(batch.samples, given: judged) }
    if model.configuration.labels.classifies {
      try everyShortage("classify") { try model.classify(batch.samples) }
    }
    try everyShortage("ratio") { try model.densityRatio(batch.samples, given: judged) }
    try everyShortage("gradient") {
      try model.logDensityRatioGradient(batch.samples, given: judged)
    }
    let data = try data(model, 80)
    try everyShortage("divergences") { try model.divergences(from: data, count: 70) }
    var search = LatentSearch()
    (search.steps, search.tries) = (2, 2)
    let one = batch.samples.rows(0..<1)
    let label = Conditions(labels: Array(batch.labels.prefix(1)))
    let mask = Tensor.ones(model.sampleShape)
    try everyShortage("complete") {
      try model.complete(one, mask: mask, given: label, search)
    }
    var costs = CostComparison([.nonSaturating, .minimax], points: 4)
    try everyShortage("costs") { try costs.measure(model, batch: 2, batches: 2) }
    let first = model.tensors[0]
    try everyShortage("set") { try model.setTensor(first.name, first.value) }
    try everyShortage("evaluate") {
      try model.evaluate(against: data, with: .pixels, count: 70, ridge: 1)
    }
    var trainer = try Trainer(try GAN(configuration(text)), data: data, batch: 4)
    try everyShortage("train") { try trainer.step() }
  }

  @Test(arguments: [vectors, everything, images])
  func files(_ text: String) throws {
    try inTemporaryFolder { folder in
      let (path, file) = ("\(folder)/model.safetensors", "\(folder)/other")
      let model = try GAN(configuration(text))
      let batch = batch(model)
      _ = try model.train(on: [batch], reporting: false)
      try Checkpoint.write(model.snapshot(), to: path)
      let bytes = try FileIO.readBytes(path, limit: 1 << 24)
      let read = try everyShortage("load") { try GAN(Checkpoint.read(path)) }
      #expect(values(read) == values(model))
      try everyShortage("generator") { try Generator(checkpoint: path).sample(100, seed: 1) }
      // No other program knows the layers of this one.
      if model.configuration.featureMatching.weight > 0 { return }
      try everyShortage("ONNX") { try model.exportONNX("generator", to: file) }
      try FileIO.remove(file)
      try everyShortage("exported") {
        #expect(!FileIO.isRegularFile(file))
      } _: {
        try model.exportTorch("discriminator", to: file)
      }
      try everyShortage("imported") {
        try model.importTorch("discriminator", from: file, prefix: "main.")
      }
      // Saving asks for no tensor's memory; what is in the way is found before the file is touched.
      try Memory.failing(after: 0) { try Checkpoint.write(model.snapshot(), to: path) }
      #expect(try FileIO.readBytes(path, limit: 1 << 24).count == bytes.count)
    }
  }

  @Test func classifier() throws {
    let model = try GAN(configuration(Self.auxiliary))
    let data = try data(model, 90)
    let classifier = try everyShortage("classifier") {
      try Classifier(shape: [8, 8, 1], range: nil, classes: 3, steps: 4)
    }
    let before = classifier.hash
    let batch = batch(model, 20)
    try everyShortage("step") {
      #expect(classifier.hash == before && classifier.step == 0)
    } _: {
      try classifier.train(on: [batch], reporting: true)
    }
    try everyShortage("opinion") { try classifier(batch.samples) }
    _ = try model.train(on: [batch], reporting: false)
    try everyShortage("evaluate") {
      try model.evaluate(against: data, with: .classifier(classifier), count: 30, ridge: 1)
    }
  }

  @Test func metrics() throws {
    let key = RandomKey(seed: 3, stream: 1, step: 0)
    let (real, fake) = (key.normal([300, 20]), key.from(300).normal([280, 20]))
    try everyShortage("comparison") { try FeatureComparison(real: real, fake: fake) }
    let (few, many) = (key.normal([300, 2]), key.normal([9000, 2]))
    try everyShortage("few features") { try nearestNeighbors(of: few, in: many) }
    try everyShortage("pairs") { try closestPairs(in: real) }
  }

  @Test func synthetic() throws {
    let ring = try everyShortage("ring") { try Dataset.ring(count: 40_000) }
    try everyShortage("grid") { try Dataset.grid(count: 40_000) }
    try everyShortage("batch") { try ring.batch(Array(0..<9)) }
    try everyShortage("description") { try ring.description() }
    let model = try GAN(configuration(Self.images))
    let gray = try data(model, 30)
    let stacked = try gray.stacked(3, count: 50)
    try everyShortage("stacked") { try stacked.batch(Array(0..<50)) }
    let shifted = try gray.augmented(Augmentation(flip: true, shift: 2))
    var trainer = try Trainer(model, data: shifted, batch: 4)
    try everyShortage("augmented") { try trainer.step() }
  }

  /// A gzip file that holds bytes as they are.
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    func low(_ value: Int, _ n: Int) -> [UInt8] {
      (0..<n).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let length = bytes.count
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + low(length, 2) + low(~length, 2) + bytes
      + low(Int(~crc), 4) + low(length, 4)
  }

  @Test func dataFiles() throws {
    try inTemporaryFolder { folder in
      let images =
        [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0, 4] + [UInt8](repeating: 7, count: 144)
      let labels = [0, 0, 8, 1, 0, 0, 0, 9] + [UInt8](repeating: 1, count: 9)
      func npy(_ header: String, _ bytes: [UInt8]) -> [UInt8] {
        [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
          + bytes
      }
      let whole = "{'descr':'|u1','fortran_order':True,'shape':(6,2,2)}"
      let floats = "{'descr':'<f4','fortran_order':False,'shape':(6,2)}"
      let turned = "{'descr':'<f4','fortran_order':True,'shape':(6,2)}"
      let files: [(name: String, bytes: [UInt8])] = [
        ("a-images-idx3-ubyte", images), ("a-labels-idx1-ubyte", labels),
        ("b-images-idx3-ubyte.gz", gzip(images)), ("b-labels-idx1-ubyte.gz", gzip(labels)),
        ("a.npy", npy(whole, [UInt8](repeating: 3, count: 24))),
        ("b.npy", npy(floats, [UInt8](repeating: 0, count: 48))),
        ("c.npy", npy(turned, [UInt8](repeating: 0, count: 48))),
        ("a.csv", Array("x,y,label\n1,2,0\n3,4,1\n".utf8)),
        ("data_batch_1.bin", [UInt8](repeating: 1, count: 3073)),
      ]
      for file in files { try write(file.bytes, to: "\(folder)/\(file.name)") }
      for file in files where !file.name.contains("labels") {
        for options in ["{}", #"{"memory": 0}"#] {
          let path = "\(folder)/\(file.name)"
          let data = try everyShortage("\(file.name) \(options)") {
            try Dataset.open(path, options: JSON(parsing: options))
          }
          let plain = try data.batch([0, data.count - 1]).array
          let batch = try everyShortage("samples of \(file.name)") {
            try data.batch([0, data.count - 1])
          }
          #expect(batch.array == plain)
        }
      }
      let pictures = "\(folder)/pictures"
      try FileIO.makeDirectory(pictures)
      let grid = try ImageGrid(.zeros([1, 4, 4, 1]), range: ValueRange(-1, 1), columns: 1)
      for i in 0..<3 { try grid.write(to: "\(pictures)/\(i).png") }
      let data = try everyShortage("pictures") { try Dataset.open(pictures) }
      try everyShortage("samples of pictures") { try data.batch([0, 2]) }
    }
  }

  /// Threads have shortages of their own, and a watch inside another leaves that one's as it was.
  @Test func watches() {
    let (inner, outer) = Memory.watched { () -> Int in
      let first = Memory.failing(after: 0) { Memory.watched { Tensor.zeros([1000]).isSpare } }
      #expect(first.result && first.missing == 4000)
      #expect(!Memory.isShort && !Tensor.zeros([1000]).isSpare)
      _ = Memory.failing(after: 1) { Tensor.zeros([2]) + Tensor.ones([2]) }
      // What failed once goes on failing, and so does what would be computed from it.
      let after = Tensor.ones([3])
      #expect(after.isSpare && (after * 2).isSpare && after.isFinite && after.array == [0, 0, 0])
      return Memory.watched { Tensor.ones([3]).isSpare ? 1 : 0 }.missing
    }
    #expect(inner == 8 && outer == 8)
    #expect(!Memory.isShort && Tensor.ones([3]).sum().scalar == 3)
  }
}
