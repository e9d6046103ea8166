import SGBasics
import SGTensors

/// The order in which training sees a dataset: every sample once an epoch, shuffled anew each epoch
/// from the seed. A pure function of the seed and the position, so a run can be taken up anywhere.
///
/// Where reading a file here and there is slow, blocks of neighboring samples are shuffled, and
/// the samples within each: then a minibatch comes from a block or two.
package struct SampleOrder {
  let count: Int
  /// Samples in a block; all of them: every order is possible.
  private let block: Int
  let seed: UInt64
  private let stream: RandomStream
  private var epoch: UInt64?
  private var order: [Int] = []

  /// - Parameter block: samples in a block; nil: all of them.
  package init(count: Int, seed: UInt64, stream: RandomStream = .order, block: Int? = nil) {
    self.count = count
    self.block = min(max(block ?? count, 1), count)
    self.seed = seed
    self.stream = stream
  }

  /// The samples at `position` and after, counted over all epochs.
  /// - Throws: `Failure` of kind noMemory.
  package mutating func next(_ n: Int, from position: UInt64) throws(Failure) -> [Int] {
    var position = position
    var index: [Int] = []
    index.reserveCapacity(n)
    while index.count < n {
      let (now, place) = position.quotientAndRemainder(dividingBy: UInt64(count))
      if now != epoch {
        try Memory.expectRoom(for: 48 * count, "the order of \(count) samples")
        shuffle(now)
      }
      let run = min(n - index.count, count - Int(place))
      index += order[Int(place)..<Int(place) + run]
      position += UInt64(run)
    }
    return index
  }

  private mutating func shuffle(_ number: UInt64) {
    let key = RandomKey(
      seed: seed, stream: stream.rawValue, step: number & (1 << 48 - 1))
    epoch = number
    guard block < count else {
      order = key.draw(count, of: count)
      return
    }
    let blocks = Array(stride(from: 0, to: count, by: block))
    let words = key.words(2 * (blocks.count + count))
    order = blocks.shuffled(by: words[..<(2 * blocks.count)]).flatMap { first in
      let end = min(first + block, count)
      return Array(first..<end).shuffled(by: words[(2 * (blocks.count + first))...])
    }
  }
}
