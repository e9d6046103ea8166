import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Reference and virtual batch norm, minibatch layers, noise, flipping, historical averaging.
@Suite struct TrickTests {
  private let random = RandomKey(seed: 1, stream: 1, step: 0)

  private func network(_ layer: any Layer, _ input: Shape) throws -> Network {
    try Network([layer], input: input, place: "test")
  }

  /// The output of one sample is the same alone and in any batch, in training too, and moments are
  /// by channel.
  @Test(arguments: [ReferenceNorm.Form.reference, .sample])
  func noCompanions(_ form: ReferenceNorm.Form) throws {
    let network = try network(ReferenceNorm(form), [4, 4, 3])
    let weights = [Tensor([1, 2, 0.5]), Tensor([0, -1, 0.25])]
    let reference = random.normal([6, 4, 4, 3], mean: 2)
    let x = random.from(6).normal([5, 4, 4, 3], mean: 1, deviation: 3)
    func run(_ x: Tensor, training: Bool = true) -> Tensor {
      network(
        x, parameters: weights, state: [], isTraining: training, random: random,
        reference: reference
      ).output
    }
    let whole = run(x)
    #expect(whole.shape == x.shape)
    for i in 0..<5 {
      let one = run(x.rows(i..<(i + 1)))
      #expect(one.array == whole.rows(i..<(i + 1)).array)
    }
    #expect(run(x, training: false).array == whole.array)

    // Against plain loops: with weight 1/7 for the sample itself, or none.
    let share = form == .sample ? 1.0 / 7 : 0
    let (r, v, y) = (reference.array, x.array, whole.array)
    for i in 0..<5 {
      for c in 0..<3 {
        func moments(_ values: [Double]) -> (Double, Double) {
          let n = Double(values.count)
          return (values.reduce(0, +) / n, values.reduce(0) { $0 + $1 * $1 } / n)
        }
        let of = moments((0..<96).map { Double(r[3 * $0 + c]) })
        let own = moments((0..<16).map { Double(v[48 * i + 3 * $0 + c]) })
        let mean = (1 - share) * of.0 + share * own.0
        let square = (1 - share) * of.1 + share * own.1
        let deviation = (square - mean * mean + 1e-5).squareRoot()
        for k in 0..<16 {
          let at = 48 * i + 3 * k + c
          let want =
            (Double(v[at]) - mean) / deviation * Double(weights[0].array[c])
            + Double(weights[1].array[c])
          #expect(abs(Double(y[at]) - want) < 2e-5 * max(1, abs(want)))
        }
      }
    }
  }

  /// In the reading that unites the reference with the batch, a companion changes a sample in
  /// training, and not afterwards.
  @Test func unitedWithTheBatch() throws {
    let network = try network(ReferenceNorm(.batch), [3])
    func run(_ x: Tensor, _ training: Bool) -> [Float] {
      network(
        x, parameters: [.ones([3]), .zeros([3])], state: [], isTraining: training, random: random,
        reference: random.normal([6, 3])
      ).output.rows(0..<1).array
    }
    let x = random.from(6).normal([5, 3])
    #expect(run(x, true) != run(x.rows(0..<1), true))
    #expect(run(x, false) == run(x.rows(0..<1), false))
  }

  /// Derivatives go through the reference as well: a network with reference norm learns, and the
  /// discriminator's reference is the first real batch, kept in the checkpoint.
  @Test(arguments: ["none", "sample", "batch"]) func trains(_ unite: String) throws {
    let norm = "{\"reference_norm\": \"\(unite)\"}"
    let json = try JSON(
      parsing: """
        {"data": {"shape": [2]}, "latent": {"size": 3}, "reference_batch": 16, "average": 0.9,
         "generator": {"layers": [{"dense": 16}, \(norm), "relu", {"dense": 2}]},
         "discriminator": {"layers": [{"dense": 16}, \(norm), {"leaky_relu": 0.2}, {"dense": 1}]}}
        """)
    let model = try GAN(Configuration(json: json))
    #expect(throws: Failure.self) { try model.discriminate(random.normal([2, 2])) }
    #expect(throws: Failure.self) { try model.train(on: [random.normal([1, 2])]) }
    let x = random.normal([32, 2])
    for _ in 0..<3 { _ = try model.train(on: [x]) }
    let kept = try #require(model.tensors.last)
    #expect(kept.name == "discriminator.reference")
    #expect(kept.value.array == x.rows(0..<16).array)
    let again = try GAN(model.snapshot())
    #expect(try again.sample(5, seed: 1).array == model.sample(5, seed: 1).array)
    #expect(try again.discriminate(x).array == model.discriminate(x).array)
    let (many, one) = (try model.sample(70, seed: 2), try model.sample(1, seed: 2))
    for (a, b) in zip(one.array, many.array) { #expect(abs(a - b) < 1e-5) }
    _ = try model.train(on: [x])
    _ = try again.train(on: [x])
    #expect(again.tensors.flatMap(\.value.array) == model.tensors.flatMap(\.value.array))
  }

  @Test func refusesBatchNormBesideReferenceNorm() throws {
    #expect(throws: ConfigError.self) {
      try Network([ReferenceNorm(.sample), BatchNorm()], input: [3], place: "test")
    }
  }

