import SGBasics
import SGData
import SGNets
import SGTensors

/// The settings that every family with networks has: data, optimizer, schedule, average, seed.
public struct ModelSettings: Sendable {
  /// A sample's shape.
  public var shape: [Int]
  /// What values samples take; nil: any.
  public var range: ValueRange?
  /// Classes that samples are conditioned on; 0: none.
  public var classes = 0
  /// Samples of sound in a second.
  public var sampleRate = 8000
  /// How samples in [0, 1] become 0 or 1 in training.
  public var binarization: Binarization
  /// Whether columns of vectors are standardized; nil: the data set decides.
  public var standardize: Bool?
  /// The optimizer, of all networks.
  public var optimizer: OptimizerSettings
  /// The factor on its rate over the steps.
  public var learningRate: Schedule
  /// Decay of a moving average of all weights, which everything but training then uses; 0: none.
  public var average: Float
  /// The seed of weights, draws and the order of the data.
  public var seed: UInt64

  /// How samples in [0, 1] become 0 or 1.
  public enum Binarization: String, Sendable, CaseIterable {
    /// They stay as they are.
    case none
    /// 1 where a value is above ½.
    case threshold
    /// 1 with the value as its probability, drawn once: the same sample is always drawn alike under
    /// the same seed (as the file of Larochelle & Murray 2011 is one draw).
    case fixed
    /// 1 with the value as its probability, drawn anew at each step (Salakhutdinov & Murray 2008).
    case dynamic
  }

  /// Keys under `data` that not all families have.
  public struct DataKeys: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// `classes`: samples can be conditioned on them.
    public static let classes = DataKeys(rawValue: 1)
    /// `sample_rate`: samples are sound.
    public static let sampleRate = DataKeys(rawValue: 2)
  }

  /// The keys that all families share.
  private static let settings = Settings<ModelSettings>([
    Setting(
      "optimizer", \.optimizer, .optimizer(adam: adam), "How weights are updated."),
    Setting(
      "learning_rate", \.learningRate, .learningRate,
      "The factor of the optimizer's rate over the steps."),
    Setting(
      "average", \.average, .float(in: 0...0.999999),
      "Decay of a moving average of all weights, which everything but training then uses; 0: none."
    ),
    .standardize(\.standardize),
    Setting("seed", \.seed, .count(), "The seed of weights, draws and the order of the data."),
  ])

  private static let adam = Adam(learningRate: 0.001, beta1: 0.9)

  /// The keys under `data`.
  /// - Parameters:
  ///   - keys: those that not all families have.
  ///   - range: the default of `data.range` for a sample's shape.
  private static func data(
    keys: DataKeys, range: @escaping @Sendable ([Int]) -> ValueRange?
  ) -> Settings<ModelSettings> {
    let classes = Setting<ModelSettings>(
      "classes", \.classes, .int(in: 0...65_536),
      "Classes of the labels, which samples are conditioned on; 0: none.")
    let all: [Setting<ModelSettings>] = [
      Setting(
        "shape", \.shape, .shape(most: 3),
        "[n] for vectors, [height, width, channels] for images."
      ).required,
      Setting(
        "range", \.range, .range,
        "The lowest and the highest value of a sample; null: any. The default fits the family.",
        default: { range($0.shape) }),
      Setting(
        "binarize", \.binarization, .binarization,
        "How samples in [0, 1] become 0 or 1: above ½ (\"threshold\"), or with the value as the"
          + " probability of 1, drawn once for each sample (\"fixed\") or anew at each step"
          + " (\"dynamic\")."),
    ]
    let rate = Setting<ModelSettings>(
      "sample_rate", \.sampleRate, .int(in: 1...1_000_000), "Samples of sound in a second.")
    return Settings(
      all + (keys.contains(.classes) ? [classes] : [])
        + (keys.contains(.sampleRate) ? [rate] : []))
  }

  /// The defaults; the shape stands for nothing.
  private static let defaults = ModelSettings()

  private init() {
    (shape, binarization, optimizer) = ([1], .none, OptimizerSettings(Self.adam))
    (learningRate, average, seed) = (.constant, 0, 1)
  }

  /// Reads the shared keys; what is left out takes its default.
  /// - Parameters:
  ///   - keys: those that not all families have.
  ///   - range: the default of `data.range` for a sample's shape.
  init(
    _ o: inout JSONObject, keys: DataKeys, range: @escaping @Sendable ([Int]) -> ValueRange?
  ) throws(Failure) {
    self = Self.defaults
    let data = Setting.group("data", Self.data(keys: keys, range: range), "").required
    try Settings([data]).read(&self, &o)
    var count = 1
    for n in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product <= Int(Int32.max) else {
        throw Failure(.limit, "data.shape: expected at most \(Int32.max) elements, found \(shape)")
      }
      count = product
    }
    if binarization != .none, self.range != ValueRange(0, 1) {
      throw Failure(.configuration, "data.binarize: goes with data.range [0, 1]")
    }
    try Self.settings.read(&self, &o)
    try Standardization.check(standardize, shape: shape, range: self.range, conditions: 0)
  }

  /// The shared keys before the family's own, and after them.
  func members(
    keys: DataKeys
  ) -> (before: [(key: String, value: JSON)], after: [(key: String, value: JSON)]) {
    let data = Self.data(keys: keys) { _ in nil }
    return (
      [("data", .object(data.members(of: self)))], Self.settings.members(of: self)
    )
  }

  /// The sample's shape in a configuration that is yet to be checked; [1] where there is none.
  static func shape(in configuration: JSON) -> [Int] {
    guard case .array(let items)? = configuration["data"]?["shape"] else { return [1] }
    return items.map { $0.wholeNumber.map { Int($0) } ?? 1 }
  }

  /// The JSON Schema of a family's configuration.
  static func schema(_ summary: String, keys: DataKeys, own: JSON) -> JSON {
    guard case .object(let own) = own else { return true }
    let data = Self.data(keys: keys) { _ in nil }.schema(of: defaults, "What a sample is.")
    return .schema(
      summary, properties: [("data", data)] + own + settings.properties(of: defaults),
      required: ["data"])
  }
}

