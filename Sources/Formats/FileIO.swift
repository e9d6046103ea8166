import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file opened for reading: never a folder, a pipe or a device, so that reading ends and
/// never blocks.
package final class InputFile: StoredBytes {
  package let path: String
  package let size: Int
  private let descriptor: Int32

  package init(_ path: String) throws(Failure) {
    self.path = path
    (descriptor, size) = try FileIO.openRegular(path, O_RDONLY)
  }

  deinit { close(descriptor) }

  /// Fills a buffer from an offset.
  /// - Throws: `Failure` of kind truncated if the file ends before.
  package func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) {
    var done = 0
    while done < buffer.count {
      let n = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if n < 0 && errno == EINTR { continue }
      guard n >= 0 else { throw FileIO.failure(path) }
      guard n > 0 else {
        throw Failure(
          .truncated,
          "\(path): ends at byte \(offset + done), \(buffer.count - done) bytes too early")
      }
      done += n
    }
  }
}

/// What files need beyond their contents.
package enum FileIO {
  /// The most bytes that a text file may have.
  static let longestText = 16 << 20

  /// A text file as a string.
  /// - Parameter limit: the most bytes that it may have; nil: 16 MB.
  package static func readText(_ path: String, limit: Int? = nil) throws(Failure) -> String {
    let bytes = try readBytes(path, limit: limit ?? longestText)
    try Memory.expectRoom(for: 2 * bytes.count, path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.format, "\(path): not UTF-8")
    }
    return text
  }

  /// Replaces a file by a text, atomically.
  package static func writeText(_ text: String, to path: String) throws(Failure) {
    try writeBytes(Array(text.utf8), to: path)
  }

  /// Replaces a file by bytes, atomically.
  package static func writeBytes(_ bytes: [UInt8], to path: String) throws(Failure) {
    try AtomicFile.write(to: path) { (file) throws(Failure) in try file.append(bytes) }
  }

  /// Makes a folder where there is none, and those above it.
  package static func makeDirectory(_ path: String) throws(Failure) {
    try checkPath(path)
    for (i, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && i > 0 {
      // What cannot be made is missed by the last one.
      mkdir(String(decoding: path.utf8.prefix(i), as: UTF8.self), 0o777)
    }
    if mkdir(path, 0o777) != 0 && !(errno == EEXIST && isDirectory(path)) { throw failure(path) }
  }

  /// Writes all of a buffer. Beyond the process's file size limit the kernel would send SIGXFSZ,
  /// which ends the host: it is held back and taken off this thread, and the error reported
  /// instead.
  static func writeAll(
    _ buffer: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
  ) throws(Failure) {
    var (limitSignal, before) = (sigset_t(), sigset_t())
    sigemptyset(&limitSignal)
    sigaddset(&limitSignal, SIGXFSZ)
    pthread_sigmask(SIG_BLOCK, &limitSignal, &before)
    defer {
      if sigismember(&before, SIGXFSZ) == 0 {
        var none = timespec(tv_sec: 0, tv_nsec: 0)
        while sigtimedwait(&limitSignal, nil, &none) == SIGXFSZ {}
      }
      pthread_sigmask(SIG_SETMASK, &before, nil)
    }
    var done = 0
    while done < buffer.count {
      let n = write(descriptor, buffer.baseAddress! + done, buffer.count - done)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw failure(path, n == 0 ? ENOSPC : errno) }
      done += n
    }
  }

  /// What a folder holds, without order; nothing where it cannot be read.
  package static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a file, if it is there.
  package static func remove(_ path: String) throws(Failure) {
    try checkPath(path)
    if unlink(path) != 0 && errno != ENOENT { throw failure(path) }
  }

  /// A whole file.
  /// - Parameter limit: the most bytes that it may have.
  package static func readBytes(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let file = try InputFile(path)
    guard file.size <= limit else {
      throw Failure(.limit, "\(path): \(file.size) bytes are more than \(limit)")
    }
    return try file.bytes(at: 0, count: file.size)
  }

  /// What a folder holds.
  package struct Listing {
    /// Sorted by bytes.
    package fileprivate(set) var folders: [String] = []
    /// Sorted by bytes.
    package fileprivate(set) var files: [String] = []
    /// Entries whose names are not UTF-8, which are in neither list.
    package fileprivate(set) var unnamed = 0
  }

  /// What a folder holds; names that begin with a dot do not count, nor does what is neither file
  /// nor folder.
  /// - Throws: `Failure` of kind io (cannot be read), limit (more than 2²⁶ names).
  package static func list(_ path: String) throws(Failure) -> Listing {
    try checkPath(path)
    guard let directory = opendir(path) else { throw failure(path) }
    defer { closedir(directory) }
    var found = Listing()
    while true {
      errno = 0
      guard let entry = readdir(directory) else {
        if errno != 0 { throw failure(path) }
        break
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name else {
        found.unnamed += 1
        continue
      }
      if name.hasPrefix(".") { continue }
      var kind = mode_t(entry.pointee.d_type) << 12
      if kind != S_IFREG && kind != S_IFDIR { kind = self.kind("\(path)/\(name)") ?? 0 }
      if kind == S_IFREG { found.files.append(name) }
      if kind == S_IFDIR { found.folders.append(name) }
      let count = found.files.count + found.folders.count
      guard count <= 1 << 26 else {
        throw Failure(.limit, "\(path): more than \(1 << 26) names")
      }
      // A string takes 16 bytes, and a long name as many more as it has; arrays double, and are
      // sorted.
      if count & 1023 == 0 { try Memory.expectRoom(for: 64 * count + (1 << 20), path) }
    }
    found.folders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    found.files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return found
  }

  /// - Throws: `Failure` of kind io where nothing has this path, argument for paths that C would
  ///   read differently.
  package static func expect(_ path: String) throws(Failure) {
    try checkPath(path)
    if kind(path) == nil { throw failure(path) }
  }

  package static func isDirectory(_ path: String) -> Bool { kind(path) == S_IFDIR }
  package static func isRegularFile(_ path: String) -> Bool { kind(path) == S_IFREG }

  private static func kind(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// - Throws: for paths that C would read differently.
  package static func checkPath(_ path: String) throws(Failure) {
    if path.isEmpty { throw Failure(.argument, "path: expected a file's name, found \"\"") }
    if path.utf8.contains(0) { throw Failure(.argument, "path: contains a NUL byte") }
    if path.utf8.count >= Int(PATH_MAX) { throw failure(path.shown, ENAMETOOLONG) }
  }

  /// Opens a regular file, and nothing else: never waits for a pipe's other end, never follows a
  /// device.
  /// - Parameter flags: of `open`; a file that they make has mode 0666 less the umask.
  /// - Returns: the descriptor, which the caller closes, and the file's size in bytes.
  static func openRegular(
    _ path: String, _ flags: Int32
  ) throws(Failure) -> (descriptor: Int32, size: Int) {
    try checkPath(path)
    let descriptor = open(path, flags | O_NONBLOCK | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let failure = failure(path)
      close(descriptor)
      throw failure
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure(.io, "\(path): not a regular file")
    }
    return (descriptor, Int(status.st_size))
  }

  /// The operating system's last error, with the path.
  static func failure(_ path: String, _ code: Int32 = errno) -> Failure {
    Failure(.io, "\(path): \(String(cString: strerror(code)))")
  }
}
