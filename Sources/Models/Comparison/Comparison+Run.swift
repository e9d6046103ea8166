import SGBasics
import SGData
import SGTensors

extension Comparison {
  /// What a comparison does at a moment.
  public struct Progress: Sendable {
    /// What is done, such as `trains vae`.
    public let activity: String
    /// The share of the families that are trained, or measured.
    public let share: Double
  }

  /// Trains families on the same data for the same time, and measures what each is able to.
  ///
  /// Families train for three fifths of the time that is asked for; the rest is for measuring. Each
  /// measure takes as many samples as its part of the time allows; distances take the same number
  /// for all families. Where `options.length` is `steps`, nothing depends on time.
  /// - Parameters:
  ///   - data: samples, at least 42; labels and conditions are not used.
  ///   - options: which families, how long.
  ///   - progress: called after each step and measure; returning false stops.
  /// - Throws: `Failure` of kind mismatch (too few samples), argument (held out), cancelled,
  ///   noMemory, or of the data's files. What fails for one family alone stands in its row.
  public init(
    of data: Dataset, _ options: ComparisonOptions = ComparisonOptions(),
    progress: (Progress) -> Bool = { _ in true }
  ) throws(Failure) {
    let clock = ContinuousClock()
    let start = clock.now
    self = try Memory.checked { () throws(Failure) in
      try Self.run(data, options, progress)
    }
    seconds = (clock.now - start) / .seconds(1)
  }

  private static func run(
    _ data: Dataset, _ options: ComparisonOptions, _ progress: (Progress) -> Bool
  ) throws(Failure) -> Comparison {
    try data.expectWhole()
    let split = try Split(data, options)
    let train = try data.selecting(split.trained)
    let kind = try SampleKind(data)
    var minutes: Double?
    if case .minutes(let given) = options.length { minutes = given }
    var pictureRange = data.range
    if pictureRange == nil { pictureRange = try split.range(of: data) }
    var comparison = Comparison(
      rows: options.families.map { Row($0) }, shape: data.shape, kind: kind,
      trained: split.trained.count, heldOut: split.heldOut.count, minutes: minutes,
      seed: options.seed, scale: data.range,
      pictureRange: pictureRange ?? ValueRange(0, 1))

    var contenders: [(place: Int, Contender)] = []
    for (i, name) in options.families.enumerated() {
      guard let type = Families.all.first(where: { $0.family == name }) else {
        throw Failure(.argument, "families: unknown family \"\(name.shown)\"")
      }
      do throws(Failure) {
        contenders.append((i, try Contender(type, options, train, kind)))
      } catch {
        guard error.concernsOneFamily else { throw error }
        comparison.rows[i].refusal = error.message
        comparison.rows[i].configuration = options.configuration(
          type, shape: data.shape.array, kind)
      }
    }
    let clock = ContinuousClock()
    let start = clock.now
    var budget = minutes.map { Budget(minutes: $0, families: contenders.count) }
    let plane = data.shape == [2] ? try PlanePicture(data: data) : nil
    let columns =
      data.shape.rank == 1 && data.range == nil && data.isStandardizedByDefault
      ? try Standardization.Columns(of: data.batch(split.heldOut)) : nil
    let all = Double(max(contenders.count, 1))

    /// One part of the work, family by family.
    func each(
      _ activity: String, _ body: (inout Contender, Double) throws(Failure) -> Void
    ) throws(Failure) {
      for i in contenders.indices {
        let share = Double(i) / all
        guard
          progress(Progress(activity: "\(activity) \(contenders[i].1.row.family)", share: share))
        else { throw Failure(.cancelled, "stopped while families were compared") }
        try body(&contenders[i].1, share)
      }
    }

    try each("trains") { (one, share) throws(Failure) in
      let name = one.row.family
      try one.train(steps: options.steps(of: name), seconds: budget?.training ?? 0) { _ in
        progress(Progress(activity: "trains \(name)", share: share))
      }
      one.describe()
    }
    try each("measures") { (one, _) throws(Failure) in
      try one.measureSpeed(seconds: budget?.speed ?? .infinity)
      try one.measureLikelihood(split.heldOut, of: data, seconds: budget?.likelihood)
    }
    budget?.divide(after: (clock.now - start) / .seconds(1))
    let count = budget.map { budget in
      budget.samples(split.heldOut.count, rates: contenders.map(\.1.row.samplesPerSecond))
    }
    let real = try data.batch(Array(split.heldOut.prefix(count ?? split.heldOut.count)))
    try each("draws") { (one, _) throws(Failure) in
      if let budget, let rate = one.row.samplesPerSecond, !budget.allows(real.shape[0], rate) {
        one.row.missing.append(
          (
            "distances",
            "\(real.shape[0]) samples would take about \(Int(Double(real.shape[0]) / rate)) s; more"
              + " minutes leave time for them"
          ))
      } else {
        try one.measureDistances(real, data.mixture, columns)
      }
      let rate = one.row.samplesPerSecond ?? 0
      func few(_ usual: Int) -> Int {
        budget?.allows(usual, rate) == false ? max(usual / 10, 1) : usual
      }
      try one.drawSamples(few(10), plane, points: few(PlanePicture.usualPoints))
    }
    budget?.divide(
      after: (clock.now - start) / .seconds(1),
      amongCompleting: contenders.count { $0.1.model is any Completing })
    let incomplete = Array(split.heldOut.prefix(8))
    try each("completes with") { (one, _) throws(Failure) in
      try one.measureCompletion(incomplete, of: data, columns, seconds: budget?.completion)
    }
    for (place, one) in contenders { comparison.rows[place] = one.row }
    return comparison
  }
}

