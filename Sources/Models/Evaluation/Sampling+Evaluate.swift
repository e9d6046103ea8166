import SGBasics
import SGData
import SGMetrics
import SGNets
import SGTensors

extension Sampling {
  /// Judges samples of this model against data.
  /// - Parameters:
  ///   - data: what the model should be like; labels where the model is conditional.
  ///   - extractor: whose features are compared; of stacked images a classifier of the images that
  ///     they were stacked from.
  ///   - count: samples of each side, drawn by the seed; nil: as many as `EvaluationOptions(for:)`
  ///     says.
  ///   - ridge: see `frechetDistance(real:fake:ridge:)`.
  ///   - seed: of the samples of both sides.
  /// - Throws: `Failure` of kind mismatch (shapes, labels), argument (too few samples), noMemory.
  public func evaluate(
    against data: Dataset, with extractor: Evaluation.Extractor, count: Int? = nil,
    ridge: Double = 0, seed: UInt64 = 1
  ) throws(Failure) -> Evaluation {
    try Memory.checked { () throws(Failure) in
      try data.check(shape: sampleShape)
      try data.expectWhole()
      let data = try data.matchingClasses(of: self)
      let n = count ?? EvaluationOptions(for: data).count
      guard (7...max(data.count, 7)).contains(n), n <= data.count else {
        throw Failure(.argument, "count: expected 7...\(data.count), found \(n)")
      }
      try Memory.reserve(floats: 4 * n, copies: sampleShape.count, for: "\(n) samples of each side")
      try Memory.expectRoom(for: 40 * data.count, "the order of \(data.count) samples")
      let index = RandomStream.estimates.key(seed).draw(n, of: data.count)
      let real = try data.batch(index, range: sampleRange)
      var given = Conditions.none
      if sampleUse != .none { given = try data.conditions(index) }
      let fake = try sample(n, seed: seed, given: given)
      // Vectors in units of their own are compared by columns of deviation 1, or the column with
      // the largest numbers would decide alone.
      var columns: Standardization.Columns?
      if real.rank == 2, sampleRange == nil, data.isStandardizedByDefault {
        columns = try Standardization.Columns(of: real)
      }
      let (realVectors, fakeVectors) = (
        columns?.standardized(real) ?? real.rowsAsVectors,
        columns?.standardized(fake) ?? fake.rowsAsVectors
      )
      var evaluation: Evaluation
      switch extractor {
      case .pixels:
        evaluation = Evaluation(
          comparison: try FeatureComparison(
            real: realVectors, fake: fakeVectors,
            images: real.rank == 4 ? (real, fake) : nil, ridge: ridge, seed: seed),
          seed: seed, extractor: extractor)
      case .classifier(let classifier):
        let (ofReal, ofFake) = (
          try classifier.opinion(on: real, from: data), try classifier.opinion(on: fake, from: data)
        )
        evaluation = Evaluation(
          comparison: try FeatureComparison(
            real: ofReal.features, fake: ofFake.features,
            images: real.rank == 4 ? (real, fake) : nil, ridge: ridge, seed: seed),
          seed: seed, extractor: extractor)
        if data.stackedFrom == nil {
          evaluation.score = try inceptionStyleScore(logits: ofFake.logits, splits: min(10, n))
        } else {
          evaluation.modes = try modeCoverage(classes: ofFake.classes, modes: data.classes)
        }
        if !given.labels.isEmpty {
          evaluation.classAccuracy = SGNets.accuracy(ofFake.classes, given.labels)
        }
      }
      if let mixture = data.mixture {
        evaluation.modes = try modeCoverage(
          samples: fake, centers: mixture.centers, deviation: Double(mixture.deviation))
      }
      // The bandwidth by some of the real samples, the likelihood of others.
      let chosen = min(500, n / 2)
      evaluation.parzen = try parzenWindow(
        fake: fakeVectors, validation: realVectors.rows(0..<chosen),
        real: realVectors.rows(chosen..<min(n, chosen + 2000))
      ).inUnits(logVolume: columns?.logVolume ?? 0)
      evaluation.isStandardized = columns != nil
      evaluation.firstFakes = fake.rows(0..<min(Evaluation.copies, n))
      try evaluation.lookForCopies(fakeVectors, realVectors, data, sampleRange, columns)
      return evaluation
    }
  }
}

extension Evaluation {
  /// How many fakes are compared with all of the data.
  fileprivate static let copies = 100

  /// Nearest real samples and closest pairs, in pixels, or standardized columns of vectors.
  fileprivate mutating func lookForCopies(
    _ fake: Tensor, _ real: Tensor, _ data: Dataset, _ range: ValueRange?,
    _ columns: Standardization.Columns?
  ) throws(Failure) {
    let few = min(Self.copies, fake.shape[0])
    let probes = fake.rows(0..<few)
    nearest = try data.nearestNeighbors(of: probes, range: range, columns)
    let others = real.shape[0] - few
    if others > 0 {
      let between = try nearestNeighbors(
        of: real.rows(0..<few), in: real.rows(few..<real.shape[0]))
      realNearestDistance = between.distances.reduce(0, +) / Double(few)
    }
    closestFakes = try closestPairs(in: fake, 1)
    closestReal = try closestPairs(in: real, 1)
  }
}

extension Dataset {
  /// For each sample the nearest of all of the data, in pixels: index and Euclidean distance.
  /// - Parameters:
  ///   - samples: [n] + shape, or their elements as [n, elements].
  ///   - range: what stored bytes 0...255 become; nil: the data's own range.
  /// - Throws: `Failure` of kind mismatch (another size), argument (NaN) or noMemory.
  public func nearestNeighbors(
    of samples: Tensor, range: ValueRange?
  ) throws(Failure) -> NearestNeighbors {
    try nearestNeighbors(of: samples, range: range, nil)
  }

  /// - Parameter columns: by which this data is standardized, as the samples are already.
  fileprivate func nearestNeighbors(
    of samples: Tensor, range: ValueRange?, _ columns: Standardization.Columns?
  ) throws(Failure) -> NearestNeighbors {
    try Memory.checked { () throws(Failure) in
      let probes = samples.rowsAsVectors
      let piece = max(1, min(10_000, (1 << 26) / shape.count))
      var best = NearestNeighbors(indices: [], distances: [])
      for first in stride(from: 0, to: count, by: piece) {
        let index = Array(first..<min(first + piece, count))
        let real = try batch(index, range: range).rowsAsVectors
        let found = try SGMetrics.nearestNeighbors(
          of: probes, in: columns?.standardized(real) ?? real)
        best = best.nearer(found, offset: first)
      }
      return best
    }
  }
}

extension NearestNeighbors {
  /// For each sample the nearer of two findings, the other's indices moved by an offset.
  fileprivate func nearer(_ other: NearestNeighbors, offset: Int) -> NearestNeighbors {
    if indices.isEmpty {
      return NearestNeighbors(
        indices: other.indices.map { $0 + offset }, distances: other.distances)
    }
    let isNearer = zip(distances, other.distances).map { $1 < $0 }
    return NearestNeighbors(
      indices: isNearer.indices.map { isNearer[$0] ? other.indices[$0] + offset : indices[$0] },
      distances: isNearer.indices.map { isNearer[$0] ? other.distances[$0] : distances[$0] })
  }
}

extension Tensor {
  /// Each sample's elements as one vector: [count, elements].
  fileprivate var rowsAsVectors: Tensor { reshaped([shape[0], count / Swift.max(shape[0], 1)]) }
}
