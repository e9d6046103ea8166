import SGNets

/// What went wrong, for a program (`kind`) and for a person (`message`: what was wrong and what was
/// expected).
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of thing went wrong: what a program can tell apart. Each is one of the C header's
  /// status codes.
  public enum Kind: Sendable {
    /// A value the caller passed.
    case argument
    /// A handle that is not, or no longer, one of ours.
    case invalidHandle
    /// In use by another thread.
    case busy
    /// A buffer of the caller's that holds less than there is to say.
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
    /// There is not enough memory.
    case noMemory
    /// NaN or infinity in training.
    case diverged
    /// The caller, or its task, wanted no more.
    case cancelled
    /// A mistake of this library.
    case `internal`
  }

  /// For a program.
  public let kind: Kind
  /// For a person: what was wrong and what was expected, in one line without control characters.
  public let message: String

  /// A failure of a kind, in words. Control characters in them are escaped, and of more than 4,000
  /// characters the middle is left out, since messages quote files and names that anybody may have
  /// made.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message.escaped
  }

  /// The failure of a description: of kind limit or configuration.
  public init(_ error: ConfigError) {
    self.init(error.isLimit ? .limit : .configuration, error.description)
  }

  /// The message.
  public var description: String { message }
}
