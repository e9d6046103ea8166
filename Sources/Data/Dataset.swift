import SGBasics
import SGFormats
import SGTensors

/// Gaussians of one deviation in all directions.
public struct Mixture: Sendable {
  /// [modes, dimensions].
  public let centers: Tensor
  /// Their common standard deviation.
  public let deviation: Float
}

/// Real samples, in memory or in files, with labels if there are any. Immutable, so any thread may
/// read it.
public final class Dataset: Sendable {
  /// How many samples there are.
  public let count: Int
  /// A sample's shape: [n], or [height, width, channels].
  public let shape: Shape
  /// The values of black and white: what stored bytes are brought to, or the scale of samples that
  /// came as floats (`rescalable`). nil: the samples came as floats whose scale is unknown.
  public let range: ValueRange?
  /// One class index a sample, -1 where it is unknown; or empty.
  public let labels: [Int32]
  /// [count, size]: real numbers that each sample is conditioned on; nil: none.
  public let conditions: Tensor?
  /// What each sample is made from, such as the edges of a photo, one for each; nil: samples are no
  /// pairs. Their elements are what samples are conditioned on.
  public let inputs: Dataset?
  /// Whether the inputs belong to no sample in particular: training sees both in orders of their
  /// own.
  public let isUnpaired: Bool
  /// Whether elements may be missing, which are NaN.
  public let hasMissing: Bool
  /// The names of the samples' files within their folder; empty: samples are no files.
  public let fileNames: [String]
  /// The names of the samples' columns, of a table; empty: they have none.
  public let columnNames: [String]
  /// Where the samples are from.
  public let source: String
  /// The Gaussians that the samples were drawn from, where they are known.
  public let mixture: Mixture?
  /// The classes' names, where the data has some; or empty.
  public let classNames: [String]
  /// What was left out, and why.
  public let skippedFiles: SkippedFiles
  /// The gray images that the channels of stacked images were drawn from; nil: none are stacked.
  public let stackedFrom: Dataset?
  /// Samples of sound in a second; nil: they are no sound.
  public let sampleRate: Int?
  /// How training changes samples; evaluation and reading do not.
  public let augmentation: Augmentation
  /// Samples in a block, where training shuffles blocks and the samples within each; nil: it
  /// shuffles all.
  public let shuffleBlock: Int?
  let samples: any SampleSource
  /// The most classes that labels may tell apart.
  static let mostClasses = 1_000_000
  /// The lowest and the highest value of samples that came as floats, where they are known.
  private let extremes: (low: Float, high: Float)?

  /// Samples in memory.
  /// - Parameters:
  ///   - samples: [count] + shape.
  ///   - labels: a class index each, -1 where it is unknown; or empty.
  ///   - conditions: [count, size]: real numbers that each sample is conditioned on.
  ///   - source: where they are from, for reports.
  ///   - mixture: the Gaussians that they were drawn from.
  ///   - missing: whether elements may be NaN, which are missing.
  ///   - columnNames: of vectors, one for each element; or empty.
  /// - Throws: `Failure` of kind argument (no samples, not finite, nothing known of one) or
  ///   mismatch (labels).
  public init(
    _ samples: Tensor, labels: [Int32] = [], conditions: Tensor? = nil, source: String = "memory",
    mixture: Mixture? = nil, missing: Bool = false, columnNames: [String] = []
  ) throws(Failure) {
    guard samples.rank >= 2, samples.rank <= 4, samples.shape[0] >= 1 else {
      throw Failure(.argument, "expected at least one sample, found shape \(samples.shape)")
    }
    try Memory.check()
    try missing
      ? samples.expectKnownSamples("samples") : samples.expectFiniteSamples("samples")
    count = samples.shape[0]
    shape = samples.shape.droppingFirst()
    range = nil
    self.labels = labels
    self.conditions = conditions
    inputs = nil
    isUnpaired = false
    hasMissing = missing
    fileNames = []
    self.columnNames = columnNames
    self.source = source
    self.mixture = mixture
    classNames = []
    skippedFiles = SkippedFiles()
    stackedFrom = nil
    sampleRate = nil
    augmentation = Augmentation()
    shuffleBlock = nil
    self.samples = FloatsInMemory(samples: samples)
    extremes = samples.withElements(Self.extremes)
    try checkLabels()
  }

  /// - Parameter range: what stored bytes 0...255 become.
  init(
    _ samples: any SampleSource, count: Int, shape: Shape, range: ValueRange?, labels: [Int32] = [],
    conditions: Tensor? = nil, classNames: [String] = [],
    skippedFiles: SkippedFiles = SkippedFiles(),
    stackedFrom: Dataset? = nil, fileNames: [String] = [], missing: Bool = false,
    extremes: (low: Float, high: Float)? = nil, source: String, sampleRate: Int? = nil
  ) throws(Failure) {
    self.count = count
    self.shape = shape
    self.range = range
    self.labels = labels
    self.conditions = conditions
    inputs = nil
    isUnpaired = false
    hasMissing = missing
    self.fileNames = fileNames
    columnNames = []
    self.source = source
    mixture = nil
    self.classNames = classNames
    self.skippedFiles = skippedFiles
    self.stackedFrom = stackedFrom
    self.sampleRate = sampleRate
    augmentation = Augmentation()
    shuffleBlock = nil
    self.samples = samples
    self.extremes = extremes
    try checkLabels()
  }

