import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGTensors

/// Augmentation of what D sees: values and derivatives against double precision, the controller of
/// its probability, training, what is refused.
@Suite struct AugmentTests {
  private static let key = RandomKey(seed: 5, stream: 9, step: 3)

  /// The operation in double precision, one image after another.
  /// - Parameter x: [count] images, row by row.
  private static func reference(
    _ operation: Augment.Operation, _ x: [[Double]], _ shape: [Int], probability: Float,
    range: (low: Double, high: Double)
  ) -> [[Double]] {
    let (h, w, c) = (shape[0], shape[1], shape[2])
    let middle = (range.low + range.high) / 2
    let numbers = key.uniform([x.count, 16]).array
    return x.enumerated().map { i, image in
      let u = numbers[(16 * i)..<(16 * i + 16)].map { Double($0) }
      func isApplied(_ column: Int) -> Bool { u[column] < Double(probability) }
      func pixel(_ image: [Double], _ row: Int, _ column: Int, _ channel: Int) -> Double {
        image[(row * w + column) * c + channel]
      }
      var y = image
      switch operation {
      case .color:
        if isApplied(0) { y = y.map { $0 + (u[1] - 0.5) * (range.high - range.low) / 2 } }
        if isApplied(2) {
          for p in 0..<(h * w) {
            let gray = y[(p * c)..<(p * c + c)].reduce(0, +) / Double(c)
            for k in 0..<c { y[p * c + k] = gray + 2 * u[3] * (y[p * c + k] - gray) }
          }
        }
        if isApplied(4) {
          let mean = y.reduce(0, +) / Double(y.count)
          y = y.map { mean + (u[5] + 0.5) * ($0 - mean) }
        }
      case .translation:
        guard isApplied(0) else { return y }
        let down = Int(u[1] * Double(2 * (h / 8) + 1)) - h / 8
        let right = Int(u[2] * Double(2 * (w / 8) + 1)) - w / 8
        for row in 0..<h {
          for column in 0..<w {
            for k in 0..<c {
              let (a, b) = (row - down, column - right)
              let isInside = (0..<h).contains(a) && (0..<w).contains(b)
              y[(row * w + column) * c + k] = isInside ? pixel(image, a, b, k) : middle
            }
          }
        }
      case .cutout:
        guard isApplied(0) else { return y }
        let top = Int(u[1] * Double(h + 1 - h / 2 % 2)) - h / 4
        let left = Int(u[2] * Double(w + 1 - w / 2 % 2)) - w / 4
        for row in max(top, 0)..<min(top + h / 2, h) {
          for column in max(left, 0)..<min(left + w / 2, w) {
            for k in 0..<c { y[(row * w + column) * c + k] = middle }
          }
        }
      case .flip:
        guard isApplied(0), u[1] < 0.5 else { return y }
        for row in 0..<h {
          for column in 0..<w {
            for k in 0..<c {
              y[(row * w + column) * c + k] = pixel(image, row, w - 1 - column, k)
            }
          }
        }
      }
      return y
    }
  }

