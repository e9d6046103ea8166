import Nets
import Tensors

extension GAN {
  /// The discriminator's estimate of log(p_data / p_model) for each sample, [count] (Goodfellow et al. 2014, proposition 1). Label
  /// smoothing is undone. It is as good as the discriminator is near its optimum.
  /// - Parameter samples: [count] + sampleShape.
  /// - Throws: `Failure` of kind argument (not finite) or unsupported (total variation's D tells no ratio).
  public func logDensityRatio(_ samples: Tensor) throws(Failure) -> Tensor {
    let ratio = try ratio(samples)
    let d = inferringDiscriminator
    return try inChunks(samples, d.network, output: [1]) { x, first in
      ratio(d, x, first)
    }.reshaped([samples.shape[0]])
  }

  /// p_data / p_model for each sample, [count]: at most e⁸⁸, what a float can hold.
  public func densityRatio(_ samples: Tensor) throws(Failure) -> Tensor {
    exp(try logDensityRatio(samples).clamped(-.greatestFiniteMagnitude, 88))
  }

  /// ∂ log(p_data / p_model) / ∂x at each sample, [count] + sampleShape: where the sample would have to go to look more like
  /// data.
  public func logDensityRatioGradient(_ samples: Tensor) throws(Failure) -> Tensor {
    let ratio = try ratio(samples)
    let d = inferringDiscriminator
    try Self.reserve(
      floats: min(samples.shape[0], 64), copies: 3 * d.network.floatsPerSample,
      for: "the discriminator's derivative")
    return try inChunks(samples, d.network, output: sampleShape) { x, first in
      let x = x.tracked()
      return gradient(of: ratio(d, x, first).sum(), wrt: [x])[0]
    }
  }

  /// Checks samples, and gives the log ratio as a function of a piece of them and its place.
  private func ratio(
    _ samples: Tensor
  ) throws(Failure) -> (Inference, Tensor, Int) -> Tensor {
    guard let ratio = objective.logRatio else {
      throw Failure(
        .unsupported,
        objective.divergence == nil
          ? "the objective \(objective.name) states no density ratio"
          : "total variation's optimal discriminator is ±1/2: it tells which density is larger, not their ratio"
      )
    }
    try samples.expectFiniteSamples("samples")
    let smoothing = configuration.labelSmoothing
    return { d, x, first in ratio(d(x, Self.key(.samplingLayers, 0).from(first)), smoothing) }
  }

  /// How far the model is from the data by the discriminator's density ratio.
  /// - Parameters:
  ///   - data: real samples, the first `count` in stored order.
  ///   - count: real samples, and as many of the model's; nil: 10,000, or all where there are fewer.
  ///   - seed: of the model's samples.
  public func divergences(
    from data: Dataset, count: Int? = nil, seed: UInt64 = 1
  ) throws(Failure) -> DivergenceEstimates {
    guard data.shape == sampleShape else {
      throw Failure(
        .mismatch,
        "the data's samples have the shape \(data.shape), the model's \(sampleShape)")
    }
    let n = count ?? min(data.count, 10_000)
    guard (2...max(data.count, 2)).contains(n), n <= data.count else {
      throw Failure(.argument, "count: expected 2...\(data.count), found \(n)")
    }
    let real = try logDensityRatio(data.batch(Array(0..<n), range: sampleRange))
    let fake = try logDensityRatio(sample(n, seed: seed))
    return DivergenceEstimates(onData: real.array, onModel: fake.array, seed: seed)
  }
}
