#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Standard output and error, and Ctrl-C.
enum Terminal {
  /// Whether a person watches standard error.
  static let isWatched = isatty(2) == 1

  static func complain(_ line: String) { write(2, line + "\n") }
  static func say(_ line: String) { write(1, line + "\n") }
  /// Replaces the current line on standard error.
  static func replaceLine(_ line: String) { write(2, "\r\u{1B}[K" + line) }

  private static func write(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let n = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0 { return }
      bytes = bytes.dropFirst(n)
    }
  }

  /// Set by the first Ctrl-C, SIGTERM or SIGHUP (a terminal that closes), and when a reader has gone; the second one ends the process as usual.
  nonisolated(unsafe) private(set) static var isInterrupted = false

  static func catchInterrupts() {
    // Whoever read standard output has gone: as good as Ctrl-C, and what is still said to them is lost.
    signal(SIGPIPE) { _ in Terminal.isInterrupted = true }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { number in
        Terminal.isInterrupted = true
        signal(number, SIG_DFL)
      }
      // nohup: a terminal that closes is to make no difference.
      if number == SIGHUP,
        unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
      {
        signal(number, SIG_IGN)
      }
    }
  }
}

/// A duration as a person says it.
func duration(_ seconds: Double) -> String {
  let s = Int(seconds.rounded())
  return s < 60
    ? "\(s) s" : s < 3600 ? "\(s / 60) min \(s % 60) s" : "\(s / 3600) h \(s / 60 % 60) min"
}

extension Double {
  /// With so many digits after the point.
  func fixed(_ digits: Int) -> String {
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