  @Test func minibatchLayers() throws {
    let x = random.normal([5, 4])
    let v = x.array.map(Double.init)
    let deviation = try network(MinibatchDeviation(epsilon: 1e-8), [4])(
      x, parameters: [], state: [], isTraining: true, random: random
    ).output
    #expect(deviation.shape == [5, 5])
    var total = 0.0
    for k in 0..<4 {
      let column = (0..<5).map { v[4 * $0 + k] }
      let mean = column.reduce(0, +) / 5
      total += (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 5).squareRoot() / 4
    }
    for i in 0..<5 { #expect(abs(Double(deviation.array[5 * i + 4]) - total) < 1e-5) }

    let layer = MinibatchDiscrimination(kernels: 3, size: 2)
    let weight = random.from(9).normal([4, 6], deviation: 0.5)
    let y = try network(layer, [4])(
      x, parameters: [weight], state: [], isTraining: true, random: random
    ).output
    #expect(y.shape == [5, 7])
    let m = matmul(x, weight).array.map(Double.init)
    for i in 0..<5 {
      for b in 0..<3 {
        var want = 0.0
        for j in 0..<5 where j != i {
          let distance = (0..<2).reduce(0.0) {
            $0 + abs(m[6 * i + 2 * b + $1] - m[6 * j + 2 * b + $1])
          }
          want += Double(exp(Tensor([Float(-distance)])).array[0])
        }
        #expect(abs(Double(y.array[7 * i + 4 + b]) - want) < 1e-5)
      }
    }
  }

  private func model(_ tricks: Tricks) throws -> GAN {
    var c = Configuration(
      shape: [2], latent: Prior(size: 3), generator: .mlp(width: 8),
      discriminator: .mlp(width: 8), optimizer: OptimizerSettings(SGD(learningRate: 0.1)))
    c.tricks = tricks
    return try GAN(c)
  }

  /// The pull towards the mean of the past is the gradient of λ ‖θ − mean‖², and its cost is
  /// reported.
  @Test func historicalAveraging() throws {
    var tricks = Tricks()
    tricks.historicalAveraging = 0.5
    let (plain, pulled) = (try model(Tricks()), try model(tricks))
    let x = random.normal([6, 2])
    func weights(_ model: GAN) -> [Float] {
      model.tensors.filter { $0.name == "discriminator.0.weight" }.flatMap(\.value.array)
    }
    let start = weights(plain)
    _ = try plain.train(on: [x])
    _ = try pulled.train(on: [x])
    let first = weights(plain)
    #expect(weights(pulled) == first, "the past is the present in the first step")
    let a = try plain.train(on: [x])
    let b = try pulled.train(on: [x])
    // λ 2 (θ₁ − (θ₀ + θ₁) / 2) = λ (θ₁ − θ₀)
    for i in start.indices {
      let want = weights(plain)[i] - 0.1 * 0.5 * (first[i] - start[i])
      #expect(abs(weights(pulled)[i] - want) < 1e-6)
    }
    #expect(b.discriminatorCost > a.discriminatorCost)
    let again = try GAN(pulled.snapshot())
    _ = try again.train(on: [x])
    _ = try pulled.train(on: [x])
    #expect(weights(again) == weights(pulled))
  }

  /// With half of the pairs exchanged there is nothing to learn.
  @Test func flipping() throws {
    var tricks = Tricks()
    tricks.labelFlipping = 0.5
    let (plain, flipped) = (try model(Tricks()), try model(tricks))
    let x = random.normal([64, 2], mean: 5)
    var (a, b) = (try plain.train(on: [x]), try flipped.train(on: [x]))
    for _ in 0..<60 { (a, b) = (try plain.train(on: [x]), try flipped.train(on: [x])) }
    #expect(a.balance!.realOutput > 0.7)
    #expect(abs(b.balance!.realOutput - 0.5) < 0.2, "\(b.balance!.realOutput)")
  }

  /// Old fakes are kept up to the capacity, in the checkpoint too, and change what D learns from
  /// the second step on.
  @Test func replay() throws {
    var tricks = Tricks()
    tricks.replayCapacity = 10
    let (plain, replaying) = (try model(Tricks()), try model(tricks))
    let (x, z) = (random.normal([6, 2]), random.from(50).normal([6, 3]))
    func weights(_ model: GAN) -> [Float] {
      model.tensors.filter { $0.name == "discriminator.0.weight" }.flatMap(\.value.array)
    }
    func kept(_ model: GAN) -> [Float] {
      model.tensors.first { $0.name == "replay" }?.value.array ?? []
    }
    let first = try replaying.sample(latents: z).array
    _ = try plain.train(on: [x], latents: z)
    _ = try replaying.train(on: [x], latents: z)
    #expect(weights(plain) == weights(replaying) && kept(replaying) == first)
    let second = try replaying.sample(latents: z).array
    _ = try plain.train(on: [x], latents: z)
    _ = try replaying.train(on: [x], latents: z)
    #expect(weights(plain) != weights(replaying))
    #expect(kept(replaying).count == 20)
    let made = Set(first + second)
    #expect(kept(replaying).allSatisfy { made.contains($0) })
    #expect(Set(kept(replaying)).intersection(second).count >= 8, "the new ones joined")
    let again = try GAN(replaying.snapshot())
    _ = try again.train(on: [x], latents: z)
    _ = try replaying.train(on: [x], latents: z)
    #expect(weights(again) == weights(replaying) && kept(again) == kept(replaying))
  }

  @Test func instanceNoise() throws {
    var tricks = Tricks()
    tricks.instanceNoise = 2
    #expect(tricks.noise(at: 7) == 2)
    tricks.instanceNoiseSteps = 10
    #expect(tricks.noise(at: 0) == 2 && tricks.noise(at: 5) == 1 && tricks.noise(at: 12) == 0)
    let (plain, noisy) = (try model(Tricks()), try model(tricks))
    let x = random.normal([6, 2])
    #expect(try plain.train(on: [x]).discriminatorCost != noisy.train(on: [x]).discriminatorCost)
  }
}

/// Weight normalization inside a game.
@Suite struct WeightNormGameTests {
  private func model(_ trains: Bool) throws -> GAN {
    let norm = { (units: Int) in
      "{\"weight_norm\": {\"dense\": \(units), \"train_gain\": \(trains)}}"
    }
    return try GAN(
      Configuration(
        json: JSON(
          parsing: """
            {"data": {"shape": [2]}, "latent": {"size": 3}, "average": 0.9,
             "generator": {"layers": [\(norm(16)), "relu", \(norm(2))]},
             "discriminator": {"layers": [{"gaussian_noise": 0.1}, \(norm(16)), {"leaky_relu": 0.2}, \(norm(1))]}}
            """)))
  }

