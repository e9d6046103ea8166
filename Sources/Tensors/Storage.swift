import CSGKernels

/// A block of floats from the kernels' cache, given back when the last tensor that uses it goes.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  /// Whether the memory could not be had: nothing may be written to `base`, and what is read there
  /// are zeros.
  ///
  /// Every block that the thread asks for after the first spare one is spare, too, until its
  /// `Memory.watched` ends and reports the shortage. So the output of an operation with a spare
  /// input is spare, and it is enough to look at the output.
  let isSpare: Bool

  /// Uninitialized.
  /// - Precondition: there is memory, or the thread is inside `Memory.watched`.
  init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    if let block = sg_memory_take(bytes) {
      base = block.assumingMemoryBound(to: Float.self)
      isSpare = false
    } else {
      precondition(sg_watch_depth() > 0, "out of memory for \(count) floats")
      sg_shortage(bytes)
      base = UnsafeMutablePointer(mutating: sg_shortage_zeros(0))
      isSpare = true
    }
  }

  deinit {
    if !isSpare { sg_memory_give(base) }
  }

  /// The elements of a spare block: zeros.
  /// - Precondition: at most 65,536 elements, or the system has so many addresses; who reads more
  ///   looks at `Tensor.isSpare` before.
  static func zeros(_ count: Int) -> UnsafePointer<Float> {
    guard let zeros = sg_shortage_zeros(count * MemoryLayout<Float>.stride) else {
      preconditionFailure("out of memory for \(count) floats that are read")
    }
    return zeros
  }
}

/// The process's tensor memory.
package enum Memory {
  /// Bytes that tensors use now, that lie in the cache, and the most ever held.
  package static var figures: sg_memory_figures { sg_memory_read() }

  /// Whether this many bytes could be had now.
  package static func canTake(_ bytes: Int) -> Bool {
    sg_memory_probe(bytes) == 0 && !isShort
  }

  /// Whether the system would give this many bytes to what is no tensor: arrays, strings, other
  /// libraries' buffers. Inside `watched` other threads then leave them to this one until it asks
  /// again or its outermost `watched` ends.
  package static func hasRoom(for bytes: Int) -> Bool {
    if isShort { return false }
    if sg_memory_expect(bytes) == 0 { return true }
    trim()
    return sg_memory_expect(bytes) == 0
  }

  /// What OpenBLAS takes for a call, which it neither checks nor lets anybody else check.
  package static let forOpenBLAS = 160 << 20

  /// Returns cached blocks to the system.
  package static func trim() { sg_memory_trim() }

  /// Whether a block could not be had on this thread, inside the `watched` that it is in.
  package static var isShort: Bool { sg_watch_missing() != 0 }

  /// Notes that this many bytes could not be had, as if a tensor had asked for them.
  /// - Precondition: the thread is inside `watched`.
  package static func noteShortage(_ bytes: Int) { sg_shortage(max(bytes, 1)) }

  /// Computes with tensors, whose operations cannot fail, and says whether memory was short: then
  /// the result, and every tensor that was made, is of no use. Outside of this a shortage ends the
  /// process.
  /// - Returns: what the body returns, or the number of bytes that could not be had.
  package static func watched<R>(_ body: () -> R) -> (result: R, missing: Int) {
    let outer = sg_watch_begin()
    let result = body()
    return (result, sg_watch_end(outer))
  }

  /// For tests: runs a body in which the first `n` blocks that this thread asks for are had, and
  /// none after them.
  package static func failing<R, E: Error>(
    after n: Int, _ body: () throws(E) -> R
  ) throws(E) -> R {
    sg_memory_fail_after(n)
    defer { sg_memory_fail_after(-1) }
    return try body()
  }
}
