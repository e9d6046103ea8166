import SGBasics
import SGNets
import SGTensors

/// What a masked autoencoder is good for.
extension MADE: SamplingFamily, LikelihoodFamily {
  package var likelihood: LikelihoodKind { .exact }
  package var samplingProcedure: SamplingProcedure { .sequential }
  package var isBinary: Bool { output == .bernoulli }
  package var domain: SampleDomain { isBinary ? .within(ValueRange(0, 1)) : .any }

  /// The network with the masks of an order.
  private func inference(_ order: Int, _ learned: Learned) -> Inference {
    Inference(
      network: forms[order], parameters: learned.networks[0].parameters, statistics: [],
      reference: nil)
  }

  private static func pass(_ network: Inference, _ x: Tensor) -> Tensor {
    network(x, nil, RandomKey(.layers, seed: 0))
  }

  /// log 1/k Σ p_k(x) over the k orders.
  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    try JSONObject(options, path: "").finish()
    let networks = forms.indices.map { inference($0, learned) }
    return try networks[0].inChunks(samples, output: [1]) { x, _ in
      let n = x.shape[0]
      let all = networks.map { logDensity(of: x, Self.pass($0, x)).reshaped([n, 1]) }
      guard all.count > 1 else { return all[0] }
      let sum = logSumExp(.concatenate(all, axis: 1)).reshaped([n, 1])
      return sum - log(Tensor(Float(all.count)))
    }.reshaped([samples.shape[0]])
  }

  /// Each sample of an order of its own, which its seed draws.
  package func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    let key = RandomKey(.sampling, seed: seed)
    let numbers = output == .bernoulli ? key.uniform([count, size]) : key.normal([count, size])
    let choice = RandomKey(.orders, seed: seed, use: 1).uniform([count, 1]).array
    try Memory.check()
    var samples = Tensor.zeros([count, size])
    for order in forms.indices {
      let own = choice.indices.filter {
        min(Int(choice[$0] * Float(forms.count)), forms.count - 1) == order
      }
      for first in stride(from: 0, to: own.count, by: 64) {
        let rows = own[first..<min(first + 64, own.count)].map { Int32($0) }
        let made = try ancestral(order, numbers.gather(rows), learned)
        samples = Tensor(shape: [count, size]) { y in
          samples.withElements { _ = y.update(from: $0) }
          made.withElements { made in
            for (i, row) in rows.enumerated() {
              for k in 0..<size { y[Int(row) * size + k] = made[i * size + k] }
            }
          }
        }
        try Memory.check()
      }
    }
    return samples.reshaped(learned.sampleShape.prepending(count))
  }

  /// Samples of one order, element by element: uniform or normal numbers [count, size] become
  /// elements.
  private func ancestral(
    _ order: Int, _ numbers: Tensor, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let n = numbers.shape[0]
    let network = inference(order, learned)
    try Memory.reserve(floats: n, copies: network.network.floatsPerSample, for: "a forward pass")
    var elements = [Int](repeating: 0, count: size)
    for (element, place) in places[order].enumerated() { elements[place] = element }
    var x = Tensor.zeros([n, size])
    for element in elements {
      let result = Self.pass(network, x.reshaped(learned.sampleShape.prepending(n)))
      let drawn: Tensor
      switch output {
      case .bernoulli: drawn = (sigmoid(result) - numbers).step()
      case .gaussian:
        let (mean, logVariance) = parts(result)
        drawn = mean + exp(0.5 * logVariance) * numbers
      }
      try Memory.check()
      x = Tensor(shape: [n, size]) { y in
        x.withElements { _ = y.update(from: $0) }
        drawn.withElements { drawn in
          for i in 0..<n { y[i * size + element] = drawn[i * size + element] }
        }
      }
    }
    return x
  }
}
