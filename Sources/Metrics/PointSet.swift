import SGBasics
import SGNets
import SGTensors

/// Feature vectors about a center that sets share, scaled by a power of two: so float32 holds their
/// differences as well as it can, and their squares neither overflow nor vanish. Distances within
/// and between such sets are comparable bit for bit.
struct PointSet {
  /// [count, d]
  let values: Tensor
  /// Σ x² of each vector.
  let squares: [Float]
  /// What a squared distance is multiplied by to be one of the features as they came.
  let unit: Double

  var count: Int { values.shape[0] }
  var size: Int { values.shape[1] }

  /// - Parameter sets: each [count, d].
  /// - Throws: `Failure` of kind noMemory.
  static func sharingCenter(_ sets: [Tensor]) throws(Failure) -> [PointSet] {
    try Memory.check()
    let count = sets.reduce(0) { $0 + $1.shape[0] }
    try Memory.expectRoom(for: 8 * (count + sets[0].shape[1]), "\(count) lengths")
    try Memory.reserve(
      floats: sets.reduce(0) { $0 + $1.count }, copies: 1, for: "a copy of the features")
    var sum = [Double](repeating: 0, count: sets[0].shape[1])
    for x in sets { x.addRows(to: &sum) }
    let total = Double(sets.reduce(0) { $0 + $1.shape[0] })
    let center = sum.map { $0 / total }
    let largest = sets.reduce(0) { max($0, $1.largest(about: center)) }
    let scale = largest == 0 ? 1 : Double(sign: .plus, exponent: -largest.exponent, significand: 1)
    let points = sets.map { PointSet($0, center, scale) }
    try Memory.check()
    return points
  }

  private init(_ x: Tensor, _ center: [Double], _ scale: Double) {
    let (n, d) = (x.shape[0], x.shape[1])
    var squares = [Float](repeating: 0, count: n)
    values = x.withElements { from in
      Tensor(shape: [n, d]) { to in
        for i in 0..<n {
          var sum = 0.0
          for k in 0..<d {
            let value = Float((Double(from[i * d + k]) - center[k]) * scale)
            to[i * d + k] = value
            sum += Double(value) * Double(value)
          }
          squares[i] = Float(sum)
        }
      }
    }
    self.squares = squares
    unit = 1 / (scale * scale)
  }

  /// The vectors of a run of indices, sharing memory.
  func slice(_ rows: Range<Int>) -> Tensor {
    values.view(from: rows.lowerBound * size, shape: [rows.count, size])
  }

  /// Distance of two vectors, in Double and in the features' own scale.
  static func distance(_ a: PointSet, _ i: Int, _ b: PointSet, _ j: Int) -> Double {
    let d = a.size
    let sum = a.values.withElements { x in
      b.values.withElements { y in
        (0..<d).reduce(0.0) { sum, k in
          let difference = Double(x[i * d + k]) - Double(y[j * d + k])
          return sum + difference * difference
        }
      }
    }
    return (sum * a.unit).squareRoot()
  }
}

extension Tensor {
  /// Adds the rows of a matrix to `sum`.
  func addRows(to sum: inout [Double]) {
    let d = sum.count
    withElements { x in
      sum.withUnsafeMutableBufferPointer { sum in
        for i in 0..<shape[0] {
          for k in 0..<d { sum[k] += Double(x[i * d + k]) }
        }
      }
    }
  }

  /// The largest |x − center| of a matrix's elements, its columns about their centers.
  fileprivate func largest(about center: [Double]) -> Double {
    let d = center.count
    return withElements { x in
      var largest = 0.0
      for i in 0..<shape[0] {
        for k in 0..<d { largest = Swift.max(largest, abs(Double(x[i * d + k]) - center[k])) }
      }
      return largest
    }
  }
}
