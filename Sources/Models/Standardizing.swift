import SGBasics
import SGData
import SGTensors

/// A learner that brings columns of vectors to mean 0 and deviation 1 before its networks see them:
/// samples of rank 1 without a stated range, and conditions without a shape. What it takes and
/// gives is in the data's own units.
public protocol Standardizing: Learner {
  /// How it standardizes now.
  var standardization: Standardization { get }
  /// What its configuration asks for; nil: the data set decides.
  var standardizeSetting: Bool? { get }

  /// Before the first step: how it standardizes from now on.
  func setStandardization(_ standardization: Standardization)
}

extension Standardizing {
  /// Takes means and deviations of the data set that the model is about to be trained on, where it
  /// has made no step yet and is to standardize.
  /// - Throws: `Failure` of the file where a sample cannot be read, or noMemory.
  package func fixStandardization(by data: Dataset) throws(Failure) {
    guard step == 0 else { return }
    let isWanted = standardizeSetting ?? data.isStandardizedByDefault
    setStandardization(
      try data.standardization(
        samples: isWanted && sampleShape.rank == 1 && sampleRange == nil,
        conditions: isWanted && labelUse.sizes.conditions > 0 && conditionShape == nil))
  }

  /// Before a first step without a data set: what was asked for cannot be had any more.
  func warnOfNoStandardization() {
    guard step == 0, standardizeSetting == true, standardization == .none else { return }
    Log.warning(
      "standardize: the first step was made without a data set, whose means and deviations are"
        + " needed, so the model does not standardize")
  }
}

extension Standardization {
  private static let (offset, factor) = ("standardize.offset", "standardize.factor")
  private static let conditionOffset = "standardize.condition_offset"
  private static let conditionFactor = "standardize.condition_factor"

  /// The names of `tensors`.
  static let tensorNames = [offset, factor, conditionOffset, conditionFactor]

  /// What a checkpoint holds of it; nothing where it changes nothing.
  var tensors: [(name: String, value: Tensor)] {
    func pair(
      _ columns: Columns?, _ offset: String, _ factor: String
    ) -> [(name: String, value: Tensor)] {
      columns.map { [(offset, Tensor($0.offset)), (factor, Tensor($0.factor))] } ?? []
    }
    return pair(samples, Self.offset, Self.factor)
      + pair(conditions, Self.conditionOffset, Self.conditionFactor)
  }

  /// That of a checkpoint; `none` where it has no such tensors.
  /// - Parameters:
  ///   - samples: elements of a sample.
  ///   - conditions: numbers that each sample is conditioned on.
  /// - Throws: `Failure` of kind mismatch (one of a pair is missing, another size) or format (a
  ///   factor that is not above 0).
  init(_ stored: StoredTensors, samples: Int, conditions: Int) throws(Failure) {
    func pair(_ size: Int, _ offset: String, _ factor: String) throws(Failure) -> Columns? {
      let offsets = try stored.optional(offset, count: size)
      let factors = try stored.optional(factor, count: size)
      guard let offsets, let factors else {
        guard offsets == nil, factors == nil else {
          throw Failure(
            .mismatch, "the checkpoint lacks the tensor \(offsets == nil ? offset : factor)")
        }
        return nil
      }
      guard Self.allows(factors, as: factor) else {
        throw Failure(.format, "\(factor): expected values above 0")
      }
      try Memory.check()
      return Columns(offset: offsets.array, factor: factors.array)
    }
    self.init(
      samples: try pair(samples, Self.offset, Self.factor),
      conditions: conditions == 0
        ? nil : try pair(conditions, Self.conditionOffset, Self.conditionFactor))
  }

  /// Whether a tensor of this name may have these values: factors are above 0.
  static func allows(_ value: Tensor, as name: String) -> Bool {
    guard name == factor || name == conditionFactor, !value.isSpare else { return true }
    return value.withElements { $0.allSatisfy { $0 > 0 } }
  }

  /// With the tensors that `new` has in the places of its own.
  func replacing(_ new: [String: Tensor]) -> Standardization {
    func columns(_ old: Columns?, _ offset: String, _ factor: String) -> Columns? {
      guard let old, new[offset] != nil || new[factor] != nil else { return old }
      // Without memory for them the values are zeros, which nobody will use.
      if new[offset]?.isSpare == true || new[factor]?.isSpare == true { return old }
      return Columns(
        offset: new[offset]?.array ?? old.offset, factor: new[factor]?.array ?? old.factor)
    }
    return Standardization(
      samples: columns(samples, Self.offset, Self.factor),
      conditions: columns(conditions, Self.conditionOffset, Self.conditionFactor))
  }
}

extension Standardization {
  /// The same numbers as lists in JSON, by the tensors' names.
  package var texts: [String: String] {
    Dictionary(
      tensors.map { name, value in
        (name, JSON.array(value.array.map { .number(Double($0)) }).text(pretty: false))
      }
    ) { first, _ in first }
  }
}

/// The key of a configuration.
extension Standardization {
  /// Refuses to standardize where there is nothing that could be.
  /// - Parameter conditions: real numbers that the model is conditioned on.
  /// - Throws: `Failure` of kind configuration.
  static func check(
    _ setting: Bool?, shape: [Int], range: ValueRange?, conditions: Int
  ) throws(Failure) {
    guard setting == true, conditions == 0, shape.count > 1 || range != nil else { return }
    throw Failure(
      .configuration,
      "standardize: goes with vectors (data.shape [n]) without data.range, or with conditions; found"
        + (shape.count > 1 ? " data.shape \(shape)" : " data.range"))
  }
}

extension Setting {
  /// The key "standardize", which is written where it is set, so that configurations are as they
  /// were before there was the key.
  static func standardize(_ path: any WritableKeyPath<Root, Bool?> & Sendable) -> Setting {
    Setting(
      "standardize", path, .boolOrNull,
      "Whether vectors and conditions are brought to columns of mean 0 and deviation 1 before the"
        + " networks see them, and back; null: where the model first trains on a data set of files,"
        + " arrays or functions."
    ).written { $0[keyPath: path] != nil }
  }
}
