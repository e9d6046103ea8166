@testable import SGTensors

/// One geometry with its batch and channels.
struct ConvolutionCase: Sendable {
  var batch = 2
  var channels = 3
  var outChannels = 2
  var geometry: ConvolutionGeometry
  /// Fractions enter: the fast way for 4 × 4 kernels of stride 2.
  var rounds = false

  init(
    _ batch: Int, _ x: (Int, Int, Int), _ y: (Int, Int, Int), kernel: (Int, Int),
    stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0), groups: Int = 1,
    rounds: Bool = false
  ) {
    (self.batch, channels, outChannels) = (batch, x.2, y.2)
    geometry = ConvolutionGeometry(
      input: (x.0, x.1), output: (y.0, y.1), kernel: kernel, stride: stride, padding: padding,
      groups: groups)
    self.rounds = rounds
  }

  var x: [Int] { [batch, geometry.input.height, geometry.input.width, channels] }
  var y: [Int] { [batch, geometry.output.height, geometry.output.width, outChannels] }
  var w: [Int] {
    [geometry.kernel.height, geometry.kernel.width, channels / geometry.groups, outChannels]
  }

  var name: String {
    let g = geometry
    return "\(x) to \(y), kernel \(g.kernel), stride \(g.stride), padding \(g.padding)"
      + (g.groups == 1 ? "" : ", \(g.groups) groups")
  }

  /// Every product of the sum, by places in the flat x, w and y.
  func eachTerm(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
    let g = geometry
    for b in 0..<batch {
      for i in 0..<g.output.height {
        for j in 0..<g.output.width {
          for u in 0..<g.kernel.height {
            for v in 0..<g.kernel.width {
              let row = i * g.stride.height + u - g.padding.top
              let column = j * g.stride.width + v - g.padding.left
              if row < 0 || row >= g.input.height || column < 0 || column >= g.input.width {
                continue
              }
              let from = ((b * g.input.height + row) * g.input.width + column) * channels
              let (each, own) = (channels / g.groups, outChannels / g.groups)
              let tap = (u * g.kernel.width + v) * each * outChannels
              let to = ((b * g.output.height + i) * g.output.width + j) * outChannels
              for c in 0..<each {
                for n in 0..<outChannels {
                  body(from + n / own * each + c, tap + c * outChannels + n, to + n)
                }
              }
            }
          }
        }
      }
    }
  }

  func output(_ x: Values, _ w: Values) -> Values {
    var result = Values.zeros(y)
    eachTerm { result.elements[$2] += x.elements[$0] * w.elements[$1] }
    return result
  }

  func input(_ y: Values, _ w: Values) -> Values {
    var result = Values.zeros(x)
    eachTerm { result.elements[$0] += y.elements[$2] * w.elements[$1] }
    return result
  }

  func weight(_ x: Values, _ y: Values) -> Values {
    var result = Values.zeros(w)
    eachTerm { result.elements[$1] += x.elements[$0] * y.elements[$2] }
    return result
  }

  static let all: [ConvolutionCase] = [
    .init(2, (5, 6, 3), (5, 6, 2), kernel: (1, 1)),
    .init(2, (6, 7, 1), (6, 7, 1), kernel: (3, 3), padding: (1, 1)),
    .init(1, (7, 9, 2), (3, 3, 5), kernel: (3, 5), stride: (2, 3), padding: (1, 2)),
    .init(2, (4, 4, 5), (1, 1, 3), kernel: (4, 4)),
    .init(1, (5, 4, 3), (9, 8, 2), kernel: (2, 2), padding: (3, 3)),
    .init(1, (10, 12, 2), (2, 2, 3), kernel: (2, 3), stride: (3, 4)),
    .init(1, (1, 11, 3), (1, 9, 4), kernel: (1, 3)),
    .init(1, (1, 1, 1), (1, 1, 1), kernel: (1, 1)),
    .init(0, (5, 5, 2), (3, 3, 2), kernel: (3, 3)),
    .init(2, (8, 8, 3), (4, 4, 16), kernel: (4, 4), stride: (2, 2), padding: (1, 1), rounds: true),
    .init(
      2, (14, 10, 16), (7, 5, 16), kernel: (4, 4), stride: (2, 2), padding: (1, 1), rounds: true),
    .init(3, (18, 18, 9), (16, 16, 11), kernel: (3, 3)),
    .init(2, (5, 6, 6), (5, 6, 4), kernel: (3, 3), padding: (1, 1), groups: 2),
    .init(1, (7, 6, 40), (3, 3, 40), kernel: (4, 3), stride: (2, 2), padding: (1, 1), groups: 40),
    .init(2, (6, 5, 3), (6, 5, 3), kernel: (1, 1), groups: 3),
    .init(1, (5, 5, 4), (3, 3, 8), kernel: (3, 3), stride: (2, 2), padding: (1, 1), groups: 4),
    .init(1, (9, 10, 64), (9, 10, 32), kernel: (3, 3), padding: (1, 1), groups: 2),
    .init(1, (12, 11, 2), (3, 3, 2), kernel: (10, 9), groups: 2),
    .init(0, (5, 5, 4), (3, 3, 2), kernel: (3, 3), groups: 2),
  ]
}

