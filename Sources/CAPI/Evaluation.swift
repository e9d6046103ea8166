import CSwiftGAN
import SwiftGAN

@implementation @_cdecl("swiftgan_evaluate")
public func swiftgan_evaluate(
  _ model: OpaquePointer!, _ data: OpaquePointer!, _ options_json: UnsafePointer<CChar>!,
  _ report_json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      if report_json != nil { _ = try fits(report_json, capacity, 4096, needed, "report_json") }
      let options = try EvaluationOptions(json: options(options_json), data: data)
      let evaluation = try box.can("sample", as: (any Sampling).self).evaluate(
        against: data, options)
      try give(evaluation.json.text(pretty: false), report_json, capacity, needed, "report_json")
    }
  }
}

@implementation @_cdecl("swiftgan_evaluate_features")
public func swiftgan_evaluate_features(
  _ real: UnsafePointer<Float>!, _ real_count: Int, _ fake: UnsafePointer<Float>!,
  _ fake_count: Int, _ size: Int, _ options_json: UnsafePointer<CChar>!,
  _ report_json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    guard (1...(1 << 24)).contains(size) else {
      throw Failure(
        .argument, "size: expected 1...\(1 << 24), found \(UInt(bitPattern: size))")
    }
    if report_json != nil { _ = try fits(report_json, capacity, 1024, needed, "report_json") }
    var o = try options(options_json)
    let ridge = try o.double("ridge", in: 0...1e12, default: 0)
    let seed = try o.int("seed", in: 0...Int.max, default: 1)
    try o.finish()
    let comparison = try FeatureComparison(
      real: tensor(real, real_count, [size], "real"),
      fake: tensor(fake, fake_count, [size], "fake"), ridge: ridge, seed: UInt64(seed))
    try give(comparison.json.text(pretty: false), report_json, capacity, needed, "report_json")
  }
}
