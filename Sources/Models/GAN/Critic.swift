import SGData
import SGNets
import SGTensors

/// The discriminator as a pure function of samples, as a penalty sees it: in training mode, by the
/// batch's statistics; every call has the same draws, and none leaves a trace in running
/// statistics. Its weights are tracked, so that what is made of it has a derivative in them.
public struct Critic: Sendable {
  /// The batch whose labels and conditions the critic is given.
  public enum Side: Sendable, CaseIterable {
    /// Those of the step's real samples.
    case real
    /// Those that the step's fakes were made for.
    case fake
  }

  /// How many samples that follow one another it judges together, with one ℓ for all of them.
  public let packing: Int
  private let score: @Sendable (Tensor, Side) -> Tensor

  init(packing: Int = 1, _ score: @escaping @Sendable (Tensor, Side) -> Tensor) {
    (self.packing, self.score) = (packing, score)
  }

  /// ℓ of each sample, [count], or of each pack, [count / packing]; the mean over the patches of a
  /// discriminator that judges those.
  /// - Parameters:
  ///   - x: as many samples as the step has, [count] + the sample's shape.
  ///   - side: whose labels and conditions they have, where the discriminator is given them.
  public func callAsFunction(_ x: Tensor, as side: Side = .real) -> Tensor { score(x, side) }

  /// ∂ Σℓ / ∂x at samples, of their shape, which can be differentiated again. Without a layer that
  /// binds the samples of a batch together, such as batch norm, it is each sample's own ∂ℓ/∂x.
  public func slopes(at x: Tensor, as side: Side = .real) -> Tensor {
    let x = x.tracked()
    return gradient(of: self(x, as: side).sum(), wrt: [x], recording: true)[0]
  }

  /// ‖∂ℓ/∂x‖² of each sample, [count], or of each pack by all of its samples.
  public func squaredSlopes(at x: Tensor, as side: Side = .real) -> Tensor {
    let slopes = slopes(at: x, as: side)
    let squares = slopes.squared().sum(Array(1..<slopes.rank))
    return packing == 1 ? squares : squares.reshaped([squares.count / packing, packing]).sum([1])
  }
}

/// Where a penalty takes its random numbers from: each key is used once, and a resumed training
/// draws the same.
public struct Draws: Sendable {
  private let seed: UInt64
  private let stream: UInt16
  /// How often randomness was drawn in the training so far.
  private(set) var count: UInt64

  init(seed: UInt64, stream: UInt16, count: UInt64) {
    (self.seed, self.stream, self.count) = (seed, stream, count)
  }

  /// A source of random numbers that nothing else has.
  public mutating func next() -> RandomKey {
    defer { count += 1 }
    return RandomKey(seed: seed, stream: stream, step: count)
  }
}
