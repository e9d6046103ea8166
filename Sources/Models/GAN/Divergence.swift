import SGTensors

/// An f-divergence D_f(data ‖ model) = E_model f(p_data / p_model), with what f-GAN needs of it: an
/// output activation g that maps any v into the domain of the conjugate f*, and f* (Nowozin et al.
/// 2016, tables 2, 5 and 6).
public enum Divergence: String, Sendable, CaseIterable {
  /// f = u log u.
  case kl
  /// f = −log u.
  case reverseKL = "reverse_kl"
  /// f = (u − 1)².
  case pearson
  /// f = (1 − u)² / u.
  case neyman
  /// f = (√u − 1)².
  case squaredHellinger = "squared_hellinger"
  /// f = −(u + 1) log((1 + u) / 2) + u log u.
  case jensenShannon = "jensen_shannon"
  /// f = u log u − (u + 1) log(u + 1): the original game, twice Jensen and Shannon's less log 4.
  case gan
  /// f = (u − 1) log u.
  case jeffreys
  /// f = ½ |u − 1|.
  case totalVariation = "total_variation"

  /// What the generator descends.
  public enum Generator: String, Sendable, CaseIterable {
    /// −E f*(g(v)), what the bound says.
    case saturating
    /// −E g(v), which goes on learning where D wins (Nowozin et al. 2016, section 3.2).
    case nonSaturating = "non_saturating"
  }

  /// g(v).
  public func activation(_ v: Tensor) -> Tensor {
    switch self {
    case .kl, .pearson, .jeffreys: v
    case .reverseKL: -Objective.limitedExp(-v)
    case .neyman, .squaredHellinger: 1 - Objective.limitedExp(-v)
    case .jensenShannon: Self.log2 - softplus(-v)
    case .gan: -softplus(-v)
    case .totalVariation: 0.5 * tanh(v)
    }
  }

  /// f*(g(v)), simplified so that nothing cancels or overflows.
  public func conjugate(_ v: Tensor) -> Tensor {
    switch self {
    // f*(t) = exp(t − 1)
    case .kl: Self.overE * Objective.limitedExp(v)
    // −1 − log(−t)
    case .reverseKL: v - 1
    // t²/4 + t
    case .pearson: 0.25 * v.squared() + v
    // 2 − 2 √(1 − t)
    case .neyman: 2 - 2 * Objective.limitedExp(-0.5 * v)
    // t / (1 − t)
    case .squaredHellinger: Objective.limitedExp(v) - 1
    // −log(2 − exp t)
    case .jensenShannon: softplus(v) - Self.log2
    // −log(1 − exp t)
    case .gan: softplus(v)
    // w + 1/w + t − 2 with w = W(exp(1 − t))
    case .jeffreys: jeffreysConjugate(v)
    // t
    case .totalVariation: 0.5 * tanh(v)
    }
  }

  /// log(p_data / p_model) where T = g(v) is optimal: T = f'(ratio), so the ratio is (f*)'(T).
  /// - Precondition: not total variation, whose optimal T is ±½ alone.
  func logRatio(_ v: Tensor) -> Tensor {
    switch self {
    case .kl: v - 1
    case .reverseKL, .jensenShannon, .gan: v
    // The ratio is 1 + v/2; where that is not positive no ratio belongs to v.
    case .pearson: log(relu(0.5 * v + (1 - 0x1p-24)) + 0x1p-24)
    case .neyman: 0.5 * v
    case .squaredHellinger: 2 * v
    case .jeffreys: -log(wrightOmega(1 - limited(v)))
    case .totalVariation: preconditionFailure("total variation gives no ratio")
    }
  }

  /// The v for which T = g(v) is optimal where the log density ratio is ρ, T = f'(e^ρ): the inverse
  /// of `logRatio`. Of total variation, which has none, ρ itself.
  func output(logRatio rho: Tensor) -> Tensor {
    switch self {
    case .kl: rho + 1
    case .reverseKL, .jensenShannon, .gan, .totalVariation: rho
    case .pearson: 2 * (exp(rho) - 1)
    case .neyman: 2 * rho
    case .squaredHellinger: 0.5 * rho
    case .jeffreys: rho + 1 - exp(-rho)
    }
  }

  /// Values of v for which g and f* are exact.
  var exact: ClosedRange<Float> {
    let (limit, infinity) = (Objective.limit, Float.infinity)
    return switch self {
    case .kl, .jeffreys: -infinity...limit
    case .reverseKL: -limit...infinity
    case .neyman, .squaredHellinger: -limit...limit
    case .pearson, .jensenShannon, .gan, .totalVariation: -infinity...infinity
    }
  }

  private static let log2: Float = 0.6931471805599453
  private static let overE: Float = 0.36787944117144233

  private func limited(_ v: Tensor) -> Tensor { v - relu(v - Objective.limit) }

  /// 1/w grows like exp(t − 1): beyond the limit its tangent. (f*)' = 1/w.
  private func jeffreysConjugate(_ v: Tensor) -> Tensor {
    let t = limited(v)
    let w = wrightOmega(1 - t)
    return w + w.reciprocal() + (t - 2) + w.detached.reciprocal() * (v - t)
  }
}
