import SwiftGAN

/// Derivatives in double precision by central differences: an oracle that shares no code with the
/// engine.
func finiteDifferences(
  of cost: ([[Double]]) -> Double, at weights: [[Double]], step: Double = 1e-5
) -> [[Double]] {
  weights.indices.map { i in
    weights[i].indices.map { k in
      var (low, high) = (weights, weights)
      low[i][k] -= step
      high[i][k] += step
      return (cost(high) - cost(low)) / (2 * step)
    }
  }
}

/// x w + b of row vectors, in double precision; w is [in, out] row by row.
func denseInDouble(_ x: [Double], _ w: [Double], _ b: [Double]) -> [Double] {
  b.indices.map { j in x.indices.reduce(b[j]) { $0 + x[$1] * w[$1 * b.count + j] } }
}
