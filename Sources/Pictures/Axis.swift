/// The map from values to pixels along one axis, with round ticks.
struct Axis {
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
