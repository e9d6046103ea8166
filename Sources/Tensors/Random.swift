import CSGKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where random numbers come from: each is a function of (seed, stream, step, sample, index) alone
/// (Philox 4×32-10), the same with any number of threads and in any order.
public struct RandomKey: Sendable, Hashable {
  /// The seed: two keys with the same seed, stream and step give the same numbers.
  public var seed: UInt64
  /// What the numbers are for, so that two uses at the same step share none.
  public var stream: UInt16
  /// How often numbers were drawn for that before.
  /// - Precondition: below 2⁴⁸.
  public var step: UInt64
  /// The index, in the whole batch, of the first sample of what is drawn.
  public var sample: UInt32 = 0

  /// The numbers from the first sample on.
  public init(seed: UInt64, stream: UInt16, step: UInt64) {
    precondition(step < 1 << 48)
    self.seed = seed
    self.stream = stream
    self.step = step
  }

  /// The same for samples from `first` on.
  package func from(_ first: Int) -> RandomKey {
    var key = self
    key.sample = UInt32(first)
    return key
  }

  private var kernel: sg_random_key { sg_random_key(seed: seed, step: step, stream: stream) }

  /// Uniform on [low, high); the first axis counts samples.
  public func uniform(_ shape: Shape, low: Float = 0, high: Float = 1) -> Tensor {
    let samples = shape.rank == 0 ? 1 : shape[0]
    return Tensor(shape: shape) {
      sg_random_uniform(
        kernel, sample, samples, $0.count / Swift.max(samples, 1), low, high, $0.baseAddress)
    }
  }

  /// Normal; the first axis counts samples.
  public func normal(_ shape: Shape, mean: Float = 0, deviation: Float = 1) -> Tensor {
    let samples = shape.rank == 0 ? 1 : shape[0]
    return Tensor(shape: shape) {
      sg_random_normal(
        kernel, sample, samples, $0.count / Swift.max(samples, 1), mean, deviation,
        $0.baseAddress)
    }
  }

  /// Normal without what lies beyond two deviations; the first axis counts samples.
  public func truncatedNormal(_ shape: Shape, deviation: Float = 1) -> Tensor {
    let u = uniform(shape)
    return Tensor(shape: shape) { y in
      u.withElements {
        for (i, u) in $0.enumerated() { y[i] = deviation * TruncatedNormal.quantile(u) }
      }
    }
  }

  /// Random 32-bit words.
  package func words(_ count: Int) -> [UInt32] {
    [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
      sg_random_words(kernel, 0, 1, count, buffer.baseAddress)
      filled = count
    }
  }
}

/// The standard normal distribution between −2 and 2.
private enum TruncatedNormal {
  /// Φ(−2).
  static let tail = 0.022750131948179195

  /// Where the distribution function has the value u of [0, 1).
  static func quantile(_ u: Float) -> Float {
    let q = (Double(u) + 0x1p-25) * (1 - 2 * tail) + (tail - 0.5)
    return Float(min(max(q.magnitude <= 0.425 ? center(q) : side(q), -2), 2))
  }

  /// Wichura's algorithm AS 241, PPND7 (1988), for probabilities ½ + q with |q| ≤ 0.425.
  private static func center(_ q: Double) -> Double {
    let r = 0.180625 - q * q
    let a = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    let b = ((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1
    return q * a / b
  }

  /// The same, further out.
  private static func side(_ q: Double) -> Double {
    let r = (-log(0.5 - q.magnitude)).squareRoot() - 1.6
    let a = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
    let b = (0.12021132975 * r + 0.73700164250) * r + 1
    return q < 0 ? -a / b : a / b
  }
}
