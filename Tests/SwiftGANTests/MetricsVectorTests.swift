import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Metrics against NumPy and SciPy in float64 (`Vectors/metrics.json`).
@Suite struct MetricsVectorTests {
  private let stored: Stored

  init() throws { stored = try VectorFile.load(Stored.self, "metrics") }

  private func expect(
    _ found: Double, _ expected: Double, _ what: String, tolerance: Double = 1e-5
  ) {
    #expect(
      abs(found - expected) <= tolerance * abs(expected), "\(what): \(found), not \(expected)")
  }

  @Test func frechet() throws {
    #expect(stored.frechet.count == 4)
    for v in stored.frechet {
      let y = try frechetDistance(real: v.real.tensor, fake: v.fake.tensor, ridge: v.ridge)
      expect(y.distance, v.distance, v.name, tolerance: 1e-8)
      expect(y.meanTerm, v.meanTerm, "\(v.name), means", tolerance: 1e-8)
      expect(y.covarianceTerm, v.covarianceTerm, "\(v.name), covariances", tolerance: 1e-8)
    }
  }

  @Test func kernel() throws {
    #expect(stored.kernel.count == 2)
    for v in stored.kernel {
      let y = try kernelDistance(real: v.real.tensor, fake: v.fake.tensor)
      expect(y.distance, v.distance, v.name)
      #expect(y.subsets == 1 && y.deviation == 0, "every subset is the whole")
    }
  }

  /// Counts of samples are exact: no pair here is within rounding of a neighborhood's surface.
  @Test func neighborhoods() throws {
    #expect(stored.precisionRecall.count == 5)
    for v in stored.precisionRecall {
      let y = try precisionRecall(
        real: v.real.tensor, fake: v.fake.tensor, neighbors: v.neighbors,
        densityNeighbors: v.densityNeighbors)
      expect(y.precision, v.precision, "\(v.name), precision", tolerance: 1e-9)
      expect(y.recall, v.recall, "\(v.name), recall", tolerance: 1e-9)
      expect(y.density, v.density, "\(v.name), density", tolerance: 1e-9)
      expect(y.coverage, v.coverage, "\(v.name), coverage", tolerance: 1e-9)
    }
  }

  @Test func score() throws {
    #expect(stored.score.count == 3)
    for v in stored.score {
      let logits = v.logits.tensor
      let y = try inceptionStyleScore(logits: logits, splits: v.splits)
      expect(y.score, v.score, v.name, tolerance: 1e-9)
      expect(y.deviation, v.deviation, "\(v.name), deviation", tolerance: 1e-8)
      let p = try inceptionStyleScore(probabilities: softmax(logits), splits: v.splits)
      expect(p.score, v.score, "\(v.name), from probabilities")
    }
  }

  @Test func sliced() throws {
    #expect(stored.sliced.count == 3)
    for v in stored.sliced {
      let y = try slicedWasserstein(
        real: v.real.tensor, fake: v.fake.tensor, directions: v.directions.tensor)
      expect(y.distance, v.distance, v.name)
      expect(y.rootMeanSquare, v.rootMeanSquare, "\(v.name), root mean square")
      expect(y.deviation, v.deviation, "\(v.name), deviation")
    }
  }

  @Test func modes() throws {
    #expect(stored.modes.count == 2)
    for v in stored.modes {
      let samples = v.samples.tensor
      let size = samples.shape[1]
      let centers = Tensor(v.centers.map { Float($0) }, shape: [v.centers.count / size, size])
      let y = try modeCoverage(samples: samples, centers: centers, deviation: v.deviation)
      #expect(y.modesFound == v.modesFound, "\(v.name)")
      #expect(y.histogram == v.histogram, "\(v.name)")
      expect(try #require(y.highQuality), v.highQuality, v.name, tolerance: 1e-12)
      expect(try #require(y.reverseKL), v.reverseKl, v.name, tolerance: 1e-9)
    }
  }

  @Test func neighbors() throws {
    #expect(stored.neighbors.count == 2)
    for v in stored.neighbors {
      let fake = v.fake.tensor
      let near = try nearestNeighbors(of: fake, in: v.real.tensor)
      #expect(near.indices == v.indices, "\(v.name)")
      for (found, distance) in zip(near.distances, v.distances) {
        expect(found, distance, v.name, tolerance: 1e-6)
      }
      let close = try closestPairs(in: fake, v.pairs.count)
      #expect(close.pairs.map { [$0.first, $0.second] } == v.pairs, "\(v.name)")
      for (pair, distance) in zip(close.pairs, v.pairDistances) {
        expect(pair.distance, distance, "\(v.name), pairs", tolerance: 1e-6)
      }
    }
  }
}

private struct Stored: Decodable {
  var frechet: [Frechet]
  var kernel: [Kernel]
  var precisionRecall: [Neighborhoods]
  var score: [Score]
  var sliced: [Sliced]
  var modes: [Modes]
  var neighbors: [Neighbors]

  struct Frechet: Decodable {
    var name: String
    var real, fake: Recipe
    var ridge, distance, meanTerm, covarianceTerm: Double
  }
  struct Kernel: Decodable {
    var name: String
    var real, fake: Recipe
    var distance: Double
  }
  struct Neighborhoods: Decodable {
    var name: String
    var real, fake: Recipe
    var neighbors, densityNeighbors: Int
    var precision, recall, density, coverage: Double
  }
  struct Score: Decodable {
    var name: String
    var logits: Recipe
    var splits: Int
    var score, deviation: Double
  }
  struct Sliced: Decodable {
    var name: String
    var real, fake, directions: Recipe
    var distance, rootMeanSquare, deviation: Double
  }
  struct Modes: Decodable {
    var name: String
    var samples: Recipe
    var centers: [Double]
    var deviation, highQuality, reverseKl: Double
    var modesFound: Int
    var histogram: [Int]
  }
  struct Neighbors: Decodable {
    var name: String
    var real, fake: Recipe
    var indices: [Int]
    var distances, pairDistances: [Double]
    var pairs: [[Int]]
  }
}
