@testable import SGTensors

extension Values {
  /// Element i of this is of channel i mod channels.
  var channels: Int { shape[shape.count - 1] }

  /// [mean, biased variance] by channel.
  var moments: Values {
    let n = Double(count / channels)
    var result = Values.zeros([2, channels])
    for (i, x) in elements.enumerated() { result[0, i % channels] += x / n }
    for (i, x) in elements.enumerated() {
      let d = x - result[0, i % channels]
      result[1, i % channels] += d * d / n
    }
    return result
  }

  func standardized(_ moments: Values) -> Values {
    var result = self
    for i in elements.indices {
      let c = i % channels
      result.elements[i] =
        (elements[i] - moments[0, c]) / (moments[1, c] + Double(OpTable.epsilon)).squareRoot()
    }
    return result
  }
}

extension OpTable {
  static let epsilon: Float = 0.01

  private static let small: [[Int]] = [[6, 3], [9, 1], [3, 2, 2, 5]]
  private static let large: [[Int]] = [[5, 19, 23, 17]]

  private static func channels(_ shape: [Int]) -> Int { shape[shape.count - 1] }
  private static func moments(_ shape: [Int]) -> Input {
    Input(shape: [2, channels(shape)], fill: .uniform(0.5, 2))
  }
  private static func vector(_ shape: [Int], _ fill: Fill = .uniform(-2, 2)) -> Input {
    Input(shape: [channels(shape)], fill: fill)
  }
  private static func shapes(_ activation: Activation) -> [[Int]] {
    activation.hasKink ? small : small + large
  }

  static let normalizations: [OpRow] =
    [
      OpRow(
        name: "channelMoments", covers: ["Moments"],
        cases: ([[1, 4]] + small + large).map { [Input(shape: $0)] }, tolerance: .overall(2e-6),
        op: { $0[0].channelMoments() }, reference: { $0[0].moments }),
      OpRow(
        name: "channelRow", covers: ["Slice", "Reshape"], cases: [[Input(shape: [2, 5])]],
        tolerance: .exact, linear: .together, op: { $0[0].channelRow(1) },
        reference: { Values([5], Array($0[0].elements[5...])) }),
    ] + Activation.all.flatMap { [given($0), own($0)] }

  /// Inputs: x, moments, γ, β.
  private static func given(_ activation: Activation) -> OpRow {
    let inside: @Sendable ([Values]) -> Values = { x in
      .combined(.combined(x[0].standardized(x[1]), x[2], *), x[3], +)
    }
    return OpRow(
      name: "normalize, \(activation)", covers: ["Normalize"],
      cases: shapes(activation).map { shape in
        [Input(shape: shape), moments(shape), vector(shape, .away(0.3, 1.5)), vector(shape)]
      },
      tolerance: .overall(3e-6),
      distance: activation.distance(of: inside),
      op: {
        normalize(
          $0[0], moments: $0[1], scale: $0[2], offset: $0[3], epsilon: epsilon,
          activation: activation)
      },
      reference: { inside($0).map(activation.reference) })
  }

  /// Inputs: x, γ, β; the moments are x's own.
  private static func own(_ activation: Activation) -> OpRow {
    let inside: @Sendable ([Values]) -> Values = { x in
      .combined(.combined(x[0].standardized(x[0].moments), x[1], *), x[2], +)
    }
    return OpRow(
      name: "batchNormalize, \(activation)", covers: ["BatchNormalize"],
      cases: shapes(activation).map { shape in
        [Input(shape: shape), vector(shape, .away(0.3, 1.5)), vector(shape)]
      },
      tolerance: .overall(3e-6), derivative: 5e-5,
      distance: activation.distance(of: inside),
      op: {
        batchNormalize(
          $0[0], moments: $0[0].channelMoments(), scale: $0[1], offset: $0[2], epsilon: epsilon,
          activation: activation)
      },
      reference: { inside($0).map(activation.reference) })
  }

  private static func outputs(_ activation: Activation) -> Fill {
    switch activation {
    case .tanh: .uniform(-0.9, 0.9)
    case .sigmoid: .uniform(0.1, 0.9)
    case .identity, .relu, .leakyReLU: .uniform(-2, 2)
    }
  }

  /// g · activation′, of inputs g, x, y, moments, γ, β.
  private static func inner(_ x: [Values], _ activation: Activation) -> Values {
    let y = activation.hasKink ? inside(x) : x[2]
    return Values(
      y.shape, zip(x[0].elements, y.elements).map { $0 * activation.slopeReference($1) })
  }
  private static func inside(_ x: [Values]) -> Values {
    .combined(.combined(x[1].standardized(x[3]), x[4], *), x[5], +)
  }

  /// Where the kernel asks for the sign of y alone, y has to fit the other inputs; elsewhere it is
  /// free.
  private static func fitting(_ x: [Tensor], _ activation: Activation) -> [Tensor] {
    guard activation.hasKink else { return x }
    var x = x
    x[2] = normalize(
      x[1], moments: x[3], scale: x[4], offset: x[5], epsilon: epsilon, activation: activation)
    return x
  }
  private static func inputs(_ shape: [Int], _ activation: Activation) -> [Input] {
    [
      Input(shape: shape), Input(shape: shape), Input(shape: shape, fill: outputs(activation)),
      moments(shape), vector(shape), vector(shape),
    ]
  }

  /// The two fused steps of the derivative, as functions of inputs that need not fit together.
  static let normalizationGradients: [OpRow] = Activation.all.flatMap { activation in
    [
      OpRow(
        name: "normalization sums, \(activation)", covers: ["NormalizeSums"],
        cases: shapes(activation).map { inputs($0, activation) },
        tolerance: .overall(5e-6), derivative: 5e-5, linear: .each(1), exactOnIntegers: false,
        distance: activation.distance(of: inside),
        op: {
          NormalizeSums(epsilon: epsilon, activation: activation).apply(fitting($0, activation))
        },
        reference: { x in
          let d = inner(x, activation)
          let h = x[1].standardized(x[3])
          var result = Values.zeros([2, d.channels])
          for i in d.elements.indices {
            result[0, i % d.channels] += d.elements[i]
            result[1, i % d.channels] += d.elements[i] * h.elements[i]
          }
          return result
        }),
      OpRow(
        name: "normalization input, \(activation)", covers: ["NormalizeInput"],
        cases: shapes(activation).map { shape in
          inputs(shape, activation) + [Input(shape: [2, channels(shape)])]
        },
        tolerance: .overall(3e-6), derivative: 5e-5,
        distance: activation.distance(of: inside),
        op: {
          NormalizeInput(epsilon: epsilon, activation: activation).apply(fitting($0, activation))
        },
        reference: { x in
          let d = inner(x, activation)
          let h = x[1].standardized(x[3])
          let n = Double(d.count / d.channels)
          var result = d
          for i in d.elements.indices {
            let c = i % d.channels
            let r = 1 / (x[3][1, c] + Double(epsilon)).squareRoot()
            result.elements[i] =
              x[4].elements[c] * r
              * (d.elements[i] - x[6][0, c] / n - h.elements[i] * x[6][1, c] / n)
          }
          return result
        }),
    ]
  }
}
