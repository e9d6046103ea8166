import SGBasics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that grows at its end while something runs: logs of training. Bytes wait in memory until
/// `flush`.
package final class GrowingFile {
  package let path: String
  private let descriptor: Int32
  private var waiting: [UInt8] = []
  /// Bytes of the file that were written whole.
  private var size: Int

  /// Opens a file to add to it; makes it where there is none.
  package init(_ path: String) throws(Failure) {
    self.path = path
    (descriptor, size) = try FileIO.openRegular(path, O_WRONLY | O_CREAT | O_APPEND)
  }

  deinit { close(descriptor) }

  package func append(_ bytes: some Sequence<UInt8>) { waiting.append(contentsOf: bytes) }

  /// Adds a line.
  package func append(line: String) {
    append(line.utf8)
    waiting.append(UInt8(ascii: "\n"))
  }

  /// Writes what waits. After an error (no space, say) none of it is in the file, and all of it
  /// still waits.
  package func flush() throws(Failure) {
    guard !waiting.isEmpty else { return }
    let result: Result<Void, Failure> = waiting.withUnsafeBytes { buffer in
      do throws(Failure) {
        return .success(try FileIO.writeAll(buffer, to: descriptor, path))
      } catch {
        ftruncate(descriptor, off_t(size))
        return .failure(error)
      }
    }
    try result.get()
    size += waiting.count
    waiting.removeAll(keepingCapacity: true)
  }
}
