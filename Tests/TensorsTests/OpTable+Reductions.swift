import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Values {
  /// Combines the elements along some axes, which go.
  func reduced(
    _ axes: [Int], from start: Double, _ combine: (Double, Double) -> Double
  ) -> Values {
    let kept = shape.indices.filter { !axes.contains($0) }
    var result = Values(
      kept.map { shape[$0] },
      [Double](repeating: start, count: kept.reduce(1) { $0 * shape[$1] }))
    Values.indices(shape) { index in
      let target = kept.map { index[$0] }
      result[target] = combine(result[target], self[index])
    }
    return result
  }

  /// Calls `body` with each row along the last axis and puts its results one after another.
  func rows(_ shape: [Int], _ body: (ArraySlice<Double>) -> [Double]) -> Values {
    let columns = self.shape.last ?? 1
    var elements: [Double] = []
    for start in stride(from: 0, to: count, by: columns) {
      elements += body(self.elements[start..<start + columns])
    }
    return Values(shape, elements)
  }
}

extension OpTable {
  /// Shapes and the axes that go.
  private static let reduced: [([Int], [Int])] = [
    ([1], [0]), ([7], [0]), ([3, 5], [0]), ([3, 5], [1]), ([3, 5], [0, 1]), ([2, 3, 5], [1]),
    ([2, 3, 5], [0, 2]), ([4, 1, 3], [1]), ([2, 3, 2, 1, 3, 2], [0, 2, 4]),
    ([2, 3, 2, 1, 3, 2], [1, 3, 5]), ([2, 3, 2, 1, 3, 2], [0, 1, 2, 3, 4, 5]),
    ([129, 263], [0]), ([129, 263], [1]), ([129, 263], [0, 1]), ([31, 11, 7, 15], [0, 1, 2]),
    ([31, 11, 7, 15], [1, 2]),
  ]

  static let reductions: [OpRow] =
    reduced.flatMap { shape, axes in
      [
        OpRow(
          name: "sum of \(shape) over \(axes)", covers: ["Sum"], cases: [[Input(shape: shape)]],
          tolerance: .overall(1e-5), linear: .together, op: { $0[0].sum(axes) },
          reference: { $0[0].reduced(axes, from: 0, +) }),
        OpRow(
          name: "max of \(shape) over \(axes)", covers: ["MaximumOver"],
          cases: [[Input(shape: shape, fill: .distinct)]], tolerance: .exact,
          op: { $0[0].max(axes) }, reference: { $0[0].reduced(axes, from: -.infinity, max) }),
      ]
    } + [
      OpRow(
        name: "mean by axes", covers: ["Sum", "Scale"], cases: [[Input(shape: [3, 5, 4])]],
        tolerance: .overall(1e-6), linear: .together, exactOnIntegers: false,
        op: { $0[0].mean([0, -1]) },
        reference: { $0[0].reduced([0, 2], from: 0, +).map { $0 / 12 } }),
      OpRow(
        name: "mean", covers: ["Sum", "Scale"],
        cases: [[Input(shape: [8, 4])], [Input(shape: [])]],
        tolerance: .overall(1e-6), linear: .together, op: { $0[0].mean() },
        reference: { x in
          Values([], [x[0].elements.reduce(0, +) / Double(x[0].count)])
        }),
      OpRow(
        name: "sum of nothing", covers: ["Sum"], cases: [[Input(shape: [0, 3])]],
        tolerance: .exact, linear: .together, op: { $0[0].sum([0]) },
        reference: { $0[0].reduced([0], from: 0, +) }),
    ]

  private static let rowCases: [[Input]] =
    [[1], [9], [3, 5], [4, 1], [2, 3, 1, 2, 3, 7]].map {
      [Input(shape: $0, fill: .uniform(-4, 4))]
    } + [[Input(shape: [2301, 17])], [Input(shape: [5, 8209])]]

  static let softmaxes: [OpRow] = [
    OpRow(
      name: "softmax", covers: ["Softmax"], cases: rowCases, tolerance: .element(3e-6),
      op: { softmax($0[0]) },
      reference: { x in
        x[0].rows(x[0].shape) { row in
          let total = row.reduce(0) { $0 + exp($1) }
          return row.map { exp($0) / total }
        }
      }),
    OpRow(
      name: "logSumExp", covers: ["LogSumExp"], cases: rowCases, tolerance: .overall(2e-6),
      op: { logSumExp($0[0]) },
      reference: { x in
        x[0].rows(x[0].shape.dropLast()) { [log($0.reduce(0) { $0 + exp($1) })] }
      }),
    OpRow(
      name: "logSoftmax", covers: ["LogSumExp", "Subtract"], cases: rowCases,
      tolerance: .overall(2e-6), op: { logSoftmax($0[0]) },
      reference: { x in
        x[0].rows(x[0].shape) { row in
          let total = log(row.reduce(0) { $0 + exp($1) })
          return row.map { $0 - total }
        }
      }),
  ]
}
