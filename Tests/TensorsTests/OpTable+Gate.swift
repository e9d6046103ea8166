#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGTensors

/// Where `tanh` is of tensors, too, the function goes by its whole name.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

extension OpTable {
  /// Shapes of what a gate makes.
  private static let gateShapes: [[Int]] = [[1], [3, 5], [2, 3, 17], [0, 4], [530, 33]]

  private static func doubled(_ shape: [Int]) -> [Int] {
    shape.dropLast() + [2 * (shape.last ?? 1)]
  }

  static let gates: [OpRow] = [
    OpRow(
      name: "gate", covers: ["Gate", "GateGradient"],
      cases: gateShapes.map { [Input(shape: doubled($0))] }, tolerance: .element(2e-6),
      op: { gated($0[0]) },
      reference: { x in
        let width = (x[0].shape.last ?? 2) / 2
        let shape = Array(x[0].shape.dropLast()) + [width]
        let count = shape.reduce(1, *)
        return Values(
          shape,
          (0..<count).map { i in
            let at = i / width * 2 * width + i % width
            return hyperbolicTangent(x[0].elements[at]) / (1 + exp(-x[0].elements[at + width]))
          })
      }),
    OpRow(
      name: "gradient of a gate", covers: ["GateGradient"],
      cases: gateShapes.map { [Input(shape: $0), Input(shape: doubled($0))] },
      tolerance: .overall(2e-6), linear: .each(1), exactOnIntegers: false,
      op: { GateGradient()($0[0], $0[1]) },
      reference: { x in
        let width = x[0].shape.last ?? 1
        var result = Values(x[1].shape, x[1].elements)
        for i in x[0].elements.indices {
          let at = i / width * 2 * width + i % width
          let value = hyperbolicTangent(x[1].elements[at])
          let gate = 1 / (1 + exp(-x[1].elements[at + width]))
          result.elements[at] = x[0].elements[i] * gate * (1 - value * value)
          result.elements[at + width] = x[0].elements[i] * value * gate * (1 - gate)
        }
        return result
      }),
  ]

  /// A column of each row.
  private static let column: [Int32] = [2, 0, 3, 3, 1]

  static let pickings: [OpRow] = [
    OpRow(
      name: "picking", covers: ["PickColumn"], cases: [[Input(shape: [5, 4])]], tolerance: .exact,
      linear: .together, op: { $0[0].picking(column) },
      reference: { x in
        Values([5], column.enumerated().map { x[0].elements[4 * $0 + Int($1)] })
      }),
    OpRow(
      name: "placing", covers: ["PlaceColumn"], cases: [[Input(shape: [5])]], tolerance: .exact,
      linear: .together, op: { PlaceColumn(column: column, columns: 4)($0[0]) },
      reference: { x in
        var result = Values([5, 4], [Double](repeating: 0, count: 20))
        for (i, k) in column.enumerated() { result.elements[4 * i + Int(k)] = x[0].elements[i] }
        return result
      }),
  ]

  /// Samples, time, channels, taps, outputs, dilation.
  private static let dilated: [[Int]] = [
    [1, 1, 1, 1, 1, 1], [2, 7, 3, 2, 4, 1], [2, 8, 2, 2, 3, 4], [1, 13, 2, 3, 2, 5],
    [3, 5, 1, 2, 2, 8], [1, 700, 16, 2, 32, 64],
  ]

  static let causalConvolutions: [OpRow] = dilated.map { s in
    let (n, time, channels, taps, outputs, dilation) = (s[0], s[1], s[2], s[3], s[4], s[5])
    let scale = 1 / Double(taps * channels).squareRoot()
    return OpRow(
      name: "causal convolution \(s)", covers: ["ConvolutionOutput"],
      cases: [
        [
          Input(shape: [n, time, channels]),
          Input(shape: [taps, channels, outputs], fill: .uniform(-scale, scale)),
          Input(shape: [outputs]),
        ]
      ], tolerance: .overall(3e-6),
      op: { causalConvolution($0[0], $0[1], bias: $0[2], dilation: dilation) },
      reference: { x in
        var result = [Double]()
        for i in 0..<n {
          for t in 0..<time {
            for o in 0..<outputs {
              var sum = x[2].elements[o]
              for k in 0..<taps {
                let at = t - (taps - 1 - k) * dilation
                if at < 0 { continue }
                for c in 0..<channels {
                  sum +=
                    x[0].elements[(i * time + at) * channels + c]
                    * x[1].elements[(k * channels + c) * outputs + o]
                }
              }
              result.append(sum)
            }
          }
        }
        return Values([n, time, outputs], result)
      })
  }
}
