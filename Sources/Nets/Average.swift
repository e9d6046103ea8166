import CSGKernels
import SGTensors

extension Tensor {
  /// decay · self + (1 − decay) · newest: one step of an exponential moving average.
  package func averaged(with newest: Tensor, decay: Float) -> Tensor {
    precondition(shape == newest.shape)
    return Tensor(shape: shape) { y in
      withElements { x in
        newest.withElements { z in
          sg_lerp(1 - decay, x.baseAddress, z.baseAddress, y.baseAddress, y.count)
        }
      }
    }
  }
}
