import SGTensors
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

/// Minibatches that are read before they are asked for.
@Suite struct ReadAheadTests {
  /// Samples [index, index / 2]; those at and after a place fail.
  private func data(_ count: Int, failing: Int = .max) throws -> Dataset {
    try Dataset(count: count, shape: [2]) { (index, y) throws(Failure) in
      for (row, i) in index.enumerated() {
        guard i < failing else { throw Failure(.io, "sample \(i)") }
        (y[2 * row], y[2 * row + 1]) = (Float(i), Float(i) / 2)
      }
    }
  }

  /// In order, backwards, here and there: the same as without.
  @Test func givesTheSame() throws {
    let data = try data(50)
    var plain = Minibatches(of: data, size: 8, range: nil, seed: 2, labelled: [])
    let ahead = try ReadAhead(plain)
    var positions = (0..<60).map { UInt64(8 * $0) }
    positions += positions.reversed()
    positions += [0, 0, 8, 16, 400, 408, 3, 11, 19, 8, 8]
    for position in positions {
      #expect(try ahead.at(position).samples.array == plain.at(position).samples.array)
    }
  }

  @Test func failuresComeWhereTheyBelong() throws {
    let data = try data(64, failing: 40)
    var plain = Minibatches(of: data, size: 4, range: nil, seed: 3, labelled: [])
    let ahead = try ReadAhead(plain)
    var failures = 0
    for position in stride(from: 0, to: 256 as UInt64, by: 4) {
      do throws(Failure) {
        let expected = try plain.at(position).samples.array
        #expect(try ahead.at(position).samples.array == expected)
      } catch {
        failures += 1
        let found = #expect(throws: Failure.self) { try ahead.at(position) }
        #expect(found?.message == error.message)
      }
    }
    #expect(failures > 0 && failures < 64)
  }

  /// Where the system gives no thread, nobody ends and joins it.
  @Test func noThread() throws {
    let batches = Minibatches(of: try data(20), size: 4, range: nil, seed: 1, labelled: [])
    let failure = #expect(throws: Failure.self) {
      try ReadAhead(batches) { _, _, _ in EAGAIN }
    }
    #expect(failure?.kind == .noMemory)
  }

  /// It ends while it reads, before it was asked, and while several live.
  @Test func ends() throws {
    let data = try data(1000)
    let batches = Minibatches(of: data, size: 100, range: nil, seed: 1, labelled: [])
    for i in 0..<200 {
      let ahead = try ReadAhead(batches)
      if i % 2 == 0 { _ = try ahead.at(UInt64(i)) }
    }
    let several = try (0..<8).map { _ in try ReadAhead(batches) }
    for ahead in several { #expect(try ahead.at(700).samples.shape == [100, 2]) }
  }
}
