import SGBasics
import SGNets
import SGTensors

/// What a neural autoregressive distribution estimator is good for.
extension NADE: SamplingFamily, LikelihoodFamily {
  package var likelihood: LikelihoodKind { .exact }
  package var samplingProcedure: SamplingProcedure { .sequential }
  package var isBinary: Bool { output == .bernoulli }
  package var domain: SampleDomain { isBinary ? .binary : .any }

  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    try JSONObject(options, path: "").finish()
    let network = learned.networks[0]
    return try network.inChunks(samples, output: [1]) { x, _ in
      logDensity(of: x, network(x, nil, RandomKey(.layers, seed: 0))).reshaped([x.shape[0], 1])
    }.reshaped([samples.shape[0]])
  }

  /// Element by element along the order. The hidden units' sums are kept and gain one input with
  /// each element, so that a sample costs as much as one pass.
  package func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    let (size, width) = (layer.order.count, layer.width)
    try Memory.reserve(
      floats: min(count, 256), copies: 4 * (width + 2 * size), for: "the hidden units of samples")
    var parameters = learned.networks[0].parameters.makeIterator()
    let none = Tensor(0)
    let w = NADELayer.Weights(isScaled: layer.isScaled) { parameters.next() ?? none }
    return try Tensor(shape: learned.sampleShape.prepending(count)) { (y) throws(Failure) in
      for first in stride(from: 0, to: count, by: 256) {
        let n = min(256, count - first)
        let key = RandomKey(.sampling, seed: seed).from(first)
        let uniform = key.uniform([n, size]).array
        let normal =
          output == .mixture
          ? RandomKey(.sampling, seed: seed, use: 1).from(first).normal([n, size]).array : uniform
        var sum = w.hiddenBias.reshaped([1, width]).broadcast(to: [n, width])
        for (d, element) in layer.order.enumerated() {
          let one = w.output.rows(d..<d + 1).reshaped([width, layer.outputs])
          let outputs =
            matmul(layer.hidden(sum, w.scale, at: d), one) + w.bias.rows(d..<d + 1)
          let drawn = (0..<n).map { d + $0 * size }
          let values = draw(outputs, drawn.map { uniform[$0] }, drawn.map { normal[$0] })
          try Memory.check()
          for i in 0..<n { y[(first + i) * size + element] = values[i] }
          sum = sum + Tensor(values, shape: [n, 1]) * w.input.rows(d..<d + 1)
        }
      }
    }
  }

  /// The value of one element of each sample, from the outputs [batch, outputs].
  private func draw(_ outputs: Tensor, _ uniform: [Float], _ normal: [Float]) -> [Float] {
    guard output == .mixture else {
      return zip(sigmoid(outputs).array, uniform).map { $0 > $1 ? 1 : 0 }
    }
    let (logits, mean, logDeviation) = parts(outputs)
    let (shares, means, deviations) = (
      softmax(logits).array, mean.array, exp(logDeviation).array
    )
    return uniform.indices.map { i in
      var (k, left) = (i * components, uniform[i])
      let last = k + components - 1
      while k < last, left >= shares[k] {
        left -= shares[k]
        k += 1
      }
      return means[k] + deviations[k] * normal[i]
    }
  }
}
