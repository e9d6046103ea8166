import SGTestSupport
import Testing

@testable import SGTensors

extension TensorsTests {
  @Suite("Operations") struct OpTests {
    private static func trials(_ row: OpRow) -> [OpTrial] {
      var numbers = Numbers(state: 41)
      return row.cases.map { OpTrial(row, $0, &numbers) }
    }

    /// Forward, first and second derivative, on every instruction set and with any number of
    /// threads.
    @Test("against the references", arguments: OpTable.rows) func reference(_ row: OpRow) {
      for trial in Self.trials(row) {
        let shapes = trial.x.map(\.shape)
        onEveryInstructionSet { isa in
          let what = "\(row.name) of \(shapes), \(isa)"
          let results = sameBits(what) { OpResult(trial).all }
          let split = 1 + trial.places.count
          expectNear(results[0], trial.y, row.tolerance, what)
          let first = results[1..<split].map(Values.init)
          let second = results[split...].map(Values.init)
          if row.piecewiseConstant {
            #expect((first + second).allSatisfy { $0.elements.allSatisfy { $0 == 0 } }, "\(what)")
            return
          }
          let v = trial.places.map { trial.v[$0] }
          let w = trial.places.map { trial.w[$0] }
          expectProjection(first, v, trial.first, row.derivative, "first derivative of \(what)")
          expectProjection(
            first, w, trial.crossFirst, row.derivative, "first derivative of \(what)")
          expectProjection(
            second, v + [trial.t], trial.second, row.derivative, "second derivative of \(what)")
        }
      }
    }

    private func expectNear(
      _ tensor: Tensor, _ want: Values, _ tolerance: Tolerance, _ what: String
    ) {
      #expect(tensor.shape.array == want.shape, "shape of \(what)")
      guard tensor.shape.array == want.shape else { return }
      if case .exact = tolerance {
        // The reference rounded to a float, no more.
        let same = zip(tensor.array, want.elements).allSatisfy { $0 == Float($1) }
        #expect(same, "\(what) is not exact")
        return
      }
      let largest = want.elements.reduce(0) { max($0, abs($1)) }
      var worst = 0.0
      for (got, want) in zip(tensor.array, want.elements) {
        let allowed =
          switch tolerance {
          case .exact: 0.0
          case .element(let bound): bound * abs(want) + 1e-30
          case .overall(let bound): bound * largest + 1e-15
          }
        let error = abs(Double(got) - want) / allowed
        // Written so that NaN stays.
        worst = error <= worst ? worst : error
      }
      #expect(worst <= 1, "\(what) off by \(worst) times the tolerance")
    }

    private func expectProjection(
      _ gradients: [Values], _ directions: [Values], _ want: OpTrial.Difference,
      _ tolerance: Double, _ what: String
    ) {
      let got = zip(gradients, directions).reduce(0) { $0 + $1.0.dot($1.1) }
      let size = zip(gradients, directions).reduce(0) { $0 + $1.0.size($1.1) }
      let error = abs(got - want.value)
      let bound = tolerance * size + want.noise + 1e-12
      #expect(error <= bound, "\(what): \(got), by difference \(want.value), terms \(size)")
    }

    /// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩ to the last bit where numbers are small and whole.
    @Test("adjoints of linear operations", arguments: OpTable.rows.filter(\.isLinear))
    func adjoint(_ row: OpRow) {
      var numbers = Numbers(state: 17)
      for inputs in row.cases {
        let moving: [[Int]] =
          switch row.linear {
          case .none: []
          case .together: [Array(inputs.indices)]
          case .each(let count): (0..<count).map { [$0] }
          }
        for places in moving {
          var x = row.draw(inputs, &numbers)
          for i in x.indices where places.contains(i) || row.exactOnIntegers {
            x[i] = numbers.integers(x[i].shape)
          }
          let drawn = x
          let seed = numbers.integers(row.reference(drawn).shape)
          onEveryInstructionSet { isa in
            var tensors = drawn.map { Tensor($0) }
            for place in places { tensors[place] = tensors[place].tracked() }
            let y = row.op(tensors)
            let adjoint = gradient(of: y, wrt: places.map { tensors[$0] }, seed: Tensor(seed))
            let left = Values(y).dot(seed)
            let right = zip(adjoint, places).reduce(0) { $0 + Values($1.0).dot(drawn[$1.1]) }
            let what = "\(row.name) of \(inputs.map(\.shape)), inputs \(places), \(isa)"
            if row.exactOnIntegers {
              #expect(left == right, "\(what)")
            } else {
              #expect(abs(left - right) <= 1e-5 * Values(y).size(seed), "\(what)")
            }
          }
        }
      }
    }

    /// A row must run the operations that it says it covers, and every fused kernel it meets, on
    /// the way there and back, must agree with the composition that it stands for.
    @Test("reach and fused kernels", arguments: OpTable.rows) func reach(_ row: OpRow) {
      var found: Set<String> = []
      for trial in Self.trials(row) {
        let result = OpResult(trial)
        for node in result.nodes {
          guard let op = node.op else { continue }
          found.insert(String(describing: type(of: op)))
          guard let fused = op as? any FusedOp else { continue }
          let want = Values(fused.reference(node.inputs.map(\.detached)))
          expectNear(node.value, want, .overall(1e-5), "\(op) in \(row.name)")
        }
      }
      #expect(found.isSuperset(of: row.covers), "\(row.name) reaches \(found.sorted())")
    }

    /// Which other derivatives are asked for makes no difference.
    @Test("one input at a time", arguments: OpTable.rows) func alone(_ row: OpRow) {
      for trial in Self.trials(row) where trial.places.count > 1 {
        let together = OpResult(trial).first
        for (i, place) in trial.places.enumerated() {
          var x = trial.x.map { Tensor($0) }
          x[place] = x[place].tracked()
          let seed = Tensor(trial.u)
          let one = gradient(of: row.op(x), wrt: [x[place]], seed: seed)[0]
          #expect(one.bits == together[i].bits, "\(row.name), input \(place) alone")
        }
      }
    }
  }
}

extension OpRow {
  fileprivate var isLinear: Bool {
    if case .none = linear { false } else { true }
  }
}
