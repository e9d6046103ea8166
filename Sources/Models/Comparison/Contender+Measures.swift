import SGBasics
import SGData
import SGMetrics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension Contender {
  /// How much larger a unit is on the comparison's scale than on the model's.
  private var factor: Float {
    guard let scale, let own = model.sampleRange else { return 1 }
    return (scale.high - scale.low) / (own.high - own.low)
  }

  /// A model's samples on the comparison's scale.
  func scaled(_ x: Tensor) -> Tensor {
    guard let scale, let own = model.sampleRange, own != scale else { return x }
    return (x - own.low) * factor + scale.low
  }

  /// The log-likelihood of held-out samples: of the first 64, then of as many more as the time
  /// allows.
  /// - Parameters:
  ///   - index: their places in the data.
  ///   - seconds: nil: no limit.
  mutating func measureLikelihood(
    _ index: [Int], of data: Dataset, seconds: Double?
  ) throws(Failure) {
    guard let model = model as? any HasLikelihood else { return }
    try measure("likelihood") { (self) throws(Failure) in
      func nats(
        _ part: ArraySlice<Int>, _ options: JSON = [:]
      ) throws(Failure) -> [Float] {
        let x = try data.batch(Array(part), range: model.sampleRange)
        return try model.logLikelihood(x, given: .none, options: options).array
      }
      let first = index.prefix(64)
      let measured = try self.time { () throws(Failure) in try nats(first) }
      var (values, rest) = (measured.0, index.dropFirst(first.count))
      if let seconds {
        let fitting = (seconds - measured.seconds) / max(measured.seconds, 1e-9)
        rest = rest.prefix(Int(min(max(fitting, 0) * Double(first.count), Double(rest.count))))
      }
      if !rest.isEmpty { values += try nats(rest) }
      self.row.likelihood = try self.summary(of: values, model)
      guard !model.likelihoodOptions.isEmpty else { return }
      // Up to some times the work of the default.
      if let seconds, 6 * measured.seconds > seconds { return }
      let volume = self.logVolume(model)
      var others: [(options: JSON, nats: Double)] = []
      for options in model.likelihoodOptions {
        let values = options == [:] ? measured.0 : try nats(first, options)
        let sum = values.reduce(0) { $0 + Double($1) }
        others.append((options, sum / Double(values.count) - volume))
      }
      self.row.likelihood?.others = others
    }
  }

  /// How much smaller log densities are on the comparison's scale.
  private func logVolume(_ model: any HasLikelihood) -> Double {
    model.isProbability ? 0 : Double(model.sampleShape.count) * log(Double(factor))
  }

  private func summary(
    of nats: [Float], _ model: any HasLikelihood
  ) throws(Failure) -> Comparison.Likelihood {
    let (n, size) = (Double(nats.count), Double(model.sampleShape.count))
    let volume = logVolume(model)
    let mean = nats.reduce(0) { $0 + Double($1) } / n
    guard mean.isFinite else {
      throw Failure(.diverged, "the mean of \(nats.count) log-likelihoods is \(mean)")
    }
    let squares = nats.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return Comparison.Likelihood(
      kind: model.likelihood, isProbability: model.isProbability,
      binarization: model.configurationJSON["data"]?["binarize"]?.text, nats: mean - volume,
      standardError: (squares / max(n - 1, 1) / n).squareRoot(),
      bitsPerDimension: -(mean - volume) / (size * log(2)), count: nats.count)
  }

  /// Samples against held-out ones on the comparison's scale, by their elements.
  /// - Parameters:
  ///   - real: [count] + shape.
  ///   - columns: by which both sides are standardized; nil: they stay as they are.
  mutating func measureDistances(
    _ real: Tensor, _ mixture: Mixture?, _ columns: Standardization.Columns?
  ) throws(Failure) {
    guard let model = model as? any Sampling else { return }
    try measure("distances") { (self) throws(Failure) in
      try Memory.checked { () throws(Failure) in
        let count = real.shape[0]
        let fake = self.scaled(try model.sample(count, seed: self.seed))
        try fake.expectFiniteSamples("samples")
        func vectors(_ x: Tensor) -> Tensor {
          columns?.standardized(x) ?? x.reshaped([count, x.count / count])
        }
        let (a, b) = (vectors(real), vectors(fake))
        let isImage = real.rank == 4
        let features = FrechetFeatures(
          count: count, size: a.shape[1],
          images: isImage ? real.shape.droppingFirst().array : nil, ridge: 0)
        let frechet = try features.distance(
          real: a, fake: b, images: isImage ? (real, fake) : nil, ridge: 0)
        let shares = try precisionRecall(real: a, fake: b)
        let modes = try mixture.map { (mixture) throws(Failure) in
          try modeCoverage(
            samples: fake, centers: mixture.centers, deviation: Double(mixture.deviation))
        }
        self.row.distances = Comparison.Distances(
          count: count, frechet: frechet?.distance, features: features,
          precision: shares.precision, recall: shares.recall, density: shares.density,
          coverage: shares.coverage,
          modes: modes.map { ($0.modesFound, $0.modes, $0.highQuality) })
        let chosen = min(500, count / 2)
        self.row.parzen = try parzenWindow(
          fake: b, validation: a.rows(0..<chosen), real: a.rows(chosen..<count)
        ).inUnits(logVolume: columns?.logVolume ?? 0)
      }
    }
  }

  /// Samples for pictures, on the comparison's scale.
  /// - Parameter points: how many are drawn in the plane.
  mutating func drawSamples(
    _ count: Int, _ plane: PlanePicture?, points: Int
  ) throws(Failure) {
    guard let model = model as? any Sampling else { return }
    try measure("pictures") { (self) throws(Failure) in
      self.row.samples = self.scaled(try model.sample(count, seed: self.seed))
      self.row.plane = try plane?.draw(model, seed: self.seed, points: points)
    }
  }

  /// The error of filling in the second half of held-out samples of which the first half is known:
  /// of images the left one; by columns of deviation 1 where distances are. Where a trial says that
  /// it would take longer than it may, that is the
  /// reason why it is missing.
  mutating func measureCompletion(
    _ index: [Int], of data: Dataset, _ columns: Standardization.Columns?, seconds: Double?
  ) throws(Failure) {
    guard let model = model as? any Completing, model.sampleShape.count > 1 else { return }
    try measure("completion_error") { (self) throws(Failure) in
      let x = try data.batch(index, range: model.sampleRange)
      let mask = Self.firstHalf(model.sampleShape)
      if let seconds, model is any HasChains || model is any FindsLatents {
        // A few of the hundreds of steps that chains and searches take by default.
        let steps = 3
        let trial = try self.time { () throws(Failure) in
          try model.complete(
            x, mask: mask, given: .none, options: ["steps": JSON(steps)])
        }
        let expected = trial.seconds / Double(steps) * 300
        guard expected <= seconds else {
          throw Failure(
            .limit,
            "it would take about \(Int(expected.rounded(.up))) s; more minutes leave time for it")
        }
      }
      let filled = try model.complete(x, mask: mask, given: .none, options: [:])
      let unknown = 1 - mask.broadcast(to: x.shape)
      func brought(_ x: Tensor) -> Tensor { columns?.standardized(x) ?? self.scaled(x) }
      let difference = (brought(filled) - brought(x)) * unknown
      self.row.completionError =
        Double(difference.squared().sum().scalar) / Double(unknown.sum().scalar)
    }
  }

  /// 1 where an element is in the first half: of images the left one.
  private static func firstHalf(_ shape: Shape) -> Tensor {
    Tensor(shape: shape) { y in
      for i in y.indices {
        let isKnown =
          shape.rank == 3
          ? i / shape[2] % shape[1] < (shape[1] + 1) / 2 : i < (shape.count + 1) / 2
        y[i] = isKnown ? 1 : 0
      }
    }
  }
}
