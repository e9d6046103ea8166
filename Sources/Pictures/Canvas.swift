/// Lines and letters on a picture.
struct Canvas {
  var picture: Picture
  private static let scale = 2

  init(_ picture: Picture) { self.picture = picture }

  private mutating func dot(_ x: Int, _ y: Int, _ color: Picture.Color) {
    picture.dot(x, y, color)
  }

  /// Bresenham's line.
  mutating func line(_ a: (Int, Int), _ b: (Int, Int), _ color: Picture.Color) {
    var (x, y) = a
    let (dx, dy) = (abs(b.0 - x), -abs(b.1 - y))
    let (sx, sy) = (x < b.0 ? 1 : -1, y < b.1 ? 1 : -1)
    var error = dx + dy
    while true {
      dot(x, y, color)
      if x == b.0 && y == b.1 { return }
      let twice = 2 * error
      if twice >= dy {
        error += dy
        x += sx
      }
      if twice <= dx {
        error += dx
        y += sy
      }
    }
  }

  mutating func curve(
    _ points: [(Int, Int)?], _ color: Picture.Color, thickness: Int
  ) {
    for (a, b) in zip(points, points.dropFirst()) {
      guard let a, let b else { continue }
      for shift in 0..<thickness { line((a.0, a.1 + shift), (b.0, b.1 + shift), color) }
    }
  }

  func width(of text: String) -> Int { text.count * (PixelFont.width + 1) * Self.scale }

  mutating func text(_ text: String, _ x: Int, _ y: Int) {
    for (i, character) in text.enumerated() {
      let left = x + i * (PixelFont.width + 1) * Self.scale
      for (row, bits) in PixelFont.rows(character).enumerated() {
        for column in 0..<PixelFont.width where bits >> (PixelFont.width - 1 - column) & 1 == 1 {
          for dy in 0..<Self.scale {
            for dx in 0..<Self.scale {
              dot(left + column * Self.scale + dx, y + row * Self.scale + dy, (60, 60, 60))
            }
          }
        }
      }
    }
  }
}
