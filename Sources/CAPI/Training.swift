import CSwiftGAN
import SwiftGAN

@implementation @_cdecl("swiftgan_model_step")
public func swiftgan_model_step(
  _ model: OpaquePointer!, _ real: UnsafePointer<Float>!, _ batch: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ report_json: UnsafeMutablePointer<CChar>!,
  _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model, isFrequent: true) { (box) throws(Failure) in
    let inputs = try Inputs(inputs)
    let model = box.model
    if report_json != nil {
      // A step cannot find out too late that there is too little room.
      _ = try fits(report_json, capacity, model.reportBytes, needed, "report_json")
    }
    let samples = try tensor(real, batch, model.sampleShape, "real")
    let given = try inputs.given(batch, for: model, model.labelUse)
    var real = Batch(samples, labels: given.labels, conditions: given.values)
    real.latents = try inputs.latents(batch, for: model)
    let isAsked = report_json != nil || needed != nil
    let report = try model.train(on: [real], reporting: isAsked)
    guard isAsked else { return }
    let text = report.json.text(pretty: false)
    if report_json != nil {
      try give(text, report_json, capacity, needed, "report_json")
    } else {
      needed?.pointee = text.utf8.count + 1
    }
  }
}

@implementation @_cdecl("swiftgan_model_train")
public func swiftgan_model_train(
  _ model: OpaquePointer!, _ data: OpaquePointer!, _ steps: UInt64,
  _ options_json: UnsafePointer<CChar>!, _ fn: swiftgan_progress_fn!,
  _ context: UnsafeMutableRawPointer!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      var o = try options(options_json)
      let batch = try o.int("batch", in: 1...Int(Int32.max), default: min(64, data.count))
      let reportEvery = try o.int("report_every", in: 1...Int.max, default: 1)
      let every = try o.int("checkpoint_every", in: 1...Int.max, default: 1000)
      let path = try o.optionalString("checkpoint")
      try o.finish()
      var trainer = try Trainer(box.model, data: data, batch: batch)
      try trainer.run(
        steps: steps, reportEvery: fn == nil ? .max : UInt64(reportEvery),
        checkpoint: path.map { ($0, UInt64(every)) }
      ) { report in
        guard let fn else { return true }
        return fn(context, report.step, report.json.text(pretty: false)) == 0
      }
    }
  }
}

@implementation @_cdecl("swiftgan_model_sample")
public func swiftgan_model_sample(
  _ model: OpaquePointer!, _ count: Int, _ seed: UInt64, _ inputs: UnsafePointer<swiftgan_inputs>!,
  _ out: UnsafeMutablePointer<Float>!, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let inputs = try Inputs(inputs)
    let model = try box.can("sample", as: (any Sampling).self)
    guard count >= 1 else {
      throw Failure(.argument, "count: expected at least 1, found \(UInt(bitPattern: count))")
    }
    let elements = try product(count, model.sampleShape.count, "count")
    guard try fits(out, capacity, elements, needed, "out") else { return }
    let given = try inputs.given(count, for: model, model.sampleUse)
    let made: Tensor
    if let latents = try inputs.latents(count, for: model),
      let model = model as? any HasLatents
    {
      made = try model.decode(latents, given: given, seed: seed)
    } else {
      made = try model.sample(count, seed: seed, given: given)
    }
    try Memory.check()
    made.withElements {
      out.update(from: $0.baseAddress!, count: $0.count)
    }
  }
}
