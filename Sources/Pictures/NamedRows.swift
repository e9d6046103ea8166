import SGBasics

/// Pictures one below another, each beside its name.
public struct NamedRows {
  /// All rows.
  public let picture: Picture

  /// - Parameter rows: at least one; gray pictures and RGB ones, RGBA without its last channel.
  /// - Throws: `Failure` of kind argument (no rows) or limit (too large).
  public init(_ rows: [(name: String, picture: Picture)]) throws(Failure) {
    guard !rows.isEmpty else { throw Failure(.argument, "rows: expected at least one") }
    let letters = Canvas(try Picture(width: 1, height: 1, channels: 3, fill: 255))
    let (gap, lineHeight) = (8, 16)
    let left = (rows.map { letters.width(of: $0.name) }.max() ?? 0) + 2 * gap
    let width = left + (rows.map(\.picture.width).max() ?? 0) + gap
    let height = rows.reduce(gap) { $0 + max($1.picture.height, lineHeight) + gap }
    var canvas = Canvas(try Picture(width: width, height: height, channels: 3, fill: 255))
    var top = gap
    for (name, picture) in rows {
      let rowHeight = max(picture.height, lineHeight)
      canvas.text(name, gap, top + (rowHeight - lineHeight) / 2)
      for y in 0..<picture.height {
        for x in 0..<picture.width {
          let i = (y * picture.width + x) * picture.channels
          let isGray = picture.channels < 3
          canvas.picture.dot(
            left + x, top + y,
            (
              picture.pixels[i], picture.pixels[isGray ? i : i + 1],
              picture.pixels[isGray ? i : i + 2]
            ))
        }
      }
      top += rowHeight + gap
    }
    picture = canvas.picture
  }
}
