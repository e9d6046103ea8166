import SGBasics
import SGNets
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A classifier's score of samples: mean and deviation over splits.
public struct InceptionStyleScore: Sendable {
  /// 1 (every sample alike to the classifier) to the number of classes.
  public let score: Double
  /// The deviation of the splits' scores (divided by their number).
  public let deviation: Double
  /// Runs of samples that have a score each.
  public let splits: Int
  /// Samples, and classes of the classifier.
  public let count, classes: Int

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("score", .number(score)), ("deviation", .number(deviation)), ("splits", JSON(splits)),
      ("count", JSON(count)), ("classes", JSON(classes)),
    ])
  }
}

/// exp E KL(p(y|x) ‖ p(y)), p(y) the mean within a split (Salimans et al. 2016, section 4). With
/// the probabilities of Inception it is the Inception score; of any other classifier it is not, and
/// compares only with its own.
/// - Parameters:
///   - probabilities: [n, classes], rows of numbers from 0 that add up to 1. For a classifier's
///     outputs before the softmax use `logits:`.
///   - splits: equal runs of the samples, in their order (shuffle samples sorted by class).
/// - Throws: `Failure` of kind argument: shape, NaN, fewer samples than splits, a row that is no
///   distribution.
public func inceptionStyleScore(
  probabilities: Tensor, splits: Int = 10
) throws(Failure) -> InceptionStyleScore {
  try Memory.checked { () throws(Failure) in
    try splits.expectPositive("splits")
    try probabilities.expectFeatures("probabilities", atLeast: splits)
    let classes = probabilities.shape[1]
    try Memory.expectRoom(for: 24 * probabilities.count, "\(probabilities.shape) probabilities")
    let values = probabilities.array.map { Double($0) }
    for i in 0..<probabilities.shape[0] {
      let row = values[(i * classes)..<((i + 1) * classes)]
      let sum = row.reduce(0, +)
      guard row.allSatisfy({ $0 >= 0 }), abs(sum - 1) <= 1e-3 else {
        throw Failure(
          .argument,
          "probabilities[\(i)]: expected numbers from 0 with the sum 1, found the sum \(sum), the least"
            + " \(row.min() ?? 0); a classifier's outputs before the softmax go in as logits")
      }
    }
    return score(values, classes: classes, splits: splits)
  }
}

/// The same from a classifier's outputs before the softmax, which is taken here, in Double and safe
/// from overflow.
/// - Parameters:
///   - logits: [n, classes], any finite numbers. Probabilities go in as `probabilities:`.
///   - splits: equal runs of the samples, in their order.
/// - Throws: `Failure` of kind argument: shape, NaN, fewer samples than splits.
public func inceptionStyleScore(
  logits: Tensor, splits: Int = 10
) throws(Failure) -> InceptionStyleScore {
  try splits.expectPositive("splits")
  try logits.expectFeatures("logits", atLeast: splits)
  let classes = logits.shape[1]
  try Memory.expectRoom(for: 24 * logits.count, "\(logits.shape) logits")
  var values = logits.array.map { Double($0) }
  for start in stride(from: 0, to: values.count, by: classes) {
    let row = start..<start + classes
    let largest = values[row].max() ?? 0
    for k in row { values[k] = exp(values[k] - largest) }
    let sum = values[row].reduce(0, +)
    for k in row { values[k] /= sum }
  }
  return score(values, classes: classes, splits: splits)
}

private func score(_ p: [Double], classes: Int, splits: Int) -> InceptionStyleScore {
  let n = p.count / classes
  let scores = (0..<splits).map { s in
    exp(meanDivergence(p[(s * n / splits * classes)..<((s + 1) * n / splits * classes)], classes))
  }
  let (mean, deviation) = meanAndDeviation(scores)
  return InceptionStyleScore(
    score: mean, deviation: deviation, splits: splits, count: n, classes: classes)
}

/// The mean of KL(row ‖ mean row), in nats; 0 log 0 is 0.
private func meanDivergence(_ p: ArraySlice<Double>, _ classes: Int) -> Double {
  let rows = Double(p.count / classes)
  var marginal = [Double](repeating: 0, count: classes)
  for (k, value) in p.enumerated() { marginal[k % classes] += value / rows }
  var sum = 0.0
  for (k, value) in p.enumerated() where value > 0 {
    sum += value * (log(value) - log(marginal[k % classes]))
  }
  return sum / rows
}
