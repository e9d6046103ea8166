import SGTensors

/// Mean of −log softmax(logits)[label] over the samples that have a label; 0 where none has one.
/// - Parameters:
///   - logits: [batch, classes], before the softmax.
///   - labels: a class index each, or -1: unknown.
package func crossEntropy(_ logits: Tensor, _ labels: [Int32]) -> Tensor {
  let known = labels.count { $0 >= 0 }
  let target = Tensor.oneHot(labels, classes: logits.shape[1])
  return (target * logSoftmax(logits)).sum() * (-1 / Float(max(known, 1)))
}

/// The class of each sample's largest logit, the last of equal ones. Logits: [count, classes].
package func largest(_ logits: Tensor) -> [Int32] {
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
package func accuracy(_ logits: Tensor, _ labels: [Int32]) -> Double {
  accuracy(largest(logits), labels)
}

/// Share of the samples with a label that were taken for that label's class.
package func accuracy(_ classes: [Int32], _ labels: [Int32]) -> Double {
  let known = labels.indices.filter { labels[$0] >= 0 }
  return Double(known.count { classes[$0] == labels[$0] }) / Double(max(known.count, 1))
}

extension Tensor {
  /// Rows of zeros with a one at the label, [labels.count, classes]; all zero where the label is
  /// negative.
  package static func oneHot(_ labels: [Int32], classes: Int) -> Tensor {
    Tensor(shape: [labels.count, classes]) { y in
      y.update(repeating: 0)
      for (i, label) in labels.enumerated() where label >= 0 { y[i * classes + Int(label)] = 1 }
    }
  }
}
