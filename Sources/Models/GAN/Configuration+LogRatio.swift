import SGTensors

extension Configuration {
  /// log(p_data / p_model) from the logits of a discriminator at its optimum, with label smoothing
  /// and label flipping undone; nil: the discriminator tells no ratio.
  ///
  /// With flipping probability p the discriminator sees (1 − p) p_data + p p_model as real samples
  /// and (1 − p) p_model + p p_data as fakes, whatever the objective is, and tells the ratio s of
  /// these two. With D = s / (1 + s) the ratio of the densities themselves is
  /// (D − p) / (1 − p − D): the same function as for targets 1 − p and p.
  var logRatio: (@Sendable (_ logits: Tensor) -> Tensor)? {
    guard whyNoRatio == nil, let ratio = objective.logRatio else { return nil }
    let (smoothing, p) = (labelSmoothing, tricks.labelFlipping)
    guard p > 0 else { return { ratio($0, smoothing) } }
    return {
      Objective.crossEntropyLogRatio(ratio($0, smoothing), LabelSmoothing(real: p, fake: p))
    }
  }

  /// Why a discriminator tells no density ratio even at its optimum; nil: it tells one.
  var whyNoRatio: String? {
    if objective.output.isScore {
      return objective.divergence == nil
        ? "the objective \(objective.name) makes the discriminator's output a score, not a density"
          + " ratio"
        : "total variation's optimal discriminator is ±1/2: it tells which density is larger,"
          + " not their ratio"
    }
    if labelSmoothing.real + labelSmoothing.fake >= 1 {
      return
        "label_smoothing gives real and fake samples the same target, so the discriminator tells no"
        + " density ratio"
    }
    if tricks.labelFlipping >= 0.5 {
      return
        "label_flipping \(tricks.labelFlipping) mixes real and fake samples evenly, so the"
        + " discriminator tells no density ratio"
    }
    return nil
  }
}
