import CSwiftGAN
import SwiftGAN

/// What accompanies samples: an absent struct, or one of a caller who may know fewer fields than we
/// do.
struct Inputs {
  private(set) var labels: UnsafePointer<Int32>?
  private(set) var latents: UnsafePointer<Float>?
  private(set) var conditions: UnsafePointer<Float>?
  /// The size of each condition; 0: not said.
  private(set) var conditionSize = 0

  init(_ pointer: UnsafePointer<swiftgan_inputs>?) throws(Failure) {
    guard let pointer else { return }
    let whole = MemoryLayout<swiftgan_inputs>.size
    let first = MemoryLayout<swiftgan_inputs>.offset(of: \.condition_size) ?? whole
    let size = pointer.pointee.size
    guard size == whole || size == first else {
      throw Failure(
        .argument, "inputs.size: expected \(whole) (sizeof(swiftgan_inputs)), found \(size)")
    }
    labels = pointer.pointee.labels
    latents = pointer.pointee.latents
    conditions = pointer.pointee.conditions
    if size == whole { conditionSize = pointer.pointee.condition_size }
  }

  /// Labels and conditions for a model.
  /// - Parameter use: what it takes of them in this call.
  func given(
    _ count: Int, for model: any Model, _ use: LabelUse
  ) throws(Failure) -> Conditions {
    let (classes, size) = use.sizes
    if labels != nil, classes == 0 {
      let mode = model.configurationJSON["labels"]?["mode"]?.text
      throw Failure(
        .unsupported,
        mode.map {
          "inputs.labels: not used here (labels.mode is \"\($0)\"); leave labels out, or make the model"
            + " with labels.mode \"conditional\" and data.classes"
        }
          ?? (model.configurationJSON["data"]?["classes"] == nil
            ? "inputs.labels: the family takes no labels; leave labels out"
            : "inputs.labels: not used here (data.classes is 0); leave labels out"))
    }
    if conditions != nil, size == 0 {
      throw Failure(.unsupported, "inputs.conditions: the model takes no conditions for this")
    }
    if conditions != nil, conditionSize != 0, conditionSize != size {
      throw Failure(
        .mismatch, "inputs.condition_size: expected \(size), found \(conditionSize)")
    }
    var values: Tensor?
    if conditions != nil { values = try tensor(conditions, count, [size], "inputs.conditions") }
    return Conditions(labels: try labels(count), values: values)
  }

  /// Latents, or nil where there are none.
  func latents(_ count: Int, for model: any Model) throws(Failure) -> Tensor? {
    if latents == nil { return nil }
    guard let model = model as? any HasLatents else { throw Families.lacks("latents", model) }
    let z = try tensor(latents, count, [model.latentSize], "inputs.latents")
    try z.expectFiniteSamples("inputs.latents")
    return z
  }

  /// Labels and conditions for a dataset of `count` samples.
  func ofData(_ count: Int) throws(Failure) -> (labels: [Int32], conditions: Tensor?) {
    try refuseLatents()
    let labels = try labels(count)
    guard conditions != nil else { return (labels, nil) }
    guard (1...(1 << 20)).contains(conditionSize) else {
      throw Failure(
        .argument, "inputs.condition_size: expected 1...\(1 << 20), found \(conditionSize)")
    }
    return (labels, try tensor(conditions, count, [conditionSize], "inputs.conditions"))
  }

  /// The labels, or none.
  private func labels(_ count: Int) throws(Failure) -> [Int32] {
    guard let labels else { return [] }
    try Memory.expectRoom(for: 12 * min(count, 1 << 40), "\(count) labels")
    return Array(UnsafeBufferPointer(start: labels, count: count))
  }

  func refuseLabels() throws(Failure) {
    if labels != nil { throw Failure(.unsupported, "inputs.labels: not used here") }
  }

  func refuseConditions() throws(Failure) {
    if conditions != nil { throw Failure(.unsupported, "inputs.conditions: not used here") }
  }

  func refuseLatents() throws(Failure) {
    if latents != nil { throw Failure(.unsupported, "inputs.latents: not used here") }
  }
}