  /// - Parameter bytes: count x shape of values 0...255, which become `range`.
  convenience init(
    bytes: [UInt8], count: Int, shape: Shape, range: ValueRange, labels: [Int32], source: String
  ) throws(Failure) {
    let buffer = try Buffer(count: bytes.count, for: source)
    buffer.bytes.copyBytes(from: bytes)
    try self.init(
      StoredSamples(MemoryBytes(path: source, buffer), size: shape.count), count: count,
      shape: shape, range: range, labels: labels, source: source)
  }

  /// - Throws: `Failure` of kind mismatch where a model's samples have another shape.
  package func check(shape wanted: Shape) throws(Failure) {
    guard shape == wanted else {
      throw Failure(
        .mismatch, "the data's samples have the shape \(shape), the model's \(wanted)")
    }
  }

  /// - Throws: `Failure` of kind mismatch where elements are missing.
  package func expectWhole() throws(Failure) {
    guard hasMissing else { return }
    throw Failure(.mismatch, "\(source): elements are missing; expected whole samples to compare")
  }

  /// Standard deviation over all elements of the first 10,000 samples.
  /// - Throws: `Failure` of the file where a sample cannot be read.
  package func deviation() throws(Failure) -> Float {
    try Memory.checked { () throws(Failure) in
      let x = try batch(Array(0..<Swift.min(count, 10_000)))
      let centered = x - x.mean()
      return (Float(centered.sumOfSquares()) / Float(x.count)).squareRoot()
    }
  }

  /// - Parameter values: NaN ones, which are missing, do not count.
  static func extremes(
    of values: some Swift.Sequence<Float>
  ) -> (low: Float, high: Float) {
    values.reduce(into: (low: Float.infinity, high: -Float.infinity)) {
      if !$1.isNaN { $0 = (Swift.min($0.low, $1), Swift.max($0.high, $1)) }
    }
  }

  /// Whether a model with this range can learn these samples.
  /// - Throws: `Failure` of kind mismatch where samples that came as floats lie beyond it.
  package func check(within range: ValueRange) throws(Failure) {
    if let extremes {
      let brought = self.range.map { Self.rescaled(extremes, from: $0, to: range) }
      try Self.check(brought ?? extremes, within: range)
    }
  }

  private static func check(
    _ extremes: (low: Float, high: Float), within range: ValueRange
  ) throws(Failure) {
    let (low, high) = extremes
    let slack = 1e-3 * (range.high - range.low)
    guard low >= range.low - slack, high <= range.high + slack else {
      throw Failure(
        .mismatch,
        "the data's values go from \(low) to \(high), the model's from \(range.low) to \(range.high)"
          + " (data.range): scale the data, or change the range")
    }
  }

  private func checkLabels() throws(Failure) {
    guard labels.isEmpty || labels.count == count else {
      throw Failure(.mismatch, "\(labels.count) labels for \(count) samples")
    }
    if let i = labels.firstIndex(where: { $0 < -1 || $0 >= Self.mostClasses }) {
      throw Failure(
        .argument,
        "labels[\(i)]: expected 0...\(Self.mostClasses - 1), or -1 for none, found \(labels[i])")
    }
    if let conditions {
      guard conditions.rank == 2, conditions.shape[0] == count, conditions.shape[1] >= 1 else {
        throw Failure(
          .mismatch, "conditions: expected shape [\(count), size], found \(conditions.shape)")
      }
      try conditions.expectFiniteSamples("conditions")
    }
  }

  /// The same samples with other labels or inputs, in another shape, augmented, shuffled or scaled
  /// otherwise.
  init(
    _ other: Dataset, labels: [Int32]? = nil, classNames: [String]? = nil,
    samples: (source: any SampleSource, shape: Shape)? = nil, augmentation: Augmentation? = nil,
    shuffleBlock: Int? = nil, values: ValueRange? = nil, inputs: Dataset? = nil,
    isUnpaired: Bool = false
  ) {
    count = other.count
    shape = samples?.shape ?? other.shape
    range = values ?? other.range
    self.labels = labels ?? other.labels
    self.augmentation = augmentation ?? other.augmentation
    self.shuffleBlock = shuffleBlock ?? other.shuffleBlock
    conditions = other.conditions
    self.inputs = inputs ?? other.inputs
    self.isUnpaired = isUnpaired || other.isUnpaired
    hasMissing = other.hasMissing
    fileNames = other.fileNames
    columnNames = other.columnNames
    source = other.source
    mixture = other.mixture
    self.classNames = classNames ?? other.classNames
    skippedFiles = other.skippedFiles
    stackedFrom = other.stackedFrom
    sampleRate = other.sampleRate
    let source = samples?.source ?? other.samples
    self.samples =
      if let values { RescaledFloats(source: source, values: values) } else { source }
    extremes = other.extremes
  }

