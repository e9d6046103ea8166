import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A discriminator in double precision, by plain loops, and penalties on it by differences of
/// differences: no code of the engine's.
struct PenaltyOracle {
  /// A layer of the discriminator, its weights in the order of the engine's.
  enum Step {
    /// Dense to so many units, with bias.
    case dense(Int)
    /// Convolution with "same" padding, with bias.
    case convolution(channels: Int, kernel: Int, stride: Int)
    /// Batch normalization with scale and offset, by the batch's statistics.
    case batchNorm
    /// x where positive, else 0.2 x.
    case leakyReLU
  }

  let steps: [Step]
  /// A sample's shape: [n] or [height, width, channels].
  let shape: [Int]

  /// ℓ of each sample, and the distance of the nearest value to a kink.
  func judge(_ batch: [[Double]], _ weights: [[Double]]) -> (logits: [Double], distance: Double) {
    var x = batch
    var shape = shape
    var next = 0
    var distance = Double.infinity
    func weight() -> [Double] {
      defer { next += 1 }
      return weights[next]
    }
    for step in steps {
      switch step {
      case .dense(let units):
        let (w, b) = (weight(), weight())
        x = x.map { denseInDouble($0, w, b) }
        shape = [units]
      case .convolution(let channels, let kernel, let stride):
        let (w, b) = (weight(), weight())
        let (from, inner) = ((shape[0], shape[1]), shape[2])
        let to = ((from.0 + stride - 1) / stride, (from.1 + stride - 1) / stride)
        let top = max(0, (to.0 - 1) * stride + kernel - from.0) / 2
        let left = max(0, (to.1 - 1) * stride + kernel - from.1) / 2
        x = x.map { image in
          var y = [Double]()
          for i in 0..<to.0 {
            for j in 0..<to.1 {
              for k in 0..<channels {
                var sum = b[k]
                for p in 0..<kernel {
                  for q in 0..<kernel {
                    let (r, c) = (i * stride + p - top, j * stride + q - left)
                    guard r >= 0, r < from.0, c >= 0, c < from.1 else { continue }
                    for l in 0..<inner {
                      sum +=
                        image[(r * from.1 + c) * inner + l]
                        * w[((p * kernel + q) * inner + l) * channels + k]
                    }
                  }
                }
                y.append(sum)
              }
            }
          }
          return y
        }
        shape = [to.0, to.1, channels]
      case .batchNorm:
        let (scale, offset) = (weight(), weight())
        let channels = scale.count
        for k in 0..<channels {
          let places = x.flatMap { s in stride(from: k, to: s.count, by: channels).map { s[$0] } }
          let mean = places.reduce(0, +) / Double(places.count)
          let variance =
            places.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(places.count)
          for i in x.indices {
            for j in stride(from: k, to: x[i].count, by: channels) {
              x[i][j] = scale[k] * (x[i][j] - mean) / (variance + 1e-5).squareRoot() + offset[k]
            }
          }
        }
      case .leakyReLU:
        for i in x.indices {
          for j in x[i].indices {
            distance = min(distance, abs(x[i][j]))
            if x[i][j] < 0 { x[i][j] *= 0.2 }
          }
        }
      }
    }
    return (x.map { $0[0] }, distance)
  }

  /// ‖∂ Σℓ / ∂x‖² of each sample.
  func squaredSlopes(_ batch: [[Double]], _ weights: [[Double]]) -> [Double] {
    batch.indices.map { i in
      batch[i].indices.reduce(0) { sum, j in
        func spread(_ h: Double) -> Double {
          var (low, high) = (batch, batch)
          low[i][j] -= h
          high[i][j] += h
          return judge(high, weights).logits.reduce(0, +) - judge(low, weights).logits.reduce(0, +)
        }
        let slope = (8 * spread(1e-3) - spread(2e-3)) / (12 * 1e-3)
        return sum + slope * slope
      }
    }
  }

  /// A penalty's value and its derivative by each weight.
  func penalty(
    at batch: [[Double]], _ weights: [[Double]], _ cost: ([Double]) -> Double
  ) -> (value: Double, gradient: [[Double]]) {
    func value(_ w: [[Double]]) -> Double { cost(squaredSlopes(batch, w)) }
    let near = finiteDifferences(of: value, at: weights, step: 1e-3)
    let far = finiteDifferences(of: value, at: weights, step: 2e-3)
    let gradient = zip(near, far).map { a, b in zip(a, b).map { (4 * $0 - $1) / 3 } }
    return (value(weights), gradient)
  }
}
