import SGTensors

/// What the discriminator's output ℓ says of a sample where D is optimal. Verdict, reports and
/// density ratio follow from it.
public enum OutputMeaning: Sendable {
  /// D = σ(ℓ) is the probability that the sample is real, so ℓ is log(p_data / p_model), up to
  /// label smoothing, which is undone.
  case probability
  /// log(p_data / p_model) is this function of ℓ, elementwise.
  case logRatio(@Sendable (_ logits: Tensor) -> Tensor)
  /// Higher for samples that look more like data; the ratio of the densities does not follow from
  /// it. Samples with a score above `boundary` count as taken for real; nil: only differences of
  /// scores mean something, and the boundary is halfway between the means of both sides.
  case score(boundary: Float? = nil)

  /// Whether no ratio follows from it.
  var isScore: Bool {
    if case .score = self { return true }
    return false
  }
}
