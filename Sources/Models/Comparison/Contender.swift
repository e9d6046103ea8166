import SGBasics
import SGData
import SGTensors

/// A family in a comparison: its model, and what was measured of it so far.
struct Contender {
  let model: any Model
  var trainer: Trainer
  var row: Comparison.Row
  /// The range of the data that samples are compared with.
  let scale: ValueRange?
  let seed: UInt64
  private let clock = ContinuousClock()

  /// - Throws: `Failure` where the family cannot take the data.
  init(
    _ type: any Model.Type, _ options: ComparisonOptions, _ data: Dataset, _ kind: SampleKind
  ) throws(Failure) {
    let configuration = options.configuration(type, shape: data.shape.array, kind)
    model = try Families.create(configuration)
    trainer = try Trainer(model, data: data, batch: options.batch)
    row = Comparison.Row(type.family)
    row.configuration = configuration
    (scale, seed) = (data.range, options.seed)
  }

  func time<R>(_ body: () throws(Failure) -> R) throws(Failure) -> (R, seconds: Double) {
    let start = clock.now
    let result = try body()
    return (result, (clock.now - start) / .seconds(1))
  }

  /// Runs what may fail for this family alone: its failure is the reason why a measure is missing.
  mutating func measure(
    _ name: String, _ body: (inout Contender) throws(Failure) -> Void
  ) throws(Failure) {
    do throws(Failure) {
      try body(&self)
    } catch {
      guard error.concernsOneFamily else { throw error }
      row.missing.append((name, error.message))
    }
  }

  /// Steps until their number or their time is over.
  /// - Parameter progress: called after each step; returning false stops everything.
  mutating func train(
    steps: UInt64?, seconds: Double, progress: (UInt64) -> Bool
  ) throws(Failure) {
    let start = clock.now
    defer { row.trainingSeconds = (clock.now - start) / .seconds(1) }
    while steps.map({ row.steps < $0 }) ?? ((clock.now - start) / .seconds(1) < seconds) {
      do throws(Failure) {
        _ = try trainer.step(reporting: false)
      } catch {
        guard error.concernsOneFamily else { throw error }
        row.stopped = error.message
        return
      }
      row.steps += 1
      guard progress(row.steps) else {
        throw Failure(.cancelled, "stopped while \(row.family) was trained")
      }
    }
  }

  /// What the family says of itself, without measuring.
  mutating func describe() {
    row.sampling = (model as? any Sampling)?.samplingProcedure
    row.samplesAreMeans = (model as? any Sampling)?.samplesAreMeans
    if let model = model as? any HasLatents {
      row.latentSize = model.latentSize
      // Samples drawn from a density can be anywhere, whatever the latents are.
      row.hasFullSupport =
        model.latentSize >= model.sampleShape.count
        || (model is any HasLikelihood && !model.samplesAreMeans)
    } else if model is any HasLikelihood || model is any HasChains {
      row.hasFullSupport = true
    }
  }

  /// One sample's latency, and samples a second.
  /// - Parameter seconds: that it may take.
  mutating func measureSpeed(seconds: Double) throws(Failure) {
    guard let model = model as? any Sampling else { return }
    try measure("samples") { (self) throws(Failure) in
      var latency = Double.infinity
      for i in 0..<3 {
        let one = try self.time { () throws(Failure) in
          try model.sample(1, seed: self.seed &+ UInt64(i))
        }
        latency = min(latency, one.seconds)
        if one.seconds > seconds / 8 { break }
      }
      self.row.latency = latency
      self.row.samplesPerSecond = 1 / max(latency, 1e-9)
      var last = latency
      for count in [8, 64] where last < seconds {
        let many = try self.time { () throws(Failure) in
          try model.sample(count, seed: self.seed)
        }
        last = many.seconds
        self.row.samplesPerSecond = Double(count) / max(last, 1e-9)
      }
    }
  }
}

extension Failure {
  /// Whether it says something of one family, so that the others go on.
  var concernsOneFamily: Bool {
    switch kind {
    case .configuration, .mismatch, .argument, .unsupported, .limit, .noMemory, .diverged: true
    default: false
    }
  }
}
