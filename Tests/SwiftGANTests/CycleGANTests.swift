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

/// Translation without pairs, there and back (Zhu et al. 2017).
@Suite struct CycleGANTests {
  private static let configurations = [
    #"{"family": "cyclegan", "data": {"shape": [3], "conditions": [2]}, "cyclegan": {"generator": {"preset": "mlp", "width": 8}}}"#,
    #"""
    {"family": "cyclegan", "data": {"shape": [8, 8, 1]}, "objective": "relativistic", "cyclegan": {"discriminator": {"preset": "patch", "width": 4},
     "generator": {"layers": [{"conv": {"channels": 4, "kernel": 3}}, "batch_norm", "relu", {"dropout": 0.2}, {"conv": {"channels": 1, "kernel": 3}}, "tanh"]},
     "back_generator": {"layers": [{"conv": {"channels": 1, "kernel": 3}}, "tanh"]}}}
    """#,
  ]

  private static func model(_ text: String) throws -> CycleGAN {
    try #require(try Families.create(JSON(parsing: text)) as? CycleGAN)
  }

  /// Samples and fewer inputs, which belong to none of them.
  private static func data(_ model: CycleGAN) throws -> Dataset {
    let b = RandomKey(seed: 3, stream: 1, step: 0).uniform(
      model.sampleShape.prepending(20), low: -1)
    let a = RandomKey(seed: 4, stream: 1, step: 0)
      .uniform(Shape(model.settings.inputShape).prepending(13), low: -1)
    return try Dataset(b).paired(with: Dataset(a), inOrder: false)
  }

  private func trained(_ text: String, _ steps: UInt64) throws -> CycleGAN {
    let model = try Self.model(text)
    var trainer = try Trainer(model, data: Self.data(model), batch: 6)
    try trainer.run(steps: steps)
    return model
  }

  @Test(arguments: configurations) func resumesBitForBit(_ text: String) throws {
    let (whole, half) = (try trained(text, 7), try trained(text, 3))
    try inTemporaryFolder { folder in
      try Checkpoint.write(half.snapshot(), to: folder + "/half.safetensors")
      let again = try #require(
        try Families.load(Checkpoint.read(folder + "/half.safetensors")) as? CycleGAN)
      #expect(again.configurationJSON == half.configurationJSON && again.step == 3)
      var trainer = try Trainer(again, data: Self.data(again), batch: 6)
      try trainer.run(steps: 4)
      for (a, b) in zip(again.tensors, whole.tensors) {
        #expect(a.name == b.name && a.value.array == b.value.array, "\(a.name)")
      }
    }
  }

  @Test(arguments: configurations) func threadsMakeNoDifference(_ text: String) throws {
    defer { _ = Threads.set(0) }
    func results(_ threads: Int) throws -> [[Float]] {
      #expect(Threads.set(threads))
      let model = try trained(text, 3)
      let inputs = try #require(Self.data(model).inputs).batch(Array(0..<13))
      let there = try model.translate(inputs)
      #expect(there.shape == model.sampleShape.prepending(13) && there.isFinite)
      let back = try model.translateBack(there, seed: 1)
      #expect(back.shape == inputs.shape)
      return model.tensors.map(\.value.array) + [there.array, back.array]
    }
    let want = try results(1)
    for threads in [2, 5] { #expect(try results(threads) == want) }
  }

  /// Each epoch of either side sees each of its own once.
  @Test func ordersOfTheirOwn() throws {
    let (a, b) = (Tensor((0..<5).map(Float.init), shape: [5, 1]), Tensor.zeros([8, 2]))
    let data = try Dataset(b).paired(with: Dataset(a), inOrder: false)
    #expect(data.isUnpaired && data.json["unpaired"] == true)
    var batches = Minibatches(of: data, size: 5, range: nil, seed: 1, labelled: [])
    for step in 0..<3 {
      let given = try #require(try batches.at(UInt64(5 * step)).conditions)
      #expect(given.array.sorted() == [0, 1, 2, 3, 4])
    }
    #expect(try data.conditions([7]).values?.array == [2])
    let gan = try Families.create(
      JSON(
        parsing: #"{"data": {"shape": [2], "conditions": 1}, "labels": {"mode": "conditional"}}"#))
    let failure = #expect(throws: Failure.self) { try Trainer(gan, data: data) }
    #expect(failure?.message.contains("families that do not: \"cyclegan\"") == true)
  }

  /// A step equals one in double precision: both generators', then the discriminators' by the same
  /// fakes.
  @Test func step() throws {
    let model = try Self.model(
      #"""
      {"family": "cyclegan", "data": {"shape": [2]}, "optimizer": {"sgd": {"learning_rate": 1}},
       "cyclegan": {"cycle": 1.5, "identity": 0.4, "generator": {"layers": [{"dense": 3}, "tanh", {"dense": 2}]},
         "back_generator": {"layers": [{"dense": 2}]}, "discriminator": {"layers": [{"dense": 3}, "tanh", {"dense": 1}]}}}
      """#)
    let a = RandomKey(seed: 1, stream: 1, step: 0).normal([5, 2])
    let b = RandomKey(seed: 2, stream: 1, step: 0).normal([5, 2])
    func rows(_ t: Tensor) -> [[Double]] {
      let v = t.doubles
      return (0..<5).map { Array(v[2 * $0..<2 * $0 + 2]) }
    }
    let (ra, rb) = (rows(a), rows(b))
    let before = model.tensors.map(\.value.doubles)
    #expect(before.count == 14)
    func two(_ x: [Double], _ w: [[Double]], _ i: Int) -> [Double] {
      denseInDouble(denseInDouble(x, w[i], w[i + 1]).map { tanh($0) }, w[i + 2], w[i + 3])
    }
    func forth(_ x: [Double], _ w: [[Double]]) -> [Double] { two(x, w, 0) }
    func back(_ x: [Double], _ w: [[Double]]) -> [Double] { denseInDouble(x, w[4], w[5]) }
    func mean(_ f: (Int) -> Double) -> Double { (0..<5).reduce(0) { $0 + f($1) } / 5 }
    func distance(_ x: [Double], _ y: [Double]) -> Double {
      zip(x, y).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }
    func judge(_ x: [Double], _ w: [[Double]], _ i: Int) -> Double { two(x, w, i)[0] }
    func ofGenerators(_ w: [[Double]]) -> Double {
      let v = Array(w[0..<6]) + Array(before[6...])
      return mean { i in
        let (fakeB, fakeA) = (forth(ra[i], v), back(rb[i], v))
        let adversarial =
          0.5 * pow(judge(fakeB, v, 6) - 1, 2) + 0.5 * pow(judge(fakeA, v, 10) - 1, 2)
        let cycle = distance(back(fakeB, v), ra[i]) + distance(forth(fakeA, v), rb[i])
        let identity = distance(forth(rb[i], v), rb[i]) + distance(back(ra[i], v), ra[i])
        return adversarial + 1.5 * cycle + 0.6 * identity
      }
    }
    func ofJudges(_ w: [[Double]]) -> Double {
      mean { i in
        let (fakeB, fakeA) = (forth(ra[i], before), back(rb[i], before))
        return 0.5
          * (pow(judge(rb[i], w, 6) - 1, 2) + pow(judge(fakeB, w, 6), 2)
            + pow(judge(ra[i], w, 10) - 1, 2) + pow(judge(fakeA, w, 10), 2))
      }
    }
    let slopes = [
      finiteDifferences(of: ofGenerators, at: before), finiteDifferences(of: ofJudges, at: before),
    ]
    let report = try model.train(on: [Batch(b, conditions: a)], reporting: true)
    #expect(abs(report.generatorCost - ofGenerators(before)) < 1e-5 * ofGenerators(before))
    #expect(abs(report.discriminatorCost - ofJudges(before)) < 1e-5 * ofJudges(before))
    for (i, tensor) in model.tensors.enumerated() {
      let slope = slopes[i < 6 ? 0 : 1][i]
      let largest = max(1e-3, slope.map { abs($0) }.max() ?? 0)
      for (k, value) in tensor.value.doubles.enumerated() {
        #expect(
          abs(value - (before[i][k] - slope[k])) < 1e-4 * largest, "\(tensor.name)[\(k)]")
      }
    }
  }

  /// Two clouds, one of them turned and moved: the way back undoes the way there.
  @Test func learnsARoundTrip() throws {
    let model = try Self.model(
      #"{"family": "cyclegan", "data": {"shape": [2]}, "optimizer": {"adam": {"learning_rate": 0.005}}, "cyclegan": {"cycle": 1, "identity": 0, "generator": {"preset": "mlp", "width": 16}, "back_generator": {"preset": "mlp", "width": 16}, "discriminator": {"preset": "mlp", "width": 16}}}"#
    )
    let a = RandomKey(seed: 1, stream: 1, step: 0).normal([300, 2])
    let b = 0.5 * RandomKey(seed: 2, stream: 1, step: 0).normal([200, 2]) + 3
    let data = try Dataset(b).paired(with: Dataset(a), inOrder: false)
    var trainer = try Trainer(model, data: data, batch: 32)
    try trainer.run(steps: 600)
    let there = try model.translate(a)
    #expect(abs(there.mean().scalar - 3) < 1, "\(there.mean().scalar)")
    let trip = (try model.translateBack(there, seed: 1) - a).absolute().mean().scalar
    #expect(trip < 0.5, "\(trip)")
  }

  @Test func refused() throws {
    let model = try trained(Self.configurations[0], 2)
    let before = model.tensors.map(\.value.array)
    for batch in [
      Batch(.zeros([4, 3])), Batch(.zeros([4, 2]), conditions: .zeros([4, 2])),
      Batch(.zeros([4, 3]), conditions: .zeros([4, 3])),
      Batch(.zeros([4, 3]), conditions: Tensor(repeating: .nan, shape: [4, 2])),
      Batch(.zeros([0, 3]), conditions: .zeros([0, 2])),
    ] {
      #expect(throws: Failure.self) { try model.train(on: [batch], reporting: true) }
    }
    #expect(throws: Failure.self) { try model.translateBack(.zeros([2, 2]), seed: 1) }
    #expect(throws: Failure.self) { try model.sample(2, seed: 1, given: .none) }
    #expect(model.step == 2 && model.tensors.map(\.value.array) == before)
    for (text, words) in [
      (
        #"{"family": "cyclegan", "data": {"shape": [2], "conditions": [3]}, "cyclegan": {"identity": 1}}"#,
        "cyclegan.identity: compares inputs with samples"
      ),
      (
        #"{"family": "cyclegan", "data": {"shape": [2]}, "cyclegan": {"generator": {"layers": [{"dense": 3}]}}}"#,
        "cyclegan.generator: expected an output of shape [2], found [3]"
      ),
      (#"{"family": "cyclegan", "data": {"shape": [2]}, "cyclegan": {"cycel": 1}}"#, "\"cycle\""),
      (
        #"{"family": "cyclegan", "data": {"shape": [16, 16, 1]}, "cyclegan": {"generator": "unet"}}"#,
        "generators'"
      ),
      (#"{"family": "cyclegan", "data": {"shape": [2147483647, 2147483647]}}"#, "at most 16777216"),
    ] {
      let failure = #expect(throws: Failure.self) { try Self.model(text) }
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
  }

  /// The networks that images get by default keep their sides.
  @Test func defaultNetworks() throws {
    let model = try Self.model(
      #"{"family": "cyclegan", "data": {"shape": [16, 16, 3], "conditions": [16, 16, 1]}}"#)
    let again = try Families.create(
      JSON(parsing: Families.configuration(of: model).text(pretty: true)))
    #expect(again.configurationJSON == model.configurationJSON)
    #expect(model.settings.identity == 0)
    #expect(try model.translate(.zeros([1, 16, 16, 1])).shape == [1, 16, 16, 3])
  }
}
