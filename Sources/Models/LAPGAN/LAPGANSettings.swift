import SGBasics
import SGTensors

/// What a Laplacian pyramid of GANs is: `data`, `seed`, and `"lapgan": {"levels": […]}` with the
/// settings of a GAN for each level, the smallest images first.
struct LAPGANSettings: Sendable {
  /// A sample's shape, [height, width, channels].
  let shape: [Int]
  /// What values samples take; nil: any.
  let range: ValueRange?
  /// Classes of the labels that every level is given; 0: none.
  let classes: Int
  let seed: UInt64
  /// The games.
  let levels: [Configuration]

  init(_ json: JSON) throws(Failure) {
    var o = try JSONObject(json, path: "")
    var data = try o.object("data")
    shape = try data.shape("shape")
    guard shape.count == 3 else {
      throw Failure(
        .configuration,
        "data.shape: a pyramid is of images [height, width, channels], found \(shape.count) sizes")
    }
    range = try data.range("range", default: ValueRange(-1, 1))
    classes = try data.int("classes", in: 0...65_536, default: 0)
    try data.finish()
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    var own = try o.object(LAPGAN.family, default: [])
    let given = own.take("levels") == nil ? [.object([]), .object([])] : try own.array("levels")
    try own.finish()
    try o.finish()
    guard (2...8).contains(given.count) else {
      throw Failure(
        .configuration, "lapgan.levels: expected 2...8 levels, found \(given.count)")
    }
    let whole = 1 << (given.count - 1)
    guard shape[0] % whole == 0, shape[1] % whole == 0 else {
      throw Failure(
        .configuration,
        "lapgan.levels: \(given.count) levels halve the sides \(given.count - 1) times, which"
          + " \(shape[0]) x \(shape[1]) pixels do not allow")
    }
    var levels: [Configuration] = []
    for (i, level) in given.enumerated() {
      let factor = 1 << (given.count - 1 - i)
      do throws(Failure) {
        levels.append(
          try Self.level(
            level, i, [shape[0] / factor, shape[1] / factor, shape[2]], range, classes, seed))
      } catch {
        throw Failure(error.kind, "lapgan.levels[\(i)].\(error.message)")
      }
    }
    self.levels = levels
  }

  /// What a level may not say of itself.
  private static let shared = ["data", "labels", "seed", "family"]

  private static func level(
    _ json: JSON, _ i: Int, _ shape: [Int], _ range: ValueRange?, _ classes: Int, _ seed: UInt64
  ) throws(Failure) -> Configuration {
    guard case .object(let members) = json else {
      throw Failure(.configuration, "expected an object, found \(json.kindName)")
    }
    if let wrong = members.first(where: { shared.contains($0.key) }) {
      throw Failure(.configuration, "\(wrong.key): follows from the whole; leave it out")
    }
    func sizes(_ shape: [Int]) -> JSON { .array(shape.map { JSON($0) }) }
    var data: [(String, JSON)] = [("shape", sizes(shape)), ("classes", JSON(classes))]
    if i == 0 {
      data.append(("range", range.map { .array([.number($0.low), .number($0.high)]) } ?? .null))
    } else {
      // Differences of images.
      data += [("range", .null), ("conditions", sizes(shape))]
    }
    var whole: [(String, JSON)] = [("data", .object(data))]
    if i > 0 || classes > 0 {
      whole.append(("labels", .object([("mode", .string("conditional"))])))
    }
    // Each level draws under a seed of its own.
    let own = RandomKey(.weights, seed: seed, use: UInt16(i)).seed &+ UInt64(i) &* 0x9E37_79B9
    whole.append(("seed", JSON(i == 0 ? seed : own & 0x7FFF_FFFF_FFFF_FFFF)))
    let defaults = i == 0 ? [] : try usual(shape, classes)
    whole += defaults.filter { new in !members.contains { $0.key == new.0 } }
    return try Configuration(json: .object(whole + members.map { ($0.key, $0.value) }))
  }

  /// Networks of a level that adds detail: the latent as one more plane beside the image, and a
  /// plane of the class (Denton et al. 2015, section 4).
  private static func usual(_ shape: [Int], _ classes: Int) throws(Failure) -> [(String, JSON)] {
    let (h, w, c) = (shape[0], shape[1], shape[2])
    let beside =
      classes == 0
      ? #"{"condition": 0}"#
      : #"{"skip": [{"input": "values"}]}, {"skip": [{"input": "labels"}, {"dense": \#(h * w)}, {"reshape": [\#(h), \#(w), 1]}]}"#
    let generator =
      #"{"layers": [{"reshape": [\#(h), \#(w), 1]}, \#(beside), {"conv": {"channels": 64, "kernel": 3}}, "relu", "#
      + #"{"conv": {"channels": 64, "kernel": 3}}, "relu", {"conv": {"channels": \#(c), "kernel": 3}}]}"#
    let discriminator =
      #"{"layers": [\#(beside), {"conv": {"channels": 64, "kernel": 4, "stride": 2}}, {"leaky_relu": 0.2}, "#
      + #"{"conv": {"channels": 64, "kernel": 4, "stride": 2}}, {"leaky_relu": 0.2}, "flatten", {"dense": 1}]}"#
    return [
      ("latent", .object([("size", JSON(h * w))])), ("generator", try JSON(parsing: generator)),
      ("discriminator", try JSON(parsing: discriminator)),
    ]
  }

  /// The complete configuration.
  var json: JSON {
    .object([
      (
        "data",
        .object([
          ("shape", .array(shape.map { JSON($0) })),
          ("range", range.map { .array([.number($0.low), .number($0.high)]) } ?? .null),
          ("classes", JSON(classes)),
        ])
      ),
      (
        LAPGAN.family,
        .object([
          (
            "levels",
            .array(
              levels.map { level in
                guard case .object(let members) = level.json else { return level.json }
                return .object(
                  members.filter { !Self.shared.contains($0.key) }.map { ($0.key, $0.value) })
              })
          )
        ])
      ), ("seed", JSON(seed)),
    ])
  }

  /// The JSON Schema of a configuration.
  static var schema: JSON {
    let data = JSON.schema(
      "What a sample is.",
      properties: [
        (
          "shape",
          .object(
            [("description", "[height, width, channels], whose sides are halved level by level.")]
              + ValueForm<[Int]>.shape(most: 3).schema())
        ),
        (
          "range",
          .object(
            [("description", "The lowest and the highest value of a sample.")]
              + ValueForm<ValueRange?>.range.schema() + [("default", [-1, 1])])
        ),
        (
          "classes",
          .object(
            [("description", "Classes of the labels that every level is given; 0: none.")]
              + ValueForm<Int>.int(in: 0...65_536).schema() + [("default", 0)])
        ),
      ], required: ["shape"])
    let own = (Configuration.schema["properties"]?.members ?? []).filter {
      !shared.contains($0.key)
    }
    let level = JSON.schema("A GAN of one level.", properties: own)
    let levels: JSON = [
      "description":
        "The GANs, the first of the smallest images; each next one adds what doubling the size needs.",
      "type": "array", "minItems": 2, "maxItems": 8, "items": level,
    ]
    return .schema(
      "A Laplacian pyramid of GANs (Denton et al. 2015).",
      properties: [
        ("data", data),
        (LAPGAN.family, .schema("The pyramid.", properties: [("levels", levels)])),
        (
          "seed",
          .object(
            [("description", "The seed of all levels and of the order of the data.")]
              + ValueForm<UInt64>.count().schema() + [("default", 1)])
        ),
      ], required: ["data"])
  }
}
