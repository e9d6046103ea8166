import SGBasics
import SGTensors

/// A restricted Boltzmann machine with some weights (Hinton 2002). With visible units of 0 or 1
/// E(v, h) = −v·b − h·c − v W h; with normal ones of deviation σ it is
/// ‖v − b‖² / 2σ² − h·c − v W h / σ.
struct RBM {
  let weight, hiddenBias: Tensor
  var visibleBias: Tensor
  let deviation: Float?

  /// - Parameter weights: in order of declaration.
  init(_ weights: [Tensor], deviation: Float?) {
    (weight, visibleBias, hiddenBias) = (weights[0], weights[1], weights[2])
    self.deviation = deviation
  }

  var visible: Int { weight.shape[0] }
  var hidden: Int { weight.shape[1] }

  /// The logits of hidden units, [batch, hidden]: log p(h = 1 | v) / p(h = 0 | v).
  func hiddenLogits(_ v: Tensor) -> Tensor {
    dense(deviation.map { v / $0 } ?? v, weight, bias: hiddenBias)
  }

  /// The terms of the energy in v alone, [batch].
  func visibleEnergy(_ v: Tensor) -> Tensor {
    guard let deviation else { return -(v * visibleBias).sum([1]) }
    return ((v - visibleBias) / deviation).squared().sum([1]) * 0.5
  }

  /// F(v), [batch].
  func freeEnergy(_ v: Tensor) -> Tensor {
    visibleEnergy(v) - softplus(hiddenLogits(v)).sum([1])
  }

  /// One step of Gibbs sampling at an inverse temperature, which multiplies W and c alone:
  /// h of p(h | v), then v of p(v | h).
  /// - Parameters:
  ///   - step: of the chain; draws depend on seed, step, and a chain's number.
  ///   - first: the number of the first of these chains.
  func gibbs(
    _ v: Tensor, step: Int, seed: UInt64, first: Int = 0, temperature beta: Float = 1
  ) -> Tensor {
    func key(_ use: UInt16) -> RandomKey {
      RandomKey(.chains, seed: seed, use: use, step: UInt64(step)).from(first)
    }
    let n = v.shape[0]
    let h = (sigmoid(beta * hiddenLogits(v)) - key(0).uniform([n, hidden])).step()
    let pull = beta * matmul(h, weight, transposeB: true)
    guard let deviation else {
      return (sigmoid(pull + visibleBias) - key(1).uniform([n, visible])).step()
    }
    return visibleBias + deviation * (pull + key(1).normal([n, visible]))
  }

  /// Samples of the visible units where hidden ones have no influence.
  func base(_ count: Int, seed: UInt64, first: Int = 0) -> Tensor {
    let key = RandomKey(.chains, seed: seed, use: 3).from(first)
    guard let deviation else {
      return (sigmoid(visibleBias) - key.uniform([count, visible])).step()
    }
    return visibleBias + deviation * key.normal([count, visible])
  }

  /// The correlation of chains' elements before and after some steps: near 1 where they hardly
  /// move.
  static func correlation(_ before: Tensor, _ after: Tensor) -> Tensor {
    let (a, b) = (before - before.mean([0]), after - after.mean([0]))
    let scale = a.squared().sum() * b.squared().sum()
    return (a * b).sum() / (scale + 1e-20).squareRoot()
  }
}
