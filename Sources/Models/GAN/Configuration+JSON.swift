import SGBasics
import SGData
import SGNets
import SGTensors

extension Configuration {
  /// The defaults; the shape and the networks stand for nothing.
  private static let defaults = Configuration(
    shape: [1], generator: .mlp(), discriminator: .mlp())

  /// Reads a configuration; what is left out takes its default.
  /// - Throws: `Failure` that names the key, what was expected and what was found.
  public init(json: JSON) throws(Failure) {
    var o = try JSONObject(json.withWholeNumbers, path: "")
    self = Self.defaults
    try Self.settings.read(&self, &o)
    try o.finish()
    try objective.check(labelSmoothing)
  }

  /// The whole configuration, defaults filled in.
  public var json: JSON { .object(Self.settings.members(of: self)) }

  /// The JSON Schema of a configuration's properties, without `"family"`.
  static var schema: JSON {
    settings.schema(of: defaults, "A generative adversarial network.")
  }
}

extension Configuration: Codable {
  /// Reads a configuration from a decoder.
  public init(from decoder: any Decoder) throws {
    try self.init(json: JSON(from: decoder))
  }
  /// Writes the whole configuration to an encoder.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
