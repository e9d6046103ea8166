import Tensors

/// The order in which training sees a dataset: every sample once an epoch, shuffled anew each epoch from the seed. A pure function
/// of the seed and the position, so a run can be taken up anywhere.
struct SampleOrder {
  let count: Int
  let seed: UInt64
  private let stream: GAN.Stream
  private var epoch: UInt64?
  private var order: [Int] = []

  init(count: Int, seed: UInt64, stream: GAN.Stream = .order) {
    self.count = count
    self.seed = seed
    self.stream = stream
  }

  /// The samples at `position` and after, counted over all epochs.
  mutating func next(_ n: Int, from position: UInt64) -> [Int] {
    var position = position
    var index: [Int] = []
    index.reserveCapacity(n)
    while index.count < n {
      let (now, place) = position.quotientAndRemainder(dividingBy: UInt64(count))
      if now != epoch { shuffle(now) }
      let run = min(n - index.count, count - Int(place))
      index += order[Int(place)..<Int(place) + run]
      position += UInt64(run)
    }
    return index
  }

  private mutating func shuffle(_ number: UInt64) {
    let key = RandomKey(
      seed: seed, stream: stream.rawValue, step: number & (1 << 48 - 1))
    order = key.draw(count, of: count)
    epoch = number
  }
}

extension RandomKey {
  /// Some of the numbers 0..<count without repetition, in random order, by Fisher and Yates' shuffle. Each draw takes 64 random
  /// bits, so its bias is below 2⁻³².
  func draw(_ wanted: Int, of count: Int) -> [Int] {
    let words = words(2 * count)
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: Swift.max(count - wanted - 1, 0), by: -1) {
      let draw = UInt64(words[2 * i]) << 32 | UInt64(words[2 * i + 1])
      order.swapAt(i, Int(draw.multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    return wanted == count ? order : Array(order.suffix(wanted))
  }
}
