import CSGKernels
import SGTensors
import Testing

/// The root of this target's suites. They run one after another, since the instruction set and the
/// number of threads are the process's.
@Suite("Tensors", .serialized)
struct TensorsTests {}

/// Runs `body` under every instruction set that this machine has, and leaves the best one selected.
func onEveryInstructionSet(_ body: (String) throws -> Void) rethrows {
  defer { _ = sg_isa_select(sg_isa_best()) }
  for isa in 0...sg_isa_best().rawValue {
    #expect(sg_isa_select(sg_isa(isa)) == 0)
    try body(instructionSet)
  }
}

/// The bits that `body` makes with 1 thread; expects the same ones with 2 and 4.
@discardableResult
func sameBits(_ what: @autoclosure () -> String, _ body: () throws -> [Tensor]) rethrows -> [Tensor]
{
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

extension Tensor {
  var bits: [UInt32] { array.map(\.bitPattern) }
}
