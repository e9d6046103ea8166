import Tensors

/// The order in which training sees a dataset: every sample once an epoch, shuffled anew each epoch from the seed. A pure function
/// of the seed and the position, so a run can be taken up anywhere.
///
/// Where reading a file here and there is slow, blocks of neighbouring samples are shuffled, and the samples within each: then a
/// minibatch comes from a block or two.
struct SampleOrder {
  let count: Int
  /// Samples in a block; all of them: every order is possible.
  private let block: Int
  let seed: UInt64
  private let stream: GAN.Stream
  private var epoch: UInt64?
  private var order: [Int] = []

  /// - Parameter block: samples in a block; nil: all of them.
  init(count: Int, seed: UInt64, stream: GAN.Stream = .order, block: Int? = nil) {
    self.count = count
    self.block = min(max(block ?? count, 1), count)
    self.seed = seed
    self.stream = stream
  }

  /// The samples at `position` and after, counted over all epochs.
  /// - Throws: `Failure` of kind noMemory.
  mutating func next(_ n: Int, from position: UInt64) throws(Failure) -> [Int] {
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

extension RandomKey {
  /// Some of the numbers 0..<count without repetition, in random order, by Fisher and Yates' shuffle. Each draw takes 64 random
  /// bits, so its bias is below 2⁻³².
  func draw(_ wanted: Int, of count: Int) -> [Int] {
    let order = Array(0..<count).shuffled(by: words(2 * count)[...], last: wanted)
    return wanted == count ? order : Array(order.suffix(wanted))
  }
}

extension ArraySlice<UInt32> {
  /// A number below another, from the first 64 random bits.
  func draw(below bound: Int) -> Int {
    let draw = UInt64(self[startIndex]) << 32 | UInt64(self[startIndex + 1])
    return Int(draw.multipliedFullWidth(by: UInt64(bound)).high)
  }
}

extension [Int] {
  /// In random order, at least the last ones.
  /// - Parameters:
  ///   - words: 32 random bits each, two for each number.
  ///   - last: how many; nil: all.
  fileprivate func shuffled(by words: ArraySlice<UInt32>, last: Int? = nil) -> [Int] {
    var order = self
    let first = words.startIndex
    for i in stride(from: count - 1, to: Swift.max(count - (last ?? count) - 1, 0), by: -1) {
      order.swapAt(i, words[(first + 2 * i)...].draw(below: i + 1))
    }
    return order
  }
}
