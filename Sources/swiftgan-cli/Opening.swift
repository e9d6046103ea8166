import SwiftGAN

/// What `train` and `resume` say before the first step: what was read, what was left out, what learns.
struct Opening {
  let data: Dataset
  let model: GAN
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
      if model.configuration.labels.mode == .none { text += ", of which no use is made (--labels)" }
    }
    return "\(text)\(omitted), from \(data.source)"
  }

  private var omitted: String {
    var parts: [String] = []
    let corrupt = data.omissions.corrupt
    if let first = corrupt.first {
      parts.append("\(corrupt.count) damaged (such as \(first.path): \(first.reason))")
    }
    if data.omissions.others > 0 { parts.append("\(data.omissions.others) of other kinds") }
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
    func weights(_ player: String) -> Int {
      Int(model.summary[player]?["parameters"]?.wholeNumber ?? 0)
    }
    let (generator, discriminator) = (weights("generator"), weights("discriminator"))
    let kinds = [model.configuration.generator, model.configuration.discriminator].map(Self.kind)
    let kind = kinds[0] == kinds[1] ? kinds[0] : "\(kinds[0]) against \(kinds[1])"
    return "model: \(kind); generator \(Self.grouped(generator)) weights, discriminator"
      + " \(Self.grouped(discriminator)); batch \(batch)"
  }

  private static func kind(_ network: NetworkDescription) -> String {
    switch network {
    case .mlp(let width, let depth): "mlp of width \(width), depth \(depth)"
    case .dcgan(let width): "dcgan of width \(width)"
    case .layers(let layers): "\(layers.count) layers"
    }
  }

  /// With a comma after each three digits.
  private static func grouped(_ number: Int) -> String {
    var text = ""
    for (i, digit) in String(number).reversed().enumerated() {
      if i > 0, i % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
