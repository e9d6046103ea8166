import SGBasics
import SGFormats

extension JSONObject {
  /// The colors that have names here: CSS's basic ones.
  private static let colors: [(name: String, rgb: UInt32)] = [
    ("white", 0xFFFFFF), ("black", 0x000000), ("gray", 0x808080), ("grey", 0x808080),
    ("silver", 0xC0C0C0), ("red", 0xFF0000), ("green", 0x008000), ("lime", 0x00FF00),
    ("blue", 0x0000FF), ("yellow", 0xFFFF00), ("magenta", 0xFF00FF), ("cyan", 0x00FFFF),
  ]

  /// A color: a name, "#rrggbb" or [red, green, blue].
  mutating func color(
    _ key: String, default value: ImageFile.Color
  ) throws(Failure) -> ImageFile.Color {
    func color(_ rgb: UInt32) -> ImageFile.Color {
      ImageFile.Color(
        red: UInt8(rgb >> 16 & 255), green: UInt8(rgb >> 8 & 255), blue: UInt8(rgb & 255))
    }
    let expected = "a color's name, \"#rrggbb\" or [red, green, blue]"
    switch take(key) {
    case nil, .null?: return value
    case .string(let text)?:
      if let known = Self.colors.first(where: { $0.name == text.lowercased() }) {
        return color(known.rgb)
      }
      let digits = text.dropFirst()
      if text.hasPrefix("#"), digits.utf8.count == 6, digits.first?.isHexDigit == true,
        let rgb = UInt32(digits, radix: 16)
      {
        return color(rgb)
      }
      throw Failure(
        .configuration,
        "\(key): expected \(expected), found \"\(text.shown)\""
          + Self.suggestion(for: text, among: Self.colors.map(\.name)))
    case .array(let items)? where items.count == 3:
      var rgb: UInt32 = 0
      for (i, item) in items.enumerated() {
        rgb = rgb << 8 | UInt32(try item.int(in: 0...255, path: "\(key)[\(i)]"))
      }
      return color(rgb)
    case let json?:
      throw Failure(.configuration, "\(key): expected \(expected), found \(json.kindName)")
    }
  }
}
