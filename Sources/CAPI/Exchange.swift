import CSwiftGAN
import SwiftGAN

/// What both ways have in common: format, network and prefix of the names.
private func exchange(
  _ json: UnsafePointer<CChar>?, formats: [String], prefix: String
) throws(Failure) -> (format: String, role: NetworkRole, prefix: String) {
  var o = try options(json)
  let format = try o.string("format", oneOf: formats)
  let role = try o.string(
    "network", oneOf: NetworkRole.allCases.map(\.rawValue), default: "generator")
  let names = o.take("prefix") == nil ? prefix : try o.string("prefix")
  try o.finish()
  return (format, NetworkRole(rawValue: role) ?? .generator, names)
}

@implementation @_cdecl("swiftgan_model_export")
public func swiftgan_model_export(
  _ model: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let path = try text(path, "path")
    let o = try exchange(options_json, formats: ["pytorch", "onnx"], prefix: "main.")
    if o.format == "onnx" {
      try box.gan.exportONNX(o.role, to: path)
    } else {
      try box.gan.exportTorch(o.role, to: path, prefix: o.prefix)
    }
  }
}

@implementation @_cdecl("swiftgan_model_import")
public func swiftgan_model_import(
  _ model: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let path = try text(path, "path")
    let o = try exchange(options_json, formats: ["pytorch"], prefix: "")
    try box.gan.importTorch(o.role, from: path, prefix: o.prefix)
  }
}
