import SGBasics
import SGNets
import SGTensors

/// The costs of the two players as functions of the discriminator's logits ℓ (before the sigmoid),
/// which keeps them finite and exact where D saturates. Logits are [batch, 1], or [batch, patches]
/// of a discriminator that judges patches of a sample (Isola et al. 2017).
public struct Objective: Sendable {
  /// Its name in the configuration: `minimax`, `f_gan`, …
  public let name: String
  /// The discriminator's cost from its logits on real and on fake samples, a scalar.
  public let discriminator: @Sendable (_ real: Tensor, _ fake: Tensor, LabelSmoothing) -> Tensor
  /// A part of the discriminator's cost, a scalar, from its logits on real samples, or on fake
  /// ones.
  public typealias Part = @Sendable (_ logits: Tensor, LabelSmoothing) -> Tensor
  /// Where that cost is a sum of one for real and one for fake samples: both. Their gradients are
  /// then taken one after the other, in less memory.
  public let parts: (real: Part, fake: Part)?
  /// The generator's cost from the discriminator's logits on fake samples, a scalar; where it sees
  /// pairs, with ℓ = 0 on the real ones.
  public let generator: @Sendable (_ fake: Tensor) -> Tensor
  /// Where the generator's cost sees the logits on real samples as well, as in relativistic games:
  /// that cost, a scalar. Both are of the same discriminator, and of one shape.
  public let pairedGenerator: (@Sendable (_ real: Tensor, _ fake: Tensor) -> Tensor)?
  /// What D's output says where D is optimal. Label flipping is undone elsewhere, by one formula
  /// for every objective.
  public let output: OutputMeaning
  /// Logits at which both costs are exact; beyond, an exponential goes on as its tangent.
  public let exact: ClosedRange<Float>
  /// For f-GAN: the divergence and the generator's form.
  public let divergence: (Divergence, Divergence.Generator)?
  /// Its own settings in the configuration; nil: it is the user's own code.
  let settings: [(name: String, value: SettingConstant)]?

  private init(
    name: String,
    discriminator: @escaping @Sendable (Tensor, Tensor, LabelSmoothing) -> Tensor,
    parts: (real: Part, fake: Part)?, generator: @escaping @Sendable (Tensor) -> Tensor,
    pairedGenerator: (@Sendable (Tensor, Tensor) -> Tensor)?, output: OutputMeaning,
    exact: ClosedRange<Float>, divergence: (Divergence, Divergence.Generator)? = nil,
    settings: [(name: String, value: SettingConstant)]?
  ) {
    self.name = name
    self.discriminator = discriminator
    self.parts = parts
    self.generator = generator
    self.pairedGenerator = pairedGenerator
    self.output = output
    self.exact = exact
    self.divergence = divergence
    self.settings = settings
  }

  /// An objective from its costs. What D's output says is a score, unless `output` says more.
  public init(
    name: String,
    discriminator: @escaping @Sendable (_ real: Tensor, _ fake: Tensor, LabelSmoothing) -> Tensor,
    generator: @escaping @Sendable (_ fake: Tensor) -> Tensor, output: OutputMeaning = .score(),
    exact: ClosedRange<Float> = -Float.infinity...Float.infinity
  ) {
    self.init(
      name: name, discriminator: discriminator, parts: nil, generator: generator,
      pairedGenerator: nil, output: output, exact: exact, settings: nil)
  }

  /// An objective whose generator's cost sees the logits on real samples, too.
  public init(
    name: String,
    discriminator: @escaping @Sendable (_ real: Tensor, _ fake: Tensor, LabelSmoothing) -> Tensor,
    pairedGenerator: @escaping @Sendable (_ real: Tensor, _ fake: Tensor) -> Tensor,
    output: OutputMeaning = .score(),
    exact: ClosedRange<Float> = -Float.infinity...Float.infinity
  ) {
    self.init(
      name: name, discriminator: discriminator, pairedGenerator: pairedGenerator, output: output,
      exact: exact, settings: nil)
  }

