import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Metrics where the answer is known beforehand.
@Suite struct MetricsTests {
  private func normal(_ seed: UInt64, _ shape: Shape, mean: Float = 0) -> Tensor {
    RandomKey(seed: seed, stream: 1, step: 0).normal(shape, mean: mean)
  }

  /// ±c eₖ + shift for each axis k: mean `shift`, covariance diagonal with 2 c² / (2 d − 1).
  private func cross(_ c: [Float], shift: Float) -> Tensor {
    let d = c.count
    return Tensor(shape: [2 * d, d]) { x in
      x.update(repeating: shift)
      for k in 0..<d {
        x[2 * k * d + k] += c[k]
        x[(2 * k + 1) * d + k] -= c[k]
      }
    }
  }

  @Test func frechetOfDiagonalCovariances() throws {
    let (a, b): ([Float], [Float]) = ([1, 2, 3, 0.5], [2, 2, 0.25, 8])
    let y = try frechetDistance(real: cross(a, shift: 0), fake: cross(b, shift: 0.5))
    let scale = 2.0 / 7
    let expected = zip(a, b).reduce(0) { $0 + scale * Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    #expect(abs(y.meanTerm - 1) < 1e-12)
    #expect(abs(y.covarianceTerm - expected) < 1e-12 * expected)
    #expect(y.distance == y.meanTerm + y.covarianceTerm)
    let smoothed = try frechetDistance(
      real: cross(a, shift: 0), fake: cross(b, shift: 0.5), ridge: 1)
    let roots = zip(a, b).map { pair in
      (scale * Double(pair.0 * pair.0) + 1).squareRoot()
        - (scale * Double(pair.1 * pair.1) + 1).squareRoot()
    }
    #expect(abs(smoothed.covarianceTerm - roots.reduce(0) { $0 + $1 * $1 }) < 1e-10)
  }

  @Test func identicalSets() throws {
    let x = normal(1, [300, 40], mean: 3)
    #expect(try frechetDistance(real: x, fake: x).distance < 1e-10)
    #expect(try slicedWasserstein(real: x, fake: x).distance == 0)
    let y = try precisionRecall(real: x, fake: x)
    #expect(y.precision == 1 && y.recall == 1 && y.coverage == 1)
    // A sample lies in its own neighborhood and in those of which it is one of the four nearest:
    // five a ball.
    #expect(y.density == 1)
    let near = try nearestNeighbors(of: x, in: x)
    #expect(near.indices == Array(0..<300) && near.distances.allSatisfy { $0 == 0 })
    // Unbiased, so what the diagonal adds is missing: −2 (mean of k(x, x) − mean of k(x, y)) / n.
    #expect(try kernelDistance(real: x, fake: x).distance < 0)
  }

  /// Duplicates have neighborhoods of radius 0, all of whose members lie on the surface, whatever
  /// rounding does: they count by the share that makes four of five.
  @Test(arguments: [3, 40])
  func surfaceOfNeighborhoods(_ size: Int) throws {
    let x = normal(2, [50, size], mean: 0.3)
    let real = x.gather((0..<250).map { Int32($0 % 50) })
    let fake = x.gather((0..<400).map { Int32($0 * 7 % 50) })
    let y = try precisionRecall(real: real, fake: fake, neighbors: 3, densityNeighbors: 4)
    #expect(y.precision == 1 && y.recall == 1 && y.coverage == 1)
    #expect(abs(y.density - 1) < 1e-6)
  }

  /// The package prdc's own check (Naeem et al. 2020): precision .4772, recall .4705, density
  /// 1.0555, coverage .9735 for two draws of N(0, I). Over six pairs of seeds one value deviates by
  /// .0097 (precision, recall), .046 (density) and .0038 (coverage), as a few hubs decide: their
  /// draw and ours may differ by √2 of that, and three times that is let pass.
  @Test func neighborhoodsOfGaussians() throws {
    let y = try precisionRecall(
      real: normal(10, [10_000, 1000]), fake: normal(11, [10_000, 1000]), neighbors: 5)
    #expect(abs(y.precision - 0.4772) < 0.041, "\(y)")
    #expect(abs(y.recall - 0.4705) < 0.041, "\(y)")
    #expect(abs(y.density - 1.0555) < 0.195, "\(y)")
    #expect(abs(y.coverage - 0.9735) < 0.016, "\(y)")
  }

  @Test func scaleOfFeatures() throws {
    let (x, y) = (normal(3, [200, 20]), normal(4, [200, 20]))
    let plain = try precisionRecall(real: x, fake: y)
    for scale in [0x1p-100, 0x1p100] as [Float] {
      let scaled = try precisionRecall(real: x * Tensor(scale), fake: y * Tensor(scale))
      #expect(scaled.json == plain.json)
      let near = try nearestNeighbors(of: x * Tensor(scale), in: y * Tensor(scale)).distances
      let expected = try nearestNeighbors(of: x, in: y).distances.map { $0 * Double(scale) }
      #expect(near == expected)
    }
  }

  /// Subsets are drawn without replacement, and each estimate is that of the definition.
  @Test func kernelOfSubsets() throws {
    let (x, y) = (normal(5, [30, 4]), normal(6, [25, 4], mean: 0.5))
    let found = try kernelDistance(real: x, fake: y, subsets: 7, subsetSize: 20, seed: 9)
    func kernel(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      let k = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } / 4 + 1
      return k * k * k
    }
    var estimates: [Double] = []
    for s in 0..<7 {
      let sets = [(x, 2 * s), (y, 2 * s + 1)].map { set, number in
        let rows = set.subset(20, seed: 9, number: number).array
        return (0..<20).map { rows[($0 * 4)..<($0 * 4 + 4)] }
      }
      #expect(sets.allSatisfy { Set($0).count == 20 })
      var sum = 0.0
      for i in 0..<20 {
        for j in 0..<20 {
          if i != j {
            sum += (kernel(sets[0][i], sets[0][j]) + kernel(sets[1][i], sets[1][j])) / 380
          }
          sum -= 2 * kernel(sets[0][i], sets[1][j]) / 400
        }
      }
      estimates.append(sum)
    }
    let mean = estimates.reduce(0, +) / 7
    let variance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7
    #expect(abs(found.distance - mean) < 1e-5 * abs(mean))
    #expect(abs(found.deviation - variance.squareRoot()) < 1e-5 * variance.squareRoot())
    #expect(found.subsets == 7 && found.subsetSize == 20)
    #expect(try kernelDistance(real: x, fake: y, seed: 2).subsetSize == 25)
  }

