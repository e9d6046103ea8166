import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// Settings that change over the steps, weight clipping, and penalties without second derivatives.
@Suite struct ScheduledValueTests {
  private static func configuration(_ members: String) throws -> Configuration {
    try Configuration(json: JSON(parsing: #"{"data": {"shape": [2]}, "# + members + "}"))
  }
  private static let networks = #"""
    "latent": {"size": 4}, "generator": {"preset": "mlp", "width": 16},
    "discriminator": {"preset": "mlp", "width": 16}
    """#
  private static let x = RandomKey(seed: 1, stream: 1, step: 0).normal([8, 2])

  @Test func courses() {
    let line = ScheduledValue(.linear, start: 2, end: 0.5, steps: 10)
    #expect(
      (0...12).map { line.value(at: $0) }.map { ($0 * 100).rounded() / 100 }
        == [2, 1.85, 1.7, 1.55, 1.4, 1.25, 1.1, 0.95, 0.8, 0.65, 0.5, 0.5, 0.5])
    let wave = ScheduledValue(.cosine, start: 0, end: 0.55, steps: 4)
    for (step, want) in [0, 0.080546, 0.275, 0.469454, 0.55, 0.55].enumerated() {
      #expect(abs(wave.value(at: UInt64(step)) - Float(want)) < 1e-6)
    }
    #expect(ScheduledValue(0.3).value(at: 1 << 40) == 0.3)
    #expect(wave.value(at: .max) == 0.55 && wave.largest == 0.55)
  }

  /// A penalty's weight follows its course; where it is 0 the penalty is not computed.
  @Test func penaltyWeight() throws {
    let weight = #"{"linear": {"start": 4, "end": 0, "steps": 4}}"#
    let model = try GAN(
      Self.configuration(
        #""penalties": {"r1": {"weight": \#(weight)}}, "discriminator": {"layers": [{"dense": 1}]}, "latent": {"size": 4}, "generator": "mlp", "optimizer": {"sgd": {"learning_rate": 0}}"#
      ))
    let seen = try (0..<6).map { _ in try #require(model.train(on: [Self.x])["penalty_r1"]) }
    for (k, value) in seen.enumerated() {
      #expect(abs(value - seen[0] * max(0, 1 - Double(k) / 4)) < 1e-6 * seen[0])
    }
    #expect(seen[0] > 0 && seen[5] == 0)
  }

  /// Adam with a β₂ that changes equals the rule in double precision.
  @Test func beta2() throws {
    var adam = Adam(learningRate: 0.01, beta1: 0)
    adam.scheduledBeta2 = ScheduledValue(.linear, start: 0.5, end: 0.9, steps: 4)
    var weights = Tensor([1, -2, 0.5])
    var state = OptimizerState(slots: [.zeros([3]), .zeros([3])], steps: 0)
    var (w, v) = ([1, -2, 0.5] as [Double], [0, 0, 0] as [Double])
    for t in 1...6 {
      let g = RandomKey(seed: 1, stream: 1, step: UInt64(t)).normal([3])
      let result = adam.step(weights: weights, gradient: g, state: state, rate: 0.01)
      (weights, state) = (result.weights, result.state)
      let beta = min(0.5 + 0.1 * Double(t - 1), 0.9)
      for (k, value) in g.array.map(Double.init).enumerated() {
        v[k] = beta * v[k] + (1 - beta) * value * value
        let power = (0..<t).reduce(1.0) { product, _ in product * beta }
        w[k] -= 0.01 * value / ((v[k] / (1 - power)).squareRoot() + 1e-8)
      }
      for (a, b) in zip(weights.array, w) { #expect(abs(Double(a) - b) < 1e-6) }
    }
  }

  /// The decay of a half-life: half of the average is left after so many samples.
  @Test func halfLife() throws {
    let averaging = Averaging.halfLife(ScheduledValue(.linear, start: 0, end: 64, steps: 2))
    #expect(averaging.decay(at: 0, batch: 8) == 0)
    #expect(abs(averaging.decay(at: 1, batch: 8) - 0.840896) < 1e-6)
    #expect(abs(averaging.decay(at: 9, batch: 64) - 0.5) < 1e-7)
    let model = try GAN(
      Self.configuration(#""average": {"half_life": 100}, "# + Self.networks))
    for _ in 0..<3 { _ = try model.train(on: [Self.x]) }
    #expect(model.tensors.contains { $0.name.hasPrefix("generator_average.") })
    let samples = try model.sample(4, seed: 1)
    #expect(try GAN(model.snapshot()).sample(4, seed: 1).array == samples.array)
    let none = try GAN(Self.configuration(#""average": {"half_life": 0}, "# + Self.networks))
    #expect(!none.tensors.contains { $0.name.hasPrefix("generator_average.") })
  }

  /// Weights of every discriminator end each update within the bound; the generator's are free.
  @Test func clipping() throws {
    let model = try GAN(
      Self.configuration(
        #""objective": "wasserstein", "clip_weights": 0.01, "schedule": {"discriminator_steps": 3}, "discriminators": {"other": "mlp"}, "#
          + Self.networks))
    for _ in 0..<3 { _ = try model.train(on: [Self.x]) }
    for (name, value) in model.tensors where !name.contains("optimizer") {
      let largest = value.array.map(abs).max() ?? 0
      let isFree = name.hasPrefix("generator") && name.hasSuffix("weight")
      #expect(name.hasPrefix("generator") || largest <= 0.01, "\(name): \(largest)")
      #expect(!isFree || largest > 0.01, "\(name): \(largest)")
    }
  }

  /// Without second derivatives R1 and R2 are as the exact ones where D is linear in the mean over
  /// the noise, and near them where it is smooth; the gradient is that of the value.
  @Test(arguments: ["r1", "r2"]) func approximate(_ name: String) throws {
    func value(_ setting: String, _ layers: String, rows: Int) throws -> Double {
      let model = try GAN(
        Self.configuration(
          #""penalties": {"\#(name)": \#(setting)}, "latent": {"size": 4}, "generator": "mlp", "discriminator": {"layers": [\#(layers)]}"#
        ))
      let x = RandomKey(seed: 1, stream: 1, step: 0).normal([rows, 2])
      return try #require(model.train(on: [x])["penalty_\(name)"])
    }
    for layers in [#"{"dense": 1}"#, #"{"dense": 32}, "tanh", {"dense": 1}"#] {
      let exact = try value("1", layers, rows: 8192)
      let near = try value(#"{"weight": 1, "approximate": 0.01}"#, layers, rows: 8192)
      #expect(abs(near - exact) < 0.08 * exact, "\(near), \(exact)")
    }
    let model = try GAN(
      Self.configuration(
        #""penalties": {"\#(name)": {"weight": 30, "approximate": 0.1}}, "latent": {"size": 4}, "generator": "mlp", "discriminator": {"layers": [{"dense": 8}, "tanh", {"dense": 1}]}, "optimizer": {"generator": {"sgd": {"learning_rate": 0}}, "discriminator": {"sgd": {"learning_rate": 1}}}"#
      ))
    let snapshot = model.snapshot()
    let places = model.tensors.filter { $0.name.hasPrefix("discriminator.") }
    let ways = places.enumerated().map { i, tensor in
      RandomKey(seed: 7, stream: 1, step: UInt64(i)).normal(tensor.value.shape)
    }
    func cost(_ step: Float) throws -> Double {
      let moved = try GAN(snapshot)
      for (tensor, way) in zip(places, ways) {
        try moved.setTensor(tensor.name, tensor.value + step * way)
      }
      return try moved.train(on: [Self.x]).discriminatorCost
    }
    _ = try model.train(on: [Self.x])
    let after = Dictionary(uniqueKeysWithValues: model.tensors.map { ($0.name, $0.value) })
    var slope = 0.0
    for (tensor, way) in zip(places, ways) {
      slope += Double(((tensor.value - after[tensor.name]!) * way).sum().scalar)
    }
    let difference = try (cost(1e-3) - cost(-1e-3)) / 2e-3
    #expect(abs(slope - difference) < 2e-3 * abs(slope), "\(slope), \(difference)")
  }

  /// Everything that changes over the steps echoes, and resumes in the middle with the same bits.
  @Test func resumes() throws {
    func course(_ kind: String, _ start: Double, _ end: Double) -> String {
      #"{"\#(kind)": {"start": \#(start), "end": \#(end), "steps": 12}}"#
    }
    let c = try Self.configuration(
      #"""
      "penalties": {"r1": {"weight": \#(course("cosine", 2, 0.2)), "approximate": 0.05},
                    "gradient_penalty": {"weight": \#(course("linear", 0, 3)), "every": 2}},
      "optimizer": {"adam": {"learning_rate": 0.001, "beta1": 0, "beta2": \#(course("cosine", 0.9, 0.99))}},
      "average": {"half_life": \#(course("linear", 0, 100))}, "clip_weights": 0.5,
      """# + Self.networks)
    #expect(try Configuration(json: JSON(parsing: c.json.text(pretty: true))) == c)
    let ring = try Dataset.open("ring", #"{"count": 512}"#)
    let model = try GAN(c)
    var trainer = try Trainer(model, data: ring, batch: 16)
    try trainer.run(steps: 5)
    let again = try GAN(model.snapshot())
    var other = try Trainer(again, data: ring, batch: 16)
    try trainer.run(steps: 10)
    try other.run(steps: 10)
    for (a, b) in zip(model.tensors, again.tensors) {
      #expect(a.value.isFinite && a.value.array == b.value.array, "\(a.name)")
    }
  }

  @Test(arguments: [
    (
      #""penalties": {"r1": {"linear": {"start": 1, "end": 2, "steps": 5}}}"#,
      "penalties.r1.weight: missing"
    ),
    (
      #""penalties": {"r1": {"weight": {"linear": {"start": -1, "end": 2, "steps": 5}}}}"#,
      "penalties.r1.weight.linear.start: expected 0.0...1000000.0"
    ),
    (#""penalties": {"r1": {"weight": {"step": {}}}}"#, "penalties.r1.weight"),
    (
      #""penalties": {"r2": {"weight": 1, "approximate": 0}}"#, "penalties.r2.approximate: expected"
    ),
    (
      #""penalties": {"gradient_penalty": {"weight": 1, "approximate": 1}}"#,
      "penalties.gradient_penalty.approximate: unknown key"
    ),
    (
      #""optimizer": {"adam": {"beta2": {"cosine": {"start": 0.9, "end": 1, "steps": 5}}}}"#,
      "adam.beta2.cosine.end: expected 0.0...0.999999"
    ),
    (#""average": {"half_life": -1}"#, "average.half_life: expected 0.0..."),
    (#""average": {"half_life": 1, "decay": 2}"#, "average.decay: unknown key"),
    (#""clip_weights": 0"#, "clip_weights: expected"),
  ]) func refused(_ members: String, _ words: String) {
    let failure = #expect(throws: Failure.self) { try GAN(Self.configuration(members)) }
    #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
  }
}
