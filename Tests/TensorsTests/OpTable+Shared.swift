import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where `SGTensors` has a function of the name, too.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

extension OpTable {
  /// Operations whose inputs are one tensor: what it counts for in the value and in each derivative
  /// is the sum over its places, once each.
  static let sharedInputs: [OpRow] = [
    OpRow(
      name: "x x of one tensor", covers: ["Multiply"], cases: cases(.uniform(-2, 2)),
      op: { $0[0] * $0[0] }, reference: { $0[0].map { $0 * $0 } }),
    OpRow(
      name: "x / x + x of one tensor", covers: ["Divide", "Add"], cases: cases(.uniform(0.5, 2)),
      exactOnIntegers: false, op: { $0[0] / $0[0] + $0[0] },
      reference: { $0[0].map { $0 / $0 + $0 } }),
    OpRow(
      name: "xᵀ x of one tensor", covers: ["MatMul"],
      cases: [[Input(shape: [3, 3])], [Input(shape: [5, 5])]], tolerance: .overall(2e-6),
      op: { matmul($0[0], $0[0], transposeA: true) },
      reference: { x in
        let n = x[0].shape[0]
        return Values([n, n]) { at in
          (0..<n).reduce(0.0) { $0 + x[0][[$1, at[0]]] * x[0][[$1, at[1]]] }
        }
      }),
    OpRow(
      name: "tanh(x x + 0) of one tensor, as product and bias", covers: ["MatMul"],
      cases: [[Input(shape: [1, 1])]], tolerance: .overall(2e-6),
      op: {
        dense($0[0], $0[0], bias: $0[0].reshaped([1]), activation: .tanh)
      },
      reference: { x in x[0].map { hyperbolicTangent($0 * $0 + $0) } }),
    OpRow(
      name: "x beside x", covers: ["Concatenate"], cases: [[Input(shape: [2, 3])]],
      tolerance: .exact, linear: .together,
      op: { Tensor.concatenate([$0[0], $0[0]], axis: 1) },
      reference: { x in Values([2, 6]) { x[0][[$0[0], $0[1] % 3]] } }),
  ]
}