/// Which samples are for training, and which for measuring.
private struct Split {
  let trained, heldOut: [Int]

  init(_ data: Dataset, _ options: ComparisonOptions) throws(Failure) {
    let least = 7
    guard data.count >= 6 * least else {
      throw Failure(
        .mismatch, "a comparison needs at least \(6 * least) samples; the data has \(data.count)")
    }
    let count = options.heldOut ?? min(data.count / 6, 1000)
    guard (least...data.count / 2).contains(count) else {
      throw Failure(
        .argument, "held_out: expected \(least)...\(data.count / 2), found \(count)")
    }
    try Memory.expectRoom(for: 32 * data.count, "the order of \(data.count) samples")
    let order = RandomStream.subset.key(options.seed).draw(data.count, of: data.count)
    heldOut = Array(order[..<count])
    trained = order[count...].sorted()
  }

  /// The lowest and the highest value of the samples that are held out.
  func range(of data: Dataset) throws(Failure) -> ValueRange {
    let values = try data.batch(Array(heldOut.prefix(1000))).array
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    return ValueRange(low, high > low ? high : low + 1)
  }
}

/// How a time is divided, in seconds a family.
private struct Budget {
  let training, speed, likelihood: Double
  private(set) var distances, completion: Double
  /// All of it, in seconds, and the families.
  private let seconds: Double
  private let families: Int
  /// Fewer samples than these say little.
  private static let fewest = 128

  init(minutes: Double, families: Int) {
    (seconds, self.families) = (60 * minutes, max(families, 1))
    let each = seconds / Double(self.families)
    training = 0.6 * each
    speed = max(0.05 * each, 0.1)
    likelihood = max(0.1 * each, 0.2)
    distances = max(0.15 * each, 0.2)
    completion = max(0.1 * each, 0.2)
  }

  /// What other measures left over goes to the later ones.
  mutating func divide(after spent: Double) {
    distances = max(0.6 * (seconds - spent) / Double(families), distances)
  }

  mutating func divide(after spent: Double, amongCompleting count: Int) {
    completion = max((seconds - spent) / Double(max(count, 1)), completion)
  }

  func allows(_ samples: Int, _ rate: Double) -> Bool { Double(samples) <= rate * distances }

  /// How many samples every family can make in its time that can make a few at all.
  func samples(_ most: Int, rates: [Double?]) -> Int {
    let able = rates.compactMap { $0 }.map { $0 * distances }.filter { $0 >= Double(Self.fewest) }
    guard let least = able.min() else { return min(most, Self.fewest) }
    var count = min(Self.fewest, most)
    while 2 * count <= most, Double(2 * count) <= least { count *= 2 }
    return Double(most) <= least ? most : count
  }
}

extension SampleKind {
  /// What the first 1,000 samples are.
  init(_ data: Dataset) throws(Failure) {
    let x = try data.batch(
      Array(0..<min(data.count, 1000)), range: data.range == nil ? nil : ValueRange(0, 1))
    self.init(
      isImage: data.shape.rank == 3,
      isBinary: x.withElements { $0.allSatisfy { $0 == 0 || $0 == 1 } })
  }
}
