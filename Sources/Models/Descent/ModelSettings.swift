import SGBasics
import SGData
import SGNets
import SGTensors

/// The settings that every family with networks has: data, optimizer, schedule, average, seed.
package struct ModelSettings: Sendable {
  /// A sample's shape.
  package var shape: [Int]
  /// What values samples take; nil: any.
  package var range: ValueRange?
  /// How samples in [0, 1] become 0 or 1 in training.
  package var binarization: Binarization
  /// The optimizer, of all networks.
  package var optimizer: OptimizerSettings
  /// The factor on its rate over the steps.
  package var learningRate: Schedule
  /// Decay of a moving average of all weights, which everything but training then uses; 0: none.
  package var average: Float
  /// The seed of weights, draws and the order of the data.
  package var seed: UInt64

  /// How samples in [0, 1] become 0 or 1.
  package enum Binarization: String, Sendable, CaseIterable {
    /// They stay as they are.
    case none
    /// 1 where a value is above ½.
    case fixed
    /// 1 with the value as its probability, drawn anew at each step (Salakhutdinov & Murray 2008).
    case dynamic
  }

  /// Reads the shared keys; what is left out takes its default.
  /// - Parameter range: the default of `data.range` for a sample's shape.
  init(_ o: inout JSONObject, range: ([Int]) -> ValueRange?) throws(Failure) {
    var data = try o.object("data")
    shape = try data.shape("shape")
    guard shape.count <= 3 else {
      throw Failure(.configuration, "data.shape: expected 1 to 3 sizes, found \(shape.count)")
    }
    var count = 1
    for n in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: n)
      guard !overflow, product <= Int(Int32.max) else {
        throw Failure(.limit, "data.shape: expected at most \(Int32.max) elements, found \(shape)")
      }
      count = product
    }
    self.range = try data.range("range", default: range(shape))
    binarization = .none
    if let value = data.take("binarize"), value != .null {
      binarization = try data.choice("binarize", default: .none)
    }
    try data.finish()
    if binarization != .none, self.range != ValueRange(0, 1) {
      throw Failure(.configuration, "data.binarize: goes with data.range [0, 1]")
    }
    optimizer = try o.optimizerOfAll(default: Adam(learningRate: 0.001, beta1: 0.9))
    learningRate = try o.learningRateSchedule()
    average = Float(try o.double("average", in: 0...0.999999, default: 0))
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
  }

  /// The shared keys before the family's own, and after them.
  var members: (before: [(String, JSON)], after: [(String, JSON)]) {
    let data: [(String, JSON)] = [
      ("shape", .array(shape.map { JSON($0) })),
      ("range", range.map { .array([.number($0.low), .number($0.high)]) } ?? .null),
      ("binarize", binarization == .none ? .null : .string(binarization.rawValue)),
    ]
    return (
      [("data", .object(data))],
      [
        ("optimizer", optimizer.json), ("learning_rate", learningRate.json),
        ("average", .number(average)), ("seed", JSON(seed)),
      ]
    )
  }
}

extension ModelSettings.Binarization {
  /// The samples that training sees.
  func callAsFunction(_ x: Tensor, _ random: RandomKey) -> Tensor {
    switch self {
    case .none: x
    case .fixed: (x - 0.5).step()
    case .dynamic: (x - random.uniform(x.shape)).step()
    }
  }
}
