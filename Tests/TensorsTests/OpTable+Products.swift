import SGTensors

extension OpTable {
  /// Rows, columns and the length of the sums.
  private static let sizes = [
    (1, 1, 1), (5, 7, 3), (3, 1, 9), (1, 17, 33), (0, 3, 2), (3, 0, 2), (2, 3, 0), (65, 50, 71),
    (130, 129, 67),
  ]

  static let products: [OpRow] = plainProducts + denseProducts

  private static let plainProducts: [OpRow] = [
    (false, false), (false, true), (true, false), (true, true),
  ].map { (transposeA: Bool, transposeB: Bool) in
    OpRow(
      name: "a\(transposeA ? "ᵀ" : "") b\(transposeB ? "ᵀ" : "")", covers: ["MatMul"],
      cases: sizes.map { m, n, k in
        [
          Input(shape: transposeA ? [k, m] : [m, k]), Input(shape: transposeB ? [n, k] : [k, n]),
        ]
      },
      tolerance: .overall(2e-6), linear: .each(2),
      op: { matmul($0[0], $0[1], transposeA: transposeA, transposeB: transposeB) },
      reference: { x in
        let (m, n) = (x[0].shape[transposeA ? 1 : 0], x[1].shape[transposeB ? 0 : 1])
        let k = x[0].shape[transposeA ? 0 : 1]
        var y = [Double](repeating: 0, count: m * n)
        for i in 0..<m {
          for j in 0..<n {
            for l in 0..<k {
              y[i * n + j] +=
                x[0].elements[transposeA ? l * m + i : i * k + l]
                * x[1].elements[transposeB ? j * k + l : l * n + j]
            }
          }
        }
        return Values([m, n], y)
      })
  }

  /// x w (+ bias), before the activation.
  private static func affine(_ x: [Values]) -> Values {
    let (rows, columns, k) = (x[0].shape[0], x[1].shape[1], x[1].shape[0])
    var y = [Double](repeating: 0, count: rows * columns)
    for i in 0..<rows {
      for j in 0..<columns {
        y[i * columns + j] = x.count > 2 ? x[2].elements[j] : 0
        for l in 0..<k {
          y[i * columns + j] += x[0].elements[i * k + l] * x[1].elements[l * columns + j]
        }
      }
    }
    return Values([rows, columns], y)
  }

  private static let denseProducts: [OpRow] = Activation.all.flatMap { activation in
    [false, true].map { biased in
      let sizes = [(1, 1, 1), (5, 7, 3), (4, 9, 6)] + (activation.hasKink ? [] : [(65, 50, 71)])
      return OpRow(
        name: "dense, \(activation)\(biased ? ", bias" : "")", covers: ["MatMul"],
        cases: sizes.map { rows, columns, k in
          let scale = 1 / Double(k).squareRoot()
          return [
            Input(shape: [rows, k]),
            Input(shape: [k, columns], fill: .uniform(-scale, scale)),
          ] + (biased ? [Input(shape: [columns])] : [])
        },
        tolerance: .overall(2e-6),
        distance: activation.distance(of: affine),
        op: { dense($0[0], $0[1], bias: biased ? $0[2] : nil, activation: activation) },
        reference: { affine($0).map(activation.reference) })
    }
  }
}

extension Values {
  var distanceFromZero: Double { elements.reduce(.infinity) { min($0, abs($1)) } }
}
