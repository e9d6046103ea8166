import SGTestSupport
import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGTensors

/// Learning from samples with missing elements, and filling them in (Yoon et al. 2018).
@Suite struct GAINTests {
  private static let configurations = [
    #"{"family": "gain", "data": {"shape": [5]}, "gain": {"network": {"preset": "mlp", "width": 8}}, "average": 0.9}"#,
    #"{"family": "gain", "data": {"shape": [4, 4, 2]}, "gain": {"hide": 0, "network": {"layers": [{"conv": {"channels": 4, "kernel": 3}}, "batch_norm", "relu", {"dropout": 0.2}, {"conv": {"channels": 2, "kernel": 3}}, "tanh"]}, "discriminator_network": {"layers": [{"conv": {"channels": 2, "kernel": 3}}]}}}"#,
  ]

  private static func model(_ text: String) throws -> GAIN {
    try #require(try Families.create(JSON(parsing: text)) as? GAIN)
  }

  /// Samples in −1...1 with a share of missing elements.
  private static func samples(_ shape: Shape, _ count: Int, share: Float = 0.4) -> Tensor {
    let x = RandomKey(seed: 5, stream: 1, step: 0).uniform(shape.prepending(count), low: -1)
    let u = RandomKey(seed: 6, stream: 1, step: 0).uniform(x.shape)
    var values = x.array
    for (i, u) in u.array.enumerated() where u < share && i % shape.count != 0 { values[i] = .nan }
    return Tensor(values, shape: x.shape)
  }

  private func trained(_ text: String, _ steps: UInt64) throws -> GAIN {
    let model = try Self.model(text)
    let data = try Dataset(Self.samples(model.sampleShape, 30), missing: true)
    var trainer = try Trainer(model, data: data, batch: 8)
    try trainer.run(steps: steps)
    return model
  }

