import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Keeps a run's folder to one training: a lock (flock) on the file `run.lock` in it, which names
/// its holder. The system ends the lock with the process, however that ends.
final class RunLock {
  private let path: String
  private var descriptor: Int32 = -1

  /// Takes the lock of a folder that is there.
  /// - Throws: `Failure` of kind busy that names the holder, or of kind io.
  init(_ folder: RunFolder) throws(Failure) {
    path = folder.lock
    while true {
      descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
      guard descriptor >= 0 else {
        throw Failure(.io, "\(path): \(String(cString: strerror(errno)))")
      }
      var result = flock(descriptor, LOCK_EX | LOCK_NB)
      while result != 0 && errno == EINTR { result = flock(descriptor, LOCK_EX | LOCK_NB) }
      if result != 0 && errno == EWOULDBLOCK {
        // Somebody may only have looked (`isHeld`).
        usleep(50_000)
        result = flock(descriptor, LOCK_EX | LOCK_NB)
      }
      if result != 0 && errno == EWOULDBLOCK {
        close(descriptor)
        throw Self.busy(folder)
      }
      // A file system without locks lets everybody through.
      if isStillThere { break }
      close(descriptor)
    }
    let line =
      "process \(getpid()) on \(Self.host): \(CommandLine.arguments.joined(separator: " "))\n"
    ftruncate(descriptor, 0)
    let bytes = Array(line.utf8.prefix(2000))
    _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// - Throws: `Failure` of kind busy, that names the holder, where a training holds the lock.
  static func expectFree(_ folder: RunFolder) throws(Failure) {
    if isHeld(folder) { throw busy(folder) }
  }

  private static func busy(_ folder: RunFolder) -> Failure {
    let holder = (try? FileIO.readText(folder.lock, limit: 4096)) ?? ""
    return Failure(
      .busy,
      "\(folder.path): another training writes to this folder"
        + (holder.isEmpty ? "" : " (\(oneLine(holder)))")
        + "; wait for its end, or choose another folder")
  }

  /// Whether a training holds the lock of a folder.
  static func isHeld(_ folder: RunFolder) -> Bool {
    let descriptor = open(folder.lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// Whether the path still names the locked file, which an earlier holder may have removed.
  private var isStillThere: Bool {
    var (here, there) = (stat(), stat())
    return fstat(descriptor, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino
      && here.st_dev == there.st_dev
  }

  /// Removes the file and ends the lock.
  func release() {
    guard descriptor >= 0 else { return }
    if isStillThere { unlink(path) }
    close(descriptor)
    descriptor = -1
  }

  deinit { release() }

  private static func oneLine(_ text: String) -> String {
    String(text.prefix { $0 != "\n" }.prefix(300))
  }

  private static var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "this host" }
    return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }
}