extension JSON {
  /// A schema without the defaults that another one, of the same settings, has otherwise.
  func withoutDefaults(otherThanIn other: JSON) -> JSON {
    guard case .object(let members) = self else { return self }
    return .object(
      members.filter { $0.key != "default" || other["default"] == $0.value }.map {
        ($0.key, $0.value.withoutDefaults(otherThanIn: other[$0.key] ?? .null))
      })
  }
}

extension ValueForm<ModelSettings.Binarization> {
  /// "threshold", "fixed", "dynamic" or null.
  fileprivate static var binarization: ValueForm {
    let words: JSON = ["none", "threshold", "fixed", "dynamic", .null]
    return ValueForm(schema: [("enum", words)]) { (o, key) throws(Failure) in
      if o.take(key) == .null { return .none }
      return try o.choice(key, default: .none)
    } write: {
      $0 == .none ? .null : .string($0.rawValue)
    }
  }
}

extension ModelSettings {
  /// The samples that training sees.
  /// - Parameter random: the key of draws that are made anew.
  func binarized(_ samples: Tensor, _ random: RandomKey) -> Tensor {
    switch binarization {
    case .none: samples
    case .threshold: (samples - 0.5).step()
    case .fixed: binarizedOnce(samples)
    case .dynamic: (samples - random.uniform(samples.shape)).step()
    }
  }

  /// The samples that are judged: no draw of theirs is of a step, so that the same sample has
  /// always the same likelihood.
  func binarizedForJudging(_ samples: Tensor) -> Tensor {
    switch binarization {
    case .none: samples
    case .threshold: (samples - 0.5).step()
    case .fixed, .dynamic: binarizedOnce(samples)
    }
  }

  /// 1 with the value as its probability, by numbers that depend on the seed and the sample's own
  /// values alone.
  private func binarizedOnce(_ samples: Tensor) -> Tensor {
    let size = samples.shape[0] == 0 ? 0 : samples.count / samples.shape[0]
    return samples.withElements { x in
      Tensor(shape: samples.shape) { y in
        for first in stride(from: 0, to: x.count, by: max(size, 1)) {
          // FNV-1a over the elements' bits.
          var hash: UInt64 = 0xcbf2_9ce4_8422_2325
          for i in first..<first + size {
            hash = (hash ^ UInt64(x[i].bitPattern)) &* 0x100_0000_01b3
          }
          let key = RandomKey(.binarization, seed: seed, use: 1, step: hash >> 16)
          key.uniform([1, size]).withElements { u in
            for i in 0..<size { y[first + i] = x[first + i] > u[i] ? 1 : 0 }
          }
        }
      }
    }
  }
}
