@testable import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where `tanh` is the activation, the function goes by its whole name.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

extension Activation {
  /// In double precision.
  func reference(_ x: Double) -> Double {
    switch self {
    case .identity: x
    case .relu: max(x, 0)
    case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
    case .tanh: hyperbolicTangent(x)
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  /// The derivative, as a function of the output.
  func slopeReference(_ y: Double) -> Double {
    switch self {
    case .identity: 1
    case .relu: y > 0 ? 1 : 0
    case .leakyReLU(let slope): y > 0 ? 1 : Double(slope)
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    }
  }

  var hasKink: Bool {
    switch self {
    case .relu, .leakyReLU: true
    case .identity, .tanh, .sigmoid: false
    }
  }

  /// How far what an activation is given lies from its kink, if it has one.
  func distance(
    of inside: @escaping @Sendable ([Values]) -> Values
  ) -> (@Sendable ([Values]) -> Double)? {
    guard hasKink else { return nil }
    return { x in inside(x).distanceFromZero }
  }

  static let all: [Activation] = [.identity, .relu, .leakyReLU(slope: 0.25), .tanh, .sigmoid]
}

extension OpTable {
  private static func row(
    _ name: String, _ type: String, _ fill: Fill, tolerance: Tolerance = .element(1e-6),
    _ op: @escaping @Sendable (Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double
  ) -> OpRow {
    OpRow(
      name: name, covers: [type], cases: cases(fill), tolerance: tolerance, op: { op($0[0]) },
      reference: { $0[0].map(reference) })
  }

  static let activations: [OpRow] = [
    row("tanh", "Tanh", .away(0.05, 4), { tanh($0) }, { tanh($0) }),
    row("sigmoid", "Sigmoid", .uniform(-6, 6), { sigmoid($0) }, { 1 / (1 + exp(-$0)) }),
    row("softplus", "Softplus", .uniform(-6, 6), { softplus($0) }, { log1p(exp($0)) }),
    row("relu", "ReLU", .away(0.05, 3), tolerance: .exact, { relu($0) }, { max($0, 0) }),
    row(
      "leakyReLU", "LeakyReLU", .away(0.05, 3), { leakyReLU($0, slope: 0.25) },
      { $0 > 0 ? $0 : 0.25 * $0 }),
    row("elu", "ELU", .away(0.05, 3), { elu($0) }, { $0 > 0 ? $0 : expm1($0) }),
    row(
      "elu with alpha", "ELU", .away(0.05, 3), { elu($0, alpha: 0.5) },
      { $0 > 0 ? $0 : 0.5 * expm1($0) }),
    row("silu", "SiLU", .away(0.05, 5), { silu($0) }, { $0 / (1 + exp(-$0)) }),
  ]

  /// As a function of g and y, whatever y came from.
  static let activationGradients: [OpRow] = Activation.all.map { activation in
    let outputs: Fill =
      switch activation {
      case .tanh: .uniform(-0.95, 0.95)
      case .sigmoid: .uniform(0.05, 0.95)
      case .identity, .relu, .leakyReLU: .away(0.05, 2)
      }
    return OpRow(
      name: "activation gradient of \(activation)", covers: ["ActivationGradient"],
      cases: shapes.map { [Input(shape: $0), Input(shape: $0, fill: outputs)] },
      tolerance: .element(1e-5), linear: .each(1),
      exactOnIntegers: activation.hasKink || activation == .identity,
      op: { ActivationGradient(activation: activation)($0[0], $0[1]) },
      reference: { x in
        Values(
          x[0].shape,
          zip(x[0].elements, x[1].elements).map { $0 * activation.slopeReference($1) })
      })
  }
}
