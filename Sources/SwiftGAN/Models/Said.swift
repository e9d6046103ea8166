import Tensors

/// What a discriminator says of a batch.
struct Said {
  /// ℓ with D = σ(ℓ), one a sample.
  let logits: Tensor
  /// Class logits, [batch, classes], where it classifies.
  let classes: Tensor?
  /// What feature matching compares, where that is used.
  let features: Tensor?

  init(_ output: Tensor, features: Tensor? = nil, mode: LabelSettings.Mode) {
    self.features = features
    let n = output.shape[0]
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

/// Mean of −log softmax(logits)[label] over the samples that have a label; 0 where none has one.
/// - Parameters:
///   - logits: [batch, classes], before the softmax.
///   - labels: a class index each, or -1: unknown.
func crossEntropy(_ logits: Tensor, _ labels: [Int32]) -> Tensor {
  let known = labels.count { $0 >= 0 }
  let target = Tensor.oneHot(labels, classes: logits.shape[1])
  return (target * logSoftmax(logits)).sum() * (-1 / Float(max(known, 1)))
}

/// Share of the samples with a label whose largest class logit is that label's.
func accuracy(_ logits: Tensor, _ labels: [Int32]) -> Double {
  let classes = logits.shape[1]
  var (right, known) = (0, 0)
  logits.withElements { x in
    for (i, label) in labels.enumerated() where label >= 0 {
      known += 1
      let row = x[(i * classes)..<((i + 1) * classes)]
      if row.indices.max(by: { row[$0] < row[$1] }) == i * classes + Int(label) { right += 1 }
    }
  }
  return Double(right) / Double(max(known, 1))
}

extension Tensor {
  /// Rows of zeros with a one at the label, [labels.count, classes]; all zero where the label is negative.
  static func oneHot(_ labels: [Int32], classes: Int) -> Tensor {
    Tensor(shape: [labels.count, classes]) { y in
      y.update(repeating: 0)
      for (i, label) in labels.enumerated() where label >= 0 { y[i * classes + Int(label)] = 1 }
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
