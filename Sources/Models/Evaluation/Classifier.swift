import SGBasics
import SGData
import SGNets
import SGTensors

/// A classifier of images or vectors, whose last hidden layer are the features by which samples are
/// judged.
public final class Classifier: Standardizing {
  /// Size of the features.
  public static let featureCount = 128

  public let sampleShape: Shape
  public let sampleRange: ValueRange?
  /// How many classes it tells apart.
  public let classes: Int
  public let seed: UInt64
  public var samplesSeen: UInt64 = 0
  public private(set) var step: UInt64 = 0
  /// Share that it classifies right of samples that it was not trained on, where that was tried.
  public internal(set) var heldOutAccuracy: Double?
  /// What it was trained on, where that is known.
  public internal(set) var trainedOn: DataFingerprint?
  public private(set) var standardization = Standardization.none
  public let standardizeSetting: Bool? = nil
  private var player: Player
  /// The factor of the learning rate falls to 0 over this many steps.
  private let steps: UInt64

  public let batchesPerStep = 1
  public let figureUnits: [String: FigureUnit] = ["cost": .nats, "class_accuracy": .share]
  public var labelUse: LabelUse { .given(classes: classes, conditions: 0) }

  /// An untrained classifier.
  /// - Parameters:
  ///   - shape: a sample's shape.
  ///   - range: what values samples have.
  ///   - classes: how many it tells apart, 2...65,536.
  ///   - steps: that will be trained, over which the learning rate falls.
  ///   - seed: of weights and of the order of the data.
  /// - Throws: `Failure` of kind argument, limit or noMemory.
  public convenience init(
    shape: [Int], range: ValueRange?, classes: Int, steps: UInt64, seed: UInt64 = 1
  ) throws(Failure) {
    try self.init(
      shape: shape, range: range, classes: classes, steps: steps, seed: seed, stored: nil)
  }

  private init(
    shape: [Int], range: ValueRange?, classes: Int, steps: UInt64, seed: UInt64,
    stored: StoredTensors?
  ) throws(Failure) {
    guard (2...65_536).contains(classes) else {
      throw Failure(.argument, "classes: expected 2...65536, found \(classes)")
    }
    guard seed <= UInt64(Int.max) else {
      throw Failure(.argument, "seed: expected 0...\(Int.max), found \(seed)")
    }
    sampleShape = Shape(shape)
    sampleRange = range
    self.classes = classes
    self.steps = max(steps, 1)
    self.seed = seed
    let network: Network
    do throws(ConfigError) {
      network = try Network(
        Self.layers(shape, classes: classes), input: Shape(shape), place: "classifier")
    } catch { throw Failure(error) }
    try Memory.reserve(floats: network.parameterCount, copies: 4, for: "the classifier's weights")
    let random = RandomKey(seed: seed, stream: RandomStream.discriminatorWeights.rawValue, step: 0)
    player = try Memory.checked { () throws(Failure) in
      try Player(
        name: "classifier", network: network, optimizer: Adam(learningRate: 0.001, beta1: 0.9),
        clipping: .none, from: stored.map { .stored($0) } ?? .drawn(random))
    }
    if let stored {
      standardization = try Standardization(stored, samples: Shape(shape).count, conditions: 0)
    }
  }

  public func setStandardization(_ standardization: Standardization) {
    self.standardization = standardization
  }

  /// Images: convolutions that halve the map while it is larger than 4, then dense. Vectors: dense.
  private static func layers(_ shape: [Int], classes: Int) -> [any Layer] {
    var layers: [any Layer] = []
    if shape.count == 3 {
      var (side, channels) = (min(shape[0], shape[1]), 32)
      while side > 4 {
        layers += [
          Convolution(
            channels, kernel: Size(4), stride: Size(2), padding: .same, bias: false,
            initializer: .he), BatchNorm(), ActivationLayer.relu,
        ]
        (side, channels) = ((side + 1) / 2, min(2 * channels, 128))
      }
    }
    if shape.count > 1 { layers.append(Flatten()) }
    if shape.count == 1 { layers += [Dense(256, initializer: .he), ActivationLayer.relu] }
    return layers + [
      Dropout(0.3), Dense(featureCount, initializer: .he), ActivationLayer.relu, Features(),
      Dropout(0.3), Dense(classes),
    ]
  }

  public func train(on batches: [Batch], reporting: Bool) throws(Failure) -> StepReport {
    try Memory.checked { () throws(Failure) in
      guard let batch = batches.first, batch.samples.rank >= 1, batch.count >= 1,
        batch.labels.count == batch.count
      else {
        throw Failure(.argument, "labels: the classifier needs one for each sample")
      }
      try check(batch.samples)
      if let i = batch.labels.firstIndex(where: { $0 < -1 || $0 >= Int32(classes) }) {
        throw Failure(
          .argument, "labels[\(i)]: expected -1...\(classes - 1), found \(batch.labels[i])")
      }
      try Counter.check("step", step, most: Counter.mostSteps)
      var player = player
      let factor = Schedule.cosine(steps: steps, to: 0).factor(at: step)
      let weights = player.parameters.tensors.map { $0.tracked() }
      let logits = player(
        standardization.standardized(batch.samples), parameters: weights, condition: nil,
        reference: nil,
        random: RandomKey(seed: seed, stream: RandomStream.layers.rawValue, step: step)
      ).output
      let cost = crossEntropy(logits, batch.labels)
      guard cost.scalar.isFinite else {
        throw Failure(.diverged, "step \(step + 1): the classifier's cost is \(cost.scalar)")
      }
      var report = StepReport(
        step: step + 1, learningRate: Double(factor * player.optimizer.learningRate))
      let norm = try player.descend(
        player.parameters.flatten(gradient(of: cost, wrt: weights)), rate: factor, step: step + 1)
      report.figures = [
        ("cost", Double(cost.scalar)),
        ("class_accuracy", SGNets.accuracy(logits, batch.labels)), ("gradient_norm", norm),
      ]
      try Memory.check()
      step += 1
      self.player = player
      return report
    }
  }

