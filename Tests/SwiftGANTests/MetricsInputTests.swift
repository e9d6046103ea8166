import SwiftGAN
import Testing

/// What metrics say of sets that cannot be compared.
@Suite struct MetricsInputTests {
  private let x = RandomKey(seed: 1, stream: 1, step: 0).normal([20, 4])

  private func expect(
    _ kind: Failure.Kind, _ words: [String], _ body: () throws -> Void
  ) {
    do {
      try body()
      Issue.record("no failure; expected one that says \(words)")
    } catch let failure as Failure {
      #expect(failure.kind == kind, "\(failure)")
      for word in words { #expect(failure.message.contains(word), "\(failure)") }
    } catch {
      Issue.record("\(error)")
    }
  }

  /// Every metric of two sets.
  private var comparisons: [(Tensor, Tensor) throws -> Void] {
    [
      { _ = try frechetDistance(real: $0, fake: $1) },
      { _ = try kernelDistance(real: $0, fake: $1) },
      { _ = try precisionRecall(real: $0, fake: $1) },
      { _ = try slicedWasserstein(real: $0, fake: $1) },
    ]
  }

  @Test func sets() {
    var values = x.array
    values[4 * 7 + 2] = .nan
    let damaged = Tensor(values, shape: [20, 4])
    for metric in comparisons {
      expect(.mismatch, ["4", "5"]) { try metric(x, .ones([20, 5])) }
      expect(.argument, ["fake[7]", "element 2", "nan"]) { try metric(x, damaged) }
      expect(.argument, ["real[7]"]) { try metric(damaged, x) }
      expect(.argument, ["real", "[20, 2, 2]"]) { try metric(x.reshaped([20, 2, 2]), x) }
      expect(.argument, ["found 0"]) { try metric(x, .zeros([0, 4])) }
      expect(.argument, ["[20, 0]"]) { try metric(.zeros([20, 0]), x) }
    }
    expect(.mismatch, ["samples", "reference"]) {
      _ = try nearestNeighbors(of: x, in: .ones([3, 5]))
    }
    expect(.argument, ["reference[7]"]) { _ = try nearestNeighbors(of: x, in: damaged) }
    expect(.argument, ["samples", "at least 2"]) { _ = try closestPairs(in: x.rows(0..<1)) }
    expect(.argument, ["pairs"]) { _ = try closestPairs(in: x, 0) }
  }

  @Test func counts() throws {
    expect(.argument, ["real", "4 samples", "4 features", "at least 5"]) {
      _ = try frechetDistance(real: x.rows(0..<4), fake: x)
    }
    _ = try frechetDistance(real: x.rows(0..<5), fake: x)
    _ = try frechetDistance(real: x.rows(0..<3), fake: x, ridge: 0.01)
    for ridge in [-1, .nan, .infinity] as [Double] {
      expect(.argument, ["ridge"]) { _ = try frechetDistance(real: x, fake: x, ridge: ridge) }
    }
    expect(.argument, ["fake", "at least 2"]) {
      _ = try kernelDistance(real: x, fake: x.rows(0..<1))
    }
    expect(.argument, ["subsets"]) { _ = try kernelDistance(real: x, fake: x, subsets: 0) }
    expect(.argument, ["subset_size"]) { _ = try kernelDistance(real: x, fake: x, subsetSize: 1) }
    expect(.argument, ["real", "5 neighbors", "at least 6", "found 5"]) {
      _ = try precisionRecall(real: x.rows(0..<5), fake: x)
    }
    expect(.argument, ["fake", "at least 4", "found 3"]) {
      _ = try precisionRecall(real: x, fake: x.rows(0..<3))
    }
    expect(.argument, ["neighbors"]) { _ = try precisionRecall(real: x, fake: x, neighbors: 0) }
    expect(.argument, ["neighbors"]) {
      _ = try precisionRecall(real: x, fake: x, densityNeighbors: .max)
    }
    expect(.argument, ["projections"]) {
      _ = try slicedWasserstein(real: x, fake: x, projections: 0)
    }
  }

  @Test func scores() {
    expect(.argument, ["probabilities[0]", "sum"]) {
      _ = try inceptionStyleScore(probabilities: x)
    }
    expect(.argument, ["probabilities[0]", "least -0.5"]) {
      _ = try inceptionStyleScore(probabilities: Tensor([1.5, -0.5], shape: [1, 2]), splits: 1)
    }
    expect(.argument, ["at least 21", "found 20"]) {
      _ = try inceptionStyleScore(logits: x, splits: 21)
    }
    expect(.argument, ["splits"]) { _ = try inceptionStyleScore(logits: x, splits: 0) }
  }

  @Test func modes() {
    for deviation in [0, -1, .nan, .infinity] as [Double] {
      expect(.argument, ["deviation"]) {
        _ = try modeCoverage(samples: x, centers: x, deviation: deviation)
      }
    }
    expect(.mismatch, ["samples", "centers"]) {
      _ = try modeCoverage(samples: x, centers: .ones([1, 3]), deviation: 1)
    }
    expect(.argument, ["centers"]) {
      _ = try modeCoverage(samples: x, centers: .zeros([0, 4]), deviation: 1)
    }
  }

  /// Keys that other languages read.
  @Test func json() throws {
    let (y, keys) = (
      try frechetDistance(real: x, fake: x + Tensor(1)).json,
      ["frechet_distance", "mean_term", "covariance_term", "n_real", "n_fake", "features", "ridge"]
    )
    #expect(
      y.text(pretty: false).split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }
        .map { String($0.element) } == keys)
    #expect(y["n_fake"] == .integer(20))
    let pair = try closestPairs(in: x, 1).json.text(pretty: false)
    #expect(pair.hasPrefix("{\"count\":20,\"pairs\":[{\"first\":"))
  }
}
