extension JSON {
  /// The value as text; numbers in the shortest form that reads back the same. What JSON cannot say
  /// (NaN, infinity) is null.
  /// - Parameter pretty: one member a line, indented by two; short arrays stay on a line.
  public func text(pretty: Bool) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(1024)
    write(to: &out, pretty: pretty, indent: 0)
    return String(decoding: out, as: UTF8.self)
  }

  private func write(to out: inout [UInt8], pretty: Bool, indent: Int) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += "\(value)".utf8
    case .number(let value): out += (value.isFinite ? value.description : "null").utf8
    case .string(let value): Self.quote(value, to: &out)
    case .array(let items):
      let inline = items.allSatisfy { $0.real != nil }
      list(
        "[", items, "]", to: &out, pretty: pretty && !inline, space: pretty, indent
      ) { item, out, indent in item.write(to: &out, pretty: pretty, indent: indent) }
    case .object(let members):
      list("{", members, "}", to: &out, pretty: pretty, space: pretty, indent) {
        member, out, indent in
        Self.quote(member.key, to: &out)
        out += (pretty ? ": " : ":").utf8
        member.value.write(to: &out, pretty: pretty, indent: indent)
      }
    }
  }

  private func list<T>(
    _ open: String, _ items: [T], _ close: String, to out: inout [UInt8], pretty: Bool,
    space: Bool, _ indent: Int, _ write: (T, inout [UInt8], Int) -> Void
  ) {
    func newLine(_ indent: Int) {
      out.append(UInt8(ascii: "\n"))
      out += repeatElement(UInt8(ascii: " "), count: indent)
    }
    out += open.utf8
    for (i, item) in items.enumerated() {
      if i > 0 { out += (pretty || !space ? "," : ", ").utf8 }
      if pretty { newLine(indent + 2) }
      write(item, &out, indent + 2)
    }
    if pretty && !items.isEmpty { newLine(indent) }
    out += close.utf8
  }

  private static func quote(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case UInt8(ascii: "\n"): out += "\\n".utf8
      case UInt8(ascii: "\r"): out += "\\r".utf8
      case UInt8(ascii: "\t"): out += "\\t".utf8
      case ..<0x20:
        let digits = String(byte, radix: 16)
        out += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