  /// - Throws: `Failure` of kind mismatch where samples are not [count] + its sample's shape.
  private func check(_ samples: Tensor) throws(Failure) {
    guard samples.rank >= 1, samples.shape.droppingFirst() == sampleShape else {
      throw Failure(
        .mismatch,
        "the classifier's samples have the shape \(sampleShape), found a tensor of shape"
          + " \(samples.shape)")
    }
  }

  /// Features, [count, featureCount], and class logits, [count, classes], of samples.
  public func callAsFunction(
    _ samples: Tensor
  ) throws(Failure) -> (features: Tensor, logits: Tensor) {
    try Memory.checked { () throws(Failure) in
      try check(samples)
      let (n, k) = (samples.shape[0], Self.featureCount)
      try Memory.reserve(floats: n, copies: k + classes, for: "features of \(n) samples")
      let (parameters, statistics) = (player.parameters.tensors, player.statistics.tensors)
      let (most, unused) = (256, RandomKey(seed: 0, stream: 0, step: 0))
      var parts: (features: [Tensor], logits: [Tensor]) = ([], [])
      for first in stride(from: 0, to: n, by: most) {
        let (logits, _, features) = player.network(
          standardization.standardized(samples.rows(first..<min(first + most, n))),
          parameters: parameters, state: statistics, isTraining: false, random: unused)
        parts.logits.append(logits)
        if let features { parts.features.append(features) }
        try Memory.check()
      }
      return (.concatenate(parts.features, axis: 0), .concatenate(parts.logits, axis: 0))
    }
  }

  /// Share of a dataset's labelled samples that it classifies right.
  /// - Parameters:
  ///   - data: samples of its shape.
  ///   - index: which of them; those without a label do not count.
  /// - Throws: `Failure` of the file where a sample cannot be read.
  public func accuracy(on data: Dataset, _ index: [Int]) throws(Failure) -> Double {
    var (right, all) = (0.0, 0)
    for first in stride(from: 0, to: index.count, by: 1000) {
      let part = Array(index[first..<min(first + 1000, index.count)])
      let labels = data.labels.isEmpty ? [] : part.map { data.labels[$0] }
      let logits = try self(try data.batch(part, range: sampleRange)).logits
      let known = labels.count { $0 >= 0 }
      right += SGNets.accuracy(logits, labels) * Double(known)
      all += known
    }
    return right / Double(max(all, 1))
  }

  /// A fingerprint of its weights and statistics: FNV-1a of 64 bits over their bytes, in
  /// hexadecimal.
  public var hash: String {
    var h: UInt64 = 0xcbf2_9ce4_8422_2325
    for values in [player.parameters.values, player.statistics.values] {
      values.withElements {
        for byte in UnsafeRawBufferPointer($0) { h = (h ^ UInt64(byte)) &* 0x100_0000_01b3 }
      }
    }
    let text = String(h, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

extension Classifier {
  private static let kind = "classifier"

  public func snapshot() -> Snapshot {
    let texts: JSON = .object([
      ("shape", .array(sampleShape.array.map { .integer(Int64($0)) })),
      ("range", sampleRange.map { .array([.number($0.low), .number($0.high)]) } ?? .null),
      ("classes", .integer(Int64(classes))), ("step", .integer(Int64(step))),
      ("steps", .integer(Int64(clamping: steps))), ("seed", .integer(Int64(clamping: seed))),
      ("samples_seen", .integer(Int64(clamping: samplesSeen))),
      ("held_out_accuracy", heldOutAccuracy.map { .number($0) } ?? .null),
      ("trained_on", trainedOn?.json ?? .null),
    ])
    return Snapshot(
      tensors: player.tensors + standardization.tensors,
      texts: [
        "swiftgan.model": Self.kind, "swiftgan.version": swiftGANVersion,
        "classifier": texts.text(pretty: false),
      ])
  }

  /// The classifier of a checkpoint.
  /// - Throws: `Failure` of kind mismatch or format.
  public convenience init(_ snapshot: Snapshot) throws(Failure) {
    guard snapshot.texts["swiftgan.model"] == Self.kind,
      let text = snapshot.texts["classifier"]
    else { throw Failure(.mismatch, "the checkpoint holds no classifier") }
    var o = try JSONObject(JSON(parsing: text), path: "classifier")
    let stored = StoredTensors(snapshot.tensors)
    let steps = try o.int("steps", in: 1...Int.max)
    let step = try o.int("step", in: 0...Int(Counter.mostSteps))
    let seen = try o.int("samples_seen", in: 0...Int(Counter.mostSamples))
    try self.init(
      shape: o.shape("shape"), range: o.range("range", default: nil),
      classes: o.int("classes", in: 2...65_536), steps: UInt64(steps),
      seed: UInt64(o.int("seed", in: 0...Int.max)), stored: stored)
    heldOutAccuracy = o.take("held_out_accuracy")?.real
    if let given = o.take("trained_on"), given != .null {
      var data = try o.object("trained_on")
      trainedOn = try DataFingerprint(&data)
    }
    try o.finish()
    try stored.expectNone(but: (player.tensors + standardization.tensors).map(\.name))
    self.step = UInt64(step)
    samplesSeen = UInt64(seen)
    player.optimizerState.steps = UInt64(step)
  }
}
