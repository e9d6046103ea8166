import SGBasics

/// Tables of numbers as comma-separated values (RFC 4180, as far as numbers need it): a line of names, then lines of as many numbers.
/// Lines end in LF or CRLF; fields may be quoted, and blanks around them do not count; a byte order mark is skipped. Nothing depends on
/// the locale.
package struct CSV {
  let path: String
  /// The columns' names, all different.
  package let names: [String]
  /// Lines after the first.
  package let rows: Int
  private var lines: TextLines

  /// The most columns, and the most characters of a file that a message repeats.
  private static let mostColumns = 1 << 16
  private static let longestQuotation = 40

  /// Reads the names and counts the lines.
  /// - Throws: `Failure` with the file, the line and the reason.
  package init(_ path: String) throws(Failure) {
    self.path = path
    let file = try InputFile(path)
    guard file.size > 0 else { throw Failure(.truncated, "\(path): CSV: the file is empty") }
    let count = try TextLines.count(in: file)
    lines = TextLines(file)
    let head = try lines.next()
    let line = lines.place
    var names: [String] = []
    var isNumeric = true
    try (head ?? []).withUnsafeBufferPointer { (bytes) throws(Failure) in
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      let start = bytes.starts(with: mark) ? mark.count : 0
      var fields = CSVFields(UnsafeBufferPointer(rebasing: bytes[start...]))
      while let field = fields.next() {
        guard field.isWhole else {
          throw line.failure(.format, path, "a quoted name does not end, or more follows it")
        }
        guard let name = String(validating: fields.text(of: field), as: UTF8.self) else {
          throw line.failure(.format, path, "a name is not UTF-8")
        }
        guard !name.isEmpty else {
          throw line.failure(.format, path, "column \(names.count + 1) has no name")
        }
        guard names.count < Self.mostColumns else {
          throw line.failure(.limit, path, "more than \(Self.mostColumns) columns")
        }
        if fields.number(field) == nil { isNumeric = false }
        names.append(name)
      }
    }
    if isNumeric {
      throw line.failure(.format, path, "expected the columns' names, found only numbers")
    }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw line.failure(.format, path, "the column \"\(Self.excerpt(name.utf8))\" twice")
    }
    guard count > 1 else {
      throw Failure(.truncated, "\(path): CSV: nothing after the columns' names")
    }
    self.names = names
    rows = count - 1
  }

  /// The place of a column.
  /// - Parameter key: the option that names it, for the message.
  package func column(_ name: String, _ key: String) throws(Failure) -> Int {
    guard let place = names.firstIndex(of: name) else {
      throw Failure(
        .configuration,
        "\(key): \(path) has no column \"\(Self.excerpt(name.utf8))\""
          + JSONObject.suggestion(for: name, among: names))
    }
    return place
  }

  /// Reads the next lines.
  /// - Parameter take: is given a row from 0 on, a column and the number there, row by row; what it throws is a failure of that place.
  /// - Throws: `Failure` with the file, the line, the column and the reason.
  package mutating func read(
    rows: Int, _ take: (_ row: Int, _ column: Int, _ value: Double) throws(Unfit) -> Void
  ) throws(Failure) {
    for row in 0..<rows {
      guard let line = try lines.next() else {
        throw Failure(.io, "\(path): became shorter while it was read")
      }
      let place = lines.place
      try line.withUnsafeBufferPointer { (bytes) throws(Failure) in
        var fields = CSVFields(bytes)
        var column = 0
        func failure(_ field: CSVFields.Field, _ expected: String) -> Failure {
          let found = Self.excerpt(bytes[field.range])
          return place.moved(by: field.range.lowerBound).failure(
            .format, path,
            "column \"\(Self.excerpt(names[column].utf8))\": expected \(expected), found "
              + (found.isEmpty ? "nothing" : "\"\(found)\""))
        }
        while let field = fields.next() {
          guard column < names.count else {
            throw place.failure(
              .format, path, "more fields than the \(names.count) columns' names")
          }
          guard field.isWhole, let value = fields.number(field), Float(value).isFinite else {
            throw failure(field, "a number")
          }
          do throws(Unfit) {
            try take(row, column, value)
          } catch {
            throw failure(field, error.expected)
          }
          column += 1
        }
        guard column == names.count else {
          throw place.failure(.format, path, "\(column) fields for \(names.count) columns")
        }
      }
    }
  }

  /// A number that is not one of those that are wanted.
  package struct Unfit: Error {
    let expected: String

    package init(expected: String) {
      self.expected = expected
    }
  }

  private static func excerpt(_ text: some Sequence<UInt8>) -> String {
    let bytes = Array(text.prefix(longestQuotation + 1))
    let end = bytes.count > longestQuotation ? "…" : ""
    return String(decoding: bytes.prefix(longestQuotation), as: UTF8.self) + end
  }
}

/// The fields of one line.
private struct CSVFields {
  struct Field {
    /// What stands in it, without quotes and blanks around it.
    let range: Range<Int>
    /// Whether quotes within it are doubled.
    var isEscaped = false
    /// Whether a quoted one ends, and nothing follows it.
    var isWhole = true
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var isOver = false

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  mutating func next() -> Field? {
    if isOver { return nil }
    let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
    var start = place
    while start < bytes.count, Self.isBlank(bytes[start]) { start += 1 }
    if start < bytes.count, bytes[start] == quote { return quoted(from: start + 1) }
    var end = start
    while end < bytes.count, bytes[end] != comma { end += 1 }
    finish(at: end)
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    return Field(range: start..<end)
  }

  private mutating func quoted(from start: Int) -> Field {
    let (comma, quote) = (UInt8(ascii: ","), UInt8(ascii: "\""))
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
    while after < bytes.count, Self.isBlank(bytes[after]) { after += 1 }
    let isWhole = end < bytes.count && (after >= bytes.count || bytes[after] == comma)
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
  func number(_ field: Field) -> Double? {
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
    // The digits as one whole number, as long as it is exact, and how many of them stand behind the point.
    var (whole, digits, fraction) = (UInt64(0), 0, 0)
    var isExact = true
    var isBehindPoint = false
    while i < end {
      if bytes[i] == UInt8(ascii: "."), !isBehindPoint {
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
    // Whole numbers below 2⁵³ and powers of ten up to 22 are doubles, so that one operation rounds once (Clinger 1990).
    if isExact, (-22...22).contains(exponent) {
      let power = Self.powers[abs(exponent)]
      let value = exponent < 0 ? Double(whole) / power : Double(whole) * power
      return isNegative ? -value : value
    }
    return Double(String(decoding: bytes[field.range], as: UTF8.self))
  }

  /// 10⁰ to 10²², each exact.
  private static let powers: [Double] = (0..<22).reduce(into: [1]) { powers, i in
    powers.append(powers[i] * 10)
  }
}
