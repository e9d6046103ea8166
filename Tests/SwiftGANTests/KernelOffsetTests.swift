import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// The kernel distance far from the origin, against the definition in Double.
@Suite struct KernelOffsetTests {
  /// 30 and 30 vectors of 5 features that are exact as `Float` at every offset here, so that only
  /// the computation can err.
  private func features(_ seed: UInt64, offset: Float, shift: Float) -> Tensor {
    let steps = RandomKey(seed: seed, stream: 9, step: 0).uniform([30, 5], low: -64, high: 64)
    return Tensor(steps.array.map { $0.rounded() / 16 + offset + shift }, shape: [30, 5])
  }

  /// The definition, summed as k(x, x') − k(x, y) − k(x', y) + k(y, y') pair by pair, so that large
  /// terms cancel before they are added.
  private func direct(_ x: Tensor, _ y: Tensor) -> Double {
    let (n, d) = (x.shape[0], x.shape[1])
    let (a, b) = (x.array.map(Double.init), y.array.map(Double.init))
    func root(_ p: [Double], _ i: Int, _ q: [Double], _ j: Int) -> Double {
      (0..<d).reduce(0.0) { $0 + p[i * d + $1] * q[j * d + $1] } / Double(d) + 1
    }
    /// s³ − t³.
    func difference(_ s: Double, _ t: Double) -> Double { (s - t) * (s * s + s * t + t * t) }
    var (within, across) = (0.0, 0.0)
    for i in 0..<n {
      for j in 0..<n where j != i {
        within +=
          difference(root(a, i, a, j), root(a, i, b, j))
          + difference(root(b, i, b, j), root(b, i, a, j))
      }
      // The pairs (i, i) of both sets, which are taken once with 1 / n² against 1 / n (n − 1).
      for j in 0..<n where j != i {
        across += difference(root(a, i, b, j), root(a, i, b, i))
      }
    }
    // The mean over i ≠ j, and what the pairs i = j change in the mean of k(x, y).
    let pairs = Double(n * (n - 1))
    return within / pairs + 2 * across / (pairs * Double(n))
  }

  @Test(arguments: [0, 1e3, 1e5] as [Float]) func offset(_ offset: Float) throws {
    for shift in [0.5, 0] as [Float] {
      let (x, y) = (
        features(1, offset: offset, shift: 0), features(2, offset: offset, shift: shift)
      )
      let found = try kernelDistance(real: x, fake: y).distance
      let want = direct(x, y)
      #expect(abs(found - want) <= 1e-6 * abs(want), "\(found), not \(want) at \(offset)")
    }
  }

  /// Where the products overflow a `Float`: the kernel is a polynomial of degree three.
  @Test func hugeFeatures() throws {
    let (x, y) = (features(1, offset: 0, shift: 0), features(2, offset: 0, shift: 0.5))
    let scale: Float = 0x1p100
    let found = try kernelDistance(real: x * Tensor(scale), fake: y * Tensor(scale)).distance
    let half: Float = 0x1p50
    let smaller = try kernelDistance(real: x * Tensor(half), fake: y * Tensor(half)).distance
    #expect(abs(found / smaller / 0x1p300 - 1) < 1e-9)
  }

  /// Other metrics do not change when both sets are shifted.
  @Test func invariantMetrics() throws {
    func all(_ offset: Float) throws -> [Double] {
      let (x, y) = (features(1, offset: offset, shift: 0), features(2, offset: offset, shift: 0.5))
      let p = try precisionRecall(real: x, fake: y)
      return [
        try frechetDistance(real: x, fake: y).distance,
        try slicedWasserstein(real: x, fake: y).distance, p.precision, p.recall, p.density,
        p.coverage, try nearestNeighbors(of: x, in: y).distances[0],
        try closestPairs(in: x, 1).pairs[0].distance,
      ]
    }
    let near = try all(0)
    for offset in [1e3, 1e5] as [Float] {
      for (a, b) in zip(near, try all(offset)) { #expect(abs(a - b) <= 1e-5 * abs(a), "\(offset)") }
    }
  }
}
