import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGModels
@testable import SGNets
@testable import SGTensors

/// Vectors in units of their own: what networks see has mean 0 and deviation 1, and all that a user
/// gives and gets stays in the data's units.
@Suite struct StandardizationTests {
  private static let means: [Float] = [1700, 70_000, 48]
  private static let deviations: [Float] = [90, 12_000, 17]

  /// Heights in mm, weights in g, ages in years.
  private static func table(_ count: Int = 600, seed: UInt64 = 3) throws -> Dataset {
    let noise = RandomKey(seed: seed, stream: 1, step: 0).normal([count, 3]).array
    return try Dataset(
      Tensor(
        noise.indices.map { means[$0 % 3] + deviations[$0 % 3] * noise[$0] }, shape: [count, 3]))
  }

  private static func configuration(
    _ shape: [Int] = [3], average: Float = 0.99, standardize: Bool? = nil
  ) -> Configuration {
    var c = Configuration(
      shape: shape, latent: Prior(size: 4), generator: .mlp(width: 24),
      discriminator: .mlp(width: 24),
      optimizer: OptimizerSettings(Adam(learningRate: 0.002, beta1: 0.5)), average: average)
    c.standardize = standardize
    return c
  }

  private static func trained(
    _ c: Configuration = configuration(), on data: Dataset? = nil, steps: UInt64 = 5
  ) throws -> GAN {
    let model = try GAN(c)
    var trainer = try Trainer(model, data: data ?? table(), batch: 32)
    try trainer.run(steps: steps)
    return model
  }