  init(
    name: String,
    discriminator: @escaping @Sendable (Tensor, Tensor, LabelSmoothing) -> Tensor,
    pairedGenerator: @escaping @Sendable (Tensor, Tensor) -> Tensor, output: OutputMeaning,
    exact: ClosedRange<Float> = -Float.infinity...Float.infinity,
    settings: [(name: String, value: SettingConstant)]?
  ) {
    self.init(
      name: name, discriminator: discriminator, parts: nil,
      generator: { pairedGenerator(.zeros($0.shape), $0) }, pairedGenerator: pairedGenerator,
      output: output, exact: exact, settings: settings)
  }

  /// An objective whose discriminator's cost is a sum of one for real and one for fake samples.
  public init(
    name: String, real: @escaping Part, fake: @escaping Part,
    generator: @escaping @Sendable (_ fake: Tensor) -> Tensor, output: OutputMeaning = .score(),
    exact: ClosedRange<Float> = -Float.infinity...Float.infinity
  ) {
    self.init(
      name: name, real: real, fake: fake, generator: generator, output: output, exact: exact,
      settings: nil)
  }

  init(
    name: String, real: @escaping Part, fake: @escaping Part,
    generator: @escaping @Sendable (Tensor) -> Tensor, output: OutputMeaning,
    exact: ClosedRange<Float> = -Float.infinity...Float.infinity,
    divergence: (Divergence, Divergence.Generator)? = nil,
    settings: [(name: String, value: SettingConstant)]?
  ) {
    self.init(
      name: name, discriminator: { real($0, $2) + fake($1, $2) }, parts: (real, fake),
      generator: generator, pairedGenerator: nil, output: output, exact: exact,
      divergence: divergence, settings: settings)
  }

  /// log(p_data / p_model) where D is optimal, from its logits, with label smoothing undone; nil: D
  /// does not tell.
  public var logRatio: Part? {
    switch output {
    case .probability: Self.crossEntropyLogRatio
    case .logRatio(let ratio): { logits, _ in ratio(logits) }
    case .score: nil
    }
  }

  /// The zero-sum game (Goodfellow et al. 2014, eq. 1): G descends what D ascends, −½ E
  /// softplus(ℓ). Its gradient vanishes where D wins.
  public static let minimax = Objective(
    name: "minimax", real: realCrossEntropy, fake: fakeCrossEntropy,
    generator: { fake in -0.5 * softplus(fake).mean() }, output: .probability, settings: [])

  /// The non-saturating game (Goodfellow et al. 2014, section 3): G ascends log D(G(z)), cost ½ E
  /// softplus(−ℓ).
  public static let nonSaturating = Objective(
    name: "non_saturating", real: realCrossEntropy, fake: fakeCrossEntropy,
    generator: { fake in 0.5 * softplus(-fake).mean() }, output: .probability, settings: [])

  /// −½ E eˡ for G: descends KL(data ‖ model) where D is optimal (Goodfellow 2014, "On
  /// distinguishability criteria"; 2016, section 3.2.4). Few samples carry nearly all of the
  /// gradient, so its variance is high.
  public static let maximumLikelihood = Objective(
    name: "maximum_likelihood", real: realCrossEntropy, fake: fakeCrossEntropy,
    generator: { fake in -0.5 * limitedExp(fake).mean() }, output: .probability,
    exact: -Float.infinity...limit, settings: [])

  /// Those whose D descends the cross-entropy, the games of Goodfellow 2016, figure 16.
  public static let crossEntropy = [minimax, nonSaturating, maximumLikelihood]

  /// Every objective that the configuration knows by its name alone.
  public static let all = crossEntropy + scores

