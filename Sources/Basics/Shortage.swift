import CSGKernels
import SGTensors

extension Memory {
  /// Runs a body that computes with tensors or takes checked memory. Tensor operations cannot fail;
  /// where there was no memory for one of them, the body's result is dropped, whatever it returned
  /// or threw, and this throws instead. What the body replaces for good it replaces after `check`,
  /// or the caller does with the result.
  /// - Parameter isFrequent: whether it is called again and again, as a training step, and is to
  ///   make no system call where nothing limits the process.
  /// - Throws: `Failure` of kind noMemory, or what the body throws.
  package static func checked<R>(
    isFrequent: Bool = false, _ body: () throws(Failure) -> R
  ) throws(Failure) -> R {
    try check()
    let isOutermost = sg_watch_depth() == 0
    let (result, missing) = watched { () -> Result<R, Failure> in
      do throws(Failure) {
        // Inside, where threads that enter at the same time see each other.
        if isOutermost, isFrequent ? sg_memory_still_has_room() != 0 : !hasRoom(for: 0) {
          throw Failure(.noMemory, "not enough memory: the process may not take any more")
        }
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }
    // A failure that names what the memory was for says more.
    if case .failure(let failure) = result, failure.kind == .noMemory { throw failure }
    if missing > 0 { throw shortage(missing) }
    return try result.get()
  }

  /// - Throws: `Failure` of kind noMemory where a block could not be had in the body of `checked`
  ///   that this is called in.
  package static func check() throws(Failure) {
    let missing = Int(sg_watch_missing())
    if missing > 0 { throw shortage(missing) }
  }

  /// Makes sure that what is no tensor can be had: arrays and strings of a size that comes from
  /// outside.
  /// - Throws: `Failure` of kind noMemory.
  package static func expectRoom(
    for bytes: Int, _ what: @autoclosure () -> String
  ) throws(Failure) {
    // Smaller ones are what every watch has room for.
    if bytes < 1 << 18 { return }
    guard hasRoom(for: bytes) else {
      throw Failure(.noMemory, "not enough memory for \(what()): \(bytes) bytes are needed")
    }
  }

  private static func shortage(_ bytes: Int) -> Failure {
    Failure(.noMemory, "not enough memory: \(bytes) bytes could not be had")
  }
}

/// Bytes whose number comes from outside: in memory that is checked, where an array would end the
/// process.
package final class Buffer: @unchecked Sendable {
  /// The bytes.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Uninitialized.
  /// - Parameter what: what they are for, for the message.
  /// - Throws: `Failure` of kind noMemory.
  package init(count: Int, for what: @autoclosure () -> String) throws(Failure) {
    guard count >= 0, let block = sg_memory_take(max(count, 1)) else {
      throw Failure(.noMemory, "not enough memory for \(what()): \(count) bytes are needed")
    }
    bytes = UnsafeMutableRawBufferPointer(start: block, count: count)
  }

  deinit { sg_memory_give(bytes.baseAddress) }

  /// How many there are.
  package var count: Int { bytes.count }

  /// The same bytes as numbers of 8 bits.
  package var elements: UnsafeMutableBufferPointer<UInt8> {
    bytes.bindMemory(to: UInt8.self)
  }
}
