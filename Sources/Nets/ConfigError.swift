/// Something wrong in a model's description: where, and what was expected.
public struct ConfigError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Such as `discriminator.layers[3]`.
  public var path: String
  /// What was expected and what was found.
  public var message: String
  /// Whether it asks for more than there is room for, rather than for something that makes no
  /// sense.
  public var isLimit: Bool

  /// An error at a place.
  public init(_ path: String, _ message: String, isLimit: Bool = false) {
    self.path = path
    self.message = message
    self.isLimit = isLimit
  }

  /// Place and message.
  public var description: String { "\(path): \(message)" }
}
