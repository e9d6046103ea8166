import SGBasics

/// What opening a data set left out, or covered.
public struct SkippedFiles: Sendable {
  /// A file that could not be read, and why.
  public struct File: Sendable, Equatable {
    /// Where the file is.
    public let path: String
    /// What is wrong with it.
    public let reason: String
  }

  /// Damaged files, where the option `skip_corrupt` allows it.
  public internal(set) var corrupt: [File] = []
  /// How many files in a folder of pictures are none.
  public internal(set) var others = 0

  /// How many of a folder's pictures have transparent pixels, which were composed on the
  /// background.
  public internal(set) var transparent = 0

  /// The most damaged files that are named.
  private static let named = 1000

  var json: [(key: String, value: JSON)] {
    let files = corrupt.prefix(Self.named).map {
      JSON.object([("path", .string($0.path)), ("reason", .string($0.reason))])
    }
    return [
      ("skipped", .integer(Int64(corrupt.count))), ("skipped_files", .array(files)),
      ("other_files", .integer(Int64(others))), ("transparent", .integer(Int64(transparent))),
    ]
  }
}
