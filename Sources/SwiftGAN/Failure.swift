import Nets

/// What went wrong, for a program (`kind`) and for a person (`message`: what was wrong and what was expected).
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// A value the caller passed.
    case argument
    /// A handle that is not, or no longer, one of ours.
    case stateInvalid
    /// In use by another thread.
    case busy
    case bufferTooSmall
    /// A configuration or options.
    case configuration
    /// A file or text that is not what it should be.
    case format
    /// A file that ends too early.
    case truncated
    /// A file whose bytes have changed.
    case checksum
    /// Valid, but not served.
    case unsupported
    /// Larger than allowed.
    case limit
    /// Two things that do not fit each other.
    case mismatch
    /// The operating system's answer.
    case io
    case noMemory
    /// NaN or infinity in training.
    case diverged
    case cancelled
    case `internal`
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  init(_ error: ConfigError) {
    self.init(error.isLimit ? .limit : .configuration, error.description)
  }

  public var description: String { message }
}