  /// Means and deviations of the columns of [n, size], in double precision.
  private static func moments(_ x: Tensor) -> [(mean: Double, deviation: Double)] {
    let (n, size, values) = (x.shape[0], x.shape[1], x.array.map(Double.init))
    return (0..<size).map { k in
      let column = stride(from: k, to: values.count, by: size).map { values[$0] }
      let mean = column.reduce(0, +) / Double(n)
      let square = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (square / Double(n)).squareRoot())
    }
  }

  // MARK: What is measured

  @Test func columnsOfAnyScale() throws {
    let n = 1000
    let noise = RandomKey(seed: 1, stream: 1, step: 0).normal([n, 7]).array
    // Ordinary, huge, tiny, far from 0, constant, constant 0, below normal numbers.
    let offsets: [Float] = [0, 1e30, 1e-30, 3e6, 2023, 0, 0]
    let scales: [Float] = [1, 1e30, 1e-30, 2, 0, 0, 0x1p-133]
    let values = noise.indices.map { offsets[$0 % 7] + scales[$0 % 7] * noise[$0] }
    let x = Tensor(values, shape: [n, 7])
    let columns = try #require(
      Dataset(x).standardization(samples: true, conditions: false).samples)
    for (k, (mean, deviation)) in Self.moments(x).enumerated() {
      // Rounding the sum of a far column costs the direct computation some digits.
      #expect(abs(Double(columns.offset[k]) - mean) <= 1e-6 * max(abs(mean), deviation), "\(k)")
      let wanted = deviation > 0 ? deviation : 1
      #expect(abs(Double(columns.factor[k]) - wanted) <= 1e-4 * wanted, "\(k)")
    }
    let seen = columns.standardized(x)
    for (k, (mean, deviation)) in Self.moments(seen).enumerated() {
      // The mean is kept as a float.
      let rounding = Double(columns.offset[k].ulp / columns.factor[k])
      #expect(abs(mean) <= 1e-3 + rounding, "\(k)")
      #expect(scales[k] == 0 ? deviation == 0 : abs(deviation - 1) < 1e-3, "\(k)")
    }
    let back = columns.restored(seen).array
    for (i, (a, b)) in zip(back, x.array).enumerated() {
      #expect(abs(Double(a) - Double(b)) <= 1e-6 * Double(max(abs(b), columns.factor[i % 7])))
    }
  }

  /// What does not fit in a float becomes its largest number, not infinity.
  @Test func resultsAreFinite() throws {
    let most = Float.greatestFiniteMagnitude
    let x = Tensor([most, .leastNonzeroMagnitude, -most, 0], shape: [2, 2])
    let columns = try Standardization.Columns(of: x)
    #expect(columns.factor[0].isFinite && columns.factor.allSatisfy { $0 > 0 })
    #expect(columns.standardized(x).isFinite)
    #expect(columns.restored(Tensor([9, 9], shape: [1, 2])).array[0] == most)
    #expect(columns.standardized(Tensor([most, most], shape: [1, 2])).isFinite)
    #expect(columns.chained(Tensor([most, most], shape: [1, 2])).isFinite)
  }

  /// A file that is read in pieces, an array, and a function give the same numbers.
  @Test func everySourceIsMeasuredAlike() throws {
    let data = try Self.table(9000)
    let all = try data.batch(Array(0..<9000))
    let want = try data.standardization(samples: true, conditions: false)
    try inTemporaryFolder { folder in
      var header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9000, 3), }"
      header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
      var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
      all.withElements { bytes += Array(UnsafeRawBufferPointer($0)) }
      try write(bytes, to: folder + "/x.npy")
      let file = try Dataset.open(
        folder + "/x.npy", options: .object([("memory", .integer(0))]))
      #expect(try file.standardization(samples: true, conditions: false) == want)
    }
    let values = all.array
    let function = try Dataset(count: 9000, shape: [3]) { index, y in
      for (row, i) in index.enumerated() {
        for k in 0..<3 { y[3 * row + k] = values[3 * i + k] }
      }
    }
    #expect(try function.standardization(samples: true, conditions: false) == want)
    // More than a piece of a million numbers, of which the last is another.
    let wide = try Dataset(
      Tensor(shape: [5, 300_000]) { y in
        for i in y.indices { y[i] = i / 300_000 == 4 ? 6 : 1 }
      }
    ).standardization(samples: true, conditions: false)
    #expect(wide.samples?.offset.allSatisfy { $0 == 2 } == true)
    #expect(wide.samples?.factor.allSatisfy { $0 == 2 } == true)
  }

  // MARK: Whether it is on

  @Test func onlyDataInItsOwnUnitsIsStandardized() throws {
    #expect(try Self.trained().standardization.samples?.offset.count == 3)
    #expect(try Self.trained(Self.configuration(standardize: false)).standardization == .none)
    for synthetic in [try Dataset.ring(count: 500), try Dataset.grid(count: 500)] {
      let model = try Self.trained(Self.configuration([2]), on: synthetic)
      #expect(model.standardization == .none)
      #expect(!model.snapshot().tensors.contains { $0.name.contains("standardize") })
      #expect(model.snapshot().texts["configuration"]?.contains("standardize") == false)
      #expect(
        try Self.trained(Self.configuration([2], standardize: true), on: synthetic).standardization
          .samples != nil)
    }
    // A stated range is kept.
    var stated = Self.configuration()
    stated.range = ValueRange(-1000, 1_000_000)
    #expect(try Self.trained(stated).standardization == .none)
    let images = try Dataset(RandomKey(seed: 1, stream: 1, step: 0).uniform([40, 8, 8, 1]))
    let dcgan = Configuration(
      shape: [8, 8, 1], generator: .dcgan(width: 4), discriminator: .dcgan(width: 4))
    #expect(try Self.trained(dcgan, on: images).standardization == .none)
  }

  /// What the first step decides stays; before it the latest data set decides.
  @Test func itIsFixedBeforeTheFirstStep() throws {
    let model = try GAN(Self.configuration())
    _ = try Trainer(model, data: try Dataset(Tensor.ones([8, 3])))
    #expect(model.standardization.samples?.offset == [1, 1, 1])
    var trainer = try Trainer(model, data: Self.table())
    let fixed = model.standardization
    #expect(fixed.samples?.offset.first.map { abs($0 - 1700) < 20 } == true)
    try trainer.run(steps: 1)
    _ = try Trainer(model, data: try Dataset(Tensor.ones([8, 3])))
    #expect(model.standardization == fixed)
    // A step without a data set leaves it off, for good.
    for setting in [nil, true] as [Bool?] {
      let own = try GAN(Self.configuration(standardize: setting))
      _ = try own.train(on: [Self.table().batch(Array(0..<32))])
      _ = try Trainer(own, data: Self.table())
      #expect(own.standardization == .none)
    }
  }

  @Test func whatCannotBeStandardizedIsRefused() throws {
    var c = Configuration(
      shape: [8, 8, 1], generator: .dcgan(width: 4), discriminator: .dcgan(width: 4))
    c.standardize = true
    var ranged = Self.configuration(standardize: true)
    ranged.range = ValueRange(0, 1)
    for bad in [c, ranged] {
      #expect { try GAN(bad) } throws: {
        ($0 as? Failure)?.kind == .configuration
          && ($0 as? Failure)?.message.contains("standardize: goes with vectors") == true
      }
    }
    c.conditions = 2
    c.labels = LabelSettings(.conditional)
    #expect(try GAN(c).configuration.standardize == true)
    for text in [#""yes""#, "1"] {
      #expect(throws: Failure.self) {
        try Families.create(JSON(parsing: #"{"data": {"shape": [3]}, "standardize": \#(text)}"#))
      }
    }
    let made = try Families.create(
      JSON(parsing: #"{"data": {"shape": [3]}, "standardize": null}"#))
    #expect(made.configurationJSON["standardize"] == nil)
  }

  // MARK: What it does

  /// Without it, samples of these units are off by hundreds of deviations.
  @Test func aTableIsLearned() throws {
    let data = try Self.table()
    let model = try Self.trained(Self.configuration(average: 0.995), on: data, steps: 1500)
    let (found, wanted) = (
      Self.moments(try model.sample(2000, seed: 1)), Self.moments(try data.batch(Array(0..<600)))
    )
    for (k, (a, b)) in zip(found, wanted).enumerated() {
      #expect(abs(a.mean - b.mean) < 0.3 * b.deviation, "column \(k): \(a) for \(b)")
      #expect((0.6...1.5).contains(a.deviation / b.deviation), "column \(k): \(a) for \(b)")
    }
  }

  @Test func trainingResumesBitForBit() throws {
    let whole = try Self.trained(steps: 9)
    let half = try Self.trained(steps: 4)
    try inTemporaryFolder { folder in
      let path = folder + "/half.safetensors"
      try Checkpoint.write(half.snapshot(), to: path)
      let again = try GAN(Checkpoint.read(path))
      #expect(again.standardization == half.standardization)
      // Its own, whatever it is trained on later.
      var trainer = try Trainer(again, data: Self.table(), batch: 32)
      try trainer.run(steps: 5)
      #expect(again.tensors.map(\.name) == whole.tensors.map(\.name))
      for (a, b) in zip(again.tensors, whole.tensors) {
        #expect(a.value.array == b.value.array, "\(a.name)")
      }
      let samples = try half.sample(5, seed: 4).array
      let given = Conditions.none
      #expect(try Generator(checkpoint: path).sample(5, seed: 4, given: given).array == samples)
      let sampler = try Families.sampler(checkpoint: path)
      #expect(try sampler.sample(5, seed: 4, given: given).array == samples)
    }
  }

  @Test func threadsMakeNoDifference() throws {
    defer { _ = Threads.set(0) }
    func results(_ threads: Int) throws -> [[Float]] {
      #expect(Threads.set(threads))
      let model = try Self.trained()
      return try model.tensors.map(\.value.array) + [model.sample(70, seed: 2).array]
    }
    let want = try results(1)
    for threads in [2, 3] { #expect(try results(threads) == want) }
  }

  /// Training on the table is training on its standardized columns, to the bit.
  @Test func networksSeeStandardizedColumns() throws {
    let data = try Self.table()
    let columns = try #require(
      data.standardization(samples: true, conditions: false).samples)
    let plain = try Dataset(columns.standardized(data.batch(Array(0..<600))))
    let ours = try Self.trained(on: data)
    let other = try Self.trained(Self.configuration(standardize: false), on: plain)
    for (a, b) in zip(ours.tensors, other.tensors) where !a.name.contains("standardize") {
      #expect(a.name == b.name && a.value.array == b.value.array, "\(a.name)")
    }
    let samples = try other.sample(9, seed: 5)
    #expect(try ours.sample(9, seed: 5).array == columns.restored(samples).array)
    let (x, seen) = (columns.restored(samples), columns.standardized(columns.restored(samples)))
    #expect(try ours.discriminate(x).array == other.discriminate(seen).array)
    #expect(try ours.logDensityRatio(x).array == other.logDensityRatio(seen).array)
    #expect(try ours.opinion(of: x, given: .none) == other.opinion(of: seen, given: .none))
  }

  /// The derivative is with respect to samples in their own units.
  @Test func theGradientOfTheRatioIsInTheDatasUnits() throws {
    let model = try Self.trained(steps: 60)
    let x = try Self.table().batch([0, 1, 2, 3])
    let gradient = try model.logDensityRatioGradient(x).array
    for k in 0..<3 {
      let step = 0.02 * Self.deviations[k]
      func moved(_ sign: Float) throws -> [Float] {
        var values = x.array
        for i in values.indices where i % 3 == k { values[i] += sign * step }
        return try model.logDensityRatio(Tensor(values, shape: x.shape)).array
      }
      let (above, below) = (try moved(1), try moved(-1))
      for row in 0..<4 {
        let want = (above[row] - below[row]) / (2 * step)
        let found = gradient[3 * row + k]
        let scale = 1 / Self.deviations[k]
        #expect(abs(found - want) <= 0.05 * abs(want) + 0.01 * scale, "\(row), \(k)")
      }
    }
  }

  @Test func latentsAndCompletionsAreOfTheDatasUnits() throws {
    let model = try Self.trained(steps: 200)
    let made = try model.sample(3, seed: 8)
    var search = LatentSearch()
    search.steps = 400
    search.prior = 0
    let found = try model.findLatents(for: made, search)
    // The distance is of standardized elements, or the column with the largest numbers would decide
    // alone.
    #expect(found.errors.allSatisfy { $0 < 0.02 }, "\(found.errors)")
    let again = try model.sample(latents: found.latents)
    for (i, (a, b)) in zip(again.array, made.array).enumerated() {
      #expect(abs(a - b) < 0.3 * Self.deviations[i % 3])
    }
    let completed = try model.complete(made, mask: Tensor([1, 0, 1]), search).array
    for i in completed.indices where i % 3 != 1 { #expect(completed[i] == made.array[i]) }
    for i in completed.indices where i % 3 == 1 {
      #expect(abs(completed[i] - Self.means[1]) < 6 * Self.deviations[1])
    }
  }

  // MARK: Other families

  private static let gaussians = [
    #"{"family": "made", "data": {"shape": [1]}, "made": {"width": 12, "output": "gaussian"}}"#,
    #"{"family": "vae", "data": {"shape": [1]}, "latent": {"size": 1}, "vae": {"encoder_network": {"preset": "mlp", "width": 12}, "decoder_network": {"preset": "mlp", "width": 12}, "decoder": "gaussian", "deviation": 0.5}}"#,
  ]

  /// A density in the data's own units integrates to 1 over them.
  @Test(arguments: gaussians) func likelihoodsAreInTheDatasUnits(_ text: String) throws {
    let noise = RandomKey(seed: 3, stream: 1, step: 0).normal([400, 1])
    let data = try Dataset(7000 + 40 * noise)
    let model = try #require(Families.create(JSON(parsing: text)) as? any HasLikelihood)
    var trainer = try Trainer(model, data: data, batch: 32)
    try trainer.run(steps: 50)
    let points = (0..<4000).map { 6000 + 0.5 * Float($0) }
    let options = try JSON(parsing: text.contains("vae") ? #"{"importance_samples": 50}"# : "{}")
    let logs = try model.logLikelihood(
      Tensor(points, shape: [4000, 1]), given: .none, options: options)
    let integral = logs.array.reduce(0) { $0 + 0.5 * Double($1.exponential) }
    #expect(abs(integral - 1) < 0.05, "\(integral)")
  }

  @Test(arguments: gaussians) func otherFamiliesSampleInTheDatasUnits(_ text: String) throws {
    let noise = RandomKey(seed: 3, stream: 1, step: 0).normal([400, 1])
    let data = try Dataset(7000 + 40 * noise)
    let model = try #require(Families.create(JSON(parsing: text)) as? any Sampling)
    var trainer = try Trainer(model, data: data, batch: 32)
    try trainer.run(steps: 300)
    let (mean, deviation) = Self.moments(try model.sample(500, seed: 1))[0]
    #expect(abs(mean - 7000) < 40 && deviation < 80)
    if let coder = model as? any Encoding {
      let x = try data.batch([0, 1, 2])
      let back = try coder.reconstruct(x, given: .none).array
      for (a, b) in zip(back, x.array) { #expect(abs(a - b) < 120) }
    }
    try inTemporaryFolder { folder in
      try Checkpoint.write(model.snapshot(), to: folder + "/m.safetensors")
      let again = try #require(
        Families.load(Checkpoint.read(folder + "/m.safetensors")) as? any Sampling)
      #expect(try again.sample(5, seed: 1).array == model.sample(5, seed: 1).array)
    }
    // Values with a stated range are never standardized.
    let binary = try Families.create(
      JSON(parsing: #"{"family": "made", "data": {"shape": [4]}}"#))
    _ = try Trainer(binary, data: Dataset(Tensor.ones([8, 4])))
    #expect((binary as? any Standardizing)?.standardization == Standardization.none)
  }

  /// A classifier that judges vectors sees standardized ones, too, and so does its checkpoint's.
  @Test func theClassifierStandardizes() throws {
    let labels = (0..<600).map { Int32($0 % 2) }
    let noise = RandomKey(seed: 3, stream: 1, step: 0).normal([600, 2]).array
    // The class is in the column with the small numbers.
    let values = noise.indices.map { i -> Float in
      i % 2 == 0 ? 50_000 * noise[i] : 0.01 * (noise[i] / 4 + Float(labels[i / 2]))
    }
    let data = try Dataset(Tensor(values, shape: [600, 2]), labels: labels)
    let classifier = try Classifier.trained(on: data, range: nil, epochs: 8)
    #expect(try #require(classifier.heldOutAccuracy) > 0.9)
    let again = try Classifier(classifier.snapshot())
    let x = try data.batch(Array(0..<20))
    #expect(try again(x).logits.array == classifier(x).logits.array)
  }

  // MARK: Conditions

  @Test func conditionsAreStandardized() throws {
    let n = 400
    let noise = RandomKey(seed: 3, stream: 1, step: 0).normal([n, 2]).array
    // The sample follows the condition.
    var (years, x): ([Float], [Float]) = ([], [])
    for i in 0..<n {
      years.append(2000 + 12 * noise[2 * i])
      x.append(10 * (years[i] - 2000) + 3 * noise[2 * i + 1])
    }
    let data = try Dataset(
      Tensor(x, shape: [n, 1]), conditions: Tensor(years, shape: [n, 1]))
    var c = Self.configuration([1], average: 0.99)
    c.conditions = 1
    c.labels = LabelSettings(.conditional)
    let model = try Self.trained(c, on: data, steps: 1500)
    let columns = try #require(model.standardization.conditions)
    #expect(abs(columns.offset[0] - 2000) < 3 && abs(columns.factor[0] - 12) < 2)
    func mean(_ year: Float) throws -> Float {
      let given = Conditions(values: Tensor(repeating: year, shape: [100, 1]))
      return try model.sample(100, seed: 1, given: given).array.reduce(0, +) / 100
    }
    #expect(abs(try mean(2010) - 100) < 60)
    #expect(abs(try mean(1990) + 100) < 60)
    // Search, D and the checkpoint take them in the same units.
    let given = Conditions(values: Tensor([2010, 1990], shape: [2, 1]))
    let pair = Tensor([100, -100], shape: [2, 1])
    #expect(try model.findLatents(for: pair, given: given).errors.allSatisfy { $0 < 0.5 })
    let ratios = try model.logDensityRatio(pair, given: given).array
    let swapped = Conditions(values: Tensor([1990, 2010], shape: [2, 1]))
    let unlikely = try model.logDensityRatio(pair, given: swapped).array
    #expect(ratios[0] > unlikely[0] && ratios[1] > unlikely[1])
    let again = try GAN(model.snapshot())
    let want = try model.sample(2, seed: 3, given: given).array
    #expect(try again.sample(2, seed: 3, given: given).array == want)
  }

  // MARK: Checkpoints

  @Test func damagedCheckpointsAreRefused() throws {
    let snapshot = try Self.trained().snapshot()
    func refused(
      _ kind: Failure.Kind, _ change: (inout Snapshot) -> Void, line: Int = #line
    ) {
      var bad = snapshot
      change(&bad)
      #expect("line \(line)") { try GAN(bad) } throws: { ($0 as? Failure)?.kind == kind }
    }
    func put(_ name: String, _ value: Tensor?) -> (inout Snapshot) -> Void {
      { snapshot in
        snapshot.tensors = snapshot.tensors.filter { $0.name != name }
        if let value { snapshot.tensors.append((name, value)) }
      }
    }
    refused(.mismatch, put("standardize.offset", nil))
    refused(.mismatch, put("standardize.factor", nil))
    refused(.mismatch, put("standardize.factor", Tensor([1, 2])))
    refused(.mismatch, put("standardize.condition_offset", Tensor([1, 2])))
    refused(.format, put("standardize.factor", Tensor([1, 0, 1])))
    refused(.format, put("standardize.factor", Tensor([1, -1, 1])))
    refused(.format, put("standardize.offset", Tensor([1, .nan, 1])))
  }

  @Test func itsTensorsCanBeReadAndWritten() throws {
    let model = try Self.trained()
    let before = try model.sample(4, seed: 1).array
    let offset = try #require(model.tensors.first { $0.name == "standardize.offset" }).value
    try model.setTensor("standardize.offset", offset + 1000)
    let after = try model.sample(4, seed: 1).array
    for (a, b) in zip(after, before) { #expect(abs(a - b - 1000) < 0.05) }
    #expect { try model.setTensor("standardize.factor", Tensor([1, 0, 1])) } throws: {
      ($0 as? Failure)?.kind == .argument
    }
  }

  // MARK: Metrics

  /// The distances of a table do not depend on its units.
  @Test func metricsAreOfStandardizedColumns() throws {
    let data = try Self.table()
    let factors: [Float] = [1e-3, 1e-3, 365]
    let other = try Dataset(data.batch(Array(0..<600)) * Tensor(factors, shape: [1, 3]))
    let (a, b) = (try Self.trained(on: data), try Self.trained(on: other))
    let (x, y) = (
      try a.evaluate(against: data, EvaluationOptions(count: 300)),
      try b.evaluate(against: other, EvaluationOptions(count: 300))
    )
    #expect(x.isStandardized)
    #expect(x.json["features"]?["standardized"] == .bool(true))
    func values(_ e: Evaluation) -> [Double] {
      [
        e.comparison.frechet?.distance ?? -1, e.comparison.kernel.distance,
        e.comparison.slicedWasserstein.distance, e.nearest.distances[0], e.realNearestDistance,
        e.closestFakes?.pairs.first?.distance ?? -1,
      ]
    }
    for (v, w) in zip(values(x), values(y)) { #expect(abs(v - w) <= 0.02 * abs(v) + 1e-3) }
    // A synthetic set keeps the scale of its protocol.
    let ring = try Dataset.ring(count: 500)
    let onRing = try Self.trained(Self.configuration([2]), on: ring)
    #expect(try !onRing.evaluate(against: ring, EvaluationOptions(count: 300)).isStandardized)
  }

  /// A picture of the plane has a scale for each of its axes.
  @Test func thePlaneIsShownWhole() throws {
    let noise = RandomKey(seed: 3, stream: 1, step: 0).normal([400, 2])
    let data = try Dataset(noise * Tensor([90, 12_000], shape: [1, 2]))
    let model = try Self.trained(Self.configuration([2]), on: data)
    let picture = try PlanePicture(data: data).draw(model, seed: 1)
    // The data's gray dots lie all over it, and not in one line.
    let columns = (0..<picture.width).filter { x in
      (0..<picture.height).contains { y in
        let i = 3 * (y * picture.width + x)
        return picture.pixels[i..<i + 3].allSatisfy { $0 == 120 }
      }
    }
    #expect(columns.count > picture.width / 3)
  }
}

extension Float {
  /// eˣ, by doubling, so that the test needs no C library.
  fileprivate var exponential: Float {
    let part = Double(self) / 1024
    var result = 1 + part * (1 + part / 2 * (1 + part / 3))
    for _ in 0..<10 { result *= result }
    return Float(result)
  }
}
