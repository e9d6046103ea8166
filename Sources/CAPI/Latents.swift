import CSwiftGAN
import SwiftGAN

/// What the search functions take: samples, and a mask for each of them, for all, or none.
private func search(
  _ model: any Model, _ use: LabelUse, _ samples: UnsafePointer<Float>?, _ count: Int,
  _ mask: UnsafePointer<Float>?, _ maskCount: Int, _ inputs: UnsafePointer<swiftgan_inputs>?,
  _ json: UnsafePointer<CChar>?
) throws(Failure) -> (
  samples: Tensor, mask: Tensor?, given: Conditions, options: JSON
) {
  let inputs = try Inputs(inputs)
  try inputs.refuseLatents()
  let options = json == nil ? JSON.object([]) : try JSON(parsing: text(json, "options"))
  let x = try tensor(samples, count, model.sampleShape, "samples")
  var known: Tensor?
  if mask != nil {
    guard maskCount == 1 || maskCount == count else {
      throw Failure(
        .mismatch,
        "mask_count: expected 1 or \(count), found \(UInt(bitPattern: maskCount))")
    }
    let all = try tensor(mask, maskCount, model.sampleShape, "mask")
    known = maskCount == count ? all : all.reshaped(model.sampleShape)
  } else if maskCount == 0, type(of: model).takesMissing {
    // What is missing says so itself.
    known = .ones(model.sampleShape)
  } else if maskCount != 0 {
    throw Failure(.argument, "mask: expected values, found NULL")
  }
  return (x, known, try inputs.given(count, for: model, use), options)
}

@implementation @_cdecl("swiftgan_model_find_latents")
public func swiftgan_model_find_latents(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ mask: UnsafePointer<Float>!, _ mask_count: Int, _ inputs: UnsafePointer<swiftgan_inputs>!,
  _ options_json: UnsafePointer<CChar>!, _ latents: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ errors: UnsafeMutablePointer<Float>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("find_latents", as: (any FindsLatents).self)
    let s = try search(
      model, model.sampleUse, samples, count, mask, mask_count, inputs, options_json)
    let options = try LatentSearch(json: JSONObject(s.options, path: ""))
    let answers = try product(count, options.answers, "count")
    let elements = try product(answers, model.latentSize, "count")
    guard try fits(latents, capacity, elements, nil, "latents") else { return }
    let found = try model.findLatents(for: s.samples, mask: s.mask, given: s.given, options)
    found.latents.withElements { latents.update(from: $0.baseAddress!, count: $0.count) }
    errors?.update(from: found.errors, count: found.errors.count)
  }
}

@implementation @_cdecl("swiftgan_model_complete")
public func swiftgan_model_complete(
  _ model: OpaquePointer!, _ samples: UnsafePointer<Float>!, _ count: Int,
  _ mask: UnsafePointer<Float>!, _ mask_count: Int, _ inputs: UnsafePointer<swiftgan_inputs>!,
  _ options_json: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<Float>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let model = try box.can("complete", as: (any Completing).self)
    let s = try search(
      model, model.sampleUse, samples, count, mask, mask_count, inputs, options_json)
    guard let mask = s.mask else { throw Failure(.argument, "mask: expected values, found NULL") }
    var o = try JSONObject(s.options, path: "")
    let answers = try product(count, o.int("answers", in: 1...1000, default: 1), "count")
    let elements = try product(answers, model.sampleShape.count, "count")
    guard try fits(out, capacity, elements, needed, "out") else { return }
    let completed = try model.complete(
      s.samples, mask: mask, given: s.given, options: s.options)
    try Memory.check()
    completed.withElements {
      out.update(from: $0.baseAddress!, count: $0.count)
    }
  }
}

@implementation @_cdecl("swiftgan_model_latents")
public func swiftgan_model_latents(
  _ model: OpaquePointer!, _ count: Int, _ seed: UInt64, _ out: UnsafeMutablePointer<Float>!,
  _ capacity: Int, _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    guard count >= 1 else {
      throw Failure(.argument, "count: expected at least 1, found \(UInt(bitPattern: count))")
    }
    let model = try box.can("latents", as: (any HasLatents).self)
    let elements = try product(count, model.latentSize, "count")
    guard try fits(out, capacity, elements, needed, "out") else { return }
    try model.latents(count, seed: seed).withElements {
      out.update(from: $0.baseAddress!, count: $0.count)
    }
  }
}

@implementation @_cdecl("swiftgan_interpolate")
public func swiftgan_interpolate(
  _ from: UnsafePointer<Float>!, _ to: UnsafePointer<Float>!, _ size: Int, _ steps: Int,
  _ spherical: Int32, _ out: UnsafeMutablePointer<Float>!, _ capacity: Int
) -> swiftgan_status {
  answer { () throws(Failure) in
    guard (1...(1 << 24)).contains(size) else {
      throw Failure(.argument, "size: expected 1...\(1 << 24), found \(UInt(bitPattern: size))")
    }
    guard (2...(1 << 24)).contains(steps) else {
      throw Failure(.argument, "steps: expected 2...\(1 << 24), found \(UInt(bitPattern: steps))")
    }
    guard try fits(out, capacity, product(steps, size, "steps"), nil, "out") else { return }
    let a = try tensor(from, 1, [size], "from")
    let b = try tensor(to, 1, [size], "to")
    try a.expectFiniteSamples("from")
    try b.expectFiniteSamples("to")
    try Memory.expectRoom(for: 16 * size, "latents of \(size) numbers")
    let way = Latents.between(a, b, steps: steps, path: spherical == 0 ? .linear : .spherical)
    try Memory.check()
    way.withElements { out.update(from: $0.baseAddress!, count: $0.count) }
  }
}
