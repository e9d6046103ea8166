import SGTensors

extension OpTable {
  /// Pairs of shapes that NumPy's rule joins.
  private static let pairs: [([Int], [Int])] = [
    ([], []), ([1], [1]), ([3, 5], [3, 5]), ([3, 5], [5]), ([3, 5], [3, 1]), ([], [4, 3]),
    ([4, 3], []), ([7, 1], [1, 6]), ([1, 1], [5]), ([3, 1, 2], [1, 4, 1]),
    ([2, 1, 3, 1, 2, 1], [4, 1, 5, 1, 3]), ([2, 3, 1, 2, 2, 3], [2, 3, 1, 2, 2, 3]),
    ([2, 2, 3, 5], [2, 1, 1, 5]), ([0, 3], [3]), ([4, 1], [1, 0]), ([129, 257], [257]),
    ([129, 257], [129, 1]), ([33, 1031], [33, 1031]), ([40009], []),
  ]

  private static func row(
    _ name: String, _ type: String, _ x: Fill, _ z: Fill, tolerance: Tolerance = .element(1e-6),
    piecewiseConstant: Bool = false, linear: Linearity = .none,
    _ op: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double, Double) -> Double
  ) -> OpRow {
    OpRow(
      name: name, covers: [type],
      cases: pairs.map { [Input(shape: $0, fill: x), Input(shape: $1, fill: z)] },
      tolerance: tolerance, piecewiseConstant: piecewiseConstant, linear: linear,
      op: { op($0[0], $0[1]) }, reference: { Values.combined($0[0], $0[1], reference) })
  }

  static let binary: [OpRow] = [
    row(
      "x + z", "Add", .uniform(-2, 2), .uniform(-2, 2), tolerance: .overall(1e-6),
      linear: .together, { $0 + $1 }, { $0 + $1 }),
    row(
      "x - z", "Subtract", .uniform(-2, 2), .uniform(-2, 2), tolerance: .overall(1e-6),
      linear: .together, { $0 - $1 }, { $0 - $1 }),
    row(
      "x * z", "Multiply", .uniform(-2, 2), .uniform(-2, 2), linear: .each(2), { $0 * $1 },
      { $0 * $1 }),
    row("x / z", "Divide", .uniform(-2, 2), .away(0.5, 2), { $0 / $1 }, { $0 / $1 }),
    row(
      "maximum", "Maximum", .grid(0.25, offset: 0), .grid(0.25, offset: 0.125), tolerance: .exact,
      { maximum($0, $1) }, { max($0, $1) }),
    row(
      "minimum", "Minimum", .grid(0.25, offset: 0), .grid(0.25, offset: 0.125), tolerance: .exact,
      { minimum($0, $1) }, { min($0, $1) }),
    row(
      "greater", "Greater", .grid(0.25, offset: 0), .grid(0.25, offset: 0), tolerance: .exact,
      piecewiseConstant: true, { greater($0, $1) }, { $0 > $1 ? 1 : 0 }),
    row(
      "equal", "Equal", .grid(0.25, offset: 0), .grid(0.25, offset: 0), tolerance: .exact,
      piecewiseConstant: true, { equal($0, $1) }, { $0 == $1 ? 1 : 0 }),
    selection,
  ]

  private static let selection = OpRow(
    name: "select", covers: ["Select"],
    cases: shapes.map { shape in
      [
        Input(shape: shape, fill: .among([0, 0, 1, -2, 1e-30]), constant: true),
        Input(shape: shape), Input(shape: shape),
      ]
    },
    tolerance: .exact, op: { select($0[0], $0[1], $0[2]) },
    reference: { x in
      Values(
        x[0].shape, x[0].elements.indices.map { x[x[0].elements[$0] != 0 ? 1 : 2].elements[$0] })
    })
}
