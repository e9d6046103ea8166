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

/// Families of images whose elements have distributions one after another.
@Suite struct PixelCNNTests {
  private typealias Model = DescentModel<PixelModel<PixelCNN>>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  /// Samples on levels of [0, 1] or [−1, 1].
  private func levels(_ shape: Shape, _ count: Int, range: ValueRange, seed: UInt64 = 3) -> Tensor {
    let u = RandomKey(seed: seed, stream: 1, step: 0).uniform(shape)
    return Tensor(shape: shape) { y in
      u.withElements { u in
        for i in u.indices {
          let number = min(Float(Int(u[i] * Float(count))), Float(count - 1))
          y[i] = range.low + (range.high - range.low) * (number / Float(count - 1))
        }
      }
    }
  }

  /// The probabilities of all 4,096 states of 12 binary pixels sum to 1, before and after training.
  @Test(arguments: ["", #", "output": "logistic_mixture", "components": 2"#])
  func sumsToOne(_ output: String) throws {
    let model = try model(
      #"{"data": {"shape": [3, 4, 1]}, "pixelcnn": {"width": 6, "depth": 3, "first_kernel": 5, "head": 8, "levels": 2\#(output)}}"#
    )
    #expect(abs(try probabilities(of: model, 12).reduce(0, +) - 1) < 1e-4)
    let data = levels([200, 3, 4, 1], 2, range: ValueRange(0, 1))
    let some = data * data.slice(from: [0, 0, 0, 0], [200, 3, 1, 1])
    var trainer = try Trainer(model, data: Dataset(some), batch: 50)
    let first = try trainer.step()
    try trainer.run(steps: 60, reportEvery: 60)
    let last = try trainer.step()
    let all = try probabilities(of: model, 12)
    #expect(abs(all.reduce(0, +) - 1) < 1e-4)
    #expect(try #require(last["cost"]) < #require(first["cost"]) - 0.5)
    let bits = try #require(last["bits_per_dimension"])
    #expect(abs(bits * 12 * log(2) - (try #require(last["cost"]))) < 1e-4)
  }

  /// The same of all images of two colors with 4 levels in 3 channels.
  @Test(arguments: ["softmax", "logistic_mixture"]) func colorsSumToOne(_ output: String) throws {
    let model = try model(
      #"{"data": {"shape": [1, 2, 3]}, "pixelcnn": {"width": 6, "depth": 2, "head": 7, "levels": 4, "output": "\#(output)"}}"#
    )
    let x = Tensor(shape: [4096, 1, 2, 3]) { y in
      for i in y.indices {
        let level = ((i / 6) >> (2 * (i % 6))) & 3
        y[i] = Float(level) / 1.5 - 1
      }
    }
    let nats = try model.logLikelihood(x, given: .none, options: .object([])).doubles
    #expect(abs(nats.map(exp).reduce(0, +) - 1) < 1e-4)
  }

  /// The levels of a logistic mixture share all probability, also where scales are tiny or means
  /// lie outside, and a value's logarithm is that of a computation in double precision.
  @Test(arguments: [2, 4, 256]) func mixtures(_ levels: Int) throws {
    let distribution = LevelDistribution(
      levels: levels, range: ValueRange(-1, 1), output: .logisticMixture, components: 3)
    let outputs: [Float] = [0.3, -1, 0.5, -0.4, 0.1, 1.7, -3.5, 0.2, -9]
    let numbers = Tensor((0..<levels).map { Float($0) })
    let all = distribution.logProbability(
      of: numbers, Tensor(outputs, shape: [1, 9]).broadcast(to: [levels, 9])
    ).doubles
    #expect(abs(all.map(exp).reduce(0, +) - 1) < 1e-5)
    #expect(all.allSatisfy { $0.isFinite })
    let half = 1 / Double(levels - 1)
    let shares = outputs[0..<3].map { exp(Double($0)) }
    for k in 0..<levels {
      let x = 2 * Double(k) / Double(levels - 1) - 1
      var total = 0.0
      for i in 0..<3 {
        let scale = exp(max(Double(outputs[6 + i]), -7))
        func below(_ x: Double) -> Double {
          1 / (1 + exp(-(x - Double(outputs[3 + i])) / scale))
        }
        let upper = k == levels - 1 ? 1 : below(x + half)
        let lower = k == 0 ? 0 : below(x - half)
        total += shares[i] * (upper - lower)
      }
      total /= shares.reduce(0, +)
      if total > 1e-9 { #expect(abs(all[k] - log(total)) < 2e-4 * max(1, abs(log(total)))) }
    }
  }

  /// No output sees its own or a later element, and each sees all before it that its receptive
  /// field reaches, in the order of rows, pixels and channels: there is no blind spot.
  @Test(arguments: [1, 3]) func dependsOnWhatIsBefore(_ channels: Int) throws {
    let model = try model(
      #"{"data": {"shape": [4, 5, \#(channels)]}, "pixelcnn": {"width": 9, "depth": 5, "first_kernel": 5, "head": 12, "levels": 3}}"#
    )
    // No unit of the last layers is cut off by ReLU.
    for name in ["network.0.4.output_bias", "network.0.head_bias"] {
      let count = try #require(model.tensors.first { $0.name == name }).value.count
      try model.setTensor(name, Tensor(repeating: 5, shape: [count]))
    }
    let size = 20 * channels
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([1, 4, 5, channels], low: -1, high: 1)
      .tracked()
    let y = model.inference(0)(x, nil, RandomKey(.layers, seed: 0)).reshaped([size, 3])
    for d in 0..<size {
      let slope = gradient(of: y.rows(d..<d + 1), wrt: [x])[0].array
      for e in 0..<size { #expect((slope[e] != 0) == (e < d), "\(d) \(e)") }
    }
  }

  /// Under teacher forcing the columns that samples are made of give what one pass of the whole
  /// network gives.
  @Test(arguments: [(1, 0), (3, 0), (1, 3)]) func columnsEqualTheNetwork(
    _ channels: Int, _ classes: Int
  ) throws {
    try expectEqualColumns(PixelCNN.self, channels, classes)
    try expectEqualColumns(PixelRNN.self, channels, classes)
  }

  private func expectEqualColumns<Kind: PixelKind>(
    _ kind: Kind.Type, _ channels: Int, _ classes: Int
  ) throws {
    let model = try DescentModel<PixelModel<Kind>>(
      configuration: JSON(
        parsing:
          #"{"data": {"shape": [6, 5, \#(channels)], "classes": \#(classes)}, "\#(Kind.family)": {"width": 9, "depth": 4, "kernel": 5, "head": 12, "levels": 4}}"#
      ))
    let (n, size) = (4, 30 * channels)
    let x = levels([n, 6, 5, channels], 4, range: ValueRange(-1, 1))
    let labels: [Int32] = classes > 0 ? [0, 2, 1, 2] : []
    if classes > 0 {
      for (i, tensor) in model.tensors.enumerated() where tensor.name.hasSuffix("condition") {
        try model.setTensor(
          tensor.name, RandomKey(seed: 6, stream: 1, step: UInt64(i)).normal(tensor.value.shape))
      }
    }
    let condition = try model.oneHot(labels, count: n)
    let inference = model.inference(0)
    let whole = inference(x, condition, RandomKey(.layers, seed: 0)).array
    let outputs = channels * 4
    var columns = model.form.layer.columns(
      inference.parameters, count: n, condition: condition)
    let image = x.array
    for pixel in 0..<30 {
      if pixel % 5 == 0 { columns.begin(row: pixel / 5, of: image) }
      // As in sampling, a pixel is asked for once for each channel; only what came before is known.
      var seen = image
      for i in 0..<n {
        for e in (pixel * channels)..<size { seen[i * size + e] = 0.7 }
      }
      for channel in 0..<channels {
        let made = columns.outputs(row: pixel / 5, column: pixel % 5, of: seen).array
        for i in 0..<n {
          for k in (channel * 4)..<(channel * 4 + 4) {
            let want = whole[(i * 30 + pixel) * outputs + k]
            #expect(abs(made[i * outputs + k] - want) < 1e-5 * max(1, abs(want)))
          }
          let e = i * size + pixel * channels + channel
          seen[e] = image[e]
        }
      }
    }
  }

  /// A step of SGD equals a computation in double precision that knows no masks and no
  /// convolutions, with central differences.
  @Test(arguments: [(1, 2, "softmax"), (2, 3, "softmax"), (2, 4, "logistic_mixture")])
  func aStep(_ channels: Int, _ count: Int, _ output: String) throws {
    let (n, height, columns, width, head) = (2, 3, 3, 2, 3)
    let model = try model(
      #"""
      {"data": {"shape": [3, 3, \#(channels)]}, "optimizer": {"sgd": {"learning_rate": 1}},
       "pixelcnn": {"width": 2, "depth": 2, "first_kernel": 3, "head": 3, "levels": \#(count), "output": "\#(output)"\#(output == "softmax" ? "" : #", "components": 2"#)}}
      """#)
    // Away from the corners of ReLU, where differences mean nothing.
    for (name, low) in [("1.output_bias", 1.5), ("head_bias", 1.0)] {
      let tensor = try #require(model.tensors.first { $0.name == "network.0.\(name)" })
      try model.setTensor(
        tensor.name,
        RandomKey(seed: 8, stream: 1, step: 0).uniform(
          tensor.value.shape, low: Float(low), high: Float(low) + 0.5))
    }
    let range = count == 2 ? ValueRange(0, 1) : ValueRange(-1, 1)
    let data = levels([n, height, columns, channels], count, range: range)
    let numbers = data.array.map {
      Int((($0 - range.low) / (range.high - range.low) * Float(count - 1)).rounded())
    }
    let outputs = output == "softmax" ? (count == 2 ? 1 : count) : 6
    func group(_ i: Int, _ all: Int) -> Int { i * channels / all }
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for sample in 0..<n {
        func number(_ i: Int, _ j: Int, _ c: Int) -> Int {
          numbers[((sample * height + i) * columns + j) * channels + c]
        }
        func plane(_ width: Int) -> [[[Double]]] {
          [[[Double]]](
            repeating: [[Double]](repeating: [Double](repeating: 0, count: width), count: columns),
            count: height)
        }
        var above = plane(channels)
        for i in 0..<height {
          for j in 0..<columns {
            for c in 0..<channels {
              above[i][j][c] = 2 * Double(number(i, j, c)) / Double(count - 1) - 1
            }
          }
        }
        var left = above
        for layer in 0..<2 {
          let first = layer * 7
          let (v, vBias, link, h, hBias, o, oBias) = (
            w[first], w[first + 1], w[first + 2], w[first + 3], w[first + 4], w[first + 5],
            w[first + 6]
          )
          let inputs = layer == 0 ? channels : width
          let rows = layer == 0 ? 1 : 2
          let pixels = layer == 0 && channels == 1 ? 1 : 2
          let (newAbove, newLeft) = (plane(width), plane(width))
          var (nextAbove, nextLeft) = (newAbove, newLeft)
          for i in 0..<height {
            for j in 0..<columns {
              var vertical = vBias
              for r in 0..<rows {
                for s in 0..<3 {
                  let (y, x) = (i - 1 + r, j - 1 + s)
                  guard y >= 0, x >= 0, x < columns else { continue }
                  for c in 0..<inputs {
                    for k in 0..<2 * width {
                      vertical[k] +=
                        above[y][x][c] * v[((r * 3 + s) * inputs + c) * 2 * width + k]
                    }
                  }
                }
              }
              var horizontal = hBias
              for k in 0..<2 * width {
                for m in 0..<2 * width { horizontal[k] += vertical[m] * link[m * 2 * width + k] }
              }
              for t in 0..<pixels {
                let x = j - 1 + t
                guard x >= 0 else { continue }
                for c in 0..<inputs {
                  for k in 0..<2 * width {
                    let (from, to) = (group(c, inputs), group(k % width, width))
                    if t == 1, layer == 0 ? from >= to : from > to { continue }
                    horizontal[k] += left[i][x][c] * h[(t * inputs + c) * 2 * width + k]
                  }
                }
              }
              func gate(_ x: [Double]) -> [Double] {
                (0..<width).map { tanh(x[$0]) / (1 + exp(-x[width + $0])) }
              }
              let unit = gate(horizontal)
              for k in 0..<width {
                var sum = oBias[k] + (layer == 0 ? 0 : left[i][j][k])
                for m in 0..<width where group(m, width) <= group(k, width) {
                  sum += unit[m] * o[m * width + k]
                }
                nextLeft[i][j][k] = sum
              }
              nextAbove[i][j] = gate(vertical)
            }
          }
          (above, left) = (nextAbove, nextLeft)
        }
        let (a, aBias, b, bBias) = (w[14], w[15], w[16], w[17])
        for i in 0..<height {
          for j in 0..<columns {
            let hidden = (0..<head).map { k in
              max(
                0,
                (0..<width).filter { group($0, width) <= group(k, head) }.reduce(aBias[k]) {
                  $0 + max(0, left[i][j][$1]) * a[$1 * head + k]
                })
            }
            for c in 0..<channels {
              let result = (0..<outputs).map { q in
                (0..<head).filter { group($0, head) <= c }.reduce(bBias[c * outputs + q]) {
                  $0 + hidden[$1] * b[$1 * channels * outputs + c * outputs + q]
                }
              }
              let level = number(i, j, c)
              if output == "logistic_mixture" {
                let (shares, half) = (result[0..<2].map(exp), 1 / Double(count - 1))
                let x = 2 * Double(level) * half - 1
                var p = 0.0
                for m in 0..<2 {
                  func below(_ x: Double) -> Double {
                    1 / (1 + exp(-(x - result[2 + m]) / exp(result[4 + m])))
                  }
                  p +=
                    shares[m]
                    * ((level == count - 1 ? 1 : below(x + half))
                      - (level == 0 ? 0 : below(x - half)))
                }
                total -= log(p / shares.reduce(0, +))
              } else if count == 2 {
                total += log1p(exp(result[0])) - Double(level) * result[0]
              } else {
                total += log(result.map(exp).reduce(0, +)) - result[level]
              }
            }
          }
        }
      }
      return total / Double(n)
    }
    try expectStep(of: model, on: data, descends: cost)
  }

  /// Samples have the probabilities that the model tells, by a χ² test over 16 states.
  @Test func samplesFollowTheModel() throws {
    let model = try model(
      #"{"data": {"shape": [2, 2, 1]}, "pixelcnn": {"width": 8, "depth": 2, "first_kernel": 3, "head": 8, "levels": 2}, "optimizer": {"adam": {"learning_rate": 0.01}}}"#
    )
    let data = states(4).gather([3, 3, 3, 5, 10, 10, 15, 0]).reshaped([8, 2, 2, 1])
    var trainer = try Trainer(model, data: Dataset(data), batch: 8)
    try trainer.run(steps: 80, reportEvery: 80)
    let samples = try model.sample(3000, seed: 9, given: .none)
    try expectFrequencies(of: samples, probabilities(of: model, 4))
  }

  /// Mixtures draw levels with the probabilities that they tell.
  @Test func mixturesDrawWhatTheyTell() throws {
    let distribution = LevelDistribution(
      levels: 4, range: ValueRange(0, 3), output: .logisticMixture, components: 2)
    let count = 4000
    let outputs = Tensor([0.4, -0.3, -0.6, 0.5, -1.5, -0.7], shape: [1, 6])
    let key = RandomKey(seed: 2, stream: 1, step: 0)
    let uniform = key.uniform([count, 2]).array
    let drawn = distribution.draw(
      outputs.broadcast(to: [count, 6]), (0..<count).map { uniform[2 * $0] },
      (0..<count).map { uniform[2 * $0 + 1] })
    let chances = distribution.logProbability(
      of: Tensor([0, 1, 2, 3]), outputs.broadcast(to: [4, 6])
    ).doubles.map(exp)
    for k in 0..<4 {
      let found = Double(drawn.count { $0 == Float(k) })
      let want = chances[k] * Double(count)
      #expect(abs(found - want) < 5 * want.squareRoot(), "\(k): \(found), \(want)")
    }
    #expect((0..<4).map { distribution.value(Float($0)) } == [0, 1, 2, 3])
  }

  /// The part that comes later is filled in; other masks are refused.
  @Test func completion() throws {
    let model = try model(
      #"{"data": {"shape": [4, 3, 2]}, "pixelcnn": {"width": 4, "depth": 2, "head": 4, "levels": 4}}"#
    )
    let x = levels([3, 4, 3, 2], 4, range: ValueRange(-1, 1))
    let lower = Tensor((0..<24).map { $0 < 11 ? 1 : 0 }, shape: [4, 3, 2])
    let filled = try model.complete(
      x, mask: lower, given: .none, options: JSON(parsing: #"{"answers": 2, "seed": 5}"#))
    #expect(filled.shape == [6, 4, 3, 2])
    let (before, after) = (x.array, filled.array)
    for answer in 0..<6 {
      for k in 0..<11 { #expect(after[24 * answer + k] == before[24 * (answer / 2) + k]) }
    }
    try SampleDomain.levels(4, ValueRange(-1, 1)).check(filled, "filled")
    #expect(Array(after[11..<24]) != Array(after[35..<48]))
    let failure = #expect(throws: Failure.self) {
      try model.complete(x, mask: 1 - lower, given: .none, options: .object([]))
    }
    #expect(failure?.kind == .unsupported)
    #expect(failure?.message.contains("element 11 is known") == true, "\(failure?.message ?? "")")
  }

  /// A class tells what is learned of it; without labels there is a clear error.
  @Test func classes() throws {
    let model = try model(
      #"{"data": {"shape": [3, 3, 1], "classes": 2}, "pixelcnn": {"width": 8, "depth": 2, "first_kernel": 3, "head": 8, "levels": 2}, "optimizer": {"adam": {"learning_rate": 0.02}}}"#
    )
    let labels = (0..<40).map { Int32($0 % 2) }
    let samples = Tensor(
      (0..<40).flatMap { [Float](repeating: Float($0 % 2), count: 9) }, shape: [40, 3, 3, 1])
    var trainer = try Trainer(model, data: Dataset(samples, labels: labels), batch: 20)
    try trainer.run(steps: 60, reportEvery: 60)
    let some = samples.rows(0..<2)
    func nats(_ labels: [Int32]) throws -> [Double] {
      try model.logLikelihood(some, given: Conditions(labels: labels), options: .object([])).doubles
    }
    let (right, wrong) = (try nats([0, 1]), try nats([1, 0]))
    for i in 0..<2 { #expect(right[i] > -0.5 && wrong[i] < -3, "\(right) \(wrong)") }
    let made = try model.sample(40, seed: 2)
    let means = made.mean([1, 2, 3]).array
    #expect(zip(means, labels).count { abs($0 - Float($1)) < 0.3 } >= 36)
    for given in [Conditions.none, Conditions(labels: [0]), Conditions(labels: [0, 2])] {
      #expect(throws: Failure.self) { try model.sample(2, seed: 1, given: given) }
      #expect(throws: Failure.self) {
        try model.logLikelihood(some, given: given, options: .object([]))
      }
      #expect(throws: Failure.self) {
        try model.train(on: [Batch(some, labels: given.labels)], reporting: true)
      }
    }
    #expect(throws: Failure.self) { try Trainer(model, data: Dataset(samples), batch: 20) }
    #expect(model.step == 60)
  }

  /// Values between the levels are refused, or become the nearest one.
  @Test func levelsThatDoNotFit() throws {
    let text = #"{"data": {"shape": [2, 2, 1]}, "pixelcnn": {"width": 4, "depth": 1, "levels": 4"#
    let strict = try model(text + "}}")
    let between = Tensor(repeating: 0.2, shape: [2, 2, 2, 1])
    let failure = #expect(throws: Failure.self) {
      try strict.train(on: [Batch(between)], reporting: true)
    }
    #expect(failure?.kind == .argument)
    #expect(failure?.message.contains("on 4 levels from -1") == true, "\(failure?.message ?? "")")
    #expect(throws: Failure.self) {
      try strict.logLikelihood(between, given: .none, options: .object([]))
    }
    let quantizing = try model(text + #", "quantize": true}}"#)
    let nearest = Tensor(repeating: 1 / 3, shape: [2, 2, 2, 1])
    func nats(_ x: Tensor) throws -> [Float] {
      try quantizing.logLikelihood(x, given: .none, options: .object([])).array
    }
    #expect(try nats(between) == nats(nearest))
    #expect(throws: Failure.self) { try nats(4 * between + 1) }
  }
}
