import SwiftGAN

/// What `train` and `resume` say before the first step: what was read, what was left out, what
/// learns.
struct Opening {
  let data: Dataset
  let model: any Model
  let batch: Int

  var lines: [String] { [read, learns] }

  private var read: String {
    let extents = data.shape.array
    let kind =
      extents.count == 3
      ? "images of \(extents[1]) x \(extents[0]) pixels in \(Self.colors(extents[2]))"
      : "samples of \(extents.map { "\($0)" }.joined(separator: " x ")) numbers"
    var text = "data: \(data.count) \(kind)"
    if data.classes > 0 {
      text += ", \(data.classes) classes"
      if !data.classNames.isEmpty {
        let names = data.classNames.prefix(10).joined(separator: ", ")
        text += " (\(names)\(data.classNames.count > 10 ? ", …" : ""))"
      }
      if model.labelUse == .none { text += ", of which no use is made (--labels)" }
    }
    return "\(text)\(omitted), from \(data.source)"
  }

  private var omitted: String {
    var parts: [String] = []
    let corrupt = data.skippedFiles.corrupt
    if let first = corrupt.first {
      parts.append("\(corrupt.count) damaged (such as \(first.path): \(first.reason))")
    }
    if data.skippedFiles.others > 0 { parts.append("\(data.skippedFiles.others) of other kinds") }
    return parts.isEmpty ? "" : "; files left out: \(parts.joined(separator: ", "))"
  }

  private static func colors(_ channels: Int) -> String {
    switch channels {
    case 1: "gray"
    case 3: "RGB"
    case 4: "RGBA"
    default: "\(channels) channels"
    }
  }

  private var learns: String {
    var (kinds, sizes): ([String], [String]) = ([], [])
    if case .object(let members) = model.summary {
      for (name, network) in members {
        guard let count = network["parameters"]?.wholeNumber else { continue }
        sizes.append("\(name) \(count.grouped) weights")
        let kind = model.configurationJSON[name].flatMap(Self.kind)
        if let kind, !kinds.contains(kind) { kinds.append(kind) }
      }
    }
    let kind = kinds.isEmpty ? type(of: model).family : kinds.joined(separator: " against ")
    // The unit stands once.
    let networks = sizes.enumerated().map { i, text in
      i == 0 ? text : text.replacing(" weights", with: "")
    }
    return "model: \(kind); \(networks.joined(separator: ", ")); batch \(batch)\(standardized)"
  }

  private var standardized: String {
    guard let standardization = (model as? any Standardizing)?.standardization else { return "" }
    let what = [
      standardization.samples.map { _ in "samples" },
      standardization.conditions.map { _ in "conditions" },
    ].compactMap { $0 }
    return what.isEmpty
      ? "" : "; \(what.joined(separator: " and ")) standardized (--set standardize=false: not)"
  }

  /// What a configuration says of a network.
  private static func kind(_ network: JSON) -> String? {
    if case .array(let layers)? = network["layers"] { return "\(layers.count) layers" }
    guard let preset = network["preset"]?.text else { return nil }
    let sizes = ["width", "depth"].compactMap { key in
      network[key]?.wholeNumber.map { "\(key) \($0)" }
    }
    return "\(preset) of \(sizes.joined(separator: ", "))"
  }
}
