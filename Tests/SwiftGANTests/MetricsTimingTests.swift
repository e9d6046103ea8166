import Testing
@testable import SwiftGAN
@Suite struct MetricsTimingTests {
  @Test func goldenSeeds() throws {
    let clock = ContinuousClock()
    func n(_ s: UInt64, _ sh: Shape) -> Tensor { RandomKey(seed: s, stream: 1, step: 0).normal(sh) }
    for seed in 0..<6 as Range<UInt64> {
      let (x, y) = (n(10 + 2 * seed, [10000, 1000]), n(11 + 2 * seed, [10000, 1000]))
      var r: PrecisionRecall?
      let t = try clock.measure { r = try precisionRecall(real: x, fake: y, neighbours: 5) }
      print("GOLD", t, r!.json.text(pretty: false))
    }
    let (x, y) = (n(1, [10000, 784]), n(2, [10000, 784]))
    print("PR784", try clock.measure { _ = try precisionRecall(real: x, fake: y) })
    print("MM", clock.measure { _ = matmul(x.rows(0..<4096), y.rows(0..<4096), transposeB: true) })
    print("NN784", try clock.measure { _ = try nearestNeighbours(of: x, in: y) })
    print("PAIRS784", try clock.measure { _ = try closestPairs(in: x) })
    print("KID784", try clock.measure { _ = try kernelDistance(real: x, fake: y) })
    print("SWD784", try clock.measure { _ = try slicedWasserstein(real: x, fake: y) })
    print("FD784", try clock.measure { _ = try frechetDistance(real: x, fake: y) })
    let (a, b) = (n(1, [10000, 1024]), n(2, [10000, 1024]))
    print("FD1024", try clock.measure { _ = try frechetDistance(real: a, fake: b) })
    let (e, f) = (n(1, [10000, 2048]), n(2, [10000, 2048]))
    print("FD2048", try clock.measure { _ = try frechetDistance(real: e, fake: f) })
    let (g, h) = (n(1, [10000, 2]), n(2, [10000, 2]))
    print("PR2", try clock.measure { _ = try precisionRecall(real: g, fake: h) })
    let (g2, h2) = (n(1, [10000, 16]), n(2, [10000, 16]))
    print("PR16", try clock.measure { _ = try precisionRecall(real: g2, fake: h2) })
    let (g3, h3) = (n(1, [10000, 17]), n(2, [10000, 17]))
    print("PR17", try clock.measure { _ = try precisionRecall(real: g3, fake: h3) })
  }
}