extension OpTable {
  static let convolutions: [OpRow] =
    ConvolutionCase.all.flatMap { plain($0) } + Activation.all.flatMap { biased($0) }

  private static func plain(_ c: ConvolutionCase) -> [OpRow] {
    [
      OpRow(
        name: "convolution \(c.name)", covers: ["ConvolutionOutput"],
        cases: [[Input(shape: c.x), Input(shape: c.w)]], tolerance: .overall(5e-6),
        linear: .each(2), exactOnIntegers: !c.rounds,
        op: { convolution($0[0], $0[1], c.geometry) }, reference: { c.output($0[0], $0[1]) }),
      OpRow(
        name: "transposed convolution \(c.name)", covers: ["ConvolutionInput"],
        cases: [[Input(shape: c.y), Input(shape: c.w)]], tolerance: .overall(5e-6),
        linear: .each(2), exactOnIntegers: !c.rounds,
        op: { transposedConvolution($0[0], $0[1], c.geometry) },
        reference: { c.input($0[0], $0[1]) }),
    ]
  }

  /// With bias and activation.
  private static func biased(_ activation: Activation) -> [OpRow] {
    let cases = [
      ConvolutionCase(
        1, (4, 5, 2), (2, 2, 3), kernel: (3, 3), stride: (2, 2), padding: (1, 0)),
      ConvolutionCase(
        1, (4, 4, 3), (2, 2, 16), kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
    ]
    return cases.flatMap { c in
      let scale = 1 / Double(c.channels * 9).squareRoot()
      let w = Input(shape: c.w, fill: .uniform(-scale, scale))
      let ahead: @Sendable ([Values]) -> Values = {
        Values.combined(c.output($0[0], $0[1]), $0[2], +)
      }
      let back: @Sendable ([Values]) -> Values = {
        Values.combined(c.input($0[0], $0[1]), $0[2], +)
      }
      return [
        OpRow(
          name: "convolution, bias, \(activation), \(c.name)",
          covers: ["ConvolutionOutput"],
          cases: [[Input(shape: c.x), w, Input(shape: [c.outChannels])]],
          tolerance: .overall(5e-6),
          distance: activation.distance(of: ahead),
          op: { convolution($0[0], $0[1], bias: $0[2], c.geometry, activation: activation) },
          reference: { ahead($0).map(activation.reference) }),
        OpRow(
          name: "transposed convolution, bias, \(activation), \(c.name)",
          covers: ["ConvolutionInput"],
          cases: [[Input(shape: c.y), w, Input(shape: [c.channels])]],
          tolerance: .overall(5e-6),
          distance: activation.distance(of: back),
          op: {
            transposedConvolution($0[0], $0[1], bias: $0[2], c.geometry, activation: activation)
          },
          reference: { back($0).map(activation.reference) }),
      ]
    }
  }

  /// The adjoint in w, which has no function of its own: it is reached through derivatives.
  static let convolutionWeights: [OpRow] = ConvolutionCase.all.map { c in
    OpRow(
      name: "convolution weight \(c.name)", covers: ["ConvolutionWeight"],
      cases: [[Input(shape: c.x), Input(shape: c.y)]], tolerance: .overall(5e-6),
      linear: .each(2), exactOnIntegers: !c.rounds,
      op: { ConvolutionWeight(geometry: c.geometry)($0[0], $0[1]) },
      reference: { c.weight($0[0], $0[1]) })
  }
}
