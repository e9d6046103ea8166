extension BinaryInteger {
  /// In decimal, with a comma between thousands.
  var grouped: String {
    var text = ""
    for (i, digit) in String(magnitude).reversed().enumerated() {
      if i > 0, i % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}
