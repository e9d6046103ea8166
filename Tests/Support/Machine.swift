import CSGKernels
import SGTensors
import Testing

/// Runs `body` under every instruction set that this machine has, and leaves the best one selected.
package func onEveryInstructionSet(_ body: (String) throws -> Void) rethrows {
  defer { _ = sg_isa_select(sg_isa_best()) }
  for isa in 0...sg_isa_best().rawValue {
    #expect(sg_isa_select(sg_isa(isa)) == 0)
    try body(instructionSet)
  }
}

/// What `body` makes with 1 thread; expects the same bits with 2 and 4.
@discardableResult
package func sameBits(
  _ what: @autoclosure () -> String, _ body: () throws -> [Tensor]
) rethrows -> [Tensor] {
  defer { Threads.set(0) }
  Threads.set(1)
  let one = try body()
  for threads in [2, 4] {
    #expect(Threads.set(threads))
    let many = try body()
    #expect(many.map(\.bits) == one.map(\.bits), "\(what()), \(threads) threads")
  }
  return one
}

/// The same for bits.
package func sameBits(_ what: @autoclosure () -> String, _ body: () -> [UInt32]) {
  defer { Threads.set(0) }
  Threads.set(1)
  let one = body()
  for threads in [2, 4] {
    #expect(Threads.set(threads))
    #expect(body() == one, "\(what()), \(threads) threads")
  }
}

extension Tensor {
  /// The elements' bits.
  package var bits: [UInt32] { array.map(\.bitPattern) }
  /// The elements in double precision.
  package var doubles: [Double] { array.map(Double.init) }
}
