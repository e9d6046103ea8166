import SGTensors
import Testing

@testable import SGNets

/// Resampling by a filter, convolution in groups, learned bases, inner products and shortcuts,
/// against plain loops in double precision.
@Suite struct ResamplingTests {
  private let random = RandomKey(seed: 3, stream: 1, step: 0)

  private func run(
    _ layer: any Layer, _ x: Tensor, _ parameters: [Tensor] = [], condition: Tensor? = nil
  ) throws -> Tensor {
    let network = try Network(
      [layer], input: x.shape.droppingFirst(), place: "test",
      conditionSize: condition?.shape[1] ?? 0)
    #expect(network.parameterRows.map(\.shape) == parameters.map(\.shape))
    let y = network(
      x, parameters: parameters, state: [], isTraining: true, random: random, condition: condition
    ).output
    #expect(y.shape.droppingFirst() == network.output)
    return y
  }

  /// Each pixel of the half image is the mean of 4 x 4 pixels weighted 1, 3, 3, 1 along both axes.
  @Test(arguments: [[4, 6, 3], [2, 2, 1], [8, 2, 17]]) func halves(_ image: [Int]) throws {
    let (h, w, c) = (image[0], image[1], image[2])
    let x = random.normal(Shape([2] + image))
    let (y, values) = (try run(FilteredDownsample(), x).array, x.array.map(Double.init))
    let taps = [1.0, 3, 3, 1]
    var place = 0
    for b in 0..<2 {
      for i in 0..<h / 2 {
        for j in 0..<w / 2 {
          for k in 0..<c {
            var want = 0.0
            for u in 0..<4 {
              for v in 0..<4 {
                let (row, column) = (2 * i + u - 1, 2 * j + v - 1)
                guard (0..<h).contains(row), (0..<w).contains(column) else { continue }
                want += taps[u] * taps[v] / 64 * values[((b * h + row) * w + column) * c + k]
              }
            }
            #expect(abs(Double(y[place]) - want) < 1e-6)
            place += 1
          }
        }
      }
    }
  }

  /// ⟨down x, y⟩ = ⟨x, up y⟩ / 4, and a constant stays what it is away from the border.
  @Test func adjoint() throws {
    let (x, y) = (random.normal([2, 6, 8, 5]), random.from(40).normal([2, 3, 4, 5]))
    let (down, up) = (try run(FilteredDownsample(), x), try run(FilteredUpsample(), y))
    let (a, b) = ((down * y).sum().scalar, (x * up).sum().scalar / 4)
    #expect(abs(a - b) < 1e-4)
    let ones = try run(FilteredUpsample(), .ones([1, 4, 4, 2])).slice(
      from: [0, 1, 1, 0], [1, 6, 6, 2])
    #expect(ones.array.allSatisfy { abs($0 - 1) < 1e-6 })
    let failure = #expect(throws: ConfigError.self) {
      try Network([FilteredDownsample()], input: [4, 7, 1], place: "test")
    }
    #expect(failure?.message.contains("even sides") == true)
  }

  /// A convolution in groups is those of the groups, one beside the other.
  @Test(arguments: [2, 3, 6]) func groups(_ groups: Int) throws {
    let (channels, outputs) = (6, 12)
    let layer = Convolution(
      outputs, kernel: Size(3), stride: Size(2), groups: groups, bias: false)
    let x = random.normal([2, 7, 6, channels])
    let weight = random.from(9).normal([3, 3, channels / groups, outputs])
    let y = try run(layer, x, [weight])
    var parts: [Tensor] = []
    for k in 0..<groups {
      let (n, m) = (channels / groups, outputs / groups)
      let part = Convolution(m, kernel: Size(3), stride: Size(2), bias: false)
      parts.append(
        try run(
          part, x.slice(from: [0, 0, 0, k * n], [2, 7, 6, n]),
          [weight.slice(from: [0, 0, 0, k * m], [3, 3, n, m])]))
    }
    for (a, b) in zip(y.array, Tensor.concatenate(parts, axis: 3).array) {
      #expect(abs(a - b) < 1e-5)
    }
    let failure = #expect(throws: ConfigError.self) {
      try Network([Convolution(8, kernel: Size(3), groups: 4)], input: [4, 4, 6], place: "test")
    }
    #expect(
      failure?.message == "expected a divisor of the channels, 6 and 8, found 4"
        && failure?.path.hasSuffix("conv.groups") == true)
  }

  @Test func basisAndInnerProduct() throws {
    let (x, image) = (random.normal([3, 2]), random.from(5).normal([2, 3, 2]))
    let y = try run(LearnedBasis(Size(2, 3)), x, [image]).array
    for i in 0..<y.count {
      let want = x.array[i / 12 * 2 + i % 2] * image.array[i % 12]
      #expect(abs(y[i] - want) < 1e-6)
    }
    let (condition, table) = (random.from(20).normal([3, 4]), random.from(30).normal([4, 2]))
    let z = try run(InnerProduct(), x, [table], condition: condition).array
    for i in 0..<3 {
      var want = 0.0
      for k in 0..<2 {
        for j in 0..<4 {
          want +=
            Double(x.array[2 * i + k]) * Double(condition.array[4 * i + j])
            * Double(table.array[2 * j + k])
        }
      }
      #expect(abs(Double(z[i]) - want) < 1e-5)
    }
    let pooled = try run(SumPool(), random.normal([2, 3, 2, 4])).array
    let values = random.normal([2, 3, 2, 4]).array
    for i in 0..<8 {
      let want = (0..<6).reduce(0) { $0 + values[i / 4 * 24 + $1 * 4 + i % 4] }
      #expect(abs(pooled[i] - want) < 1e-5)
    }
  }

  /// s(x) + f(x), whose parameters are named apart.
  @Test func shortcut() throws {
    let block = Residual([Dense(3), ActivationLayer.tanh], shortcut: [Dense(3, bias: false)])
    let network = try Network([block], input: [2], place: "test")
    #expect(network.parameterRows.map(\.name) == ["0.0.weight", "0.0.bias", "0.shortcut.0.weight"])
    let x = random.normal([4, 2])
    let (w, b, s) = (
      random.from(9).normal([2, 3]), random.from(20).normal([3]), random.from(30).normal([2, 3])
    )
    let y = network(x, parameters: [w, b, s], state: [], isTraining: true, random: random).output
    let want = matmul(x, s) + tanh(matmul(x, w) + b)
    for (a, c) in zip(y.array, want.array) { #expect(abs(a - c) < 1e-5) }
    let failure = #expect(throws: ConfigError.self) {
      try Network([Residual([Dense(3)], shortcut: [Dense(2)])], input: [2], place: "test")
    }
    #expect(failure?.message.contains("give the shape [3], those of its shortcut [2]") == true)
  }
}
