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

/// Runs the body of an exported function: a thrown failure becomes the status and this thread's
/// message, and so does a lack of memory. The host's floating-point mode is put aside meanwhile, so
/// that results do not depend on it.
/// - Parameter isFrequent: see `Memory.checked`.
func answer(
  isFrequent: Bool = false, _ body: () throws(Failure) -> Void
) -> swiftgan_status {
  let mode = sg_float_mode_enter()
  defer { sg_float_mode_leave(mode) }
  do {
    try Memory.checked(isFrequent: isFrequent, body)
    return 0
  } catch {
    LastError.remember(error.message)
    return error.kind.status
  }
}

/// Makes an object whose handle the caller gets.
func make(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ kind: HandleTable.Kind,
  _ body: () throws(Failure) -> AnyObject
) -> swiftgan_status {
  answer { () throws(Failure) in
    guard let out else {
      throw Failure(.argument, "out: expected a place for the handle, found NULL")
    }
    let object = try body()
    try Memory.check()
    out.pointee = try HandleTable.shared.insert(object, kind)
  }
}

extension Failure.Kind {
  var status: swiftgan_status {
    switch self {
    case .argument: -1
    case .invalidHandle: -2
    case .busy: -3
    case .bufferTooSmall: -4
    case .configuration: -5
    case .format: -6
    case .truncated: -7
    case .checksum: -8
    case .unsupported: -9
    case .limit: -10
    case .mismatch: -11
    case .io: -12
    case .noMemory: -13
    case .diverged: -14
    case .cancelled: -15
    case .internal: -16
    }
  }
}

/// Each thread's last message, freed with the thread.
enum LastError {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { free($0) }
    return key
  }()
  private static let none = StaticText("")

  static func remember(_ message: String) {
    free(pthread_getspecific(key))
    pthread_setspecific(key, strdup(message))
  }

  static var message: UnsafePointer<CChar> {
    pthread_getspecific(key).map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) }
      ?? none.pointer
  }
}

/// A string from C.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(Failure) -> String {
  guard let pointer else { throw Failure(.argument, "\(name): expected a string, found NULL") }
  try Memory.expectRoom(for: 2 * strlen(pointer), name)
  guard let text = String(validatingCString: pointer) else {
    throw Failure(.argument, "\(name): not UTF-8")
  }
  return text
}

/// Options from C: a JSON object, or none.
func options(_ pointer: UnsafePointer<CChar>?) throws(Failure) -> JSONObject {
  let json = pointer == nil ? JSON.object([]) : try JSON(parsing: text(pointer, "options"))
  return try JSONObject(json, path: "")
}

/// How much an output needs, whether it will be given, and a check that it fits.
/// - Returns: false when only the size was asked for.
func fits(
  _ buffer: UnsafeRawPointer?, _ capacity: Int, _ needed: Int,
  _ report: UnsafeMutablePointer<Int>?, _ name: String
) throws(Failure) -> Bool {
  report?.pointee = needed
  if buffer == nil && capacity == 0 && report != nil { return false }
  guard buffer != nil else { throw Failure(.argument, "\(name): expected a buffer, found NULL") }
  guard capacity >= needed else {
    throw Failure(.bufferTooSmall, "\(name): needs room for \(needed), found \(capacity)")
  }
  return true
}

/// Text into the caller's buffer, with the final NUL.
func give(
  _ string: String, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int,
  _ needed: UnsafeMutablePointer<Int>?, _ name: String
) throws(Failure) {
  let bytes = Array(string.utf8CString)
  guard try fits(buffer, capacity, bytes.count, needed, name), let buffer else { return }
  buffer.update(from: bytes, count: bytes.count)
}

/// a · b, where it can be represented as a size in floats.
func product(_ a: Int, _ b: Int, _ name: String) throws(Failure) -> Int {
  let (count, overflow) = a.multipliedReportingOverflow(by: b)
  guard !overflow, a >= 0, count <= Int.max / 8 else {
    throw Failure(
      .limit, "\(name): \(UInt(bitPattern: a)) x \(b) elements are more than can be addressed")
  }
  return count
}

/// The caller's floats as a tensor.
func tensor(
  _ pointer: UnsafePointer<Float>?, _ count: Int, _ sample: Shape, _ name: String
) throws(Failure) -> Tensor {
  guard let pointer else { throw Failure(.argument, "\(name): expected samples, found NULL") }
  guard count >= 1 else {
    throw Failure(
      .argument, "\(name): expected at least 1 sample, found \(UInt(bitPattern: count))")
  }
  let elements = try product(count, sample.count, name)
  guard count <= Int(Int32.max), Memory.canTake(elements * 4) else {
    throw Failure(.noMemory, "\(name): not enough memory for \(count) samples of shape \(sample)")
  }
  let tensor = Tensor(shape: sample.prepending(count)) {
    $0.baseAddress!.update(from: pointer, count: elements)
  }
  try Memory.check()
  return tensor
}
