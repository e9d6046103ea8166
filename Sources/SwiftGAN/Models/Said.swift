import Tensors

/// What a discriminator says of a batch.
struct Said {
  /// ℓ with D = σ(ℓ), one a sample.
  let logits: Tensor
  /// Class logits, [batch, classes], where it classifies.
  let classes: Tensor?
  /// What feature matching compares, where that is used.
  let features: Tensor?

  private init(logits: Tensor, classes: Tensor?, features: Tensor?) {
    (self.logits, self.classes, self.features) = (logits, classes, features)
  }

  /// The same without the way to it.
  var detached: Said {
    Said(logits: logits.detached, classes: classes?.detached, features: features?.detached)
  }

  /// - Parameter output: the discriminator's, [batch] + any shape of as many elements as the mode needs.
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

/// Mean of −log softmax(logits)[label] over the samples that have a label; 0 where none has one.
/// - Parameters:
///   - logits: [batch, classes], before the softmax.
///   - labels: a class index each, or -1: unknown.
func crossEntropy(_ logits: Tensor, _ labels: [Int32]) -> Tensor {
  let known = labels.count { $0 >= 0 }
  let target = Tensor.oneHot(labels, classes: logits.shape[1])
  return (target * logSoftmax(logits)).sum() * (-1 / Float(max(known, 1)))
}

/// The class of each sample's largest logit, the last of equal ones. Logits: [count, classes].
func largest(_ logits: Tensor) -> [Int32] {
  let classes = logits.shape[1]
  if logits.isSpare { return [Int32](repeating: 0, count: logits.shape[0]) }
  return logits.withElements { x in
    (0..<logits.shape[0]).map { i in
      let row = x[(i * classes)..<((i + 1) * classes)]
      return Int32((row.indices.max { row[$0] < row[$1] } ?? row.startIndex) - row.startIndex)
    }
  }
}

/// Share of the samples with a label whose largest class logit is that label's.
func accuracy(_ logits: Tensor, _ labels: [Int32]) -> Double { accuracy(largest(logits), labels) }

/// Share of the samples with a label that were taken for that label's class.
func accuracy(_ classes: [Int32], _ labels: [Int32]) -> Double {
  let known = labels.indices.filter { labels[$0] >= 0 }
  return Double(known.count { classes[$0] == labels[$0] }) / Double(max(known.count, 1))
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
