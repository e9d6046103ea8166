import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

#if canImport(Glibc)
  import Glibc
#endif

/// A folder of its own for a test, that goes with it.
func inTemporaryFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/swiftgan-tests-XXXXXX".utf8CString)
  let path = String(cString: try #require(mkdtemp(&template)))
  defer { _ = system("rm -rf \(path)") }
  try body(path)
}

/// Replaces a file, without waiting for the disk as `FileIO` does.
func write(_ bytes: [UInt8], to path: String) throws {
  let file = try #require(fopen(path, "wb"))
  defer { fclose(file) }
  #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

extension Dataset {
  /// Opens with options as JSON text.
  static func open(_ path: String, _ options: String) throws -> Dataset {
    try open(path, options: JSONObject(JSON(parsing: options), path: ""))
  }
}
