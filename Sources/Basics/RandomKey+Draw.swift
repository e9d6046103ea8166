import SGTensors

extension RandomKey {
  /// Some of the numbers 0..<count without repetition, in random order, by Fisher and Yates'
  /// shuffle. Each draw takes 64 random bits, so its bias is below 2⁻³².
  package func draw(_ wanted: Int, of count: Int) -> [Int] {
    let order = Array(0..<count).shuffled(by: words(2 * count)[...], last: wanted)
    return wanted == count ? order : Array(order.suffix(wanted))
  }
}

extension ArraySlice<UInt32> {
  /// A number below another, from the first 64 random bits.
  package func draw(below bound: Int) -> Int {
    let draw = UInt64(self[startIndex]) << 32 | UInt64(self[startIndex + 1])
    return Int(draw.multipliedFullWidth(by: UInt64(bound)).high)
  }
}

extension [Int] {
  /// In random order, at least the last ones.
  /// - Parameters:
  ///   - words: 32 random bits each, two for each number.
  ///   - last: how many; nil: all.
  package func shuffled(by words: ArraySlice<UInt32>, last: Int? = nil) -> [Int] {
    var order = self
    let first = words.startIndex
    for i in stride(from: count - 1, to: Swift.max(count - (last ?? count) - 1, 0), by: -1) {
      order.swapAt(i, words[(first + 2 * i)...].draw(below: i + 1))
    }
    return order
  }
}
