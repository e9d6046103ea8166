import SGBasics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a path that is to be written names at the end of its symbolic links.
enum LinkTarget {
  /// As many links as Linux follows.
  private static let most = 40

  /// Follows symbolic links to a regular file, or to a name that no file has yet.
  /// - Returns: the path of the file, and its status if it exists.
  /// - Throws: `Failure` of kind io: a loop of links, or something else than a regular file.
  static func find(_ path: String) throws(Failure) -> (path: String, status: stat?) {
    // Another writer may replace the file between two looks at it; then they are taken again.
    for _ in 0..<100 {
      var end = stat()
      let exists = stat(path, &end) == 0
      if !exists && errno != ENOENT { throw FileIO.failure(path) }
      if exists && end.st_mode & S_IFMT == S_IFDIR { throw FileIO.failure(path, EISDIR) }
      guard !exists || end.st_mode & S_IFMT == S_IFREG else {
        throw Failure(.io, "\(path): not a regular file")
      }
      let (target, status) = try follow(path)
      if target == path || !exists && status == nil { return (target, status) }
      if exists, let status, status.st_ino == end.st_ino, status.st_dev == end.st_dev {
        return (target, status)
      }
    }
    // The links of /proc name files that are elsewhere or gone.
    throw Failure(.io, "\(path): a link that cannot be followed by its text")
  }

  /// Where the texts of the links lead.
  private static func follow(_ path: String) throws(Failure) -> (path: String, status: stat?) {
    var current = path
    for _ in 0...most {
      var status = stat()
      guard lstat(current, &status) == 0 else {
        guard errno == ENOENT else { throw FileIO.failure(path) }
        return (current, nil)
      }
      guard status.st_mode & S_IFMT == S_IFLNK else { return (current, status) }
      let text = try read(current, path)
      current = text.hasPrefix("/") ? text : "\(split(current).folder)/\(text)"
    }
    throw FileIO.failure(path, ELOOP)
  }

  /// The text of a symbolic link.
  private static func read(_ link: String, _ path: String) throws(Failure) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = bytes.withUnsafeMutableBytes {
      readlink(link, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count > 0 else { throw FileIO.failure(path) }
    guard count < bytes.count, let text = String(validating: bytes[..<count], as: UTF8.self) else {
      throw Failure(.io, "\(path): links to a name that is not UTF-8 or too long")
    }
    return text
  }

  /// A path's folder and the name in it.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.utf8.index(after: slash)...]))
  }
}
