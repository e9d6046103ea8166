#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A file that appears whole or not at all: written beside its target, flushed, renamed, the folder flushed.
final class AtomicFile {
  private let path: String
  private let temporary: String
  private let descriptor: Int32

  /// Writes a file through `body`; when it throws, the old file stands and nothing is left behind.
  static func write(
    to path: String, _ body: (AtomicFile) throws(Failure) -> Void
  ) throws(Failure) {
    try FileIO.checkPath(path)
    if FileIO.isDirectory(path) { throw FileIO.failure(path, EISDIR) }
    var status = stat()
    if stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG {
      throw Failure(.io, "\(path): not a regular file")
    }
    let file = try AtomicFile(path)
    do throws(Failure) {
      try body(file)
      try file.commit()
    } catch {
      unlink(file.temporary)
      throw error
    }
  }

  private init(_ path: String) throws(Failure) {
    // A symbolic link keeps being one: its target is replaced.
    var resolved = path
    if let real = realpath(path, nil) {
      resolved = String(cString: real)
      free(real)
    }
    self.path = resolved
    let (folder, name) = Self.split(resolved)
    let prefix = ".\(name.prefix(100)).swiftgan-"
    Self.removeStale(in: folder, prefix: prefix)
    temporary = "\(folder)/\(prefix)\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor < 0 { throw FileIO.failure(path) }
  }

  deinit { close(descriptor) }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }

  /// Removes what processes that were killed while writing the same file left.
  private static func removeStale(in folder: String, prefix: String) {
    for name in FileIO.names(in: folder) {
      guard name.hasPrefix(prefix), name.hasSuffix(".tmp"),
        let owner = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }),
        kill(owner, 0) != 0, errno == ESRCH
      else { continue }
      unlink("\(folder)/\(name)")
    }
  }

  func append(_ bytes: [UInt8]) throws(Failure) {
    let result: Result<Void, Failure> = bytes.withUnsafeBytes { buffer in
      do throws(Failure) {
        return .success(try append(buffer))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// Writes at the end.
  func append(_ buffer: UnsafeRawBufferPointer) throws(Failure) {
    try FileIO.write(buffer, to: descriptor, path)
  }

  private func commit() throws(Failure) {
    guard fsync(descriptor) == 0 else { throw FileIO.failure(path) }
    guard rename(temporary, path) == 0 else { throw FileIO.failure(path) }
    let folder = open(Self.split(path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }
}
