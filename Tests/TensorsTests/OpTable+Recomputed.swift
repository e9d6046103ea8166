import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension OpTable {
  /// Σ_j tanh(x_ij z_j) x_ij of each row.
  static let recomputations: [OpRow] = [
    OpRow(
      name: "recomputed", covers: ["Recomputed"],
      cases: [[3, 5], [1, 1], [33, 70]].map {
        [Input(shape: $0), Input(shape: [$0[1]], fill: .uniform(-1, 1))]
      },
      tolerance: .overall(2e-6),
      op: { inputs in
        recomputed(inputs, shape: [inputs[0].shape[0]]) { x in
          (Activation.tanh(x[0] * x[1]) * x[0]).sum([1])
        }
      },
      reference: { x in
        let (rows, columns) = (x[0].shape[0], x[0].shape[1])
        let sums = (0..<rows).map { i in
          (0..<columns).reduce(0.0) { total, j in
            let value = x[0].elements[i * columns + j]
            return total + tanh(value * x[1].elements[j]) * value
          }
        }
        return Values([rows], sums)
      })
  ]
}
