/// Curves over a common axis, with ticks, a legend and a smoothed line over the raw one.
public struct CurvePlot {
  public typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)
  private let title, xLabel, yLabel: String
  private let x: [Double]
  private let series: [(name: String, colour: Colour, y: [Double])]
  private let range: ClosedRange<Double>?
  private let isSmoothed: Bool

  /// - Parameters:
  ///   - x: increasing.
  ///   - series: values at each x; those that are not finite leave a gap.
  ///   - range: what the y axis spans; what lies beyond leaves a gap. nil: the values.
  ///   - isSmoothed: whether a smoothed line lies over the raw one.
  public init(
    title: String, xLabel: String, yLabel: String, x: [Double],
    series: [(name: String, colour: Colour, y: [Double])], range: ClosedRange<Double>? = nil,
    isSmoothed: Bool = true
  ) {
    self.range = range
    self.isSmoothed = isSmoothed
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    self.x = x
    self.series = series
  }

  private static let size = (width: 960, height: 540)
  private static let margin = (left: 90, right: 30, top: 50, bottom: 60)

  /// Writes a PNG, atomically.
  public func write(to path: String) throws(Failure) { try render().write(to: path) }

  private func render() throws(Failure) -> Picture {
    var canvas = Canvas(
      try Picture(width: Self.size.width, height: Self.size.height, channels: 3, fill: 255))
    let frame = (
      left: Self.margin.left, right: Self.size.width - Self.margin.right, top: Self.margin.top,
      bottom: Self.size.height - Self.margin.bottom
    )
    let xAxis = Axis(values: x, from: frame.left, to: frame.right)
    let yAxis = Axis(
      values: range.map { [$0.lowerBound, $0.upperBound] } ?? series.flatMap { robust($0.y) },
      from: frame.bottom, to: frame.top)
    for tick in yAxis.ticks {
      let row = yAxis.place(tick)
      canvas.line((frame.left, row), (frame.right, row), (225, 225, 225))
      let text = yAxis.label(tick)
      canvas.text(text, frame.left - 8 - canvas.width(of: text), row - 7)
    }
    for tick in xAxis.ticks {
      let column = xAxis.place(tick)
      canvas.line((column, frame.top), (column, frame.bottom), (225, 225, 225))
      let text = xAxis.label(tick)
      canvas.text(text, column - canvas.width(of: text) / 2, frame.bottom + 8)
    }
    for (_, colour, y) in series where isSmoothed {
      let pale = mixed(colour, 0.7)
      canvas.curve(points(y, xAxis, yAxis, frame), pale, thickness: 1)
    }
    for (_, colour, y) in series {
      canvas.curve(points(isSmoothed ? smoothed(y) : y, xAxis, yAxis, frame), colour, thickness: 2)
    }
    canvas.line((frame.left, frame.top), (frame.left, frame.bottom), (60, 60, 60))
    canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), (60, 60, 60))
    canvas.text(title, frame.left, 16)
    canvas.text(
      xLabel, (frame.left + frame.right - canvas.width(of: xLabel)) / 2, Self.size.height - 26)
    canvas.text(yLabel, 12, frame.top - 20)
    var column = frame.right
    for (name, colour, _) in series.reversed() {
      column -= canvas.width(of: name)
      canvas.text(name, column, 16)
      column -= 40
      for dy in 0..<3 { canvas.line((column, 21 + dy), (column + 30, 21 + dy), colour) }
      column -= 24
    }
    return canvas.picture
  }

  /// Without the largest hundredth of the values, so that one spike does not flatten the rest.
  private func robust(_ y: [Double]) -> [Double] {
    let sorted = y.filter(\.isFinite).sorted()
    return Array(sorted.prefix(max(sorted.count * 99 / 100, min(sorted.count, 20))))
  }

  private func points(
    _ y: [Double], _ xAxis: Axis, _ yAxis: Axis,
    _ frame: (left: Int, right: Int, top: Int, bottom: Int)
  ) -> [(Int, Int)?] {
    zip(x, y).map {
      $1.isFinite && range?.contains($1) ?? true
        ? (xAxis.place($0), min(max(yAxis.place($1), frame.top), frame.bottom)) : nil
    }
  }

  /// An exponential average over about a fiftieth of the points.
  private func smoothed(_ y: [Double]) -> [Double] {
    let weight = 1 / max(Double(y.count) / 50, 1)
    var mean: Double?
    return y.map { value in
      guard value.isFinite else { return value }
      let next = mean.map { $0 + weight * (value - $0) } ?? value
      mean = next
      return next
    }
  }

  private func mixed(_ colour: Colour, _ white: Double) -> Colour {
    func channel(_ c: UInt8) -> UInt8 { UInt8(Double(c) * (1 - white) + 255 * white) }
    return (channel(colour.red), channel(colour.green), channel(colour.blue))
  }
}

/// The map from values to pixels along one axis, with round ticks.
private struct Axis {
  let ticks: [Double]
  private let low, high: Double
  private let first, last: Int
  private let digits: Int

  init(values: [Double], from first: Int, to last: Int) {
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    var step = 1.0
    let span = max(most - least, 1e-9)
    while step * 5 > span { step /= 10 }
    while step * 50 <= span { step *= 10 }
    for factor in [1.0, 2, 5, 10] where step * factor * 8 >= span {
      step *= factor
      break
    }
    low = (least / step).rounded(.down) * step
    high = max((most / step).rounded(.up) * step, low + step)
    (self.first, self.last) = (first, last)
    ticks = stride(from: low, through: high + step / 2, by: step).map { $0 }
    var (rest, digits) = (step, 0)
    while abs(rest - rest.rounded()) > 1e-6 && digits < 9 {
      rest *= 10
      digits += 1
    }
    self.digits = digits
  }

  func place(_ value: Double) -> Int {
    let share = min(max((value - low) / (high - low), -1), 2)
    return first + Int((share * Double(last - first)).rounded())
  }

  func label(_ value: Double) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    guard abs(value) < 1e12 else { return "\(value)" }
    let whole = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && whole != 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(whole)" }
    let rest = "\(whole % Int64(scale))"
    return sign + "\(whole / Int64(scale))." + String(repeating: "0", count: digits - rest.count)
      + rest
  }
}

/// Lines and letters on a picture.
private struct Canvas {
  var picture: Picture
  private static let scale = 2

  init(_ picture: Picture) { self.picture = picture }

  mutating func dot(_ x: Int, _ y: Int, _ colour: CurvePlot.Colour) {
    guard (0..<picture.width).contains(x), (0..<picture.height).contains(y) else { return }
    let i = (y * picture.width + x) * 3
    picture.pixels[i] = colour.red
    picture.pixels[i + 1] = colour.green
    picture.pixels[i + 2] = colour.blue
  }

  /// Bresenham's line.
  mutating func line(_ a: (Int, Int), _ b: (Int, Int), _ colour: CurvePlot.Colour) {
    var (x, y) = a
    let (dx, dy) = (abs(b.0 - x), -abs(b.1 - y))
    let (sx, sy) = (x < b.0 ? 1 : -1, y < b.1 ? 1 : -1)
    var error = dx + dy
    while true {
      dot(x, y, colour)
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
    _ points: [(Int, Int)?], _ colour: CurvePlot.Colour, thickness: Int
  ) {
    for (a, b) in zip(points, points.dropFirst()) {
      guard let a, let b else { continue }
      for shift in 0..<thickness { line((a.0, a.1 + shift), (b.0, b.1 + shift), colour) }
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
