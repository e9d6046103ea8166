import CSGKernels
import SGTensors
import Testing

/// The root of this target's suites. They run one after another, since the instruction set and the
/// number of threads are the process's.
@Suite("Tensors", .serialized)
struct TensorsTests {}
