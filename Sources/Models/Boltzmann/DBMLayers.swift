import SGNets
import SGTensors

/// The parameters of a Boltzmann machine with two hidden layers: E(v, h, g) = −v·b − h·c − g·d −
/// v W h − h U g. Its input is (v, g), of which it makes the free energy −log Σ_h exp(−E). Its
/// statistics are the persistent chains' states (v, g).
struct DBMLayer: Layer {
  let visible, first, second: Int
  let chains: Int

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.parameter("weight", [visible, first], .normal(0.01))
    try d.parameter("visible_bias", [visible], .zeros)
    try d.parameter("first_bias", [first], .zeros)
    try d.parameter("second_weight", [first, second], .normal(0.01))
    try d.parameter("second_bias", [second], .zeros)
    try d.state("chains", [chains, x.count], initial: 0)
    d.cost(x.count, first)
    return try d.shape([1])
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    DBM((0..<5).map { _ in c.parameter() }).rbm.freeEnergy(x).reshaped([x.shape[0], 1])
  }
}

/// A Boltzmann machine of layers v, h and g with some weights (Salakhutdinov & Hinton 2009).
struct DBM {
  let weight, visibleBias, firstBias, secondWeight, secondBias: Tensor

  /// - Parameter weights: in order of declaration.
  init(_ weights: [Tensor]) {
    (weight, visibleBias, firstBias) = (weights[0], weights[1], weights[2])
    (secondWeight, secondBias) = (weights[3], weights[4])
  }

  /// The same machine as a restricted one: h is its hidden layer, v and g beside each other are its
  /// visible one, since no unit of them is connected with another.
  var rbm: RBM {
    RBM(
      [
        .concatenate([weight, secondWeight.permuted([1, 0])], axis: 0),
        .concatenate([visibleBias, secondBias], axis: 0), firstBias,
      ], deviation: nil)
  }

  /// The distribution of g in the mean-field approximation of p(h, g | v), as logits [batch,
  /// second]: a pass upwards with doubled weights, then updates of both layers in turn, each of
  /// which raises the bound of log p(v) (Salakhutdinov & Hinton 2009, eq. 8 and section 3.2).
  func meanField(_ v: Tensor, steps: Int) -> Tensor {
    let own = matmul(v, weight)
    var h = sigmoid(2 * own + firstBias)
    var logits = dense(h, secondWeight, bias: secondBias)
    for _ in 0..<steps {
      h = sigmoid(own + matmul(sigmoid(logits), secondWeight, transposeB: true) + firstBias)
      logits = dense(h, secondWeight, bias: secondBias)
    }
    return logits
  }

  /// The entropy of units with given logits, [batch], in nats.
  static func entropy(_ logits: Tensor) -> Tensor {
    (softplus(logits) - logits * sigmoid(logits)).sum([1])
  }

  /// v beside the mean of g.
  static func joined(_ v: Tensor, _ logits: Tensor) -> Tensor {
    .concatenate([v, sigmoid(logits)], axis: 1)
  }
}

/// Two layers alone, one of which has twice its inputs because the layer beyond it, which would
/// give the other half, is not there yet (Salakhutdinov & Hinton 2009, section 3.2).
struct DBMPair {
  let weight, lowerBias, upperBias: Tensor
  /// Factors on the inputs of the upper and of the lower layer.
  let up, down: Float

  /// Means of the upper layer, [batch, units].
  func upper(_ v: Tensor) -> Tensor { sigmoid(up * matmul(v, weight) + upperBias) }

  /// E of each row at the upper layer's means, which have no derivative here, [batch].
  private func energy(_ v: Tensor) -> Tensor {
    let means = upper(v).detached
    let terms = v * lowerBias + v * matmul(means, weight, transposeB: true)
    return -terms.sum([1]) - (means * upperBias).sum([1])
  }

  /// E(data) − E(samples), whose samples are chains of some steps from the data: contrastive
  /// divergence.
  func cost(_ v: Tensor, steps: Int, seed: UInt64) -> Tensor {
    let n = v.shape[0]
    var x = v
    for step in 0..<steps {
      func uniform(_ use: UInt16, _ units: Int) -> Tensor {
        RandomKey(.chains, seed: seed, use: use, step: UInt64(step)).uniform([n, units])
      }
      let h = (upper(x) - uniform(0, weight.shape[1])).step().detached
      let means = sigmoid(down * matmul(h, weight, transposeB: true) + lowerBias)
      x = (means - uniform(1, weight.shape[0])).step().detached
    }
    return (energy(v) - energy(x)).mean()
  }
}