  @Test(arguments: configurations) func resumesBitForBit(_ text: String) throws {
    let (whole, half) = (try trained(text, 7), try trained(text, 3))
    try inTemporaryFolder { folder in
      try Checkpoint.write(half.snapshot(), to: folder + "/half.safetensors")
      let again = try Families.load(Checkpoint.read(folder + "/half.safetensors"))
      #expect(again.configurationJSON == half.configurationJSON && again.step == 3)
      let data = try Dataset(Self.samples(again.sampleShape, 30), missing: true)
      var trainer = try Trainer(again, data: data, batch: 8)
      try trainer.run(steps: 4)
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
      let model = try trained(text, 3)
      let x = Self.samples(model.sampleShape, 70)
      let filled = try model.complete(
        x, mask: .ones(model.sampleShape), given: .none, options: ["answers": 2])
      return model.tensors.map(\.value.array) + [filled.array]
    }
    let want = try results(1)
    for threads in [2, 5] { #expect(try results(threads) == want) }
  }

  /// A step equals one in double precision: the discriminator's, then the generator's against the
  /// new one, and the regression's.
  @Test func step() throws {
    let model = try Self.model(
      #"""
      {"family": "gain", "data": {"shape": [3]}, "optimizer": {"sgd": {"learning_rate": 1}}, "seed": 4,
       "gain": {"hint": 0.7, "alpha": 1.5, "hide": 0.3, "noise": 0.5,
         "network": {"layers": [{"dense": 4}, "tanh", {"dense": 3}]},
         "discriminator_network": {"layers": [{"dense": 3}]}}}
      """#)
    let samples = Self.samples([3], 6)
    let shape = samples.shape
    func key(_ use: UInt16) -> RandomKey { RandomKey(.latents, seed: 4, use: use, step: 0) }
    let (z, u, v) = (
      key(0).uniform(shape).doubles, key(1).uniform(shape).doubles, key(2).uniform(shape).doubles
    )
    let x = samples.doubles.map { $0.isNaN ? 0 : $0 }
    let known = samples.array.map { $0.isNaN ? 0.0 : 1 }
    let seen = known.indices.map { known[$0] * (u[$0] > Double(Float(0.3)) ? 1 : 0) }
    let hint = v.indices.map { v[$0] < Double(Float(0.7)) ? seen[$0] : 0.5 }
    func row(_ a: [Double], _ i: Int) -> [Double] { Array(a[3 * i..<3 * i + 3]) }
    let input = x.indices.map { seen[$0] == 1 ? x[$0] : 0.5 * z[$0] }
    func generator(_ w: ArraySlice<[Double]>) -> [Double] {
      let w = Array(w)
      return (0..<6).flatMap { i in
        denseInDouble(
          denseInDouble(row(input, i) + row(seen, i), w[0], w[1]).map { tanh($0) }, w[2], w[3])
      }
    }
    func logits(_ made: [Double], _ w: ArraySlice<[Double]>) -> [Double] {
      let w = Array(w)
      let whole = made.indices.map { seen[$0] == 1 ? x[$0] : made[$0] }
      return (0..<6).flatMap { denseInDouble(row(whole, $0) + row(hint, $0), w[0], w[1]) }
    }
    func softplus(_ a: Double) -> Double { a > 0 ? a + log1p(exp(-a)) : log1p(exp(a)) }
    func mean(_ f: (Int) -> Double) -> Double { x.indices.reduce(0) { $0 + f($1) } / 18 }
    func difference(_ made: [Double]) -> Double {
      x.indices.reduce(0) { $0 + known[$1] * (made[$1] - x[$1]) * (made[$1] - x[$1]) }
        / known.reduce(0, +)
    }
    // Generator, discriminator, regression, as the tensors come.
    let before = Array(model.tensors.map(\.value.doubles)[0..<10])
    let held = generator(before[0..<4])
    func ofD(_ w: [[Double]]) -> Double {
      let l = logits(held, w[4..<6])
      return mean { seen[$0] * softplus(-l[$0]) + (1 - seen[$0]) * softplus(l[$0]) }
    }
    let slopesOfD = finiteDifferences(of: ofD, at: before)
    let judge = (4..<6).map { i in before[i].indices.map { before[i][$0] - slopesOfD[i][$0] } }
    func ofG(_ w: [[Double]]) -> Double {
      let made = generator(w[0..<4])
      let l = logits(made, judge[0..<2])
      return mean { (1 - seen[$0]) * softplus(-l[$0]) } + 1.5 * difference(made)
    }
    func ofR(_ w: [[Double]]) -> Double { 1.5 * difference(generator(w[6..<10])) }
    let slopes = [
      finiteDifferences(of: ofG, at: before), slopesOfD, finiteDifferences(of: ofR, at: before),
    ]
    #expect(before[0..<4].elementsEqual(before[6..<10]))
    let report = try model.train(on: [Batch(samples)], reporting: true)
    for (name, want) in [
      ("discriminator_cost", ofD(before)), ("generator_cost", ofG(before)),
      ("least_squares_cost", ofR(before)),
    ] {
      #expect(abs(try #require(report[name]) - want) < 1e-5 * want, "\(name)")
    }
    let hidden = known.indices.map { known[$0] - seen[$0] }
    let squares = x.indices.reduce(0) {
      $0 + hidden[$1] * (held[$1] - x[$1]) * (held[$1] - x[$1])
    }
    let error = (squares / hidden.reduce(0, +)).squareRoot()
    #expect(abs(try #require(report["hidden_error"]) - error) < 1e-5)
    for i in 0..<10 {
      let slope = slopes[i < 4 ? 0 : i < 6 ? 1 : 2][i]
      let largest = max(1e-3, slope.map(abs).max() ?? 0)
      for (k, value) in model.tensors[i].value.doubles.enumerated() {
        #expect(
          abs(value - (before[i][k] - slope[k])) < 1e-4 * largest, "\(model.tensors[i].name)[\(k)]")
      }
    }
    // The means of what is known.
    let means = try #require(model.tensors.first { $0.name == "means" }).value.doubles
    for k in 0..<3 {
      let values = (0..<6).filter { known[3 * $0 + k] == 1 }.map { x[3 * $0 + k] }
      #expect(means[3 + k] == Double(values.count))
      #expect(abs(means[k] - values.reduce(0, +) / Double(values.count)) < 1e-6)
    }
  }

  /// Six columns that two numbers decide: what is missing follows from the rest.
  private func table(_ count: Int, share: Float) -> (whole: Tensor, holes: Tensor) {
    let z = RandomKey(seed: 7, stream: 1, step: 0).normal([count, 2])
    let mix = RandomKey(seed: 8, stream: 1, step: 0).normal([2, 6])
    let noise = RandomKey(seed: 9, stream: 1, step: 0).normal([count, 6], deviation: 0.1)
    let whole = 40 * (matmul(z, mix) + noise) + 300
    let u = RandomKey(seed: 10, stream: 1, step: 0).uniform([count, 6]).array
    var values = whole.array
    for i in values.indices where u[i] < share && i % 6 != i / 6 % 6 { values[i] = .nan }
    return (whole, Tensor(values, shape: whole.shape))
  }

  /// The error over missing elements is below the column mean's, and not above the regression's by
  /// more than a twentieth; known elements stay as they are.
  @Test(arguments: [0.2, 0.5] as [Float]) func fillsIn(_ share: Float) throws {
    let (whole, holes) = table(400, share: share)
    let model = try Self.model(
      #"{"family": "gain", "data": {"shape": [6]}, "gain": {"network": {"preset": "mlp", "width": 32}, "discriminator_network": {"preset": "mlp", "width": 16}}}"#
    )
    let data = try Dataset(holes, missing: true)
    var trainer = try Trainer(model, data: data, batch: 64)
    try trainer.run(steps: 1500)
    #expect(model.standardization.samples != nil)
    func error(_ method: String) throws -> Double {
      let filled = try model.complete(
        holes, mask: .ones([6]), given: .none, options: ["method": .string(method)])
      var (squares, count) = (0.0, 0.0)
      for (i, x) in holes.array.enumerated() {
        if x.isNaN {
          let gap = Double(filled.array[i] - whole.array[i])
          (squares, count) = (squares + gap * gap, count + 1)
        } else {
          #expect(filled.array[i] == x)
        }
      }
      return (squares / count).squareRoot()
    }
    let (gain, regression, mean) = (
      try error("gain"), try error("least_squares"), try error("mean")
    )
    #expect(gain < 0.7 * mean && gain <= 1.05 * regression, "\(gain), \(regression), \(mean)")
  }

  @Test func refused() throws {
    let model = try trained(Self.configurations[0], 2)
    let before = model.tensors.map(\.value.array)
    let x = Self.samples([5], 3)
    let empty = Tensor([1, 2, 3, 4, 5] + [Float](repeating: .nan, count: 5), shape: [2, 5])
    for (samples, mask, options, words) in [
      (empty, Tensor.ones([5]), "{}", "samples[1]: nothing is known of it"),
      (x, .zeros([5]), "{}", "samples[0]: nothing is known of it"),
      (x, .ones([4]), "{}", "mask: expected shape [5] or [3, 5], found [4]"),
      (x, 0.5 * .ones([5]), "{}", "mask: expected 0 or 1"),
      (x, .ones([5]), #"{"method": "median"}"#, "method: expected \"gain\""),
      (x, .ones([5]), #"{"answers": 0}"#, "answers: expected 1...1000"),
      (Tensor(repeating: .infinity, shape: [1, 5]), .ones([5]), "{}", "element 0 is inf"),
      (.zeros([2, 4]), .ones([5]), "{}", "samples: expected [count] + [5]"),
    ] {
      let failure = #expect(throws: Failure.self) {
        try model.complete(samples, mask: mask, given: .none, options: JSON(parsing: options))
      }
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
    for batch in [Batch(empty), Batch(.zeros([3, 4])), Batch(.zeros([0, 5]))] {
      #expect(throws: Failure.self) { try model.train(on: [batch], reporting: true) }
    }
    #expect(model.step == 2 && model.tensors.map(\.value.array) == before)
    #expect(Families.capabilities(of: model) == ["complete"])
    for (text, words) in [
      (
        #"{"family": "gain", "data": {"shape": [2], "range": [0, 1], "binarize": "fixed"}}"#,
        "binarize"
      ),
      (#"{"family": "gain", "data": {"shape": [2]}, "gain": {"hint": 2}}"#, "gain.hint"),
      (
        #"{"family": "gain", "data": {"shape": [2]}, "gain": {"network": {"layers": [{"dense": 3}]}}}"#,
        "gain.network: expected 2 outputs"
      ),
      (
        #"{"family": "gain", "data": {"shape": [2]}, "gain": {"network": "unet"}}"#, "generators'"
      ),
      (
        #"{"family": "gain", "data": {"shape": [1073741824, 2, 1073741824]}}"#,
        "at most 2147483647 elements"
      ),
    ] {
      let failure = #expect(throws: Failure.self) { try Self.model(text) }
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
  }
}
