import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension OpTable {
  private static func row(
    _ name: String, _ type: String, _ fill: Fill, tolerance: Tolerance = .element(1e-6),
    piecewiseConstant: Bool = false, linear: Linearity = .none,
    _ op: @escaping @Sendable (Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double
  ) -> OpRow {
    OpRow(
      name: name, covers: [type], cases: cases(fill), tolerance: tolerance,
      piecewiseConstant: piecewiseConstant, linear: linear, op: { op($0[0]) },
      reference: { $0[0].map(reference) })
  }

  static let elementwise: [OpRow] =
    [
      row("-x", "Negate", .uniform(-3, 3), tolerance: .exact, linear: .together, { -$0 }, { -$0 }),
      row("absolute", "Absolute", .away(0.1, 3), tolerance: .exact, { $0.absolute() }, { abs($0) }),
      row(
        "sign", "Sign", .among([-1.5, -1e-30, 0, 1e-30, 2]), tolerance: .exact,
        piecewiseConstant: true, { $0.sign() }, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
      row(
        "step", "Step", .among([-1.5, -1e-30, 0, 1e-30, 2]), tolerance: .exact,
        piecewiseConstant: true, { $0.step() }, { $0 > 0 ? 1 : 0 }),
      row("squared", "Square", .uniform(-3, 3), { $0.squared() }, { $0 * $0 }),
      row("reciprocal", "Reciprocal", .away(0.5, 2), { $0.reciprocal() }, { 1 / $0 }),
      row("squareRoot", "SquareRoot", .uniform(0.5, 4), { $0.squareRoot() }, { $0.squareRoot() }),
      row(
        "reciprocalSquareRoot", "ReciprocalSquareRoot", .uniform(0.5, 4),
        { $0.reciprocalSquareRoot() }, { 1 / $0.squareRoot() }),
      row("exp", "Exponential", .uniform(-3, 3), { exp($0) }, { exp($0) }),
      row("log", "Logarithm", .uniform(1.25, 4), { log($0) }, { log($0) }),
      row("log below 1", "Logarithm", .uniform(0.2, 0.8), { log($0) }, { log($0) }),
      row(
        "a x", "Scale", .uniform(-3, 3), linear: .together, { 2.5 * $0 }, { 2.5 * $0 }),
      row("x a", "Scale", .uniform(-3, 3), linear: .together, { $0 * -1.5 }, { $0 * -1.5 }),
      row("x / a", "Scale", .uniform(-3, 3), linear: .together, { $0 / 0.5 }, { $0 / 0.5 }),
      row("x + b", "Scale", .uniform(1, 3), { $0 + 0.75 }, { $0 + 0.75 }),
      row("b + x", "Scale", .uniform(1, 3), { 0.75 + $0 }, { 0.75 + $0 }),
      row("x - b", "Scale", .uniform(1, 3), { $0 - 0.25 }, { $0 - 0.25 }),
      row("b - x", "Scale", .uniform(1, 3), { 0.25 - $0 }, { 0.25 - $0 }),
      row(
        "clamped", "Clamp", .grid(0.125, offset: 0), tolerance: .exact,
        { $0.clamped(-0.5625, 0.6875) }, { min(max($0, -0.5625), 0.6875) }),
      row("wrightOmega", "WrightOmega", .uniform(-3, 6), { wrightOmega($0) }, omega),
    ] + powers

  /// The solution of ω + log ω = x, by halving.
  @Sendable private static func omega(_ x: Double) -> Double {
    var (low, high) = (0.0, 10.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if middle + log(middle) < x { low = middle } else { high = middle }
    }
    return low
  }

  private static let powers: [OpRow] = [
    (0, .away(0.5, 2)), (1, .uniform(-2, 2)), (2, .uniform(-2, 2)), (3, .away(0.5, 2)),
    (-2, .away(0.5, 2)), (0.5, .uniform(0.5, 3)), (-1.5, .uniform(0.5, 3)),
    (2.25, .uniform(0.5, 3)),
  ].map { (exponent: Double, fill: Fill) in
    row(
      "raised to \(exponent)", "Power", fill, { $0.raised(to: Float(exponent)) },
      { pow($0, exponent) })
  }
}