  /// Some of the samples, in the order of the indices.
  /// - Parameter index: at least one, each below `count`.
  /// - Throws: `Failure` of kind argument (none, or beyond) or noMemory.
  package func selecting(_ index: [Int]) throws(Failure) -> Dataset {
    guard !index.isEmpty, index.allSatisfy({ (0..<count).contains($0) }) else {
      throw Failure(.argument, "index: expected at least one index, each in 0...\(count - 1)")
    }
    try Memory.expectRoom(for: 16 * index.count, "the places of \(index.count) samples")
    return Dataset(
      self, index: index, labels: labels.isEmpty ? [] : index.map { labels[$0] },
      conditions: conditions?.gather(index.map(Int32.init)),
      inputs: try inputs.map { (inputs) throws(Failure) in
        isUnpaired ? inputs : try inputs.selecting(index)
      })
  }

  private init(
    _ other: Dataset, index: [Int], labels: [Int32], conditions: Tensor?, inputs: Dataset?
  ) {
    count = index.count
    shape = other.shape
    range = other.range
    self.labels = labels
    self.conditions = conditions
    self.inputs = inputs
    isUnpaired = other.isUnpaired
    hasMissing = other.hasMissing
    columnNames = other.columnNames
    fileNames = other.fileNames.isEmpty ? [] : index.map { other.fileNames[$0] }
    source = other.source
    mixture = other.mixture
    classNames = other.classNames
    skippedFiles = other.skippedFiles
    stackedFrom = other.stackedFrom
    sampleRate = other.sampleRate
    augmentation = other.augmentation
    shuffleBlock = other.shuffleBlock
    samples = SelectedSamples(source: other.samples, index: index)
    extremes = other.extremes
  }

  /// The same samples from another source, which gives them another shape.
  func replacing(_ samples: any SampleSource, _ shape: Shape) -> Dataset {
    Dataset(self, samples: (samples, shape))
  }

  /// The same samples, which came as floats, with a known scale: a model with another range gets
  /// them in its own.
  /// - Parameter values: the samples' values of black and white, such as 0 and 1.
  /// - Throws: `Failure` of kind argument where the scale is known already.
  public func rescalable(_ values: ValueRange) throws(Failure) -> Dataset {
    guard range == nil else {
      throw Failure(
        .argument, "values: expected samples that came as floats without a scale; this data has one"
      )
    }
    return Dataset(self, values: values)
  }

  private static func rescaled(
    _ extremes: (low: Float, high: Float), from values: ValueRange, to range: ValueRange
  ) -> (low: Float, high: Float) {
    let scale = (range.high - range.low) / (values.high - values.low)
    return (
      (extremes.low - values.low) * scale + range.low,
      (extremes.high - values.low) * scale + range.low
    )
  }

  /// The same images, which training sees augmented.
  /// - Throws: `Failure` of kind mismatch where samples are no images, or smaller than the shift.
  public func augmented(_ augmentation: Augmentation) throws(Failure) -> Dataset {
    try augmentation.check(shape)
    if let inputs { try augmentation.check(shape, with: inputs.shape) }
    return Dataset(self, augmentation: augmentation)
  }

  /// The same samples, of which training shuffles blocks of neighbors, and the samples within
  /// each: minibatches that come from a block or two are faster to read from a file, and less
  /// random.
  /// - Parameter block: samples in a block.
  /// - Throws: `Failure` of kind argument where that is below 1.
  public func shuffledInBlocks(of block: Int) throws(Failure) -> Dataset {
    guard block >= 1 else {
      throw Failure(.argument, "shuffle_block: expected at least 1, found \(block)")
    }
    return Dataset(self, shuffleBlock: block)
  }

  /// Whether reading samples takes so long that it is worth a thread of its own.
  package var readsAhead: Bool { samples.readsAhead }

  /// Samples by index: [index.count] + shape.
  /// - Parameters:
  ///   - index: each from 0 to below `count`.
  ///   - wanted: what stored bytes 0...255, or floats of a known scale, become; nil: the data's own
  ///     range. Other samples that came as floats stay.
  /// - Throws: `Failure` of the file where a sample cannot be read.
  public func batch(_ index: [Int], range wanted: ValueRange? = nil) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let range = wanted ?? range ?? ValueRange(0, 255)
      try Memory.reserve(floats: index.count, copies: shape.count, for: "\(index.count) samples")
      return try Tensor(shape: shape.prepending(index.count)) { (y) throws(Failure) in
        try samples.read(index, range: range, into: y)
        if let wanted, !samples.isChecked { try Self.check(Self.extremes(of: y), within: wanted) }
      }
    }
  }
}
