import CSGKernels

// Batch normalization (Ioffe & Szegedy 2015). x is [..., channels]; moments is [2, channels]: mean,
// biased variance.

/// Mean and biased variance of each channel.
struct Moments: Op {
  func shape(_ x: [Tensor]) -> Shape { [2, x[0].shape[-1]] }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_moments(x[0].pointer, x[0].rowCount, x[0].shape[-1], y)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let n = Float(x[0].rowCount)
    return [g.channelRow(0) / n + (x[0] - y.channelRow(0)) * (g.channelRow(1) * (2 / n))]
  }
}

/// activation(γ (x − mean) / √(variance + ε) + β) with the given moments. Inputs: x, moments, γ, β.
struct Normalize: FusedOp {
  let epsilon: Float
  var activation = Activation.identity

  func shape(_ x: [Tensor]) -> Shape { x[0].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_normalize(
      x[0].pointer, x[1].pointer, x[2].pointer, x[3].pointer, epsilon, activation.kernel, y,
      x[0].rowCount, x[0].shape[-1])
  }
  func reference(_ x: [Tensor]) -> Tensor {
    activation(x[2] * standardized(x[0], moments: x[1], epsilon) + x[3])
  }
}

/// The same where the moments are those of x itself: the derivative in x takes the way through them
/// as well, and none is given for the moments input, which only saves computing them twice.
struct BatchNormalize: FusedOp {
  let epsilon: Float
  var activation = Activation.identity

  func shape(_ x: [Tensor]) -> Shape { x[0].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    Normalize(epsilon: epsilon, activation: activation).forward(x, into: y)
  }
  func reference(_ x: [Tensor]) -> Tensor {
    activation(x[2] * standardized(x[0], moments: Moments()(x[0]), epsilon) + x[3])
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let sums = NormalizeSums(epsilon: epsilon, activation: activation)
      .apply([g, x[0], y, x[1], x[2], x[3]])
    let input = NormalizeInput(epsilon: epsilon, activation: activation)
    return [
      needs[0] ? input(g, x[0], y, x[1], x[2], x[3], sums) : nil,
      nil,
      needs[2] ? sums.channelRow(1) : nil,
      needs[3] ? sums.channelRow(0) : nil,
    ]
  }
}

/// [Σ d, Σ d h] by channel, with d = g · activation′ and h the standardized x. Inputs: g, x, y,
/// moments, γ, β, where y is their `Normalize`: the kernel reads it only where more of it than the
/// sign counts.
struct NormalizeSums: FusedOp {
  let epsilon: Float
  let activation: Activation

  func shape(_ x: [Tensor]) -> Shape { x[3].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_normalize_sums(
      x[0].pointer, x[1].pointer, x[2].pointer, x[3].pointer, x[4].pointer, x[5].pointer, epsilon,
      activation.kernel, y, x[0].rowCount, x[0].shape[-1])
  }
  func reference(_ x: [Tensor]) -> Tensor {
    let d = activation.pullback(x[0], x[2])
    let h = standardized(x[1], moments: x[3], epsilon)
    let rows = Array(0..<(d.rank - 1))
    let channels = d.shape[-1]
    return .concatenate(
      [d.sum(rows).reshaped([1, channels]), (d * h).sum(rows).reshaped([1, channels])], axis: 0)
  }
}

/// γ r (d − Σd/n − h Σdh/n), r = 1/√(variance + ε). Inputs: g, x, y, moments, γ, β, with y as
/// above, and sums.
struct NormalizeInput: FusedOp {
  let epsilon: Float
  let activation: Activation

  func shape(_ x: [Tensor]) -> Shape { x[1].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_normalize_input(
      x[0].pointer, x[1].pointer, x[2].pointer, x[3].pointer, x[4].pointer, x[5].pointer,
      x[6].pointer, epsilon, activation.kernel, y, x[0].rowCount, x[0].shape[-1])
  }
  func reference(_ x: [Tensor]) -> Tensor {
    let d = activation.pullback(x[0], x[2])
    let h = standardized(x[1], moments: x[3], epsilon)
    let r = (x[3].channelRow(1) + epsilon).reciprocalSquareRoot()
    let n = Float(x[1].rowCount)
    return x[4] * r * (d - x[6].channelRow(0) / n - h * (x[6].channelRow(1) / n))
  }
}

/// (x − mean) / √(variance + ε).
private func standardized(_ x: Tensor, moments: Tensor, _ epsilon: Float) -> Tensor {
  (x - moments.channelRow(0)) * (moments.channelRow(1) + epsilon).reciprocalSquareRoot()
}

extension Tensor {
  /// Rows when all axes but the last are taken as one.
  var rowCount: Int { count / Swift.max(shape[-1], 1) }

  /// One row of a matrix, as a vector.
  package func channelRow(_ i: Int) -> Tensor { rows(i..<i + 1).reshaped([shape[-1]]) }

  /// Mean and biased variance of each channel (last axis): [2, channels].
  package func channelMoments() -> Tensor { Moments()(self) }
}

/// activation(γ (x − mean) / √(variance + ε) + β) by channel, with moments from elsewhere, such as
/// running statistics.
package func normalize(
  _ x: Tensor, moments: Tensor, scale: Tensor, offset: Tensor, epsilon: Float,
  activation: Activation = .identity
) -> Tensor {
  Normalize(epsilon: epsilon, activation: activation)(x, moments, scale, offset)
}

/// The same with x's own moments; `moments` must be `x.channelMoments()`.
package func batchNormalize(
  _ x: Tensor, moments: Tensor, scale: Tensor, offset: Tensor, epsilon: Float,
  activation: Activation = .identity
) -> Tensor {
  BatchNormalize(epsilon: epsilon, activation: activation)(x, moments, scale, offset)
}
