import SGTensors

/// A discriminator's output for a batch.
struct DiscriminatorOutput {
  /// ℓ, [batch, 1] or [batch], or [batch, patches] of a discriminator that judges patches.
  let logits: Tensor
  /// Class logits, [batch, classes], where it classifies.
  let classes: Tensor?
  /// The features that feature matching compares, where it is used.
  let features: Tensor?

  private init(logits: Tensor, classes: Tensor?, features: Tensor?) {
    (self.logits, self.classes, self.features) = (logits, classes, features)
  }

  /// The same without its graph.
  var detached: DiscriminatorOutput {
    DiscriminatorOutput(
      logits: logits.detached, classes: classes?.detached, features: features?.detached)
  }

  /// One ℓ a sample, [batch]: of a discriminator that judges patches their mean.
  var score: Tensor {
    let n = logits.shape[0]
    return logits.count == n ? logits.reshaped([n]) : logits.mean([1])
  }

  /// - Parameter output: the discriminator's, [batch] + any shape of as many elements as the mode
  ///   needs, or a map of logits.
  init(_ output: Tensor, features: Tensor? = nil, mode: LabelSettings.Mode) {
    self.features = features
    let n = output.shape[0]
    // A list of layers may end in an image of one pixel, as a DCGAN's last convolution leaves it.
    let output = output.rank == 2 ? output : output.reshaped([n, output.count / max(n, 1)])
    switch mode {
    case .none, .conditional:
      logits = output
      classes = nil
    case .auxiliary:
      // [ℓ, class logits]
      logits = output.slice(from: [0, 0], [n, 1])
      classes = output.slice(from: [0, 1], [n, output.shape[1] - 1])
    case .semiSupervised:
      // D = Z / (Z + 1) with Z = Σ exp l, so ℓ = log Z (Salimans et al. 2016, section 5).
      logits = logSumExp(output)
      classes = output
    }
  }
}

extension Configuration {
  /// What G is conditioned on: [batch, classes + conditions], or nothing.
  func generatorCondition(_ labels: [Int32], _ conditions: Tensor?) -> Tensor? {
    self.labels.conditionsGenerator ? condition(labels, conditions) : nil
  }

  /// What D is conditioned on.
  func discriminatorCondition(_ labels: [Int32], _ conditions: Tensor?) -> Tensor? {
    self.labels.mode == .conditional ? condition(labels, conditions) : nil
  }

  private func condition(_ labels: [Int32], _ conditions: Tensor?) -> Tensor? {
    let classes = self.classes > 0 ? Tensor.oneHot(labels, classes: self.classes) : nil
    guard let classes, let conditions else { return classes ?? conditions }
    return .concatenate([classes, conditions], axis: 1)
  }
}
