import CSwiftGAN
import SwiftGAN

/// What accompanies samples: an absent struct, or one of a caller who may know fewer fields than we do.
struct Inputs {
  private(set) var labels: UnsafePointer<Int32>?
  private(set) var latents: UnsafePointer<Float>?
  private(set) var conditions: UnsafePointer<Float>?
  /// Of each condition; 0: not said.
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

  /// Labels and conditions for a model that may be conditioned on them.
  /// - Parameters:
  ///   - learning: whether labels may also be for a discriminator that learns from them.
  ///   - judging: whether they are for the discriminator alone.
  func given(
    _ count: Int, for gan: GAN, learning: Bool = false, judging: Bool = false
  ) throws(Failure) -> Conditions {
    let c = gan.configuration
    let mode = c.labels.mode
    let takesLabels =
      c.classes > 0
      && (learning
        ? mode != .none : judging ? mode == .conditional : c.labels.conditionsGenerator)
    if labels != nil, !takesLabels {
      throw Failure(
        .unsupported,
        "inputs.labels: not used here (labels.mode is \"\(mode.rawValue)\", data.classes \(c.classes));"
          + " leave labels out, or make the model with labels.mode \"conditional\" and data.classes"
      )
    }
    if conditions != nil, c.conditions == 0 {
      throw Failure(.unsupported, "inputs.conditions: the model takes no conditions")
    }
    if conditions != nil, conditionSize != 0, conditionSize != c.conditions {
      throw Failure(
        .mismatch, "inputs.condition_size: expected \(c.conditions), found \(conditionSize)")
    }
    var values: Tensor?
    if conditions != nil {
      values = try tensor(conditions, count, [c.conditions], "inputs.conditions")
    }
    return Conditions(labels: try labels(count), values: values)
  }

  /// Latents, or nil where there are none.
  func latents(_ count: Int, for gan: GAN) throws(Failure) -> Tensor? {
    if latents == nil { return nil }
    let z = try tensor(latents, count, [gan.latentSize], "inputs.latents")
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

  func refuseLatents() throws(Failure) {
    if latents != nil { throw Failure(.unsupported, "inputs.latents: not used here") }
  }
}
