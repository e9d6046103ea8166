import SGBasics
import SGTensors

// Costs from after 2016. None carries a ½ but least squares, as in the papers; those of the
// cross-entropy games do.

extension Objective {
  /// All of them.
  static let scores = [wasserstein, leastSquares, hinge, relativistic, relativisticAverage]

  /// The critic's game (Arjovsky et al. 2017): −E ℓ(x) + E ℓ(G(z)) for D, −E ℓ(G(z)) for G. It
  /// needs a critic whose slope is bounded, as by `Penalty.gradientPenalty`.
  public static let wasserstein = Objective(
    name: "wasserstein", real: { real, _ in -real.mean() }, fake: { fake, _ in fake.mean() },
    generator: { fake in -fake.mean() }, output: .score(), settings: [])

  /// Least squares with the targets 0 and 1, and 1 for the generator.
  public static let leastSquares = leastSquares(fake: 0, real: 1, generator: 1)

  /// Least squares (Mao et al. 2017, eq. 2): ½ E (ℓ(x) − b)² + ½ E (ℓ(G(z)) − a)² for D, ½ E
  /// (ℓ(G(z)) − c)² for G. The optimal ℓ is (b p_data + a p_model) / (p_data + p_model), from which
  /// the density ratio follows.
  /// - Parameters:
  ///   - a: the target of fakes.
  ///   - b: the target of real samples, another number than a.
  ///   - c: what G wants D to say of fakes.
  public static func leastSquares(fake a: Float, real b: Float, generator c: Float) -> Objective {
    Objective(
      name: "least_squares", real: { real, _ in 0.5 * (real - b).squared().mean() },
      fake: { fake, _ in 0.5 * (fake - a).squared().mean() },
      generator: { fake in 0.5 * (fake - c).squared().mean() },
      output: .logRatio { logits in
        // Outside of (a, b), where a learned D can be, both differences are taken as at least 2⁻²⁴.
        let above = relu((logits - a) / (b - a) - 0x1p-24) + 0x1p-24
        let below = relu((b - logits) / (b - a) - 0x1p-24) + 0x1p-24
        return log(above) - log(below)
      }, settings: [("a", .number(a)), ("b", .number(b)), ("c", .number(c))])
  }

  /// The hinge game (Lim & Ye 2017; Tran et al. 2017): E max(0, 1 − ℓ(x)) + E max(0, 1 + ℓ(G(z)))
  /// for D, −E ℓ(G(z)) for G. The optimal D tells by its sign which density is larger.
  public static let hinge = Objective(
    name: "hinge", real: { real, _ in relu(1 - real).mean() },
    fake: { fake, _ in relu(1 + fake).mean() }, generator: { fake in -fake.mean() },
    output: .score(boundary: 0), settings: [])

  /// The relativistic game of pairs (Jolicoeur-Martineau 2018; Huang et al. 2024): E
  /// softplus(−(ℓ(x) − ℓ(G(z)))) for D, the same with both sides exchanged for G. The optimal ℓ is
  /// the log ratio plus an unknown constant.
  public static let relativistic = Objective(
    name: "relativistic", discriminator: { real, fake, _ in softplus(fake - real).mean() },
    pairedGenerator: { real, fake in softplus(real - fake).mean() }, output: .score(),
    settings: [])

  /// The relativistic game against the other side's mean (Jolicoeur-Martineau 2018, section 4.2): E
  /// softplus(−(ℓ(x) − E ℓ(G(z)))) + E softplus(ℓ(G(z)) − E ℓ(x)) for D, the same with both sides
  /// exchanged for G.
  public static let relativisticAverage = Objective(
    name: "relativistic_average",
    discriminator: { real, fake, _ in againstMeans(higher: real, lower: fake) },
    pairedGenerator: { real, fake in againstMeans(higher: fake, lower: real) },
    output: .score(), settings: [])

  private static func againstMeans(higher: Tensor, lower: Tensor) -> Tensor {
    softplus(lower.mean() - higher).mean() + softplus(lower - higher.mean()).mean()
  }
}
