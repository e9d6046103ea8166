extension JSON {
  /// The value as text; numbers in the shortest form that reads back the same. What JSON cannot say (NaN, infinity) is null.
  /// - Parameter pretty: one member a line, indented by two; short arrays stay on a line.
  public func text(pretty: Bool) -> String {
    var out = ""
    write(to: &out, pretty: pretty, indent: 0)
    return out
  }

  private func write(to out: inout String, pretty: Bool, indent: Int) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .integer(let value): out += "\(value)"
    case .number(let value): out += value.isFinite ? "\(value)" : "null"
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
        out += pretty ? ": " : ":"
        member.value.write(to: &out, pretty: pretty, indent: indent)
      }
    }
  }

  private func list<T>(
    _ open: String, _ items: [T], _ close: String, to out: inout String, pretty: Bool,
    space: Bool, _ indent: Int, _ write: (T, inout String, Int) -> Void
  ) {
    out += open
    let inner = "\n" + String(repeating: " ", count: indent + 2)
    for (i, item) in items.enumerated() {
      if i > 0 { out += pretty || !space ? "," : ", " }
      if pretty { out += inner }
      write(item, &out, indent + 2)
    }
    if pretty && !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
    out += close
  }

  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
