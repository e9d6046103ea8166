import SGBasics
import SGTensors

/// How much of one set of features lies among the other's: fidelity (precision, density) and
/// diversity (recall, coverage).
public struct PrecisionRecall: Sendable {
  /// The share of fakes within the neighborhood of some real sample, 0...1.
  public let precision: Double
  /// The share of real samples within the neighborhood of some fake, 0...1.
  public let recall: Double
  /// Real neighborhoods that a fake lies in, over k: 0 or more, about 1 where the sets have one
  /// distribution.
  public let density: Double
  /// The share of real samples with a fake in their neighborhood, 0...1.
  public let coverage: Double
  /// k of precision and recall, and of density and coverage.
  public let neighbors, densityNeighbors: Int
  /// Samples of each set.
  public let realCount, fakeCount: Int
  /// The length of a feature vector.
  public let features: Int

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("precision", .number(precision)), ("recall", .number(recall)),
      ("density", .number(density)), ("coverage", .number(coverage)),
      ("neighbors", JSON(neighbors)), ("density_neighbors", JSON(densityNeighbors)),
      ("n_real", JSON(realCount)), ("n_fake", JSON(fakeCount)), ("features", JSON(features)),
    ])
  }
}

/// Precision and recall (Kynkäänniemi et al. 2019, equations 1–2), density and coverage (Naeem et
/// al. 2020, equations 3–4).
///
/// A sample's neighborhood is the ball to its k-th nearest neighbor in its own set, itself not
/// counted. Precision and recall count its surface in (≤), density and coverage do not (<). Where
/// several samples of the set lie on the surface, as repeated ones do, density counts those there
/// by the share that makes the ball hold k samples, its center included; without ties that share is
/// 0. Memory is that of the features and of a block of distances.
/// - Parameters:
///   - real: [n, d]
///   - fake: [m, d]
///   - neighbors: k of precision and recall; 3 in their paper.
///   - densityNeighbors: k of density and coverage; 5 in theirs.
/// - Throws: `Failure` of kind argument (shape, NaN, not more than k samples), mismatch (d) or
///   noMemory.
public func precisionRecall(
  real: Tensor, fake: Tensor, neighbors: Int = 3, densityNeighbors: Int = 5
) throws(Failure) -> PrecisionRecall {
  try Memory.checked { () throws(Failure) in
    try neighbors.expectPositive("neighbors")
    try densityNeighbors.expectPositive("density_neighbors")
    let most = max(neighbors, densityNeighbors)
    guard most < Int32.max else { throw Failure(.argument, "neighbors: \(most) are too many") }
    try Tensor.expectFeatures(real: real, fake: fake)
    try real.expectFeatures("real (more than \(most) neighbors)", atLeast: most + 1)
    try fake.expectFeatures("fake (more than \(neighbors) neighbors)", atLeast: neighbors + 1)
    let sets = try PointSet.sharingCenter([real, fake])
    let nearReal = try NearestDistances(of: sets[0], most)
    let density = nearReal.radii(densityNeighbors)
    let count = try Membership(
      sets[0], sets[1], real: nearReal.radii(neighbors),
      fake: NearestDistances(of: sets[1], neighbors).radii(neighbors),
      density: density, shares: nearReal.surfaceShares(densityNeighbors, density, of: sets[0]))
    let (n, m) = (Double(real.shape[0]), Double(fake.shape[0]))
    return PrecisionRecall(
      precision: Double(count.fakesInside) / m, recall: Double(count.realInside) / n,
      density: count.memberships / (Double(densityNeighbors) * m),
      coverage: Double(count.realCovered) / n, neighbors: neighbors,
      densityNeighbors: densityNeighbors, realCount: real.shape[0], fakeCount: fake.shape[0],
      features: real.shape[1])
  }
}

/// The squared distances of each vector of a set to its k nearest others, ascending.
struct NearestDistances {
  private let k: Int
  private let values: [Float]

