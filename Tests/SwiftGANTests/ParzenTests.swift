import SGTestSupport
import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGMetrics
@testable import SGTensors

/// The Parzen window on samples of a model.
@Suite struct ParzenTests {
  private func normal(_ seed: UInt64, _ shape: Shape, deviation: Float = 1) -> Tensor {
    RandomKey(seed: seed, stream: 1, step: 0).normal(shape, mean: 0.5, deviation: deviation)
  }

  /// The mean of normal densities, and the best bandwidth of all that are tried, in double
  /// precision.
  @Test(arguments: [1, 3, 20]) func isTheMeanOfWindows(_ size: Int) throws {
    let (fake, validation, real) = (
      normal(1, [40, size]), normal(2, [30, size]), normal(3, [50, size])
    )
    func squares(_ x: Tensor) -> [[Double]] {
      let (a, b) = (x.doubles, fake.doubles)
      return (0..<x.shape[0]).map { i in
        (0..<40).map { j in
          (0..<size).reduce(0.0) {
            let d = a[size * i + $1] - b[size * j + $1]
            return $0 + d * d
          }
        }
      }
    }
    func nats(_ squares: [[Double]], _ h: Double) -> [Double] {
      squares.map { row in
        log(row.reduce(0) { $0 + exp(-$1 / (2 * h * h)) } / 40)
          - Double(size) * 0.5 * log(2 * Double.pi * h * h)
      }
    }
    let near = squares(validation)
    let scale = (near.reduce(0) { $0 + ($1.min() ?? 0) } / 30 / Double(size)).squareRoot()
    let tried = (-4...20).map { scale * exp2(Double($0) / 2) }
    let best = tried.max {
      nats(near, $0).reduce(0, +) < nats(near, $1).reduce(0, +)
    }
    let found = try parzenWindow(fake: fake, validation: validation, real: real)
    #expect(abs(found.bandwidth - (best ?? 0)) < 1e-5 * found.bandwidth)
    let values = nats(squares(real), found.bandwidth)
    let mean = values.reduce(0, +) / 50
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 49
    #expect(abs(found.nats - mean) < 1e-4 * abs(mean), "\(found.nats) \(mean)")
    #expect(abs(found.standardError - (variance / 50).squareRoot()) < 1e-4)
    #expect((found.windows, found.validation, found.judged) == (40, 30, 50))
    #expect(found.json["caution"]?.text?.contains("Theis") == true)
    let moved = found.inUnits(logVolume: 2)
    #expect(moved.nats == found.nats - 2 && moved.bandwidth == found.bandwidth)
  }

  /// In one dimension it comes near the log density's mean; in 30 it stays far from it with 3,000
  /// samples of the true distribution, which is its known fault.
  @Test func knownFault() throws {
    // Each element is −½ or ½, and noise of deviation 0.1.
    func samples(_ seed: UInt64, _ shape: Shape) -> Tensor {
      let key = RandomKey(seed: seed, stream: 2, step: 0)
      return normal(seed, shape, deviation: 0.1) - (key.uniform(shape) - 0.5).step()
    }
    func gap(_ size: Int) throws -> Double {
      let found = try parzenWindow(
        fake: samples(4, [3000, size]), validation: samples(5, [300, size]),
        real: samples(6, [500, size]))
      let entropy = log(2) + 0.5 * (log(2 * Double.pi * 0.01) + 1)
      return found.nats + Double(size) * entropy
    }
    #expect(abs(try gap(1)) < 0.1)
    #expect(try gap(30) < -20)
  }

  @Test func mistakes() throws {
    let x = normal(1, [5, 2])
    // Windows on the validation samples themselves.
    #expect(try parzenWindow(fake: x, validation: x, real: x).nats.isFinite)
    #expect(throws: Failure.self) {
      try parzenWindow(fake: x, validation: normal(1, [5, 3]), real: x)
    }
    #expect(throws: Failure.self) {
      try parzenWindow(fake: x, validation: x, real: Tensor([.nan, 1], shape: [1, 2]))
    }
  }
}
