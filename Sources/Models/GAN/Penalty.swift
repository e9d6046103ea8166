import SGBasics
import SGNets
import SGTensors

/// What is added to the discriminator's cost to bound its slope, as a function of the discriminator
/// itself.
///
/// The penalty is a pass of its own beside those on real and fake samples. A model without one
/// trains with the same memory, time and bits as if there were none.
public struct Penalty: Sendable {
  /// A penalty before its weight: a scalar.
  /// - Parameters:
  ///   - critic: D as a pure function.
  ///   - real: the samples that D saw as real ones, without instance noise, which the critic adds.
  ///   - fake: those that it saw as fakes, likewise.
  ///   - draws: for random numbers.
  public typealias Term =
    @Sendable (
      _ critic: Critic, _ real: Tensor, _ fake: Tensor, _ draws: inout Draws
    ) -> Tensor

  /// Its name in the configuration and in reports: `r1`, …
  public let name: String
  /// The penalty's factor over the steps, 0 or above; where it is 0 the penalty is not computed.
  public var scheduledWeight: ScheduledValue
  /// The factor at the first step; setting it makes that the factor of all steps.
  public var weight: Float {
    get { scheduledWeight.start }
    set { scheduledWeight = ScheduledValue(newValue) }
  }
  /// It is added at steps whose number this divides, times this number, so that it weighs the same
  /// in the long run (lazy regularization, Karras et al. 2020, appendix B).
  public var every: Int
  /// The penalty itself.
  public let term: Term
  /// Its own settings in the configuration; nil: it is the user's own code.
  let settings: [(name: String, value: SettingConstant)]?

  /// A penalty of one's own.
  public init(name: String, weight: Float = 1, every: Int = 1, term: @escaping Term) {
    self.init(name: name, weight: weight, every: every, settings: nil, term: term)
  }

  init(
    name: String, weight: Float = 1, every: Int = 1,
    settings: [(name: String, value: SettingConstant)]?,
    term: @escaping Term
  ) {
    (self.name, scheduledWeight, self.every) = (name, ScheduledValue(weight), every)
    (self.settings, self.term) = (settings, term)
  }

  /// The same with another weight, added at every so many steps.
  public func weighted(_ weight: Float, every: Int = 1) -> Penalty {
    var result = self
    (result.weight, result.every) = (weight, every)
    return result
  }

  /// The same with a weight that changes over the steps.
  public func scheduled(_ weight: ScheduledValue, every: Int = 1) -> Penalty {
    var result = self
    (result.scheduledWeight, result.every) = (weight, every)
    return result
  }

  /// The factor at a step, counted from 1.
  func weight(at step: UInt64) -> Float { scheduledWeight.value(at: max(step, 1) - 1) }

  /// Whether a step, counted from 1, has it.
  func isDue(at step: UInt64) -> Bool {
    weight(at: step) > 0 && step % UInt64(max(every, 1)) == 0
  }
}

extension Penalty {
  /// R1 (Mescheder et al. 2018, eq. 9): ½ E ‖∇ℓ(x)‖² on real samples; the weight is the paper's γ.
  /// The costs of the cross-entropy games here have a ½ that the papers' have not, so beside them
  /// a published γ is to be halved; beside the relativistic ones it is not.
  public static let r1 = Penalty(name: "r1", settings: []) { critic, real, _, _ in
    0.5 * critic.squaredSlopes(at: real).mean()
  }

  /// R2 (Mescheder et al. 2018, eq. 10): the same on fakes.
  public static let r2 = Penalty(name: "r2", settings: []) { critic, _, fake, _ in
    0.5 * critic.squaredSlopes(at: fake, as: .fake).mean()
  }

  /// R1 without second derivatives: ½ E (ℓ(x) − ℓ(x + σ n))² / σ² with normal n, which is R1 up to
  /// terms of the order σ² (Lin et al. 2025, "Diffusion Adversarial Post-Training", eq. 4). The
  /// division by σ² gives the weight the meaning of R1's γ; the paper's λ is γ / (2 σ²).
  /// - Parameter deviation: σ, in the units of the samples; 0.01 in the paper.
  public static func approximateR1(deviation: Float) -> Penalty {
    approximate("r1", deviation) { real, _ in (real, .real) }
  }

  /// The same of R2.
  public static func approximateR2(deviation: Float) -> Penalty {
    approximate("r2", deviation) { _, fake in (fake, .fake) }
  }

  private static func approximate(
    _ name: String, _ deviation: Float,
    _ choose: @escaping @Sendable (_ real: Tensor, _ fake: Tensor) -> (Tensor, Critic.Side)
  ) -> Penalty {
    Penalty(name: name, settings: [("approximate", .number(deviation))]) {
      critic, real, fake, draws in
      let (x, side) = choose(real, fake)
      let near = x + draws.next().normal(x.shape, deviation: deviation)
      let change = critic(x, as: side) - critic(near, as: side)
      return (0.5 / (deviation * deviation)) * change.squared().mean()
    }
  }

  /// WGAN-GP (Gulrajani et al. 2017, eq. 3): E (‖∇ℓ(x̂)‖ − 1)² at points x̂ between real samples
  /// and fakes. The paper's weight is 10.
  public static let gradientPenalty = gradientPenalty(center: 1)

  /// E (‖∇ℓ(x̂)‖ − center)², where x̂ is uniform on the line between a real sample, whose labels
  /// and conditions it has, and a fake.
  /// - Parameters:
  ///   - center: the norm to be kept; 0 as in Thanh-Tung et al. 2019.
  ///   - oneSided: whether only norms above the center cost (Petzka et al. 2018).
  public static func gradientPenalty(center: Float, oneSided: Bool = false) -> Penalty {
    let settings: [(name: String, value: SettingConstant)] = [
      ("center", .number(center)), ("one_sided", .bool(oneSided)),
    ]
    return Penalty(name: "gradient_penalty", settings: settings) { critic, real, fake, draws in
      let one = Shape([Int](repeating: 1, count: real.rank - 1))
      // A pack is one point, and has one share.
      let packs = real.shape[0] / critic.packing
      let share = draws.next().uniform([packs, 1]).broadcast(to: [packs, critic.packing])
        .reshaped(one.prepending(real.shape[0]))
      let squares = critic.squaredSlopes(at: real + share * (fake - real))
      if center == 0 { return squares.mean() }
      // The root has a derivative where the slope is 0, too.
      let excess = (squares + leastSquare).squareRoot() - center
      return (oneSided ? relu(excess) : excess).squared().mean()
    }
  }

  /// Below what a norm's square is felt in single precision, and above what a root's derivative
  /// overflows by.
  private static let leastSquare: Float = 1e-20
}