  /// - Throws: `Failure` of kind noMemory.
  init(of set: PointSet, _ k: Int) throws(Failure) {
    self.k = k
    let (count, overflow) = set.count.multipliedReportingOverflow(by: k)
    try Memory.expectRoom(
      for: overflow || count > 1 << 40 ? .max : 8 * count, "\(set.count) x \(k) distances")
    var nearest = [Float](repeating: .infinity, count: count)
    try nearest.withUnsafeMutableBufferPointer { (nearest) throws(Failure) in
      try SquaredDistances(set, set).forEachBlock { block in
        for i in block.rows {
          let (row, list) = (block.row(i), nearest.baseAddress! + i * k)
          if block.columns.contains(i) { row[i - block.columns.lowerBound] = .infinity }
          for j in 0..<block.columns.count where row[j] < list[k - 1] {
            var place = k - 1
            while place > 0, list[place - 1] > row[j] {
              list[place] = list[place - 1]
              place -= 1
            }
            list[place] = row[j]
          }
        }
      }
    }
    values = nearest
  }

  /// The squared distance of each vector to its neighbor number `rank`, from 1.
  func radii(_ rank: Int) -> [Float] {
    stride(from: rank - 1, to: values.count, by: k).map { values[$0] }
  }

  /// For each vector the share by which vectors at the distance `radii` count as its neighbors, so
  /// that there are `rank` of them, itself included: 0 where no two of its nearest ones are as far.
  /// - Throws: `Failure` of kind noMemory.
  func surfaceShares(
    _ rank: Int, _ radii: [Float], of set: PointSet
  ) throws(Failure) -> [Float] {
    try Memory.expectRoom(for: 24 * set.count, "the ties of \(set.count) samples")
    let isTied = radii.indices.map { i in
      radii[i] == 0 || (rank > 1 && values[i * k + rank - 2] == radii[i])
    }
    var shares = [Float](repeating: 0, count: set.count)
    guard isTied.contains(true) else { return shares }
    var inside = [Int](repeating: 0, count: set.count)
    var there = inside
    try SquaredDistances(set, set).forEachBlock { block in
      for i in block.rows where isTied[i] {
        let (row, radius) = (block.row(i), radii[i])
        for j in 0..<block.columns.count {
          inside[i] += row[j] < radius ? 1 : 0
          there[i] += row[j] == radius ? 1 : 0
        }
      }
    }
    for i in shares.indices where there[i] > 0 {
      shares[i] = Float(max(rank - inside[i], 0)) / Float(there[i])
    }
    return shares
  }
}

/// Who lies in whose neighborhood, counted over all pairs of a real sample and a fake.
private struct Membership {
  private(set) var fakesInside = 0, realInside = 0, realCovered = 0
  private(set) var memberships = 0.0

  init(
    _ real: PointSet, _ fake: PointSet, real r: [Float], fake f: [Float], density: [Float],
    shares: [Float]
  ) throws(Failure) {
    try Memory.expectRoom(
      for: 40 * (real.count + fake.count), "the neighborhoods of \(real.count) samples")
    var insideReal = [UInt8](repeating: 0, count: fake.count)
    var around = [Int](repeating: 0, count: real.count)
    var within = around
    var onSurface = around
    try SquaredDistances(real, fake).forEachBlock { block in
      insideReal.withUnsafeMutableBufferPointer { inside in
        f.withUnsafeBufferPointer { f in
          let inside = inside.baseAddress! + block.columns.lowerBound
          let f = f.baseAddress! + block.columns.lowerBound
          for i in block.rows {
            let (row, closed, open) = (block.row(i), r[i], density[i])
            var (inFake, inReal) = (Int32(0), Int32(0))
            for j in 0..<block.columns.count {
              inside[j] |= row[j] <= closed ? 1 : 0
              inFake += row[j] <= f[j] ? 1 : 0
              inReal += row[j] < open ? 1 : 0
            }
            around[i] += Int(inFake)
            within[i] += Int(inReal)
            if shares[i] > 0 {
              for j in 0..<block.columns.count { onSurface[i] += row[j] == open ? 1 : 0 }
            }
          }
        }
      }
    }
    fakesInside = insideReal.reduce(0) { $0 + Int($1) }
    realInside = around.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    for i in within.indices {
      memberships += Double(within[i]) + Double(shares[i]) * Double(onSurface[i])
      realCovered += within[i] + onSurface[i] > 0 ? 1 : 0
    }
  }
}