  /// Each operation equals a computation in double precision, and so does its gradient: the
  /// reference is affine, so central differences of it are exact.
  @Test(arguments: Augment.Operation.allCases, [[16, 8, 3], [17, 9, 1]])
  func valuesAndDerivatives(_ operation: Augment.Operation, _ image: [Int]) throws {
    let (count, size) = (6, image.reduce(1, *))
    let shape = Shape([count] + image)
    let range = ValueRange(0, 1)
    for probability in [1, 0.5] as [Float] {
      let x = Self.key.from(100).uniform(shape).tracked()
      let g = Self.key.from(200).normal(shape)
      let y = Augment([operation])(x, probability: probability, range: range, random: Self.key)
      func images(_ t: Tensor) -> [[Double]] {
        let all = t.array.map { Double($0) }
        return (0..<count).map { Array(all[($0 * size)..<($0 * size + size)]) }
      }
      func wanted(_ x: [[Double]]) -> [[Double]] {
        Self.reference(operation, x, image, probability: probability, range: (0, 1))
      }
      let (found, want) = (images(y), wanted(images(x)))
      for i in 0..<count {
        for k in 0..<size { #expect(abs(found[i][k] - want[i][k]) < 2e-6, "\(i), \(k)") }
      }
      let slopes = images(gradient(of: y, wrt: [x], seed: g)[0])
      let weights = images(g)
      for k in stride(from: 0, to: size, by: 7) {
        var (low, high) = (images(x), images(x))
        for i in 0..<count { (low[i][k], high[i][k]) = (low[i][k] - 1, high[i][k] + 1) }
        let (a, b) = (wanted(low), wanted(high))
        for i in 0..<count {
          let slope = (0..<size).reduce(0) { $0 + weights[i][$1] * (b[i][$1] - a[i][$1]) / 2 }
          #expect(abs(slopes[i][k] - slope) < 1e-4, "\(i), \(k): \(slopes[i][k]), \(slope)")
        }
      }
    }
  }

  private static func configuration(
    _ augment: String, _ more: String = "", shape: String = "[8, 8, 2]"
  ) throws -> Configuration {
    try Configuration(
      json: JSON(
        parsing: #"""
          {"data": {"shape": \#(shape)}, "latent": {"size": 4}, \#(more) "augment": \#(augment),
           "generator": {"layers": [{"dense": 16}, "tanh", {"dense": 128}, {"reshape": [8, 8, 2]}, "tanh"]},
           "discriminator": {"layers": [{"conv": {"channels": 4, "kernel": 3, "stride": 2}}, "softplus", "flatten", {"dense": 1}]}}
          """#))
  }
  private static func images(_ count: Int) -> Tensor {
    RandomKey(seed: 2, stream: 1, step: 0).uniform([count, 8, 8, 2], low: -1)
  }
  private static let all = #"{"policy": "color,translation,cutout,flip", "probability": 0.7}"#

  /// The gradients of both players through the augmentation, those of R1 and R2 with it, equal
  /// differences of the reported costs.
  @Test(arguments: ["alternating", "simultaneous"]) func costsAndSteps(_ update: String) throws {
    let sgd = { (rate: String) in #"{"sgd": {"learning_rate": \#(rate)}}"# }
    for player in ["discriminator", "generator"] {
      let other = player == "generator" ? "discriminator" : "generator"
      let model = try GAN(
        Self.configuration(
          Self.all,
          #"""
          "schedule": {"update": "\#(update)"}, "penalties": {"r1": 2, "r2": 1},
          "optimizer": {"\#(player)": \#(sgd("1")), "\#(other)": \#(sgd("0"))},
          """#))
      let snapshot = model.snapshot()
      let x = Self.images(6)
      let places = model.tensors.filter {
        $0.name.hasPrefix(player + ".") && !$0.name.contains("optimizer")
      }
      let ways = places.enumerated().map { i, tensor in
        RandomKey(seed: 7, stream: 1, step: UInt64(i)).normal(tensor.value.shape)
      }
      func cost(_ step: Float) throws -> Double {
        let moved = try GAN(snapshot)
        for (tensor, way) in zip(places, ways) {
          try moved.setTensor(tensor.name, tensor.value + step * way)
        }
        let report = try moved.train(on: [x])
        return player == "generator" ? report.generatorCost : report.discriminatorCost
      }
      _ = try model.train(on: [x])
      let after = Dictionary(uniqueKeysWithValues: model.tensors.map { ($0.name, $0.value) })
      var slope = 0.0
      for (tensor, way) in zip(places, ways) {
        slope += Double(((tensor.value - after[tensor.name]!) * way).sum().scalar)
      }
      let h: Float = 4e-3
      let difference = try (cost(h) - cost(-h)) / Double(2 * h)
      #expect(
        abs(slope - difference) < 2e-3 * max(1, abs(slope)), "\(player): \(slope), \(difference)")
      #expect(abs(slope) > 1e-2)
    }
  }

  /// Without a policy a training has the draws and bits of one that knows of none; with
  /// probability 0, too.
  @Test func offChangesNothing() throws {
    func tensors(_ augment: String) throws -> [[Float]] {
      let model = try GAN(Self.configuration(augment))
      for _ in 0..<3 { _ = try model.train(on: [Self.images(6)]) }
      return model.tensors.map(\.value.array)
    }
    let plain = try tensors("{}")
    #expect(try tensors(#"{"policy": "color,cutout", "probability": 0}"#) == plain)
    #expect(try tensors(Self.all) != plain)
    let report = try GAN(Self.configuration("{}")).train(on: [Self.images(6)])
    #expect(report["augment_probability"] == nil && report["overfitting"] == nil)
  }

  /// The probability moves by batch · interval / samples towards what keeps the figure at the
  /// target, within 0...1.
  @Test func controller() {
    let augment = Augment([.flip], target: 0.5, samples: 80, interval: 2)
    var controller = AugmentController(augment)
    func probabilities(_ figures: [Float]) -> [Float] {
      figures.map {
        controller.take($0, batch: 10, augment)
        return controller.probability
      }
    }
    #expect(
      probabilities([1, 0.5, 0.5, 0.5, 0.4, 0.5, -1, 1]) == [0, 0.25, 0.25, 0.25, 0.25, 0, 0, 0])
    #expect(probabilities([Float](repeating: 1, count: 10)).last == 1)
    // Stored in the middle of an interval it goes on.
    _ = probabilities([1])
    var stored = AugmentController(controller.tensor, augment)
    stored.take(-1, batch: 10, augment)
    controller.take(-1, batch: 10, augment)
    #expect(stored.tensor.array == controller.tensor.array && stored.probability == 0.75)
    let wild = AugmentController(Tensor([7, 99, -3]), augment)
    #expect(wild.tensor.array == [1, 0, 0])
  }

  /// A training whose figure is above the target raises the probability, reports both, and goes on
  /// from a checkpoint with the same bits.
  @Test(arguments: ["", #""discriminators": {"other": {"layers": ["flatten", {"dense": 1}]}},"#])
  func targetTrainsAndResumes(_ more: String) throws {
    let augment =
      #"{"policy": "translation,color", "target": -0.9, "samples": 128, "interval": 3}"#
    let model = try GAN(
      Self.configuration(augment, more + #""optimizer": {"adam": {"learning_rate": 0.01}},"#))
    let data = try Dataset(Self.images(16))
    var trainer = try Trainer(model, data: data, batch: 8)
    var seen: [Double] = []
    for _ in 0..<20 {
      let report = try trainer.step()
      seen.append(try #require(report["augment_probability"]))
      let figure = try #require(report["overfitting"])
      let accuracy = try #require(report["real_accuracy"])
      #expect(abs(figure - (2 * accuracy - 1)) < 1e-6)
    }
    #expect(seen[0] == 0 && seen.contains { $0 > 0.3 })
    let again = try GAN(model.snapshot())
    #expect(again.configuration == model.configuration)
    var other = try Trainer(again, data: data, batch: 8)
    try trainer.run(steps: 7)
    try other.run(steps: 7)
    for (a, b) in zip(model.tensors, again.tensors) {
      #expect(a.value.array == b.value.array, "\(a.name)")
    }
    #expect(model.tensors.contains { $0.name == "augment" })
    try model.setTensor("augment", Tensor([0.25, 0, 0]))
    #expect(try model.train(on: [Self.images(4)])["augment_probability"] == 0.25)
  }

  /// A probability that rises over the steps.
  @Test func scheduled() throws {
    let model = try GAN(
      Self.configuration(
        #"{"policy": "flip", "probability": {"linear": {"start": 0, "end": 0.8, "steps": 4}}}"#))
    let seen = try (0..<6).map { _ in
      try #require(model.train(on: [Self.images(4)])["augment_probability"])
    }
    for (a, b) in zip(seen, [0, 0.2, 0.4, 0.6, 0.8, 0.8]) { #expect(abs(a - b) < 1e-6) }
    let echo = model.configuration.json
    #expect(try Configuration(json: echo) == model.configuration)
  }

  @Test(arguments: [
    (
      #"{"policy": "colour"}"#, "",
      "augment.policy: unknown operation \"colour\"; expected \"color\""
    ),
    (#"{"policy": "color,"}"#, "", "augment.policy: unknown operation \"\""),
    (#"{"policy": "flip,flip"}"#, "", "augment.policy: \"flip\" stands twice"),
    (#"{"policy": "flip", "probability": 1.5}"#, "", "augment.probability: expected 0.0...1.0"),
    (#"{"policy": "flip", "target": 2}"#, "", "augment.target: expected -1.0...1.0"),
    (#"{"policy": "flip", "samples": 5}"#, "", "augment.samples: goes with augment.target"),
    (
      #"{"policy": "flip", "target": 0.6}"#, #""objective": "wasserstein","#,
      "that of wasserstein is a score without a bound"
    ),
    (
      #"{"policy": "flip", "target": 0.6, "probability": {"linear": {"start": 0, "end": 1, "steps": 5}}}"#,
      "", "augment.probability: the controller of the target changes it"
    ),
    (
      #"{"policy": "flip", "probability": {"linear": {"start": 0, "end": 1}}}"#, "",
      "augment.probability.linear.steps: missing"
    ),
  ]) func refused(_ augment: String, _ more: String, _ words: String) {
    let failure = #expect(throws: Failure.self) { try GAN(Self.configuration(augment, more)) }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }

  @Test func refusedData() throws {
    let vectors = #expect(throws: Failure.self) {
      try GAN(
        Configuration(
          json: JSON(parsing: #"{"data": {"shape": [4]}, "augment": {"policy": "flip"}}"#)))
    }
    #expect(vectors?.message.contains("augment.policy: changes images") == true)
    let pairs = #expect(throws: Failure.self) {
      try GAN(PairTests.configuration(#""augment": {"policy": "flip"},"#))
    }
    #expect(pairs?.message.contains("the images that they are conditioned on would not") == true)
  }
}
