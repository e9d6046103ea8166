import SGBasics

/// Tables of numbers as comma-separated values (RFC 4180, as far as numbers need it): a line of
/// names, then lines of as many numbers. Fields are separated by commas, semicolons or tabs,
/// whichever the line of names has most of. With semicolons numbers may have a decimal comma, all
/// or none of them. Lines end in LF or CRLF, and blank ones do not count; fields may be quoted, and
/// blanks around them do not count; a byte order mark is skipped. Nothing depends on the locale.
package struct CSV {
  let path: String
  /// The columns' names, all different.
  package let names: [String]
  /// Lines after the first.
  package let rows: Int
  private var lines: TextLines
  private let separator: UInt8
  /// What stands before a number's fraction, once one was seen.
  private var point: UInt8?

  /// The most columns, and the most characters of a file that a message repeats.
  private static let mostColumns = 1 << 16
  private static let longestQuotation = 40

  /// Reads the names and counts the lines.
  /// - Throws: `Failure` with the file, the line and the reason.
  package init(_ path: String) throws(Failure) {
    self.path = path
    let file = try InputFile(path)
    guard file.size > 0 else { throw Failure(.truncated, "\(path): CSV: the file is empty") }
    lines = TextLines(file)
    var head = try lines.next()
    while let line = head, CSVFields.isBlank(line, separator: UInt8(ascii: ",")) {
      head = try lines.next()
    }
    let line = lines.place
    let separator = CSVFields.separator(of: head ?? [])
    self.separator = separator
    let count = try TextLines.count(in: file, blankAre: CSVFields.blanks(separator))
    var names: [String] = []
    var isNumeric = true
    try (head ?? []).withUnsafeBufferPointer { (bytes) throws(Failure) in
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      let start = bytes.starts(with: mark) ? mark.count : 0
      var fields = CSVFields(
        UnsafeBufferPointer(rebasing: bytes[start...]), separator: separator)
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
        if fields.number(field, point: nil) == nil { isNumeric = false }
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

  /// Whether the first line after the names has a text that is no number in a column.
  package func beginsWithText(_ column: Int) throws(Failure) -> Bool {
    var lines = lines
    while let line = try lines.next() {
      if CSVFields.isBlank(line, separator: separator) { continue }
      return line.withUnsafeBufferPointer { bytes in
        var fields = CSVFields(bytes, separator: separator)
        for _ in 0..<column { _ = fields.next() }
        guard let field = fields.next() else { return false }
        return !field.range.isEmpty && fields.number(field, point: UInt8(ascii: ",")) == nil
          && fields.number(field, point: nil) == nil
      }
    }
    return false
  }

  /// Reads the next lines.
  /// - Parameters:
  ///   - textColumn: a column whose fields are texts.
  ///   - missing: whether fields may be blank or `nan`, in any letters, which are then NaN.
  ///   - takeText: is given a row, the text there, and its value if it is a number.
  ///   - take: is given a row from 0 on, a column and the number there, row by row; what it throws
  ///     is a failure of that place.
  /// - Throws: `Failure` with the file, the line, the column and the reason.
  package mutating func read(
    rows: Int, textColumn: Int? = nil, missing: Bool = false,
    _ takeText: (_ row: Int, _ text: [UInt8], _ value: Double?) throws(Unfit) -> Void,
    _ take: (_ row: Int, _ column: Int, _ value: Double) throws(Unfit) -> Void
  ) throws(Failure) {
    let comma = UInt8(ascii: ",")
    for row in 0..<rows {
      var next = try lines.next()
      while let line = next, CSVFields.isBlank(line, separator: separator) {
        next = try lines.next()
      }
      guard let line = next else {
        throw Failure(.io, "\(path): became shorter while it was read")
      }
      let place = lines.place
      try line.withUnsafeBufferPointer { (bytes) throws(Failure) in
        var fields = CSVFields(bytes, separator: separator)
        var column = 0
        func failure(_ field: CSVFields.Field, _ expected: String) -> Failure {
          let found = Self.excerpt(bytes[field.range])
          return place.moved(by: field.range.lowerBound).failure(
            .format, path,
            "column \"\(Self.excerpt(names[column].utf8))\": expected \(expected), found "
              + (found.isEmpty ? "nothing" : "\"\(found)\"")
              + (column == textColumn
                ? "" : Self.advice(for: found, isClassKnown: textColumn != nil)))
        }
        while let field = fields.next() {
          guard column < names.count else {
            throw place.failure(
              .format, path, "more fields than the \(names.count) columns' names")
          }
          // Where commas separate they are no decimal commas.
          if point == nil, separator == UInt8(ascii: ";"), column != textColumn {
            point = bytes[field.range].first { $0 == comma || $0 == UInt8(ascii: ".") }
          }
          var value = field.isWhole ? fields.number(field, point: point) : nil
          if missing, column != textColumn, value == nil, Self.isMissing(bytes[field.range]) {
            value = .nan
          }
          do throws(Unfit) {
            if column == textColumn {
              guard field.isWhole else { throw Unfit(expected: "a class whose quotes end") }
              try takeText(row, fields.text(of: field), value)
            } else {
              guard let value, Float(value).isFinite || missing && value.isNaN else {
                let mark = point == comma ? " with a decimal comma, as those before" : ""
                throw Unfit(expected: "a number" + mark)
              }
              try take(row, column, value)
            }
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

  /// What can be done about a field that is no number; or "".
  private static func advice(for field: String, isClassKnown: Bool) -> String {
    if field.isEmpty {
      return " (leave lines with missing values out, or allow them by the option missing)"
    }
    let isName = field.unicodeScalars.first?.properties.isAlphabetic == true
    return isName && !isClassKnown
      ? " (a column of names can only be the classes: name it by the option labels)" : ""
  }

  /// Whether a field says that there is no value.
  private static func isMissing(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    text.isEmpty || text.map { $0 | 0x20 } == Array("nan".utf8)
  }

  /// A name as a field, quoted where it must be.
  package static func field(_ name: String) -> String {
    guard name.contains(where: { ",;\t\"\n\r".contains($0) }) else { return name }
    return "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  private static func excerpt(_ text: some Sequence<UInt8>) -> String {
    let bytes = Array(text.prefix(longestQuotation + 1))
    let end = bytes.count > longestQuotation ? "…" : ""
    return String(decoding: bytes.prefix(longestQuotation), as: UTF8.self) + end
  }
}
