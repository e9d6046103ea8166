import SGBasics

/// Curves over a common axis, with ticks, a legend and a smoothed line over the raw one.
public struct CurvePlot {
  /// Red, green, blue.
  public typealias Color = Picture.Color
  let title, xLabel, yLabel: String
  let x: [Double]
  let series: [(name: String, color: Color, y: [Double])]
  private let range: ClosedRange<Double>?
  let isSmoothed: Bool

  /// A plot of several series.
  /// - Parameters:
  ///   - title: above the plot.
  ///   - xLabel: below the x axis.
  ///   - yLabel: above the y axis.
  ///   - x: increasing.
  ///   - series: values at each x; those that are not finite leave a gap.
  ///   - range: what the y axis spans; what lies beyond leaves a gap. nil: the values.
  ///   - isSmoothed: whether a smoothed line lies over the raw one.
  public init(
    title: String, xLabel: String, yLabel: String, x: [Double],
    series: [(name: String, color: Color, y: [Double])], range: ClosedRange<Double>? = nil,
    isSmoothed: Bool = true
  ) {
    self.range = range
    self.isSmoothed = isSmoothed
    (self.title, self.xLabel, self.yLabel) = (title, xLabel, yLabel)
    self.x = x
    self.series = series
  }

  static let size = (width: 960, height: 540)
  private static let margin = (left: 90, right: 30, top: 62, bottom: 60)

  typealias Frame = (left: Int, right: Int, top: Int, bottom: Int)

  static let frame: Frame = (
    left: margin.left, right: size.width - margin.right, top: margin.top,
    bottom: size.height - margin.bottom
  )

  func axes(_ frame: Frame) -> (x: Axis, y: Axis) {
    (
      Axis(values: x, from: frame.left, to: frame.right),
      Axis(
        values: range.map { [$0.lowerBound, $0.upperBound] } ?? series.flatMap { robust($0.y) },
        from: frame.bottom, to: frame.top)
    )
  }

  /// Writes a PNG, atomically.
  public func write(to path: String) throws(Failure) { try render().write(to: path) }

  private func render() throws(Failure) -> Picture {
    var canvas = Canvas(
      try Picture(width: Self.size.width, height: Self.size.height, channels: 3, fill: 255))
    let frame = Self.frame
    let (xAxis, yAxis) = axes(frame)
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
    for (_, color, y) in series where isSmoothed {
      let pale = mixed(color, 0.7)
      canvas.curve(points(x, y, xAxis, yAxis, frame), pale, thickness: 1)
    }
    for (_, color, y) in series {
      canvas.curve(
        points(x, isSmoothed ? smoothed(y) : y, xAxis, yAxis, frame), color, thickness: 2)
    }
    canvas.line((frame.left, frame.top), (frame.left, frame.bottom), (60, 60, 60))
    canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), (60, 60, 60))
    canvas.text(title, frame.left, 16)
    canvas.text(
      xLabel, (frame.left + frame.right - canvas.width(of: xLabel)) / 2, Self.size.height - 26)
    canvas.text(yLabel, 12, frame.top - 28)
    var column = frame.right
    for (name, color, _) in series.reversed() {
      column -= canvas.width(of: name)
      canvas.text(name, column, 16)
      column -= 40
      for dy in 0..<3 { canvas.line((column, 21 + dy), (column + 30, 21 + dy), color) }
      column -= 24
    }
    return canvas.picture
  }

  /// Without the largest hundredth of the values, so that one spike does not flatten the rest.
  private func robust(_ y: [Double]) -> [Double] {
    let sorted = y.filter(\.isFinite).sorted()
    return Array(sorted.prefix(max(sorted.count * 99 / 100, min(sorted.count, 20))))
  }

  func points(
    _ x: [Double], _ y: [Double], _ xAxis: Axis, _ yAxis: Axis, _ frame: Frame
  ) -> [(Int, Int)?] {
    zip(x, y).map {
      $1.isFinite && range?.contains($1) ?? true
        ? (xAxis.place($0), min(max(yAxis.place($1), frame.top), frame.bottom)) : nil
    }
  }

  /// An exponential average over about a fiftieth of the points; over all of them at the beginning,
  /// where there are fewer.
  package func smoothed(_ y: [Double]) -> [Double] {
    let weight = 1 / max(Double(y.count) / 50, 1)
    var (mean, count) = (0.0, 0.0)
    return y.map { value in
      guard value.isFinite else { return value }
      count += 1
      mean += max(weight, 1 / count) * (value - mean)
      return mean
    }
  }

  private func mixed(_ color: Color, _ white: Double) -> Color {
    func channel(_ c: UInt8) -> UInt8 { UInt8(Double(c) * (1 - white) + 255 * white) }
    return (channel(color.red), channel(color.green), channel(color.blue))
  }
}