  /// The first step takes gains and biases from its batch, later ones do not; training that is
  /// saved and loaded goes on with the same bits, also where it was saved before the first step.
  @Test(arguments: [true, false]) func trainsAndResumes(_ trains: Bool) throws {
    let (one, two) = (try model(trains), try GAN(model(trains).snapshot()))
    let x = RandomKey(seed: 1, stream: 1, step: 0).normal([32, 2], mean: 5)
    func gains(_ model: GAN) -> [Float] {
      model.tensors.filter { $0.name.hasSuffix("gain") && $0.name.hasPrefix("disc") }
        .flatMap(\.value.array)
    }
    #expect(gains(one).allSatisfy { $0 == 1 })
    for m in [one, two] { _ = try m.train(on: [x]) }
    let first = gains(one)
    #expect(first.allSatisfy { $0 != 1 })
    let three = try GAN(two.snapshot())
    for m in [one, two, three] { _ = try m.train(on: [x]) }
    #expect((gains(one) == first) == !trains, "gains stay where they are held")
    for m in [two, three] {
      #expect(m.tensors.flatMap(\.value.array) == one.tensors.flatMap(\.value.array))
    }
  }

  @Test func refuses() throws {
    for (text, expected) in [
      ("{\"weight_norm\": \"relu\"}", "expected an object"),
      ("{\"weight_norm\": {\"relu\": {}}}", "found 0"),
      ("{\"weight_norm\": {\"dense\": 3, \"conv\": 3}}", "found 2"),
      ("{\"weight_norm\": {\"dense\": 3, \"gain\": true}}", "gain: unknown key"),
    ] {
      let failure = #expect(throws: Failure.self) {
        try Configuration(
          json: JSON(
            parsing: "{\"data\": {\"shape\": [2]}, \"generator\": {\"layers\": [\(text)]}}"))
      }
      #expect(failure?.message.contains(expected) == true, "\(failure?.message ?? "")")
    }
    let model = try model(true)
    let failure = #expect(throws: Failure.self) {
      try model.train(on: [Tensor.ones([1, 2])])
    }
    #expect(failure?.message.contains("weight_norm") == true)
  }
}
