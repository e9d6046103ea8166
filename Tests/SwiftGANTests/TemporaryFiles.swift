import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

extension Dataset {
  /// Opens with options as JSON text.
  static func open(_ path: String, _ options: String) throws -> Dataset {
    try open(path, options: JSONObject(JSON(parsing: options), path: ""))
  }
}
