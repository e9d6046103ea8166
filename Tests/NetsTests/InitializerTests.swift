import SGNets
import SGTensors
import Testing

@Suite struct InitializerTests {
  /// The weight that a dense layer of these sizes begins with.
  private func weight(_ initializer: Initializer, _ inputs: Int, _ units: Int) throws -> Tensor {
    let network = try Network(
      [Dense(units, bias: false, initializer: initializer)], input: [inputs], place: "test")
    let random = RandomKey(seed: 3, stream: 1, step: 0)
    return Parameters(rows: network.parameterRows, random: random).tensors[0]
  }

  private func moments(_ x: Tensor) -> (mean: Double, variance: Double, most: Double) {
    let values = x.array.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, variance, values.map(abs).max()!)
  }

  @Test(arguments: [
    (Initializer.normal(0.5), 0.25), (.he, 2.0 / 300), (.glorot, 2.0 / 500),
    (.truncatedNormal(0.5), 0.25 * 0.7737),
  ])
  func moments(_ initializer: Initializer, _ variance: Double) throws {
    let found = moments(try weight(initializer, 300, 200))
    // 60,000 numbers: five standard errors of mean and variance.
    #expect(abs(found.mean) < 5 * (variance / 60_000).squareRoot())
    #expect(abs(found.variance / variance - 1) < 5 * (2.0 / 60_000).squareRoot())
  }

  @Test func bounds() throws {
    #expect(moments(try weight(.truncatedNormal(0.5), 300, 200)).most <= 1)
    #expect(moments(try weight(.glorot, 300, 200)).most <= (6.0 / 500).squareRoot())
    #expect(moments(try weight(.zeros, 30, 20)).most == 0)
    #expect(moments(try weight(.constant(2), 30, 20)).variance == 0)
  }

  @Test(arguments: [(8, 5), (5, 8), (6, 6), (1, 4), (4, 1), (130, 70)])
  func orthogonal(_ rows: Int, _ columns: Int) throws {
    let w = try weight(.orthogonal(1.5), rows, columns)
    let product =
      rows >= columns
      ? matmul(w, w, transposeA: true) : matmul(w, w, transposeB: true)
    let n = min(rows, columns)
    for (i, value) in product.array.enumerated() {
      let expected: Float = i / n == i % n ? 2.25 : 0
      #expect(abs(value - expected) < 1e-5, "(\(i / n), \(i % n)) is \(value)")
    }
  }

  @Test func fansOfConvolutions() throws {
    let network = try Network(
      [Convolution(64, kernel: Size(3), bias: false, initializer: .he)], input: [8, 8, 32],
      place: "test")
    let random = RandomKey(seed: 3, stream: 1, step: 0)
    let w = Parameters(rows: network.parameterRows, random: random).tensors[0]
    #expect(abs(moments(w).variance / (2.0 / (9 * 32)) - 1) < 0.06)
  }
}
