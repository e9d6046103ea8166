import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The log-likelihood of samples under a Parzen window on a model's samples: the mean of isotropic
/// normal densities around these (Breuleux et al. 2011; Goodfellow et al. 2014, section 5). It
/// stands in for the likelihood of models that have none.
public struct ParzenWindow: Sendable {
  /// The mean log density of the judged samples, and its standard error, in nats.
  public let nats, standardError: Double
  /// The normal densities' standard deviation.
  public let bandwidth: Double
  /// The model's samples, the samples that the bandwidth was chosen by, and those judged.
  public let windows, validation, judged: Int

  /// What is wrong with it, to be said wherever the figure is shown.
  public static let caution =
    "A Parzen window estimate is no likelihood of the model: in many dimensions it is far from it"
    + " for any number of samples, depends on the bandwidth, and can rank models wrongly (Theis et"
    + " al. 2016)."

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("nats", .number(nats)), ("standard_error", .number(standardError)),
      ("bandwidth", .number(bandwidth)), ("windows", JSON(windows)),
      ("validation", JSON(validation)), ("judged", JSON(judged)),
      ("caution", .string(Self.caution)),
    ])
  }

  /// The same in units of which a unit of volume is e^logVolume times as large.
  package func inUnits(logVolume: Double) -> ParzenWindow {
    ParzenWindow(
      nats: nats - logVolume, standardError: standardError, bandwidth: bandwidth,
      windows: windows, validation: validation, judged: judged)
  }
}

/// The Parzen window on samples of a model. Its bandwidth is the one among 25 under which
/// validation samples are most likely: 2^(k/2) of the root mean square distance, for each
/// dimension, of a validation sample to the nearest of the model's, k from −4 to 20.
/// - Parameters:
///   - fake: the model's samples, [m, d].
///   - validation: [v, d]
///   - real: the samples that are judged, [n, d].
/// - Throws: `Failure` of kind argument (shape, NaN), mismatch (d) or noMemory.
public func parzenWindow(
  fake: Tensor, validation: Tensor, real: Tensor
) throws(Failure) -> ParzenWindow {
  try Memory.checked { () throws(Failure) in
    for (x, name) in [(fake, "fake"), (validation, "validation"), (real, "real")] {
      try x.expectFeatures(name)
      try x.expectSameFeatures(name, as: fake, "fake")
    }
    let sets = try PointSet.sharingCenter([fake, validation, real])
    let nearest = try nearestSquares(sets[1], sets[0])
    let d = Double(fake.shape[1])
    // Where validation samples are among the fakes, any positive scale will do.
    let mean = nearest.reduce(0, +) / Double(nearest.count) / d
    let scale = (mean > 0 ? mean : sets[0].unit * 1e-12).squareRoot()
    let bandwidths = (-4...20).map { scale * exp2(Double($0) / 2) }
    let tried = try logDensities(of: sets[1], under: sets[0], bandwidths).map { values in
      values.reduce(0, +) / Double(values.count)
    }
    let best = tried.indices.max { tried[$0] < tried[$1] } ?? 0
    let values = try logDensities(of: sets[2], under: sets[0], [bandwidths[best]])[0]
    let (nats, deviation) = meanAndDeviation(values)
    let n = Double(values.count)
    return ParzenWindow(
      nats: nats, standardError: deviation / max(n - 1, 1).squareRoot(),
      bandwidth: bandwidths[best], windows: fake.shape[0], validation: validation.shape[0],
      judged: real.shape[0])
  }
}

/// The squared distance of each of some vectors to the nearest window.
private func nearestSquares(
  _ points: PointSet, _ windows: PointSet
) throws(Failure) -> [Double] {
  var best = [Float](repeating: .infinity, count: points.count)
  try SquaredDistances(points, windows).forEachBlock { block in
    for i in block.rows {
      let row = block.row(i)
      for j in 0..<block.columns.count { best[i] = min(best[i], row[j]) }
    }
  }
  return best.map { Double($0) * points.unit }
}

/// The log density of each point under windows of each bandwidth.
private func logDensities(
  of points: PointSet, under windows: PointSet, _ bandwidths: [Double]
) throws(Failure) -> [[Double]] {
  var sums = bandwidths.map { _ in [LogSum](repeating: LogSum(), count: points.count) }
  let factors = bandwidths.map { -0.5 * points.unit / ($0 * $0) }
  try SquaredDistances(points, windows).forEachBlock { block in
    for i in block.rows {
      let row = block.row(i)
      for (k, factor) in factors.enumerated() {
        var sum = sums[k][i]
        for j in 0..<block.columns.count { sum.add(factor * Double(row[j])) }
        sums[k][i] = sum
      }
    }
  }
  let d = Double(points.size)
  return zip(sums, bandwidths).map { sums, h in
    // log m + d log(√2π h)
    let constant = log(Double(windows.count)) + d * (0.9189385332046727 + log(h))
    return sums.map { $0.value - constant }
  }
}
