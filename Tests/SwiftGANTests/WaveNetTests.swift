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
@testable import SGNets
@testable import SGTensors

@Suite struct WaveNetTests {
  private typealias Model = DescentModel<WaveNet>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  private static let small =
    #"{"data": {"shape": [24], "classes": 2}, "wavenet": {"width": 5, "skip": 6, "head": 7, "kernel": 3, "layers": 2, "blocks": 2, "levels": 16}}"#

  /// Levels of the µ-law come back from their values, and lie the closer the nearer they are to 0.
  @Test(arguments: [3, 16, 256]) func muLaw(_ levels: Int) {
    let law = MuLaw(levels: levels)
    let values = (0..<levels).map { law.value(Float($0)) }
    for (k, value) in values.enumerated() { #expect(law.number(value) == Float(k)) }
    #expect(values.first == -1 && values.last == 1 && values == values.sorted())
    for k in 1..<levels / 2 {
      #expect(values[k + 1] - values[k] < values[k] - values[k - 1])
    }
    // ITU-T G.711 at x = 1/2, by hand: log(1 + 255 / 2) / log 256 = 0.8757.
    if levels == 256 { #expect(law.number(0.5) == ((0.8757 + 1) / 2 * 255).rounded()) }
  }

  /// A change of an element changes logits of later ones, as far as the receptive field reaches,
  /// and no bit of the others.
  @Test func dependsOnWhatIsBefore() throws {
    let model = try model(Self.small)
    let layer = model.form.layer
    let field = 1 + layer.dilations.reduce(0) { $0 + $1 * (layer.taps - 1) }
    #expect(field == 13)
    let inference = model.inference(0)
    let condition = try model.oneHot([0], count: 1)
    let numbers = RandomKey(seed: 4, stream: 1, step: 0).uniform([1, 24], high: 16).array
      .map { $0.rounded(.down) }
    func logits(_ numbers: [Float]) -> [Float] {
      inference(Tensor(numbers, shape: [1, 24]), condition, RandomKey(.layers, seed: 0)).array
    }
    let whole = logits(numbers)
    for e in 0..<24 {
      var changed = numbers
      changed[e] = numbers[e] < 8 ? numbers[e] + 7 : numbers[e] - 7
      let other = logits(changed)
      for t in 0..<24 {
        let isSame = whole[16 * t..<16 * t + 16] == other[16 * t..<16 * t + 16]
        #expect(isSame == !(e + 1...e + field).contains(t), "\(e) \(t)")
      }
    }
  }

  /// Under teacher forcing the queues give what one pass of the whole network gives.
  @Test func queuesEqualTheNetwork() throws {
    let model = try model(Self.small)
    for i in 0..<4 {
      try model.setTensor(
        "network.0.\(i).condition",
        RandomKey(seed: 6, stream: 1, step: UInt64(i)).normal([2, 10]))
    }
    let n = 3
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([n, 24], low: -1, high: 1)
    let numbers = MuLaw(levels: 16).numbers(x)
    let condition = try model.oneHot([0, 1, 1], count: n)
    let inference = model.inference(0)
    let whole = inference(numbers, condition, RandomKey(.layers, seed: 0)).array
    var queues = WaveNetQueues(
      model.form.layer, inference.parameters, count: n, condition: condition)
    var last = [Float](repeating: 0, count: n)
    for t in 0..<24 {
      let made = queues.logits(after: last).array
      for i in 0..<n {
        for k in 0..<16 {
          let want = whole[(i * 24 + t) * 16 + k]
          #expect(abs(made[16 * i + k] - want) < 1e-5 * max(1, abs(want)))
        }
        last[i] = numbers.array[i * 24 + t]
      }
    }
  }

  /// A step of SGD equals a computation in double precision with central differences.
  @Test func aStep() throws {
    let (n, time, width, skip, head, levels) = (2, 7, 2, 3, 3, 4)
    let model = try model(
      #"""
      {"data": {"shape": [7], "classes": 2}, "optimizer": {"sgd": {"learning_rate": 1}},
       "wavenet": {"width": 2, "skip": 3, "head": 3, "layers": 2, "blocks": 1, "levels": 4}}
      """#)
    // Away from the corners of ReLU, where differences mean nothing.
    for (name, count) in [("skip_bias", skip), ("head_bias", head)] {
      try model.setTensor(
        "network.0.\(name)",
        RandomKey(seed: 8, stream: 1, step: 0).uniform([count], low: 1.5, high: 2))
    }
    let x = RandomKey(seed: 3, stream: 1, step: 0).uniform([n, time], low: -1, high: 1)
    let numbers = MuLaw(levels: levels).numbers(x).array.map { Int($0) }
    let labels: [Int32] = [1, 0]
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for i in 0..<n {
        var features = (0..<time).map { t in
          let row = t == 0 ? levels : numbers[i * time + t - 1]
          return Array(w[0][row * width..<(row + 1) * width])
        }
        var sums = [[Double]](repeating: w[11], count: time)
        for layer in 0..<2 {
          let first = layer == 0 ? 1 : 7
          let (kernel, bias, table) = (w[first], w[first + 1], w[first + 2])
          let skipping = layer == 0 ? w[6] : w[10]
          var next = features
          for t in 0..<time {
            var pairs = (0..<2 * width).map { bias[$0] + table[Int(labels[i]) * 2 * width + $0] }
            for tap in 0..<2 {
              let at = t - ((1 - tap) << layer)
              guard at >= 0 else { continue }
              for c in 0..<width {
                for k in 0..<2 * width {
                  pairs[k] += features[at][c] * kernel[(tap * width + c) * 2 * width + k]
                }
              }
            }
            let unit = (0..<width).map { tanh(pairs[$0]) / (1 + exp(-pairs[width + $0])) }
            for m in 0..<width {
              for k in 0..<skip { sums[t][k] += unit[m] * skipping[m * skip + k] }
            }
            if layer == 0 {
              let residual = denseInDouble(unit, w[4], w[5])
              next[t] = zip(features[t], residual).map { $0 + $1 }
            }
          }
          features = next
        }
        for t in 0..<time {
          let hidden = denseInDouble(sums[t].map { max(0, $0) }, w[12], w[13]).map { max(0, $0) }
          let logits = denseInDouble(hidden, w[14], w[15])
          total += log(logits.map(exp).reduce(0, +)) - logits[numbers[i * time + t]]
        }
      }
      return total / Double(n)
    }
    try expectStep(of: model, on: x, labels: labels, descends: cost)
  }

  /// Sounds of two frequencies, a class each: sampled ones have the class's frequency within 2 %.
  @Test func tones() throws {
    let model = try model(
      #"""
      {"data": {"shape": [160], "classes": 2}, "optimizer": {"adam": {"learning_rate": 0.005}},
       "wavenet": {"width": 16, "skip": 32, "head": 32, "layers": 5, "blocks": 1, "levels": 64}}
      """#)
    let periods: [Double] = [20, 31.3]
    func tone(_ period: Double, _ phase: Double, _ count: Int) -> [Float] {
      (0..<count).map { Float(0.8 * sin(2 * Double.pi * (Double($0) / period + phase))) }
    }
    let phases = RandomKey(seed: 2, stream: 1, step: 0).uniform([64]).doubles
    let all = (0..<64).flatMap { tone(periods[$0 % 2], phases[$0], 160) }
    let samples = Tensor(all, shape: [64, 160])
    let labels = (0..<64).map { Int32($0 % 2) }
    var trainer = try Trainer(model, data: Dataset(samples, labels: labels), batch: 8)
    let first = try trainer.step()
    try trainer.run(steps: 500, reportEvery: 500)
    let last = try trainer.step()
    let bits = try (
      #require(first["bits_per_dimension"]), #require(last["bits_per_dimension"])
    )
    #expect(bits.1 < 0.5 * bits.0, "\(bits)")
    let made = try model.sample(16, seed: 5).doubles
    for (label, period) in periods.enumerated() {
      let own = stride(from: label, to: 16, by: 2).map { Array(made[160 * $0..<160 * ($0 + 1)]) }
      let found = frequency(of: own, near: 1 / period)
      #expect(abs(found * period - 1) < 0.02, "\(1 / found), \(period)")
    }
  }

  /// The frequency within 30 % of another at which sounds have most energy together.
  private func frequency(of sounds: [[Double]], near wanted: Double) -> Double {
    let all = (0...240).map { wanted * (0.7 + 0.0025 * Double($0)) }
    func energy(_ x: [Double], _ f: Double) -> Double {
      var (a, b) = (0.0, 0.0)
      for (t, x) in x.enumerated() {
        a += x * cos(2 * Double.pi * f * Double(t))
        b += x * sin(2 * Double.pi * f * Double(t))
      }
      return a * a + b * b
    }
    let energies = all.map { f in sounds.reduce(0) { $0 + energy($1, f) } }
    return all[energies.indices.max { energies[$0] < energies[$1] } ?? 0]
  }

  /// What follows a beginning is drawn; the beginning stays.
  @Test func completion() throws {
    let model = try model(Self.small)
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([2, 24], low: -1, high: 1)
    let mask = Tensor((0..<24).map { $0 < 9 ? 1 : 0 }, shape: [24])
    let given = Conditions(labels: [0, 1])
    let filled = try model.complete(
      x, mask: mask, given: given, options: JSON(parsing: #"{"answers": 2}"#))
    #expect(filled.shape == [4, 24])
    for i in 0..<4 {
      for t in 0..<9 { #expect(filled.array[24 * i + t] == x.array[24 * (i / 2) + t]) }
    }
    #expect(throws: Failure.self) {
      try model.complete(x, mask: 1 - mask, given: given, options: .object([]))
    }
    #expect(throws: Failure.self) {
      try model.complete(x, mask: mask, given: .none, options: .object([]))
    }
  }

  /// All sequences of three elements with four levels have probabilities that sum to 1.
  @Test func sumsToOne() throws {
    let model = try model(
      #"{"data": {"shape": [3]}, "wavenet": {"width": 4, "layers": 2, "blocks": 1, "levels": 4}}"#)
    let law = MuLaw(levels: 4)
    let x = Tensor(shape: [64, 3]) { y in
      for i in y.indices { y[i] = law.value(Float(((i / 3) >> (2 * (i % 3))) & 3)) }
    }
    let nats = try model.logLikelihood(x, given: .none, options: .object([])).doubles
    #expect(abs(nats.map(exp).reduce(0, +) - 1) < 1e-5)
  }
}
