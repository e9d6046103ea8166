/// The fields of one line.
struct CSVFields {
  struct Field {
    /// What stands in it, without quotes and blanks around it.
    let range: Range<Int>
    /// Whether quotes within it are doubled.
    var isEscaped = false
    /// Whether a quoted one ends, and nothing follows it.
    var isWhole = true
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let separator: UInt8
  private var place = 0
  private var isOver = false

  init(_ bytes: UnsafeBufferPointer<UInt8>, separator: UInt8) {
    (self.bytes, self.separator) = (bytes, separator)
  }

  private static let tab = UInt8(ascii: "\t")

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == Self.tab && separator != Self.tab
  }

  /// What may stand in a blank line.
  static func blanks(_ separator: UInt8) -> [UInt8] {
    separator == tab ? [0x20] : [0x20, tab]
  }

  static func isBlank(_ line: ArraySlice<UInt8>, separator: UInt8) -> Bool {
    line.allSatisfy(blanks(separator).contains)
  }

  /// The one of commas, semicolons and tabs that occurs most in a line, outside of quotes.
  static func separator(of line: ArraySlice<UInt8>) -> UInt8 {
    let known = [UInt8(ascii: ","), UInt8(ascii: ";"), tab]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in line {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, let i = known.firstIndex(of: byte) { counts[i] += 1 }
    }
    let most = counts.max() ?? 0
    return known[counts.firstIndex(of: most) ?? 0]
  }

  mutating func next() -> Field? {
    if isOver { return nil }
    let quote = UInt8(ascii: "\"")
    var start = place
    while start < bytes.count, isBlank(bytes[start]) { start += 1 }
    if start < bytes.count, bytes[start] == quote { return quoted(from: start + 1) }
    var end = start
    while end < bytes.count, bytes[end] != separator { end += 1 }
    finish(at: end)
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return Field(range: start..<end)
  }

  private mutating func quoted(from start: Int) -> Field {
    let quote = UInt8(ascii: "\"")
    var (end, isEscaped) = (start, false)
    while end < bytes.count {
      if bytes[end] == quote {
        guard end + 1 < bytes.count, bytes[end + 1] == quote else { break }
        isEscaped = true
        end += 1
      }
      end += 1
    }
    var after = end + 1
    while after < bytes.count, isBlank(bytes[after]) { after += 1 }
    let isWhole = end < bytes.count && (after >= bytes.count || bytes[after] == separator)
    finish(at: after)
    return Field(range: start..<end, isEscaped: isEscaped, isWhole: isWhole)
  }

  private mutating func finish(at end: Int) {
    isOver = end >= bytes.count
    place = end + 1
  }

  /// A field's characters, doubled quotes single.
  func text(of field: Field) -> [UInt8] {
    var text: [UInt8] = []
    var i = field.range.lowerBound
    while i < field.range.upperBound {
      text.append(bytes[i])
      i += field.isEscaped && bytes[i] == UInt8(ascii: "\"") ? 2 : 1
    }
    return text
  }

  /// A field as a decimal number: sign, digits with a point, exponent; nil: it is none.
  /// - Parameter point: what stands before the fraction; nil: ".".
  func number(_ field: Field, point: UInt8?) -> Double? {
    let point = point ?? UInt8(ascii: ".")
    let end = field.range.upperBound
    var i = field.range.lowerBound
    func digit(_ i: Int) -> UInt8? {
      guard i < end, (0x30...0x39).contains(bytes[i]) else { return nil }
      return bytes[i] - 0x30
    }
    func sign(_ i: inout Int) -> Bool {
      guard i < end, bytes[i] == 0x2B || bytes[i] == 0x2D else { return false }
      defer { i += 1 }
      return bytes[i] == 0x2D
    }
    let isNegative = sign(&i)
    // The digits as one whole number, as long as it is exact, and how many of them stand behind the
    // point.
    var (whole, digits, fraction) = (UInt64(0), 0, 0)
    var isExact = true
    var isBehindPoint = false
    while i < end {
      if bytes[i] == point, !isBehindPoint {
        isBehindPoint = true
      } else if let d = digit(i) {
        digits += 1
        fraction += isBehindPoint ? 1 : 0
        if whole < 1 << 49 { whole = 10 * whole + UInt64(d) } else { isExact = false }
      } else {
        break
      }
      i += 1
    }
    guard digits > 0 else { return nil }
    var exponent = 0
    if i < end, bytes[i] | 0x20 == UInt8(ascii: "e") {
      i += 1
      let isSmall = sign(&i)
      guard digit(i) != nil else { return nil }
      while let d = digit(i) {
        exponent = min(10 * exponent + Int(d), 1_000_000)
        i += 1
      }
      if isSmall { exponent = -exponent }
    }
    guard i == end else { return nil }
    exponent -= fraction
    // Whole numbers below 2⁵³ and powers of ten up to 22 are doubles, so that one operation rounds
    // once (Clinger 1990).
    if isExact, (-22...22).contains(exponent) {
      let power = Self.powers[abs(exponent)]
      let value = exponent < 0 ? Double(whole) / power : Double(whole) * power
      return isNegative ? -value : value
    }
    let plain = bytes[field.range].map { $0 == point ? UInt8(ascii: ".") : $0 }
    return Double(String(decoding: plain, as: UTF8.self))
  }

  /// 10⁰ to 10²², each exact.
  private static let powers: [Double] = (0..<22).reduce(into: [1]) { powers, i in
    powers.append(powers[i] * 10)
  }
}
