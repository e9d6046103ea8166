import Nets
import Tensors

extension GAN {
  /// The discriminator's estimate of log(p_data / p_model) for each sample, [count] (Goodfellow et al. 2014, proposition 1). Label
  /// smoothing is undone. It is as good as the discriminator is near its optimum.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - given: labels and conditions, where the discriminator is given them.
  /// - Throws: `Failure` of kind argument (not finite) or unsupported (total variation's D tells no ratio).
  public func logDensityRatio(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let ratio = try ratio(samples, given)
      return try inferringDiscriminator().inChunks(samples, output: [1]) { x, place in
        ratio(x, place)
      }.reshaped([samples.shape[0]])
    }
  }

  /// p_data / p_model for each sample, [count]: at most e⁸⁸, what a float can hold. Arguments and errors as for `logDensityRatio(_:given:)`.
  public func densityRatio(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      exp(try logDensityRatio(samples, given: given).clamped(-.greatestFiniteMagnitude, 88))
    }
  }

  /// ∂ log(p_data / p_model) / ∂x at each sample, [count] + sampleShape: where the sample would have to go to look more like
  /// data. Arguments and errors as for `logDensityRatio(_:given:)`.
  public func logDensityRatioGradient(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let ratio = try ratio(samples, given)
      let d = try inferringDiscriminator()
      try Self.reserve(
        floats: min(samples.shape[0], 64), copies: 3 * d.network.floatsPerSample,
        for: "the discriminator's derivative")
      return try d.inChunks(samples, output: sampleShape) { x, place in
        let x = x.tracked()
        return gradient(of: ratio(x, place).sum(), wrt: [x])[0]
      }
    }
  }

  /// Checks samples, and gives the log ratio as a function of a piece of them and its place.
  private func ratio(
    _ samples: Tensor, _ given: Conditions
  ) throws(Failure) -> (Tensor, Range<Int>) -> Tensor {
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
    let condition = try discriminatorConditions(samples, given)
    let (d, mode) = (try inferringDiscriminator(), configuration.labels.mode)
    return { x, place in
      let output = d(x, condition(place), Self.key(.samplingLayers, 0).from(place.lowerBound))
      return ratio(Said(output, mode: mode).logits, smoothing)
    }
  }

  /// How far the model is from the data by the discriminator's density ratio.
  /// - Parameters:
  ///   - data: real samples, the first `count` in stored order.
  ///   - count: real samples, and as many of the model's; nil: 10,000, or all where there are fewer.
  ///   - seed: of the model's samples, which have the labels of the real ones where the model is conditional.
  /// - Throws: `Failure` of kind mismatch (shape), argument (count), unsupported (total variation) or noMemory; of the file where a
  ///   sample cannot be read.
  public func divergences(
    from data: Dataset, count: Int? = nil, seed: UInt64 = 1
  ) throws(Failure) -> DivergenceEstimates {
    try Memory.checked { () throws(Failure) in
      try data.check(shape: sampleShape)
      let n = count ?? min(data.count, 10_000)
      guard (2...max(data.count, 2)).contains(n), n <= data.count else {
        throw Failure(.argument, "count: expected 2...\(data.count), found \(n)")
      }
      try Self.reserve(floats: 2 * n, copies: sampleShape.count, for: "\(n) samples of each side")
      try Memory.expectRoom(for: 64 * n, "the ratios of \(n) samples")
      let index = Array(0..<n)
      let given = data.conditions(index)
      let real = try logDensityRatio(try data.batch(index, range: sampleRange), given: given)
      let fake = try logDensityRatio(sample(n, seed: seed, given: given), given: given)
      return DivergenceEstimates(onData: real.array, onModel: fake.array, seed: seed)
    }
  }
}
