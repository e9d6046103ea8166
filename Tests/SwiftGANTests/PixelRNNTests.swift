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

/// Row LSTMs. What they share with the PixelCNN its tests cover.
@Suite struct PixelRNNTests {
  private typealias Model = DescentModel<PixelModel<PixelRNN>>

  private func model(_ text: String) throws -> Model {
    try Model(configuration: JSON(parsing: text))
  }

  /// No output sees its own or a later element; each sees the pixel to the left, the channels
  /// before it and the pixels above.
  @Test(arguments: [1, 3]) func dependsOnWhatIsBefore(_ channels: Int) throws {
    let model = try model(
      #"{"data": {"shape": [4, 5, \#(channels)]}, "pixelrnn": {"width": 9, "depth": 2, "first_kernel": 3, "head": 12, "levels": 3}}"#
    )
    // No unit of the last layers is cut off by ReLU.
    for name in ["network.0.1.output_bias", "network.0.head_bias"] {
      let count = try #require(model.tensors.first { $0.name == name }).value.count
      try model.setTensor(name, Tensor(repeating: 5, shape: [count]))
    }
    let size = 20 * channels
    let x = RandomKey(seed: 4, stream: 1, step: 0).uniform([1, 4, 5, channels], low: -1, high: 1)
      .tracked()
    let y = model.inference(0)(x, nil, RandomKey(.layers, seed: 0)).reshaped([size, 3])
    for d in 0..<size {
      let slope = gradient(of: y.rows(d..<d + 1), wrt: [x])[0].array
      for e in 0..<size {
        if e >= d { #expect(slope[e] == 0, "\(d) \(e)") }
        let (to, from) = (d / channels, e / channels)
        let isNear =
          e < d && to == from || to % 5 > 0 && from == to - 1 || to % 5 == from % 5 && from < to
        if isNear { #expect(slope[e] != 0, "\(d) \(e)") }
      }
    }
  }

  /// The probabilities of all 4,096 states of 12 binary pixels sum to 1, before and after training.
  @Test func sumsToOne() throws {
    let model = try model(
      #"{"data": {"shape": [3, 4, 1]}, "pixelrnn": {"width": 6, "depth": 2, "first_kernel": 3, "head": 8, "levels": 2}, "optimizer": {"adam": {"learning_rate": 0.01}}}"#
    )
    let data = (RandomKey(seed: 3, stream: 1, step: 0).uniform([200, 3, 4, 1]) - 0.8).step()
    var trainer = try Trainer(model, data: Dataset(data), batch: 50)
    let first = try trainer.step()
    try trainer.run(steps: 40, reportEvery: 40)
    let last = try trainer.step()
    #expect(try #require(last["cost"]) < #require(first["cost"]) - 0.5)
    #expect(abs(try probabilities(of: model, 12).reduce(0, +) - 1) < 1e-4)
  }

  /// A step of SGD equals a computation in double precision that knows no masks and no
  /// convolutions, with central differences.
  @Test(arguments: [1, 2]) func aStep(_ channels: Int) throws {
    let (n, height, columns, width, head) = (2, 3, 3, 2, 3)
    let model = try model(
      #"""
      {"data": {"shape": [3, 3, \#(channels)]}, "optimizer": {"sgd": {"learning_rate": 1}},
       "pixelrnn": {"width": 2, "depth": 2, "first_kernel": 3, "head": 3, "levels": 3}}
      """#)
    // Away from the corners of ReLU, where differences mean nothing.
    for (name, count) in [("1.output_bias", width), ("head_bias", head)] {
      try model.setTensor(
        "network.0.\(name)",
        RandomKey(seed: 8, stream: 1, step: 0).uniform([count], low: 2, high: 2.5))
    }
    let u = RandomKey(seed: 3, stream: 1, step: 0).uniform([n * 9 * channels], high: 3).array
    let numbers = u.map { min(Int($0), 2) }
    let data = Tensor(numbers.map { Float($0) - 1 }, shape: [n, 3, 3, channels])
    func group(_ i: Int, _ all: Int) -> Int { i * channels / all }
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for sample in 0..<n {
        func number(_ i: Int, _ j: Int, _ c: Int) -> Int {
          numbers[((sample * height + i) * columns + j) * channels + c]
        }
        var features: [[[Double]]] = []
        for i in 0..<height {
          features.append([])
          for j in 0..<columns {
            var sum = w[2]
            for k in 0..<width {
              for c in 0..<channels {
                for s in 0..<3 where i > 0 && (0..<columns).contains(j - 1 + s) {
                  sum[k] +=
                    Double(number(i - 1, j - 1 + s, c) - 1) * w[0][(s * channels + c) * width + k]
                }
                if j > 0 { sum[k] += Double(number(i, j - 1, c) - 1) * w[1][c * width + k] }
                if channels > 1, c < group(k, width) {
                  sum[k] += Double(number(i, j, c) - 1) * w[1][(channels + c) * width + k]
                }
              }
            }
            features[i].append(sum)
          }
        }
        for layer in 0..<2 {
          let first = 3 + 5 * layer
          let (input, bias, state, output, outputBias) = (
            w[first], w[first + 1], w[first + 2], w[first + 3], w[first + 4]
          )
          let zero = [[Double]](
            repeating: [Double](repeating: 0, count: width), count: columns)
          var (hidden, memory) = (zero, zero)
          var next = features
          for i in 0..<height {
            var (newHidden, newMemory) = (zero, zero)
            for j in 0..<columns {
              var gates = bias
              for q in 0..<4 * width {
                for m in 0..<width {
                  if j > 0 { gates[q] += features[i][j - 1][m] * input[m * 4 * width + q] }
                  if group(m, width) <= group(q % width, width) {
                    gates[q] += features[i][j][m] * input[(width + m) * 4 * width + q]
                  }
                  for s in 0..<3 where (0..<columns).contains(j - 1 + s) {
                    gates[q] += hidden[j - 1 + s][m] * state[(s * width + m) * 4 * width + q]
                  }
                }
              }
              func unit(_ q: Int) -> Double { 1 / (1 + exp(-gates[q])) }
              for k in 0..<width {
                newMemory[j][k] =
                  unit(width + k) * memory[j][k]
                  + unit(2 * width + k) * tanh(gates[3 * width + k])
                newHidden[j][k] = unit(k) * tanh(newMemory[j][k])
              }
              for k in 0..<width {
                next[i][j][k] += outputBias[k]
                for m in 0..<width where group(m, width) <= group(k, width) {
                  next[i][j][k] += newHidden[j][m] * output[m * width + k]
                }
              }
            }
            (hidden, memory) = (newHidden, newMemory)
          }
          features = next
        }
        let (a, aBias, b, bBias) = (w[13], w[14], w[15], w[16])
        for i in 0..<height {
          for j in 0..<columns {
            let units = (0..<head).map { k in
              max(
                0,
                (0..<width).filter { group($0, width) <= group(k, head) }.reduce(aBias[k]) {
                  $0 + max(0, features[i][j][$1]) * a[$1 * head + k]
                })
            }
            for c in 0..<channels {
              let logits = (0..<3).map { q in
                (0..<head).filter { group($0, head) <= c }.reduce(bBias[c * 3 + q]) {
                  $0 + units[$1] * b[$1 * channels * 3 + c * 3 + q]
                }
              }
              total += log(logits.map(exp).reduce(0, +)) - logits[number(i, j, c)]
            }
          }
        }
      }
      return total / Double(n)
    }
    try expectStep(of: model, on: data, descends: cost)
  }
}
