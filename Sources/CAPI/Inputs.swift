import CSwiftGAN
import SwiftGAN

/// What accompanies samples: an absent struct, or one of a caller who may know fewer fields than we do.
struct Inputs {
  var labels: UnsafePointer<Int32>?
  var latents: UnsafePointer<Float>?
  var conditions: UnsafePointer<Float>?

  init(_ pointer: UnsafePointer<swiftgan_inputs>?) throws(Failure) {
    guard let pointer else { return }
    let whole = MemoryLayout<swiftgan_inputs>.size
    let size = pointer.pointee.size
    guard size == whole else {
      throw Failure(
        .argument, "inputs.size: expected \(whole) (sizeof(swiftgan_inputs)), found \(size)")
    }
    labels = pointer.pointee.labels
    latents = pointer.pointee.latents
    conditions = pointer.pointee.conditions
  }

  /// For models without labels and conditions.
  func refuseLabels() throws(Failure) {
    if labels != nil {
      throw Failure(
        .unsupported, "inputs.labels: the model is not conditional (labels.mode is \"none\")")
    }
    try refuseConditions()
  }

  func refuseConditions() throws(Failure) {
    if conditions != nil {
      throw Failure(.unsupported, "inputs.conditions: the model takes no conditions")
    }
  }

  func refuseLatents() throws(Failure) {
    if latents != nil { throw Failure(.unsupported, "inputs.latents: not used here") }
  }
}
