import SGBasics

/// What every family's checkpoint says in its metadata.
extension Snapshot {
  /// The entry that names the family.
  package static let familyKey = "swiftgan.model"
  /// What checkpoints of this version are; later formats are refused.
  package static let format: UInt64 = 1

  /// The entries that every checkpoint of a model has.
  package static func texts(family: String, configuration: JSON) -> [String: String] {
    [
      familyKey: family, "swiftgan.version": swiftGANVersion, "swiftgan.format": "\(format)",
      "configuration": configuration.text(pretty: false),
    ]
  }

  /// The configuration in a checkpoint's metadata.
  /// - Throws: `Failure` of kind mismatch (another family, no configuration), format, or
  ///   unsupported (a later format).
  package static func configuration(
    of texts: [String: String], family: String
  ) throws(Failure) -> JSON {
    guard texts[familyKey] == family else {
      throw Failure(.mismatch, "the checkpoint holds no swiftgan model of the family \"\(family)\"")
    }
    guard let text = texts["configuration"] else {
      throw Failure(.mismatch, "the checkpoint has no configuration")
    }
    // Checkpoints from before the key was introduced do not have it.
    if texts["swiftgan.format"] != nil {
      let found = try number("swiftgan.format", in: texts, most: .max)
      guard found <= format else {
        throw Failure(
          .unsupported,
          "the checkpoint has format \(found), written by swiftgan"
            + " \(texts["swiftgan.version"]?.shown ?? "of another version");"
            + " this version reads up to \(format)")
      }
    }
    return try JSON(parsing: text)
  }

  /// A whole number of the metadata.
  /// - Throws: `Failure` of kind format where there is none, or a larger one.
  package func number(
    _ key: String, most: UInt64 = Counter.mostSamples
  ) throws(Failure) -> UInt64 {
    try Self.number(key, in: texts, most: most)
  }

  private static func number(
    _ key: String, in texts: [String: String], most: UInt64
  ) throws(Failure) -> UInt64 {
    guard let text = texts[key], let value = UInt64(text), value <= most else {
      throw Failure(
        .format,
        "checkpoint metadata \(key): expected a whole number of at most \(most),"
          + " found \(texts[key].map { "\"\($0.shown)\"" } ?? "nothing")")
    }
    return value
  }
}
