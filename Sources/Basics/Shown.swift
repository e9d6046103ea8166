/// How text from outside (a file's name, a key, a cell of a table) appears in messages: short, and
/// without characters that a terminal or a log would obey. `Failure` and `Log` escape every
/// message; who puts outside text into one cuts it with `shown`.
extension StringProtocol {
  /// The text in at most 200 characters (Unicode scalars); of a longer one the beginning and the
  /// end. Not yet escaped.
  package var shown: String { cut(to: 200) }

  /// The text with control characters, line and paragraph separators and bidirectional controls as
  /// escapes (`\n`, `\x1b`, `\u{202e}`), cut to 4,000 characters.
  package var escaped: String {
    let text = cut(to: 4000)
    guard text.unicodeScalars.contains(where: \.isEscaped) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar.isEscaped {
        result += scalar.escape
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  /// At most `limit` Unicode scalars, three quarters of them from the beginning. A character of the
  /// user's may consist of any number of scalars, so those are counted.
  private func cut(to limit: Int) -> String {
    // No scalar takes less than one byte.
    if utf8.count <= limit { return String(self) }
    let all = unicodeScalars
    guard all.index(all.startIndex, offsetBy: limit + 1, limitedBy: all.endIndex) != nil else {
      return String(self)
    }
    let tail = limit / 4
    return String(String.UnicodeScalarView(all.prefix(limit - tail - 1))) + "…"
      + String(String.UnicodeScalarView(all.suffix(tail)))
  }
}

extension Unicode.Scalar {
  /// C0 and C1 controls and DEL, line and paragraph separators, bidirectional controls.
  fileprivate var isEscaped: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  fileprivate var escape: String {
    switch value {
    case 0: return "\\0"
    case 9: return "\\t"
    case 10: return "\\n"
    case 13: return "\\r"
    default:
      let digits = String(value, radix: 16)
      if value > 0xFF { return "\\u{\(digits)}" }
      return "\\x" + (value < 0x10 ? "0" : "") + digits
    }
  }
}
