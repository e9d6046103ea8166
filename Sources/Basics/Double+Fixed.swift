extension Double {
  /// With so many digits after the point.
  package func fixed(_ digits: Int) -> String {
    guard isFinite, abs(self) < 1e15 else { return "\(self)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int64((abs(self) * scale).rounded())
    let (units, rest) = whole.quotientAndRemainder(dividingBy: Int64(scale))
    let sign = self < 0 && whole != 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(units)" }
    let text = "\(rest)"
    return "\(sign)\(units).\(String(repeating: "0", count: digits - text.count))\(text)"
  }
}
