import SGBasics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that appears whole or not at all: written beside its target, flushed, renamed, the folder
/// flushed.
///
/// The writer holds a lock (flock) on its temporary file. A temporary whose lock can be taken has
/// no writer any more, whatever process wrote it; the next writer of the same target removes it.
package final class AtomicFile {
  /// The path as it was given, for messages.
  private let path: String
  private let target: String
  private let temporary: String
  private let descriptor: Int32

  /// Writes a file through `body`; when it throws, the old file stands and nothing is left behind.
  /// A file that is replaced hands on its permissions and, where the system allows it, its owner; a
  /// symbolic link stays one, and its target is written.
  package static func write(
    to path: String, _ body: (AtomicFile) throws(Failure) -> Void
  ) throws(Failure) {
    try FileIO.checkPath(path)
    let (target, old) = try LinkTarget.find(path)
    let file = try AtomicFile(path, target: target, replacing: old)
    do throws(Failure) {
      try body(file)
      try file.commit()
    } catch {
      unlink(file.temporary)
      throw error
    }
  }

  /// - Parameters:
  ///   - target: what the path names at the end of its links.
  ///   - old: the status of the file that is replaced; nil: there is none.
  private init(_ path: String, target: String, replacing old: stat?) throws(Failure) {
    let (folder, name) = LinkTarget.split(target)
    let prefix = ".\(Self.beginning(of: name)).swiftgan-"
    Self.removeStale(in: folder, prefix: prefix)
    (self.path, self.target) = (path, target)
    (temporary, descriptor) = try Self.create("\(folder)/\(prefix)", path, replacing: old)
    if let old { Self.setAccess(descriptor, like: old) }
  }

  deinit {
    // A child of fork() may have the descriptor, too; then closing this one would not end the lock.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// As much of a name as leaves room for the rest of the temporary's, within the 143 bytes of the
  /// shortest limit in use (eCryptfs).
  private static func beginning(of name: String) -> String {
    var result = String.UnicodeScalarView()
    var bytes = 0
    for scalar in name.unicodeScalars {
      bytes += UTF8.width(scalar)
      if bytes > 100 { break }
      result.append(scalar)
    }
    return String(result)
  }

  /// Makes a temporary file and locks it.
  ///
  /// Between its creation and its lock another writer may take it for a stale one and remove it.
  /// That writer holds the lock while it removes the name, so whoever has the lock and still finds
  /// the name there keeps both.
  private static func create(
    _ beginning: String, _ path: String, replacing old: stat?
  ) throws(Failure) -> (name: String, descriptor: Int32) {
    for _ in 0..<100 {
      let name = "\(beginning)\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
      // What replaces a file is nobody else's to read until it has that file's permissions.
      let mode: mode_t = old == nil ? 0o666 : 0o600
      let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
      if descriptor < 0 {
        if errno == EEXIST { continue }
        throw FileIO.failure(path)
      }
      // A file system without locks lets nobody take a file for a stale one.
      while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
      var status = stat()
      if fstat(descriptor, &status) == 0 && status.st_nlink > 0 { return (name, descriptor) }
      close(descriptor)
    }
    throw Failure(.io, "\(path): no temporary file could be kept beside it")
  }

  /// Gives a new file the owner and the permissions of the one that it replaces. Where the group
  /// cannot be kept, another group gets no more than everybody had.
  private static func setAccess(_ descriptor: Int32, like old: stat) {
    var mode = old.st_mode & 0o777
    var new = stat()
    guard fstat(descriptor, &new) == 0 else { return }
    if new.st_uid != old.st_uid { _ = fchown(descriptor, old.st_uid, gid_t.max) }
    if new.st_gid != old.st_gid && fchown(descriptor, uid_t.max, old.st_gid) != 0 {
      mode &= 0o707 | (mode & 0o007) << 3
    }
    fchmod(descriptor, mode)
  }

  /// Removes what writers of the same target left when they were killed.
  private static func removeStale(in folder: String, prefix: String) {
    for name in FileIO.names(in: folder) {
      guard name.utf8.starts(with: prefix.utf8), name.hasSuffix(".tmp") else { continue }
      let path = "\(folder)/\(name)"
      let flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
      // NFS gives an exclusive lock only to who may write.
      var descriptor = open(path, O_RDWR | flags)
      if descriptor < 0 && errno == EACCES { descriptor = open(path, O_RDONLY | flags) }
      if descriptor < 0 { continue }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
      {
        // Names are drawn from 2⁶⁴ and not used again: this one is that of the locked file, or of
        // none.
        unlink(path)
      }
      close(descriptor)
    }
  }

  package func append(_ bytes: [UInt8]) throws(Failure) {
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
    try FileIO.writeAll(buffer, to: descriptor, path)
  }

  private func commit() throws(Failure) {
    guard fsync(descriptor) == 0 else { throw FileIO.failure(path) }
    guard rename(temporary, target) == 0 else { throw FileIO.failure(path) }
    let folder = open(LinkTarget.split(target).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }
}
