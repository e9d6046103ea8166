import SGBasics
import SGNets
import SGTensors

// The penalties of this library, and the row of each in the configuration.

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

/// The penalties that JSON knows: `{"r1": 5}` or `{"gradient_penalty": {"weight": 10, "center":
/// 1}}`. One row a penalty.
enum PenaltyForms {
  static let all = [
    gradientPenalty, squaredSlope(.r1, r1, Penalty.approximateR1),
    squaredSlope(.r2, r2, Penalty.approximateR2),
  ]

  private static let r1 =
    "½ E ‖∇D‖² on real samples (Mescheder et al. 2018)."
  private static let r2 = "½ E ‖∇D‖² on fakes (Mescheder et al. 2018)."

  /// A penalty's settings.
  private struct Options: Sendable {
    var weight: ScheduledValue = 0
    var every = 1
    var center: Float = 1
    var oneSided = false
    var approximate: Float?

    static let shared = [
      Setting(
        "weight", \Options.weight, .scheduled(in: 0...1e6), "The factor of the penalty."
      )
      .required,
      Setting(
        "every", \Options.every, .int(in: 1...1_000_000),
        "Steps from one in which it is added, times this number, to the next."),
    ]
  }

  private static func squaredSlope(
    _ penalty: Penalty, _ summary: String,
    _ approximate: @escaping @Sendable (_ deviation: Float) -> Penalty
  ) -> NamedForm<Penalty> {
    NamedForm(
      penalty.name, short: "weight", Options(), summary,
      Options.shared + [
        Setting(
          "approximate", \.approximate, .float(orNullIn: 1e-6...1e6),
          "The deviation of the noise whose effect on D takes the place of the slope (Lin et al."
            + " 2025), without second derivatives; null: the slope itself."
        ).written { $0.approximate != nil }
      ],
      make: {
        ($0.approximate.map(approximate) ?? penalty).scheduled($0.weight, every: $0.every)
      },
      find: {
        guard let settings = $0.settings, $0.name == penalty.name else { return nil }
        return Options(
          weight: $0.scheduledWeight, every: $0.every,
          approximate: settings.first { $0.name == "approximate" }?.value.number)
      })
  }

  private static let gradientPenalty = NamedForm<Penalty>(
    Penalty.gradientPenalty.name, short: "weight", Options(),
    "E (‖∇D‖ - center)² between real samples and fakes (Gulrajani et al. 2017).",
    Options.shared + [
      Setting("center", \.center, .float(in: 0...1000), "The norm that is kept."),
      Setting(
        "one_sided", \.oneSided, .bool,
        "Whether only norms above the center cost (Petzka et al. 2018)."),
    ],
    make: {
      Penalty.gradientPenalty(center: $0.center, oneSided: $0.oneSided)
        .scheduled($0.weight, every: $0.every)
    },
    find: { penalty in
      guard let settings = penalty.settings, penalty.name == Penalty.gradientPenalty.name else {
        return nil
      }
      func value(_ name: String) -> SettingConstant? { settings.first { $0.name == name }?.value }
      return Options(
        weight: penalty.scheduledWeight, every: penalty.every,
        center: value("center")?.number ?? 1, oneSided: value("one_sided") == .bool(true))
    })
}
