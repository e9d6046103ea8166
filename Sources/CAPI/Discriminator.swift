import CSwiftGAN
import SwiftGAN

@implementation @_cdecl("swiftgan_model_discriminate")
public func swiftgan_model_discriminate(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ logits: UnsafeMutablePointer<Float>!,
  _ capacity: Int
) -> swiftgan_status {
  perSampleValues(
    model, "discriminate", as: (any HasCritic).self, samples, count, inputs, logits, capacity,
    "logits",
    use: { $0.criticLabelUse }
  ) { (model, x, given) throws(Failure) in try model.discriminate(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_density_ratio")
public func swiftgan_model_density_ratio(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ ratios: UnsafeMutablePointer<Float>!,
  _ capacity: Int
) -> swiftgan_status {
  perSampleValues(
    model, "density_ratio", as: (any HasDensityRatio).self, samples, count, inputs, ratios,
    capacity, "ratios",
    use: { $0.criticLabelUse }
  ) { (model, x, given) throws(Failure) in try model.densityRatio(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_log_density_ratio")
public func swiftgan_model_log_density_ratio(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ log_ratios: UnsafeMutablePointer<Float>!,
  _ capacity: Int
) -> swiftgan_status {
  perSampleValues(
    model, "density_ratio", as: (any HasDensityRatio).self, samples, count, inputs, log_ratios,
    capacity, "log_ratios",
    use: { $0.criticLabelUse }
  ) { (model, x, given) throws(Failure) in try model.logDensityRatio(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_log_density_ratio_gradient")
public func swiftgan_model_log_density_ratio_gradient(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ gradients: UnsafeMutablePointer<Float>!,
  _ capacity: Int
) -> swiftgan_status {
  perSampleValues(
    model, "density_ratio", as: (any HasDensityRatio).self, samples, count, inputs, gradients,
    capacity, "gradients", use: { $0.criticLabelUse }, perSample: { $0.sampleShape.count }
  ) { (model, x, given) throws(Failure) in try model.logDensityRatioGradient(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_classify")
public func swiftgan_model_classify(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ class_logits: UnsafeMutablePointer<Float>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("classify", as: (any Classifying).self)
    let elements = try product(count, model.classCount(), "count")
    guard try fits(class_logits, capacity, elements, needed, "class_logits") else { return }
    let x = try tensor(samples, count, model.sampleShape, "samples")
    try model.classify(x).withElements {
      class_logits.update(from: $0.baseAddress!, count: $0.count)
    }
  }
}

@implementation @_cdecl("swiftgan_model_divergences")
public func swiftgan_model_divergences(
  _ model: OpaquePointer!, _ data: OpaquePointer!, _ options_json: UnsafePointer<CChar>!,
  _ report_json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      var o = try options(options_json)
      let count = try o.int("count", in: 2...Int(Int32.max), default: min(data.count, 10_000))
      let seed = try o.int("seed", in: 0...Int.max, default: 1)
      try o.finish()
      let model = try box.can("density_ratio", as: (any HasDensityRatio).self)
      let estimates = try model.divergenceReport(from: data, count: count, seed: UInt64(seed))
      try give(estimates.text(pretty: false), report_json, capacity, needed, "report_json")
    }
  }
}

@implementation @_cdecl("swiftgan_compare_costs")
public func swiftgan_compare_costs(
  _ model: OpaquePointer!, _ options_json: UnsafePointer<CChar>!,
  _ report_json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  func compare(_ model: (any ComparesCosts)?) throws(Failure) {
    var o = try options(options_json)
    let points = try o.int("points", in: 2...100_000, default: 200)
    let objectives = try o.objectives("objectives", default: Objective.crossEntropy)
    let batch = try o.int("batch", in: 2...Int(Int32.max), default: 64)
    let batches = try o.int("batches", in: 2...100_000, default: 16)
    let seed = try o.int("seed", in: 0...Int.max, default: 1)
    try o.finish()
    try Memory.expectRoom(
      for: 400 * points * max(objectives.count, 1), "\(points) points of each cost")
    var comparison = CostComparison(objectives, points: points)
    if let model {
      try model.measure(&comparison, batch: batch, batches: batches, seed: UInt64(seed))
    }
    try give(comparison.json.text(pretty: false), report_json, capacity, needed, "report_json")
  }
  guard model != nil else { return answer { () throws(Failure) in try compare(nil) } }
  return withModel(model) { (box) throws(Failure) in
    try compare(box.can("compare_costs", as: (any ComparesCosts).self))
  }
}
