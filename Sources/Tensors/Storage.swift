import CKernels

/// A block of floats from the kernels' cache, given back when the last tensor that uses it goes.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>

  /// Uninitialised. What comes from outside has been checked with `Memory.reserve` before it gets here.
  init(count: Int) {
    guard let block = sg_memory_take(max(count, 1) * MemoryLayout<Float>.stride) else {
      preconditionFailure("out of memory for \(count) floats")
    }
    base = block.assumingMemoryBound(to: Float.self)
  }

  deinit { sg_memory_give(base) }
}

/// The process's tensor memory.
package enum Memory {
  /// Bytes that tensors use now, that lie in the cache, and the most ever held.
  package static var figures: sg_memory_figures { sg_memory_read() }

  /// Whether this many bytes could be had now.
  package static func canTake(_ bytes: Int) -> Bool { sg_memory_probe(bytes) == 0 }

  /// Returns cached blocks to the system.
  package static func trim() { sg_memory_trim() }
}
