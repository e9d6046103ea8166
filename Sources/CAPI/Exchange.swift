import CSwiftGAN
import SwiftGAN

/// What both ways have in common: format, network and prefix of the names.
private func exchange(
  _ names: [String], _ json: UnsafePointer<CChar>?, formats: [String], prefix: String
) throws(Failure) -> (format: String, network: String, prefix: String) {
  var o = try options(json)
  let format = try o.string("format", oneOf: formats)
  let network = try o.string("network", oneOf: names, default: names.first ?? "")
  let prefix = o.take("prefix") == nil ? prefix : try o.string("prefix")
  try o.finish()
  return (format, network, prefix)
}

@implementation @_cdecl("swiftgan_model_export")
public func swiftgan_model_export(
  _ model: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let path = try text(path, "path")
    let model = try box.can("export", as: (any Exporting).self)
    let o = try exchange(
      model.networkNames, options_json, formats: ["pytorch", "onnx"], prefix: "main.")
    if o.format == "onnx" {
      try model.exportONNX(o.network, to: path)
    } else {
      try model.exportTorch(o.network, to: path, prefix: o.prefix)
    }
  }
}

@implementation @_cdecl("swiftgan_model_import")
public func swiftgan_model_import(
  _ model: OpaquePointer!, _ path: UnsafePointer<CChar>!, _ options_json: UnsafePointer<CChar>!
) -> swiftgan_status {
  withModel(model) { (box) throws(Failure) in
    let path = try text(path, "path")
    let model = try box.can("export", as: (any Exporting).self)
    let o = try exchange(
      model.networkNames, options_json, formats: ["pytorch"], prefix: "")
    try model.importTorch(o.network, from: path, prefix: o.prefix)
  }
}
