import Tensors

/// The costs of the two players as functions of the discriminator's logits ℓ (before the sigmoid), which keeps them
/// finite and exact where D saturates.
public struct Objective: Sendable {
  public let name: String
  /// The discriminator's cost from its logits on real and on fake samples, a scalar.
  public let discriminator: @Sendable (_ real: Tensor, _ fake: Tensor, LabelSmoothing) -> Tensor
  /// The generator's cost from the discriminator's logits on fake samples, a scalar.
  public let generator: @Sendable (_ fake: Tensor) -> Tensor

  public init(
    name: String,
    discriminator: @escaping @Sendable (Tensor, Tensor, LabelSmoothing) -> Tensor,
    generator: @escaping @Sendable (Tensor) -> Tensor
  ) {
    self.name = name
    self.discriminator = discriminator
    self.generator = generator
  }

  /// The zero-sum game (Goodfellow et al. 2014, eq. 1): G descends what D ascends, −½ E softplus(ℓ). Its gradient
  /// vanishes where D wins.
  public static let minimax = Objective(
    name: "minimax", discriminator: crossEntropy,
    generator: { fake in -0.5 * softplus(fake).mean() })

  /// The non-saturating game (Goodfellow et al. 2014, section 3): G ascends log D(G(z)), cost ½ E softplus(−ℓ).
  public static let nonSaturating = Objective(
    name: "non_saturating", discriminator: crossEntropy,
    generator: { fake in 0.5 * softplus(-fake).mean() })

  public static let all = [minimax, nonSaturating]

  /// Half the cross-entropy on real samples plus half that on fakes: ½ E softplus(−ℓ(x)) + ½ E softplus(ℓ(G(z))), with
  /// targets moved by smoothing.
  private static func crossEntropy(_ real: Tensor, _ fake: Tensor, _ s: LabelSmoothing) -> Tensor {
    0.5 * (crossEntropy(real, target: 1 - s.real) + crossEntropy(fake, target: s.fake))
  }

  /// E[t softplus(−ℓ) + (1 − t) softplus(ℓ)].
  private static func crossEntropy(_ logits: Tensor, target t: Float) -> Tensor {
    if t == 1 { return softplus(-logits).mean() }
    if t == 0 { return softplus(logits).mean() }
    return t * softplus(-logits).mean() + (1 - t) * softplus(logits).mean()
  }
}

/// What is taken off the targets 1 and added to the targets 0 (Salimans et al. 2016: real side only).
public struct LabelSmoothing: Sendable, Hashable {
  /// The real target is 1 − real.
  public var real: Float
  /// The fake target is fake; above 0 it moves the optimal D towards the model where data is thin.
  public var fake: Float
  public init(real: Float = 0, fake: Float = 0) { (self.real, self.fake) = (real, fake) }
}
