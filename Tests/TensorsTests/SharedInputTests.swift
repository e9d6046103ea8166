import SGTestSupport
import Testing

@testable import SGTensors

extension TensorsTests {
  /// One tensor that serves as two inputs of an operation has the derivatives of both, once each.
  @Suite("Shared inputs") struct SharedInputTests {
    /// Pairs of inputs of one shape, of which at least one has a derivative.
    private static func pairs(_ inputs: [Input]) -> [(Int, Int)] {
      inputs.indices.flatMap { i in
        inputs.indices.filter { j in
          i < j && inputs[i].shape == inputs[j].shape
            && !(inputs[i].constant && inputs[j].constant)
        }.map { (i, $0) }
      }
    }

    /// y, ∂h/∂x and the derivatives of ⟨∂h/∂x, w⟩ with h = Σ u y, where `feed` makes the two inputs
    /// from the shared tensor.
    private static func derivatives(
      _ trial: OpTrial, _ i: Int, _ j: Int, feed: (Tensor) -> (Tensor, Tensor)
    ) -> [Tensor] {
      var x = trial.x.map { Tensor($0).tracked() }
      let shared = x[j]
      (x[i], x[j]) = feed(shared)
      let y = trial.row.op(x)
      let u = Tensor(trial.u).tracked()
      let first = gradient(of: y, wrt: [shared], seed: u, recording: true)
      let projection = (first[0] * Tensor(trial.w[j])).sum()
      let third = gradient(of: projection, wrt: [shared, u], recording: true)
      let last = gradient(of: (third[0] * Tensor(trial.v[j])).sum(), wrt: [shared])
      return [y] + first + third + last
    }

    /// Up to the third order: against two copies of the tensor, each with a node of its own.
    @Test("as two inputs", arguments: OpTable.rows) func twice(_ row: OpRow) {
      var numbers = Numbers(state: 23)
      for inputs in row.cases where !Self.pairs(inputs).isEmpty {
        let trial = OpTrial(row, inputs, &numbers)
        for (i, j) in Self.pairs(inputs) {
          let found = Self.derivatives(trial, i, j) { ($0, $0) }
          let want = Self.derivatives(trial, i, j) { ($0 + 0, $0 + 0) }
          for (order, (a, b)) in zip(found, want).enumerated() {
            guard b.isFinite else { continue }
            let largest = b.array.reduce(1e-3) { max($0, abs($1)) }
            let worst = zip(a.array, b.array).reduce(0) { max($0, abs($1.0 - $1.1)) }
            let what = "\(row.name) of \(inputs.map(\.shape)), inputs \(i) and \(j)"
            #expect(worst <= 1e-4 * largest, "\(what), result \(order): off by \(worst)")
          }
        }
      }
    }

    /// One storage as two inputs, of which none or only the first is tracked: what is not tracked
    /// is a constant, whatever else holds its numbers.
    @Test("as two inputs, not tracked", arguments: OpTable.rows) func untracked(_ row: OpRow) {
      var numbers = Numbers(state: 29)
      for inputs in row.cases where !Self.pairs(inputs).isEmpty {
        let trial = OpTrial(row, inputs, &numbers)
        for (i, j) in Self.pairs(inputs) {
          for tracksFirst in [false, true] {
            func derivatives(_ first: Tensor, _ second: Tensor) -> [Tensor] {
              var x = trial.x.map { Tensor($0).tracked() }
              (x[i], x[j]) = (tracksFirst ? first.tracked() : first, second)
              let wanted = x.indices.filter { x[$0].isTracked }
              let u = Tensor(trial.u).tracked()
              let y = trial.row.op(x)
              let once = gradient(of: y, wrt: wanted.map { x[$0] }, seed: u, recording: true)
              let projection = zip(once, wanted).reduce(Tensor(0)) {
                $0 + ($1.0 * Tensor(trial.w[$1.1])).sum()
              }
              return [y] + once + gradient(of: projection, wrt: wanted.map { x[$0] } + [u])
            }
            let one = Tensor(trial.x[j])
            let found = derivatives(one, one)
            let want = derivatives(Tensor(trial.x[j]), Tensor(trial.x[j]))
            for (order, (a, b)) in zip(found, want).enumerated() where b.isFinite {
              #expect(a.array == b.array, "\(row.name), inputs \(i) and \(j), result \(order)")
            }
          }
        }
      }
    }

    /// The seed may be the output itself: then it meets the output again in the derivative.
    @Test("as output and seed", arguments: Activation.all) func seed(_ activation: Activation) {
      let x = Tensor([0.5, -1, 2], shape: [1, 3]).tracked()
      let one = Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3])
      func third(_ seed: (Tensor) -> Tensor) -> [Float] {
        let y = dense(x, one, bias: nil, activation: activation)
        let first = gradient(of: y, wrt: [x], seed: seed(y), recording: true)[0]
        return gradient(of: first, wrt: [x])[0].array
      }
      for (a, b) in zip(third { $0 }, third { $0 + 0 }) {
        #expect(abs(a - b) <= 1e-5 * max(abs(b), 1), "\(activation): \(a), not \(b)")
      }
    }
  }
}
