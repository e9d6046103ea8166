import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder of its own for a test, which goes with it.
package func inTemporaryFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/swiftgan-tests-XXXXXX".utf8CString)
  let path = String(cString: try #require(mkdtemp(&template)))
  defer { _ = system("rm -rf \(path)") }
  try body(path)
}

/// Replaces a file, without waiting for the disk as `FileIO` does.
package func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"))
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}
