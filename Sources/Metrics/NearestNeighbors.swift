import SGBasics
import SGTensors

/// The nearest neighbor of each sample in a reference set.
public struct NearestNeighbors: Sendable {
  /// For each sample the neighbor's index in the reference set; of equally near ones the first.
  public let indices: [Int]
  /// For each sample the Euclidean distance to that neighbor.
  public let distances: [Double]

  package init(indices: [Int], distances: [Double]) {
    self.indices = indices
    self.distances = distances
  }

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("indices", .array(indices.map { JSON($0) })),
      ("distances", .array(distances.map { .number($0) })),
      ("mean_distance", .number(distances.reduce(0, +) / Double(distances.count))),
    ])
  }
}

/// For each sample the index and distance of its nearest neighbor among a reference set: shows
/// whether a generator repeats its training data. The neighbor is found in float32: of two whose
/// squared distances differ by less than about 1e-6 of the squared norms (about the sets' mean)
/// either may be taken. The distance to it is computed in Double.
/// - Parameters:
///   - samples: [n, d]
///   - reference: [m, d]
/// - Throws: `Failure` of kind argument (shape, NaN), mismatch (d) or noMemory.
public func nearestNeighbors(
  of samples: Tensor, in reference: Tensor
) throws(Failure) -> NearestNeighbors {
  try Memory.checked { () throws(Failure) in
    try samples.expectFeatures("samples")
    try reference.expectFeatures("reference")
    try samples.expectSameFeatures("samples", as: reference, "reference")
    try Memory.expectRoom(for: 32 * samples.shape[0], "\(samples.shape[0]) distances")
    let sets = try PointSet.sharingCenter([samples, reference])
    var best = [Float](repeating: .infinity, count: sets[0].count)
    var indices = [Int](repeating: 0, count: sets[0].count)
    try SquaredDistances(sets[0], sets[1]).forEachBlock { block in
      for i in block.rows {
        let row = block.row(i)
        var (least, place) = (best[i], indices[i])
        for j in 0..<block.columns.count where row[j] < least {
          (least, place) = (row[j], block.columns.lowerBound + j)
        }
        (best[i], indices[i]) = (least, place)
      }
    }
    return NearestNeighbors(
      indices: indices,
      distances: indices.indices.map { PointSet.distance(sets[0], $0, sets[1], indices[$0]) })
  }
}

/// The closest pairs within one set.
public struct ClosestPairs: Sendable {
  /// Two samples.
  public struct Pair: Sendable, Hashable {
    /// Indices of the samples, first < second.
    public let first, second: Int
    /// Their Euclidean distance.
    public let distance: Double
  }
  /// In order of distance.
  public let pairs: [Pair]
  /// The size of the set.
  public let count: Int

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("count", JSON(count)),
      (
        "pairs",
        .array(
          pairs.map {
            .object([
              ("first", JSON($0.first)), ("second", JSON($0.second)),
              ("distance", .number($0.distance)),
            ])
          })
      ),
    ])
  }
}

/// The closest pairs within one set of samples: what the birthday paradox test looks at (Arora &
/// Zhang 2017). If a batch of s samples holds a duplicate with probability one half, the
/// distribution's support is about s² samples.
/// - Parameters:
///   - samples: [n, d]
///   - wanted: how many pairs; the paper shows the closest 20.
/// - Throws: `Failure` of kind argument (shape, NaN, fewer than two samples) or noMemory.
public func closestPairs(in samples: Tensor, _ wanted: Int = 20) throws(Failure) -> ClosestPairs {
  try Memory.checked { () throws(Failure) in
    try samples.expectFeatures("samples", atLeast: 2)
    guard (1...1_000_000).contains(wanted) else {
      throw Failure(.argument, "pairs: expected 1...1000000, found \(wanted)")
    }
    try Memory.expectRoom(for: 300 * wanted, "\(wanted) pairs")
    let set = try PointSet.sharingCenter([samples])[0]
    // More than are wanted, for their order in float32 is not quite that in Double.
    var nearest = Shortlist(size: 2 * wanted + 64)
    try SquaredDistances(set, set).forEachBlock { block in
      for i in block.rows {
        let (row, first) = (block.row(i), block.columns.lowerBound)
        for j in max(i + 1, first)..<max(i + 1, block.columns.upperBound)
        where row[j - first] < nearest.limit {
          nearest.add((row[j - first], i, j))
        }
      }
    }
    let pairs = nearest.items.map {
      ClosestPairs.Pair(
        first: $0.first, second: $0.second,
        distance: PointSet.distance(set, $0.first, set, $0.second)
      )
    }
    let ordered = pairs.sorted {
      ($0.distance, $0.first, $0.second) < ($1.distance, $1.first, $1.second)
    }
    return ClosestPairs(pairs: Array(ordered.prefix(wanted)), count: set.count)
  }
}

/// The nearest of many pairs, kept by sorting now and then.
private struct Shortlist {
  typealias Item = (distance: Float, first: Int, second: Int)
  let size: Int
  private(set) var items: [Item] = []
  /// Pairs from here on are not wanted.
  private(set) var limit = Float.infinity

  init(size: Int) { self.size = size }

  mutating func add(_ item: Item) {
    items.append(item)
    guard items.count >= 2 * size else { return }
    items.sort { $0 < $1 }
    items.removeLast(items.count - size)
    limit = items[size - 1].distance
  }
}
