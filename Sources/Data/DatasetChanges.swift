import SGBasics

/// What may be made of any dataset: classes by name, a scale of its values, fewer labels, stacked
/// channels, inputs by degradation, another order, augmentation. In this order.
package struct DatasetChanges {
  /// The classes' names in the order of their numbers; empty: as they are.
  private let classes: [String]
  /// The values of black and white in samples that are floats; nil: unknown.
  private let values: ValueRange?
  /// Labels that stay; 0: all.
  private let labelled: Int
  /// Gray images in one; 1: they stay as they are.
  private let channels: Int
  /// Stacked images.
  private let count: Int
  /// Samples in a block that is shuffled; 0: all.
  private let shuffleBlock: Int
  private let augmentation: Augmentation
  private let degradation: Degradation?
  private let seed: UInt64

  /// - Parameter o: reads `classes`, `values`, `labelled`, `stack` (and then `count`),
  ///   `degrade`, `shuffle_block`, `flip`, `shift`, `seed`.
  package init(_ o: inout JSONObject) throws(Failure) {
    classes = try o.strings("classes")
    values = try o.range("values", default: nil)
    labelled = try o.int("labelled", in: 0...Int.max, default: 0)
    channels = try o.int("stack", in: 1...4, default: 1)
    count = channels > 1 ? try o.int("count", in: 1...(1 << 28), default: 128_000) : 0
    shuffleBlock = try o.int("shuffle_block", in: 0...Int.max, default: 0)
    augmentation = try Augmentation(&o)
    degradation = try o.degradation()
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
  }

  static var options: [DataOption] {
    [
      DataOption(
        "classes", #"["a","b"]"#,
        """
        Names in the order of the classes' numbers: classes are matched by name, and one that is \
        not listed is an error; classes without names are given these.
        """),
      DataOption(
        "labelled", "100", "Only so many labels, as many of each class; the others become -1."),
      DataOption(
        "stack", "3",
        """
        2 to 4: gray images become the channels of count=128000 images. Three digits of MNIST \
        make 1,000 modes, whose number is the label.
        """),
      DataOption("values", "[0,1]", "The values of black and white in floats."),
      DataOption(
        "shuffle_block", "1000",
        """
        Training shuffles blocks of so many neighbors, and the samples of each, so that reading \
        them from a file does not jump about.
        """),
      DataOption("flip", "true", "Training sees images mirrored with probability 1/2."),
      DataOption(
        "shift", "2",
        "Training sees images moved by up to so many pixels in both directions, the edge repeated."),
      DataOption(
        "degrade", #"{"gray":true}"#,
        """
        Inputs made of the images: gray, or an object of gray, downsample (4: means over blocks), \
        mask (0.5: share of each side that a rectangle covers), noise (0.1: deviation), seed.
        """),
      DataOption("seed", "1", "Of labelled and stack."),
    ]
  }

  /// - Throws: `Failure` of kind argument (too few labels), mismatch (not the images that are
  ///   needed), limit or noMemory.
  package func callAsFunction(_ data: Dataset) throws(Failure) -> Dataset {
    var data = data
    if !classes.isEmpty { data = try data.matchingClasses(classes) }
    if let values { data = try data.rescalable(values) }
    if labelled > 0 { data = try data.keepingLabels(labelled, seed: seed) }
    if channels > 1 { data = try data.stacked(channels, count: count, seed: seed) }
    if let degradation { data = try data.degraded(degradation) }
    if shuffleBlock > 0 { data = try data.shuffledInBlocks(of: shuffleBlock) }
    return augmentation.isNone ? data : try data.augmented(augmentation)
  }
}

extension JSONObject {
  /// `degrade`: an object, or "gray" alone.
  fileprivate mutating func degradation() throws(Failure) -> Degradation? {
    switch take("degrade") {
    case nil, .null?: return nil
    case .string("gray")?:
      var degradation = Degradation()
      degradation.gray = true
      return degradation
    default:
      var o = try object("degrade")
      return try Degradation(&o)
    }
  }
}
