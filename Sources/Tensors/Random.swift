import CKernels

/// Where random numbers come from: each is a function of (seed, stream, step, sample, index) alone (Philox 4×32-10), the same
/// with any number of threads and in any order.
public struct RandomKey: Sendable, Hashable {
  public var seed: UInt64
  /// What the numbers are for, so that two uses at the same step share none.
  public var stream: UInt16
  /// - Precondition: below 2⁴⁸.
  public var step: UInt64

  public init(seed: UInt64, stream: UInt16, step: UInt64) {
    precondition(step < 1 << 48)
    self.seed = seed
    self.stream = stream
    self.step = step
  }

  private var kernel: sg_random_key { sg_random_key(seed: seed, step: step, stream: stream) }

  /// Uniform on [low, high); the first axis counts samples, from `first` on in the whole batch.
  public func uniform(
    _ shape: Shape, low: Float = 0, high: Float = 1, first: Int = 0
  ) -> Tensor {
    let samples = shape.rank == 0 ? 1 : shape[0]
    return Tensor(shape: shape) {
      sg_random_uniform(
        kernel, UInt32(first), samples, $0.count / Swift.max(samples, 1), low, high, $0.baseAddress)
    }
  }

  /// Normal; the first axis counts samples, from `first` on in the whole batch.
  public func normal(
    _ shape: Shape, mean: Float = 0, deviation: Float = 1, first: Int = 0
  ) -> Tensor {
    let samples = shape.rank == 0 ? 1 : shape[0]
    return Tensor(shape: shape) {
      sg_random_normal(
        kernel, UInt32(first), samples, $0.count / Swift.max(samples, 1), mean, deviation,
        $0.baseAddress)
    }
  }

  /// Random 32-bit words.
  public func words(_ count: Int) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
      sg_random_words(kernel, 0, 1, count, buffer.baseAddress)
      filled = count
    }
  }
}
