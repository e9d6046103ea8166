#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import CSGKernels
import CSwiftGAN
import SwiftGAN

@implementation @_cdecl("swiftgan_abi")
public func swiftgan_abi() -> UInt32 { SWIFTGAN_ABI }

/// A string that lives as long as the library.
struct StaticText: @unchecked Sendable {
  let pointer: UnsafePointer<CChar>
  init(_ text: String) { pointer = UnsafePointer(strdup(text)!) }
}

private let version = StaticText(swiftGANVersion)
private let unknownStatus = StaticText("unknown status")
private let statusNames = [
  "SWIFTGAN_OK", "SWIFTGAN_ERROR_ARGUMENT", "SWIFTGAN_ERROR_HANDLE", "SWIFTGAN_ERROR_BUSY",
  "SWIFTGAN_ERROR_BUFFER_TOO_SMALL", "SWIFTGAN_ERROR_CONFIG", "SWIFTGAN_ERROR_FORMAT",
  "SWIFTGAN_ERROR_TRUNCATED", "SWIFTGAN_ERROR_CHECKSUM", "SWIFTGAN_ERROR_UNSUPPORTED",
  "SWIFTGAN_ERROR_LIMIT", "SWIFTGAN_ERROR_MISMATCH", "SWIFTGAN_ERROR_IO", "SWIFTGAN_ERROR_NOMEM",
  "SWIFTGAN_ERROR_DIVERGED", "SWIFTGAN_ERROR_CANCELLED", "SWIFTGAN_ERROR_INTERNAL",
].map(StaticText.init)

@implementation @_cdecl("swiftgan_version")
public func swiftgan_version() -> UnsafePointer<CChar>! { version.pointer }

@implementation @_cdecl("swiftgan_status_name")
public func swiftgan_status_name(_ status: swiftgan_status) -> UnsafePointer<CChar>! {
  (-16...0).contains(status) ? statusNames[-Int(status)].pointer : unknownStatus.pointer
}

@implementation @_cdecl("swiftgan_last_error")
public func swiftgan_last_error() -> UnsafePointer<CChar>! { LastError.message }

@implementation @_cdecl("swiftgan_set_threads")
public func swiftgan_set_threads(_ n: Int32) -> swiftgan_status {
  answer { () throws(Failure) in
    guard Threads.set(Int(n)) else {
      throw Failure(.argument, "threads: expected 0...256, found \(n)")
    }
  }
}

@implementation @_cdecl("swiftgan_set_log")
public func swiftgan_set_log(
  _ fn: swiftgan_log_fn!, _ context: UnsafeMutableRawPointer!
) -> swiftgan_status {
  answer { () throws(Failure) in
    guard let fn else {
      Log.set(nil)
      return
    }
    let receiver = LogReceiver(fn: fn, context: context)
    Log.set { level, message in receiver.fn(receiver.context, level.rawValue, message) }
  }
}

private struct LogReceiver: @unchecked Sendable {
  let fn: swiftgan_log_fn
  let context: UnsafeMutableRawPointer?
}
