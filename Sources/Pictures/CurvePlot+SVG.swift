import SGBasics
import SGFormats

extension CurvePlot {
  /// Writes the plot as SVG, atomically: sharp at every size, its text searchable. Long curves are
  /// thinned to what can be seen.
  public func writeSVG(to path: String) throws(Failure) {
    try FileIO.writeText(svg(), to: path)
  }

  /// The most points of a curve.
  private static let points = 800

  func svg() -> String {
    let frame = Self.frame
    let (xAxis, yAxis) = axes(frame)
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.size.width) \(Self.size.height)" \
      font-family="sans-serif" font-size="14" role="img" aria-label="\(Self.escaped(title))">
      <rect width="100%" height="100%" fill="white"/>

      """
    func line(_ a: (Int, Int), _ b: (Int, Int), _ color: String) {
      out += "<path d=\"M\(a.0) \(a.1)L\(b.0) \(b.1)\" stroke=\"\(color)\"/>\n"
    }
    func text(_ text: String, _ x: Int, _ y: Int, _ anchor: String) {
      out +=
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(Self.escaped(text))</text>\n"
    }
    for tick in yAxis.ticks {
      let row = yAxis.place(tick)
      line((frame.left, row), (frame.right, row), "#e1e1e1")
      text(yAxis.label(tick), frame.left - 8, row + 5, "end")
    }
    for tick in xAxis.ticks {
      let column = xAxis.place(tick)
      line((column, frame.top), (column, frame.bottom), "#e1e1e1")
      text(xAxis.label(tick), column, frame.bottom + 20, "middle")
    }
    for (_, color, y) in series {
      if isSmoothed {
        let raw = ThinnedSeries(x: x, y: y, points: Self.points)
        // Up and down within each group, as the raw curve goes.
        let both = zip(raw.least, raw.greatest).flatMap { $0 == $1 ? [$0] : [$0, $1] }
        let xs = zip(raw.x, zip(raw.least, raw.greatest)).flatMap {
          $1.0 == $1.1 ? [$0] : [$0, $0]
        }
        path(xs, both, color, width: 1, opacity: 0.3)
      }
      let line = ThinnedSeries(x: x, y: isSmoothed ? smoothed(y) : y, points: Self.points)
      path(line.x, line.mean, color, width: 2, opacity: 1)
    }
    line((frame.left, frame.top), (frame.left, frame.bottom), "#3c3c3c")
    line((frame.left, frame.bottom), (frame.right, frame.bottom), "#3c3c3c")
    text(title, frame.left, 26, "start")
    text(xLabel, (frame.left + frame.right) / 2, Self.size.height - 14, "middle")
    text(yLabel, 12, frame.top - 16, "start")
    var column = frame.right
    for (name, color, _) in series.reversed() {
      text(name, column, 26, "end")
      column -= 8 * name.count + 12
      out +=
        "<path d=\"M\(column - 30) 21h30\" stroke=\"\(Self.hex(color))\" stroke-width=\"3\"/>\n"
      column -= 48
    }
    return out + "</svg>\n"

    func path(
      _ x: [Double], _ y: [Double], _ color: Color, width: Int, opacity: Double
    ) {
      let points = points(x, y, xAxis, yAxis, frame)
      var isDrawing = false
      var d = ""
      for point in points {
        guard let point else {
          isDrawing = false
          continue
        }
        d += "\(isDrawing ? "L" : "M")\(point.0) \(point.1)"
        isDrawing = true
      }
      out +=
        "<path d=\"\(d)\" fill=\"none\" stroke=\"\(Self.hex(color))\" stroke-width=\"\(width)\" opacity=\"\(opacity)\"/>\n"
    }
  }

  private static func hex(_ c: Color) -> String {
    let digits = [c.red, c.green, c.blue].map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }
    return "#" + digits.joined()
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(character)
      }
    }
    return out
  }
}
