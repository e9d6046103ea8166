import CSwiftGAN
import SwiftGAN

/// Samples from C, for a function of a capability that gives `perSample` floats for each.
/// - Parameter use: the labels and conditions that it takes.
func perSampleValues<Capability>(
  _ model: OpaquePointer?, _ capability: String, as type: Capability.Type,
  _ samples: UnsafePointer<Float>?, _ count: Int, _ inputs: UnsafePointer<swiftgan_inputs>?,
  _ out: UnsafeMutablePointer<Float>?, _ capacity: Int,
  _ name: String, needed: UnsafeMutablePointer<Int>? = nil, use: (Capability) -> LabelUse,
  perSample: (Capability) -> Int = { _ in 1 },
  _ body: (Capability, Tensor, Conditions) throws(Failure) -> Tensor
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let able = try box.can(capability, as: type)
    let inputs = try Inputs(inputs)
    try inputs.refuseLatents()
    let x = try tensor(samples, count, box.model.sampleShape, "samples")
    let elements = try product(count, perSample(able), "count")
    guard try fits(out, capacity, elements, needed, name), let out else { return }
    let given = try inputs.given(count, for: box.model, use(able))
    let result = try body(able, x, given)
    try Memory.check()
    result.withElements { out.update(from: $0.baseAddress!, count: $0.count) }
  }
}

@implementation @_cdecl("swiftgan_model_translate")
public func swiftgan_model_translate(
  _ model: OpaquePointer!, _ given: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ options_json: UnsafePointer<CChar>!,
  _ out: UnsafeMutablePointer<Float>!, _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("translate", as: (any Translating).self)
    let inputs = try Inputs(inputs)
    try inputs.refuseLatents()
    try inputs.refuseConditions()
    var o = try options(options_json)
    let answers = try o.int("answers", in: 1...1000, default: 1)
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    let isBack = try o.bool("back", default: false)
    try o.finish()
    guard !isBack || answers == 1 else {
      throw Failure(
        .argument, "answers: there is one on the way back; expected 1, found \(answers)")
    }
    let (from, to) = try shapes(model, isBack)
    let x = try tensor(given, count, from, "given")
    let elements = try product(product(count, answers, "count"), to.count, "count")
    guard try fits(out, capacity, elements, needed, "out") else { return }
    let use = LabelUse.given(classes: model.sampleUse.sizes.classes, conditions: 0)
    let labels = try inputs.given(count, for: model, use).labels
    try x.expectFiniteSamples("given")
    let made: Tensor
    if isBack, let model = model as? any TranslatingBack {
      made = try model.translateBack(x, seed: seed)
    } else {
      made = try model.translate(x, answers: answers, labels: labels, seed: seed)
    }
    try Memory.check()
    made.withElements { out.update(from: $0.baseAddress!, count: $0.count) }
  }
}

/// What a translation is given, and what it makes.
private func shapes(
  _ model: any Translating, _ isBack: Bool
) throws(Failure) -> (from: Shape, to: Shape) {
  guard let shape = model.inputShape else {
    throw Failure(
      .unsupported,
      "translate: the model makes its samples from no inputs; it needs data.conditions and labels.mode"
        + " \"conditional\"")
  }
  guard isBack else { return (shape, model.sampleShape) }
  guard model is any TranslatingBack else {
    throw Failure(
      .unsupported,
      "back: the family \"\(type(of: model).family)\" translates inputs to samples alone")
  }
  return (model.sampleShape, shape)
}

@implementation @_cdecl("swiftgan_model_encode")
public func swiftgan_model_encode(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ latents: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  perSampleValues(
    model, "encode", as: (any Encoding).self, samples, count, inputs, latents, capacity, "latents",
    needed: needed, use: { $0.sampleUse }, perSample: { $0.latentSize }
  ) { (model, x, given) throws(Failure) in try model.encode(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_reconstruct")
public func swiftgan_model_reconstruct(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ out: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  perSampleValues(
    model, "reconstruct", as: (any Encoding).self, samples, count, inputs, out, capacity, "out",
    needed: needed, use: { $0.sampleUse }, perSample: { $0.sampleShape.count }
  ) { (model, x, given) throws(Failure) in try model.reconstruct(x, given: given) }
}

@implementation @_cdecl("swiftgan_model_decode")
public func swiftgan_model_decode(
  _ model: OpaquePointer!, _ latents: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ out: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("decode", as: (any HasLatents).self)
    let inputs = try Inputs(inputs)
    try inputs.refuseLatents()
    let z = try tensor(latents, count, [model.latentSize], "latents")
    try z.expectFiniteSamples("latents")
    let elements = try product(count, model.sampleShape.count, "count")
    guard try fits(out, capacity, elements, needed, "out") else { return }
    let samples = try model.decode(
      z, given: inputs.given(count, for: model, model.sampleUse), seed: 0)
    try Memory.check()
    samples.withElements { out.update(from: $0.baseAddress!, count: $0.count) }
  }
}

@implementation @_cdecl("swiftgan_model_log_likelihood")
public func swiftgan_model_log_likelihood(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ inputs: UnsafePointer<swiftgan_inputs>!, _ options_json: UnsafePointer<CChar>!,
  _ nats: UnsafeMutablePointer<Float>!, _ capacity: Int
) -> swiftgan_status {
  perSampleValues(
    model, "log_likelihood", as: (any HasLikelihood).self, samples, count, inputs, nats, capacity,
    "nats", use: { $0.labelUse }
  ) { (model, x, given) throws(Failure) in
    let options =
      options_json == nil ? JSON.object([]) : try JSON(parsing: text(options_json, "options"))
    return try model.logLikelihood(x, given: given, options: options)
  }
}
