import SGBasics
import SGData
import SGNets
import SGTensors

extension GAN {
  /// The discriminator's estimate of log(p_data / p_model) for each sample, [count] (Goodfellow et
  /// al. 2014, proposition 1). Label smoothing and label flipping are undone. It is as good as the
  /// discriminator is near its optimum. With a layer that sees the whole batch (minibatch
  /// discrimination or deviation) the samples are judged as one batch.
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - given: labels and conditions, where the discriminator is given them.
  /// - Throws: `Failure` of kind argument (not finite) or unsupported (D tells no ratio:
  ///   it gives a score, or judges patches; label flipping of ½, or equal targets).
  public func logDensityRatio(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let (samples, ratio) = try ratio(samples, given)
      return try inferringDiscriminator().inChunks(samples, output: [1]) { x, place in
        ratio(x, place)
      }.reshaped([samples.shape[0]])
    }
  }

  /// p_data / p_model for each sample, [count]: at most e⁸⁸, what a float can hold. Arguments and
  /// errors as for `logDensityRatio(_:given:)`.
  public func densityRatio(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      exp(try logDensityRatio(samples, given: given).clamped(-.greatestFiniteMagnitude, 88))
    }
  }

  /// ∂ log(p_data / p_model) / ∂x at each sample, [count] + sampleShape: where the sample would
  /// have to go to look more like data. With a layer that sees the whole batch it is the derivative
  /// of the sum of all samples' log ratios. Arguments and errors as for
  /// `logDensityRatio(_:given:)`.
  public func logDensityRatioGradient(
    _ samples: Tensor, given: Conditions = .none
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let (samples, ratio) = try ratio(samples, given)
      let d = try inferringDiscriminator()
      let gradients = try d.inChunks(samples, output: sampleShape, copies: 3) { x, place in
        let x = x.tracked()
        return gradient(of: ratio(x, place).sum(), wrt: [x])[0]
      }
      return state.standardization.chained(gradients)
    }
  }

  /// Checks samples, and gives them as D sees them, with the log ratio as a function of a piece of
  /// those and its place.
  private func ratio(
    _ samples: Tensor, _ given: Conditions
  ) throws(Failure) -> (samples: Tensor, ratio: (Tensor, Range<Int>) -> Tensor) {
    guard let logRatio = configuration.logRatio else {
      throw Failure(.unsupported, configuration.whyNoRatio ?? "the discriminator tells no ratio")
    }
    guard !judgesPatches else {
      throw Failure(
        .unsupported,
        "the discriminator judges patches, \(networks.discriminator.output) logits a sample: they tell"
          + " the density ratios of patches, not that of samples")
    }
    let (x, condition) = try discriminatorInput(samples, given)
    let (d, mode) = (try inferringDiscriminator(), configuration.labels.mode)
    return (
      x,
      { x, place in
        let random = RandomStream.samplingLayers.key(0).from(place.lowerBound)
        return logRatio(DiscriminatorOutput(d(x, condition(place), random), mode: mode).logits)
      }
    )
  }

  /// How far the model is from the data by the discriminator's density ratio.
  /// - Parameters:
  ///   - data: real samples, the first `count` in stored order.
  ///   - count: real samples, and as many of the model's; nil: 10,000, or all where there are
  ///     fewer. A discriminator with a layer that sees the whole batch judges them in batches of at
  ///     most 64.
  ///   - seed: of the model's samples, which have the labels of the real ones where the model is
  ///     conditional.
  /// - Throws: `Failure` of kind mismatch (shape), argument (count), unsupported (total variation)
  ///   or noMemory; of the file where a sample cannot be read.
  public func divergences(
    from data: Dataset, count: Int? = nil, seed: UInt64 = 1
  ) throws(Failure) -> DivergenceEstimates {
    try Memory.checked { () throws(Failure) in
      try data.check(shape: sampleShape)
      try data.expectWhole()
      let data = try data.matchingClasses(of: self)
      let n = count ?? min(data.count, 10_000)
      guard (2...max(data.count, 2)).contains(n), n <= data.count else {
        throw Failure(.argument, "count: expected 2...\(data.count), found \(n)")
      }
      try Memory.reserve(floats: 2 * n, copies: sampleShape.count, for: "\(n) samples of each side")
      try Memory.expectRoom(for: 64 * n, "the ratios of \(n) samples")
      let index = Array(0..<n)
      let given = try data.conditions(index)
      let real = try logRatios(try data.batch(index, range: sampleRange), given)
      let fake = try logRatios(sample(n, seed: seed, given: given), given)
      return DivergenceEstimates(onData: real, onModel: fake, seed: seed)
    }
  }

  private func logRatios(_ samples: Tensor, _ given: Conditions) throws(Failure) -> [Float] {
    try inBatches(samples, given) { (x, given) throws(Failure) in
      try logDensityRatio(x, given: given)
    }
  }

  /// Judges many samples that the caller did not choose as a batch. A discriminator that sees the
  /// whole batch learned from batches of a training's size, and gets batches of about that size
  /// here: at most 64 samples each, evenly.
  func inBatches(
    _ samples: Tensor, _ given: Conditions,
    _ judge: (Tensor, Conditions) throws(Failure) -> Tensor
  ) throws(Failure) -> [Float] {
    let n = samples.shape[0]
    guard state.discriminator.network.seesWholeBatch, n > 64 else {
      return try judge(samples, given).array
    }
    let batches = (n + 63) / 64
    var result: [Float] = []
    for i in 0..<batches {
      let place = (i * n / batches)..<((i + 1) * n / batches)
      result += try judge(samples.rows(place), given.part(place)).array
    }
    return result
  }
}

extension GAN {
  /// Whether the discriminator gives a logit for each of several patches of a sample.
  var judgesPatches: Bool {
    configuration.discriminatorOutputs == 1 && networks.discriminator.output.isMap
  }

  /// D = σ(ℓ) of each sample; of objectives whose D tells a ratio but no probability σ(log ratio),
  /// as in a step's report; where ℓ is a score σ of what it is above its boundary, or above its
  /// mean.
  public func opinion(of samples: Tensor, given: Conditions) throws(Failure) -> [Float] {
    var readsRatio = false
    if case .logRatio = objective.output {
      readsRatio = configuration.logRatio != nil && !judgesPatches
    }
    let values = try inBatches(samples, given) { (x, given) throws(Failure) in
      readsRatio ? try logDensityRatio(x, given: given) : try discriminate(x, given: given)
    }
    var boundary: Float = 0
    if case .score(let stated) = objective.output {
      boundary = stated ?? values.reduce(0, +) / Float(max(values.count, 1))
    }
    return sigmoid(Tensor(values) - boundary).array
  }
}
