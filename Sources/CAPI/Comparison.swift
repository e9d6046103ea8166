import CSwiftGAN
import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// More bytes than the reports of all families have, without the configurations that were given.
private let reportRoom = 65_536

@implementation @_cdecl("swiftgan_compare")
public func swiftgan_compare(
  _ data: OpaquePointer!, _ options_json: UnsafePointer<CChar>!,
  _ report_json: UnsafeMutablePointer<CChar>!, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>!
) -> swiftgan_status {
  answer { () throws(Failure) in
    try HandleTable.shared.use(data, .dataset, as: Dataset.self) { (data) throws(Failure) in
      // Nobody trains for minutes to hear that the buffer is too small.
      let given = options_json == nil ? 0 : strlen(options_json)
      let room = reportRoom + 6 * min(given, 1 << 30)
      guard try fits(report_json, capacity, room, needed, "report_json") else { return }
      let options = try ComparisonOptions(json: options(options_json))
      let comparison = try Comparison(of: data, options)
      try give(comparison.json.text(pretty: false), report_json, capacity, needed, "report_json")
    }
  }
}