  @Test func scores() throws {
    let sure = Tensor(shape: [40, 4]) { x in
      for i in x.indices { x[i] = i % 4 == i / 4 % 4 ? 1e4 : -1e4 }
    }
    let best = try inceptionStyleScore(logits: sure)
    #expect(abs(best.score - 4) < 1e-12 && best.deviation < 1e-12)
    let worst = try inceptionStyleScore(
      logits: normal(1, [1, 6]).gather([Int32](repeating: 0, count: 20)))
    #expect(abs(worst.score - 1) < 1e-12)
    // Probabilities taken for logits score far lower: that is the softmax applied twice.
    #expect(try inceptionStyleScore(logits: softmax(sure)).score < 1.5)
    #expect(throws: Failure.self) { try inceptionStyleScore(probabilities: sure) }
  }

  @Test func slicedWassersteinOfPoints() throws {
    let step = try slicedWasserstein(
      real: Tensor([0, 1], shape: [2, 1]), fake: Tensor([0], shape: [1, 1]), projections: 5)
    #expect(abs(step.distance - 0.5.squareRoot()) < 1e-7)
    // A shift by v moves projections by v·u, whose mean square is |v|² / d.
    let x = normal(8, [100, 3])
    let moved = try slicedWasserstein(real: x, fake: x + Tensor([1, 2, 2]), projections: 20_000)
    #expect(abs(moved.rootMeanSquare - 3.0.squareRoot()) < 0.03)
    #expect(abs(moved.distance - 1.5) < 0.03, "E |v·u| is |v| / 2 in three dimensions")
    let again = try slicedWasserstein(real: x, fake: x + Tensor([1, 2, 2]), projections: 20_000)
    #expect(again.distance == moved.distance)
  }

  @Test func modesOfTheRing() throws {
    let centers = Tensor(
      (0..<8).flatMap { i -> [Float] in
        [Float(cos(Double(i) * .pi / 4)), Float(sin(Double(i) * .pi / 4))]
      }, shape: [8, 2])
    let ring = try Dataset.ring(count: 2500).batch(Array(0..<2500))
    let y = try modeCoverage(samples: ring, centers: centers, deviation: 0.01)
    #expect(y.modesFound == 8 && y.histogram.allSatisfy { (280...313).contains($0) })
    // P(χ² of two degrees ≤ 9) is 0.98889; five deviations of 2,500 samples.
    #expect(abs(try #require(y.highQuality) - 0.98889) < 0.0105)
    #expect(try #require(y.reverseKL) < 1e-4)
    let collapsed = try modeCoverage(
      samples: centers.rows(2..<3), centers: centers, deviation: 0.01)
    #expect(collapsed.modesFound == 1 && collapsed.highQuality == 1)
    #expect(abs(try #require(collapsed.reverseKL) - log(8)) < 1e-12)
    let nowhere = try modeCoverage(samples: .zeros([3, 2]), centers: centers, deviation: 0.01)
    #expect(
      nowhere.modesFound == 0 && nowhere.reverseKL == nil && nowhere.json["reverse_kl"] == .null)
  }

  @Test func duplicates() throws {
    let x = normal(12, [5000, 30], mean: 2).gather((0..<5001).map { $0 == 5000 ? 37 : $0 })
    let y = try closestPairs(in: x, 3)
    #expect(y.pairs.count == 3 && y.count == 5001)
    #expect(y.pairs[0] == ClosestPairs.Pair(first: 37, second: 5000, distance: 0))
    #expect(y.pairs[1].distance > 1 && y.pairs[1].distance <= y.pairs[2].distance)
    let near = try nearestNeighbors(of: x.rows(4990..<5001), in: x)
    #expect(near.indices == Array(4990..<5000) + [37] && near.distances.allSatisfy { $0 == 0 })
    let alike = try closestPairs(in: .ones([300, 30]))
    #expect(alike.pairs.count == 20 && alike.pairs.allSatisfy { $0.distance == 0 })
    #expect(try closestPairs(in: .ones([2, 1])).pairs.count == 1)
  }
}