  /// Minimizes an f-divergence by its variational bound (Nowozin et al. 2016, eq. 6 and 7): D's
  /// cost is −(E g(ℓ(x)) − E f*(g(ℓ(G(z))))), G's is −E f*(g(ℓ(G(z)))) or, non-saturating, −E
  /// g(ℓ(G(z))). There are no targets to smooth.
  public static func fGAN(
    _ divergence: Divergence, generator form: Divergence.Generator = .saturating
  ) -> Objective {
    let generator: @Sendable (Tensor) -> Tensor =
      switch form {
      case .saturating: { -divergence.conjugate($0).mean() }
      case .nonSaturating: { -divergence.activation($0).mean() }
      }
    // Total variation's optimal D is ±½, positive where the data's density is larger.
    let output: OutputMeaning =
      divergence == .totalVariation ? .score(boundary: 0) : .logRatio { divergence.logRatio($0) }
    return Objective(
      name: "f_gan", real: { real, _ in -divergence.activation(real).mean() },
      fake: { fake, _ in divergence.conjugate(fake).mean() }, generator: generator,
      output: output, exact: divergence.exact, divergence: (divergence, form),
      settings: [
        ("divergence", .string(divergence.rawValue)), ("generator", .string(form.rawValue)),
      ])
  }

  /// Half the cross-entropy on real samples, ½ E softplus(−ℓ(x)), its target moved by smoothing.
  private static func realCrossEntropy(_ real: Tensor, _ s: LabelSmoothing) -> Tensor {
    0.5 * crossEntropyCost(real, target: 1 - s.real)
  }

  /// Half the cross-entropy on fakes, ½ E softplus(ℓ(G(z))), likewise.
  private static func fakeCrossEntropy(_ fake: Tensor, _ s: LabelSmoothing) -> Tensor {
    0.5 * crossEntropyCost(fake, target: s.fake)
  }

  /// E[t softplus(−ℓ) + (1 − t) softplus(ℓ)].
  private static func crossEntropyCost(_ logits: Tensor, target t: Float) -> Tensor {
    if t == 1 { return softplus(-logits).mean() }
    if t == 0 { return softplus(logits).mean() }
    return t * softplus(-logits).mean() + (1 - t) * softplus(logits).mean()
  }

  /// With targets α for real and β for fake samples the optimum is D = (α p_data + β p_model) /
  /// (p_data + p_model), so the ratio is (D − β) / (α − D); without smoothing its logarithm is ℓ. A
  /// learned D can leave (β, α), where no ratio belongs to it: both differences are taken as at
  /// least 2⁻²⁴.
  static func crossEntropyLogRatio(_ logits: Tensor, _ s: LabelSmoothing) -> Tensor {
    let above =
      s.fake == 0 ? -softplus(-logits) : log(relu(sigmoid(logits) - s.fake - 0x1p-24) + 0x1p-24)
    let below =
      s.real == 0 ? -softplus(logits) : log(relu(sigmoid(-logits) - s.real - 0x1p-24) + 0x1p-24)
    return s == LabelSmoothing() ? logits : above - below
  }

  /// Where exponentials end and their tangents begin: e⁴⁰ is 2·10¹⁷, whose square Adam can still
  /// hold.
  static let limit: Float = 40

  /// eˣ up to the limit, its tangent beyond: finite, with a derivative that still points the right
  /// way.
  static func limitedExp(_ x: Tensor) -> Tensor {
    let excess = relu(x - limit)
    return exp(x - excess) * (excess + 1)
  }
}

/// What is taken off the targets 1 and added to the targets 0 (Salimans et al. 2016: real side
/// only).
public struct LabelSmoothing: Sendable, Hashable {
  /// The real target is 1 − real.
  public var real: Float
  /// The fake target is fake; above 0 it moves the optimal D towards the model where data is thin.
  public var fake: Float
  /// Smoothing by these amounts.
  public init(real: Float = 0, fake: Float = 0) { (self.real, self.fake) = (real, fake) }
}
