import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

@Suite struct DataTests {
  /// Every sample once an epoch, whatever the batch; another order each epoch; the same again from
  /// the same seed.
  @Test(arguments: [1, 7, 10, 23])
  func everySampleOncePerEpoch(_ batch: Int) throws {
    var order = SampleOrder(count: 10, seed: 4)
    var seen: [Int] = []
    for i in 0..<30 { seen += try order.next(batch, from: UInt64(i * batch)) }
    let epochs = (0..<seen.count / 10).map { Array(seen[$0 * 10..<$0 * 10 + 10]) }
    for epoch in epochs { #expect(epoch.sorted() == Array(0..<10)) }
    #expect(Set(epochs).count > 1)
    var again = SampleOrder(count: 10, seed: 4)
    #expect(try again.next(batch, from: UInt64(5 * batch)) == Array(seen[5 * batch..<6 * batch]))
    var other = SampleOrder(count: 10, seed: 5)
    #expect(try other.next(10, from: 0) != epochs[0])
  }

  /// In blocks, too; the samples of a block come one after another, blocks and their samples in
  /// another order each epoch.
  @Test(arguments: [1, 3, 4, 9, 100])
  func everySampleOncePerEpochInBlocks(_ block: Int) throws {
    let count = 10
    var order = SampleOrder(count: count, seed: 4, block: block)
    let epochs = try (0..<200).map { try order.next(count, from: UInt64($0 * count)) }
    for epoch in epochs {
      #expect(epoch.sorted() == Array(0..<count))
      let blocks = epoch.map { $0 / block }
      #expect(zip(blocks, blocks.dropFirst()).count { $0 != $1 } == (count - 1) / block)
    }
    // Each sample comes first in some epoch: orders of blocks and within blocks differ.
    #expect(Set(epochs.map { $0[0] }).count == count)
    #expect(Set(epochs.map { $0.map { $0 / block } }).count > (block < count ? 1 : 0))
    var again = SampleOrder(count: count, seed: 4, block: block)
    #expect(try again.next(7, from: 23) == Array(epochs[2][3...]))
    // Every order of blocks of one sample is an order of all samples.
    var whole = SampleOrder(count: count, seed: 4)
    #expect(try (whole.next(count, from: 0) == epochs[0]) == (block >= count || block == 1))
  }

  /// All orders are about equally likely: χ² over the 24 orders of four samples.
  @Test func shufflingIsFair() throws {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<4800 as Range<UInt64> {
      var order = SampleOrder(count: 4, seed: seed)
      counts[try order.next(4, from: 0), default: 0] += 1
    }
    #expect(counts.count == 24)
    let chi = counts.values.reduce(0) { $0 + Double(($1 - 200) * ($1 - 200)) / 200 }
    #expect(chi < 49.7)  // 23 degrees of freedom, 0.1 %
  }

  @Test func bytesTakeTheModelsRange() throws {
    let data = try Dataset(
      bytes: [0, 51, 102, 255], count: 2, shape: [2], range: ValueRange(-1, 1), labels: [1, 0],
      source: "test")
    #expect(try data.batch([1, 0]).array.map { ($0 * 100).rounded() } == [-20, 100, -100, -60])
    #expect(try data.batch([0], range: ValueRange(0, 5)).array == [0, 1])
    #expect(data.classes == 2)
  }

  @Test func ring() throws {
    let data = try Dataset.ring(count: 8000, modes: 8, radius: 2, deviation: 0.1)
    let x = try data.batch(Array(0..<8000)).array
    var variance = 0.0
    for i in 0..<8000 {
      let angle = 2 * Double.pi * Double(i % 8) / 8
      let (dx, dy) = (
        Double(x[2 * i]) - 2 * cosine(angle), Double(x[2 * i + 1]) - 2 * cosine(angle - .pi / 2)
      )
      variance += (dx * dx + dy * dy) / 16_000
    }
    #expect(abs(variance / 0.01 - 1) < 5 * (2.0 / 16_000).squareRoot())
    #expect(
      try Dataset.ring(count: 10).batch([3]).array == Dataset.ring(count: 10).batch([3]).array)
    #expect(
      try Dataset.ring(count: 10, seed: 2).batch([3]).array
        != Dataset.ring(count: 10).batch([3]).array)
  }

  @Test func grid() throws {
    let data = try Dataset.grid(count: 25, side: 5, spacing: 2, deviation: 0)
    let x = try data.batch(Array(0..<25)).array
    let points = Set((0..<25).map { [x[2 * $0], x[2 * $0 + 1]] })
    #expect(points.count == 25)
    #expect(points.allSatisfy { $0.allSatisfy { [-4, -2, 0, 2, 4].contains($0) } })
  }

  private func cosine(_ x: Double) -> Double {
    var (term, sum, n) = (1.0, 1.0, 0.0)
    while abs(term) > 1e-17 {
      n += 2
      term *= -x * x / (n * (n - 1))
      sum += term
    }
    return sum
  }
}
