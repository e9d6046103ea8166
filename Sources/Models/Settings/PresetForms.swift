import SGBasics
import SGNets

/// The preset networks that JSON knows: `{"preset": "mlp", "width": 128}`.
enum PresetForms {
  static let all = [mlp, dcgan, resnet, r3gan, unet, superResolution, patch]

  /// The numbers of a preset.
  private struct Numbers: Sendable {
    var width: Int
    var depth = 2
    var spectralNorm = true
    var blocks = 1
  }

  /// The numbers of a preset for pairs of images.
  private struct PairNumbers: Sendable {
    var width = 64
    var depth: Int?
    var blocks = 4
    var noise: AnswerNoise
  }

  private static let width = Setting<PairNumbers>(
    "width", \.width, .int(in: 1...(1 << 16)), "Channels at the largest inner map.")
  private static let noise = Setting<PairNumbers>(
    "noise", \.noise, .choice,
    "What is left to chance: nothing, dropout that stays on, or a plane of the latent.")

  private static let mlp = NamedForm<NetworkDescription>(
    "mlp", Numbers(width: 128), "Hidden dense layers.",
    [
      Setting("width", \.width, .int(in: 1...(1 << 20)), "Units of each."),
      Setting("depth", \.depth, .int(in: 1...64), "How many."),
    ],
    make: { .mlp(width: $0.width, depth: $0.depth) },
    find: {
      guard case .mlp(let width, let depth) = $0 else { return nil }
      return Numbers(width: width, depth: depth)
    })

  private static let dcgan = NamedForm<NetworkDescription>(
    "dcgan", Numbers(width: 64),
    "Convolutions after Radford et al. 2015, for images of 8 to 512 pixels a side.",
    [
      Setting(
        "width", \.width, .int(in: 1...(1 << 16)),
        "Channels at the largest inner map, doubled with each halving up to 16 times as many.")
    ],
    make: { .dcgan(width: $0.width) },
    find: {
      guard case .dcgan(let width) = $0 else { return nil }
      return Numbers(width: width)
    })

  private static let resnet = NamedForm<NetworkDescription>(
    "resnet", Numbers(width: 64),
    "Residual networks after Miyato et al. 2018, for images whose sides are 4 to 7 pixels doubled"
      + " once or more often.",
    [
      Setting(
        "width", \.width, .int(in: 1...(1 << 16)),
        "Channels at the largest maps, doubled with each further halving up to 8 times as many."),
      Setting(
        "spectral_norm", \.spectralNorm, .bool, "Whether D's weights are spectrally normalized."),
    ],
    make: { .resnet(width: $0.width, spectralNorm: $0.spectralNorm) },
    find: {
      guard case .resnet(let width, let spectralNorm) = $0 else { return nil }
      return Numbers(width: width, spectralNorm: spectralNorm)
    })

  private static let r3gan = NamedForm<NetworkDescription>(
    "r3gan", Numbers(width: 32),
    "Residual networks after Huang et al. 2024, for images whose sides are 4 to 7 pixels doubled"
      + " once or more often.",
    [
      Setting(
        "width", \.width, .int(in: 8...(1 << 16)),
        "Channels at the image's size, which 8 divides; twice as many below."),
      Setting("blocks", \.blocks, .int(in: 1...16), "Residual blocks at each size."),
    ],
    make: { .r3gan(width: $0.width, blocks: $0.blocks) },
    find: {
      guard case .r3gan(let width, let blocks) = $0 else { return nil }
      return Numbers(width: width, blocks: blocks)
    })

  private static let unet = NamedForm<NetworkDescription>(
    "unet", PairNumbers(noise: .dropout),
    "A generator of images from images of the same size, with skips (Isola et al. 2017).",
    [
      width,
      Setting(
        "depth", \.depth, .int(orNullIn: 1...8),
        "How often the sides are halved; null: as often as they allow, at most 8 times."), noise,
    ],
    make: { .unet(width: $0.width, depth: $0.depth, noise: $0.noise) },
    find: {
      guard case .unet(let width, let depth, let noise) = $0 else { return nil }
      return PairNumbers(width: width, depth: depth, noise: noise)
    })

  private static let superResolution = NamedForm<NetworkDescription>(
    "super_resolution", PairNumbers(noise: .none),
    "A generator of images from smaller ones, with residual blocks (after Ledig et al. 2017).",
    [width, Setting("blocks", \.blocks, .int(in: 1...64), "Residual blocks."), noise],
    make: { .superResolution(width: $0.width, blocks: $0.blocks, noise: $0.noise) },
    find: {
      guard case .superResolution(let width, let blocks, let noise) = $0 else { return nil }
      return PairNumbers(width: width, blocks: blocks, noise: noise)
    })

  private static let patch = NamedForm<NetworkDescription>(
    "patch", PairNumbers(noise: .none),
    "A discriminator of patches, whose output is a map of logits (Isola et al. 2017).",
    [
      width,
      Setting(
        "depth", \.depth, .int(orNullIn: 1...8),
        "How often the sides are halved; null: 3 times, or as often as 4 pixels a side are left."),
    ],
    make: { .patch(width: $0.width, depth: $0.depth) },
    find: {
      guard case .patch(let width, let depth) = $0 else { return nil }
      return PairNumbers(width: width, depth: depth, noise: .none)
    })
}

extension JSONObject {
  /// A preset's name, {"preset": …, …} or {"layers": […]}.
  mutating func network(
    _ key: String, default preset: JSON
  ) throws(Failure) -> NetworkDescription {
    var o: JSONObject
    switch take(key) {
    case .object?: o = try object(key)
    case .string?:
      o = try JSONObject(.object([("preset", take(key) ?? preset)]), path: place(key))
    case nil: o = try JSONObject(.object([("preset", preset)]), path: place(key))
    case let other?:
      throw Failure(
        .configuration,
        "\(place(key)): expected a preset or {\"layers\": […]}, found \(other.kindName)")
    }
    var result = NetworkDescription.mlp()
    if o.take("layers") != nil {
      result = .layers(try o.layers("layers"))
    } else {
      let name = try o.string(
        "preset", oneOf: PresetForms.all.map(\.name), default: preset.text ?? "mlp")
      if let form = PresetForms.all.first(where: { $0.name == name }) {
        result = try form.decode(&o)
      }
    }
    try o.finish()
    return result
  }
}

extension NetworkDescription {
  var json: JSON {
    if case .layers(let layers) = self {
      return ["layers": .array(layers.map(LayerForm.json))]
    }
    for form in PresetForms.all {
      if let members = form.encode(self) {
        return .object([("preset", .string(form.name))] + members)
      }
    }
    return .null
  }

  /// The JSON Schema of a network, to which settings refer as `#/$defs/network`.
  static var definition: JSON {
    let names: JSON = ["enum": .array(PresetForms.all.map { .string($0.name) })]
    let presets = PresetForms.all.map { $0.taggedSchema("preset") }
    let layers = JSON.schema(
      "Layers, the first applied first.",
      properties: [("layers", .object(ValueForm<[any Layer]>.layers.schema()))],
      required: ["layers"])
    return [
      "description": "A preset's name, a preset with its numbers, or a list of layers.",
      "anyOf": .array([names] + presets + [layers]),
    ]
  }
}

extension ValueForm<NetworkDescription> {
  /// A network.
  /// - Parameter preset: the preset where only its numbers are given.
  static func network(preset: String = "mlp") -> ValueForm {
    ValueForm(schema: [("$ref", "#/$defs/network")]) { (o, key) throws(Failure) in
      try o.network(key, default: .string(preset))
    } write: {
      $0.json
    }
  }
}
