import SGTensors

/// Where latents come from.
public struct Prior: Sendable, Hashable {
  /// What each of a latent's numbers is drawn from.
  public enum Distribution: String, Sendable, CaseIterable {
    /// Standard normal.
    case normal
    /// Uniform on [−1, 1).
    case uniform
    /// Standard normal without what lies beyond ±2.
    case truncatedNormal = "truncated_normal"
  }
  /// Numbers of a latent.
  public var size: Int
  /// What each is drawn from.
  public var distribution: Distribution

  /// Latents of so many numbers.
  public init(size: Int = 100, distribution: Distribution = .normal) {
    self.size = size
    self.distribution = distribution
  }

  /// Latents [count, size]; row i is sample i of the key.
  public func draw(_ count: Int, _ random: RandomKey) -> Tensor {
    switch distribution {
    case .normal: random.normal([count, size])
    case .uniform: random.uniform([count, size], low: -1, high: 1)
    case .truncatedNormal: random.truncatedNormal([count, size])
    }
  }
}
