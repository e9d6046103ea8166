import SwiftGAN
import Testing

/// Derivatives in double precision by central differences: an oracle that shares no code with the
/// engine.
func finiteDifferences(
  of cost: ([[Double]]) -> Double, at weights: [[Double]], step: Double = 1e-5
) -> [[Double]] {
  weights.indices.map { i in
    weights[i].indices.map { k in
      var (low, high) = (weights, weights)
      low[i][k] -= step
      high[i][k] += step
      return (cost(high) - cost(low)) / (2 * step)
    }
  }
}

/// x w + b of row vectors, in double precision; w is [in, out] row by row.
func denseInDouble(_ x: [Double], _ w: [Double], _ b: [Double]) -> [Double] {
  b.indices.map { j in x.indices.reduce(b[j]) { $0 + x[$1] * w[$1 * b.count + j] } }
}

/// One step of plain gradient descent with the rate 1: the reported cost, and every new weight, are
/// those of a cost in double precision, whose slopes are central differences.
/// - Parameters:
///   - labels: of the samples, where the model is given them.
///   - other: the cost that tensors whose names begin with a prefix descend instead.
///   - floor: slopes of a tensor are compared with its largest, or with this where that is less.
///   - costTolerance: of the reported cost; nil: 1e-5 of it.
@discardableResult
func expectStep(
  of model: any Model, on x: Tensor, labels: [Int32] = [], descends cost: ([[Double]]) -> Double,
  other: (prefix: String, cost: ([[Double]]) -> Double)? = nil, floor: Double = 1e-3,
  costTolerance: Double? = nil
) throws -> StepReport {
  func learned() -> [(name: String, value: Tensor)] {
    model.tensors.filter { !$0.name.contains("optimizer") && !$0.name.hasSuffix(".chains") }
  }
  let weights = learned().map(\.value.doubles)
  let wanted = cost(weights)
  var slopes = finiteDifferences(of: cost, at: weights)
  if let other {
    let own = finiteDifferences(of: other.cost, at: weights)
    for (i, tensor) in learned().enumerated() where tensor.name.hasPrefix(other.prefix) {
      slopes[i] = own[i]
    }
  }
  let report = try model.train(on: [Batch(x, labels: labels)], reporting: true)
  let found = try #require(report["cost"])
  #expect(abs(found - wanted) < costTolerance ?? 1e-5 * abs(wanted), "\(found), \(wanted)")
  for (i, tensor) in learned().enumerated() {
    let largest = max(floor, slopes[i].map(abs).max() ?? 0)
    for (k, value) in tensor.value.doubles.enumerated() {
      let want = weights[i][k] - slopes[i][k]
      #expect(abs(value - want) < 1e-4 * largest, "\(tensor.name)[\(k)]")
    }
  }
  return report
}
