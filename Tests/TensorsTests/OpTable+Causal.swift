import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGTensors

extension OpTable {
  /// Places, samples and width.
  private static let causalSizes = [(1, 1, 1), (3, 2, 5), (5, 3, 32), (37, 3, 45), (2, 65, 550)]

  private static func units(_ x: Values, _ w: Values, _ c: Values) -> [[[Double]]] {
    let (places, batch, width) = (x.shape[0], x.shape[1], c.count)
    var sums = [[Double]](repeating: c.elements, count: batch)
    return (0..<places).map { d in
      let units = sums.map { $0.map { 1 / (1 + exp(-$0)) } }
      for b in 0..<batch {
        for k in 0..<width {
          sums[b][k] += x.elements[d * batch + b] * w.elements[d * width + k]
        }
      }
      return units
    }
  }

  private static func logits(_ x: [Values]) -> Values {
    let (batch, width) = (x[0].shape[1], x[2].count)
    let all = units(x[0], x[1], x[2]).enumerated().flatMap { d, units in
      (0..<batch).map { b in
        (0..<width).reduce(0.0) { $0 + units[b][$1] * x[3].elements[d * width + $1] }
      }
    }
    return Values(x[0].shape, all)
  }

  /// The derivatives of Σ g y by x, w, c and v, from their sums over all pairs of places.
  private static func slopes(_ x: [Values]) -> [[Double]] {
    let (g, input, w, c, v) = (x[0].elements, x[1], x[2].elements, x[3], x[4].elements)
    let (places, batch, width) = (input.shape[0], input.shape[1], c.count)
    let units = units(input, x[2], c)
    var dx = [Double](repeating: 0, count: places * batch)
    var dw = [Double](repeating: 0, count: places * width)
    var (dc, dv) = ([Double](repeating: 0, count: width), dw)
    for d in 0..<places {
      for b in 0..<batch {
        for k in 0..<width {
          let h = units[d][b][k]
          dv[d * width + k] += g[d * batch + b] * h
          let slope = g[d * batch + b] * v[d * width + k] * h * (1 - h)
          dc[k] += slope
          for e in 0..<d {
            dx[e * batch + b] += slope * w[e * width + k]
            dw[e * width + k] += slope * input.elements[e * batch + b]
          }
        }
      }
    }
    return [dx, dw, dc, dv]
  }

  private static func inputs(_ places: Int, _ batch: Int, _ width: Int) -> [Input] {
    let scale = 1 / Double(places).squareRoot()
    return [
      Input(shape: [places, batch]), Input(shape: [places, width], fill: .uniform(-scale, scale)),
      Input(shape: [width]), Input(shape: [places, width]),
    ]
  }

  static let causal: [OpRow] =
    [
      OpRow(
        name: "causal logits", covers: ["CausalLogits", "CausalGradient"],
        cases: causalSizes.map { inputs($0, $1, $2) }, tolerance: .overall(2e-6),
        op: { causalLogits($0[0], input: $0[1], bias: $0[2], output: $0[3]) },
        reference: logits)
    ]
    + [true, false].map { needsInput in
      OpRow(
        name: "gradient of causal logits\(needsInput ? ", of x, too" : "")",
        covers: ["CausalGradient"],
        cases: causalSizes.dropLast().map { sizes in
          [Input(shape: [sizes.0, sizes.1])] + inputs(sizes.0, sizes.1, sizes.2)
        },
        tolerance: .overall(3e-6),
        op: { CausalGradient(needsInput: needsInput).apply($0) },
        reference: { x in
          let all = slopes(x)
          let flat = Array((needsInput ? all : Array(all[1...])).joined())
          return Values([flat.count], flat)
        })
    }
}
