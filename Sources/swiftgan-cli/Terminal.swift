#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output and error, and Ctrl-C.
enum Terminal {
  /// Whether a person watches standard error on a terminal whose lines can be replaced.
  static let isWatched = isatty(2) == 1 && !["", "dumb"].contains(variable("TERM"))

  private static func variable(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }

  /// How many characters a line of the terminal holds now.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// A line on standard error. Whether it arrives makes no difference.
  static func complain(_ line: String) { _ = send(2, line + "\n") }

  /// A line on standard output: what the command was asked for. If it cannot be written, training
  /// stops as after Ctrl-C (status 2), and every other command ends with status 1 (`finish`).
  static func say(_ line: String) { put(Array((line + "\n").utf8)) }

  /// Bytes on standard output, as `say(_:)`.
  static func put(_ bytes: [UInt8]) {
    guard outputError == 0 else { return }
    outputError = send(1, bytes)
    if outputError != 0 { isInterrupted = true }
  }

  /// The system's error for the first line that could not be written to standard output; 0: there
  /// was none.
  nonisolated(unsafe) private static var outputError: Int32 = 0

  /// Before anything is opened: a standard stream that was closed would become some file, and what
  /// is said would be written into it.
  static func prepare() {
    // A reader that has gone is the error EPIPE of the next write.
    signal(SIGPIPE, SIG_IGN)
    // Standard output opened for reading: writing is an error, as it was.
    for (descriptor, flags) in [(Int32(0), O_RDONLY), (1, O_RDONLY), (2, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", flags) }
  }

  /// Ends the process, with status 1 where it would have been 0 but standard output is incomplete.
  static func finish(_ status: Int32) -> Never {
    if outputError == 0, fflush(nil) != 0 { outputError = errno }
    guard outputError != 0 else { exit(status) }
    complain("swiftgan: standard output: \(String(cString: strerror(outputError)))")
    exit(status == 0 ? 1 : status)
  }

  /// Waits; an interrupt ends it.
  static func wait(seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while !isInterrupted, ContinuousClock.now < end { usleep(20_000) }
  }

  /// Replaces the current line on standard error by one that is cut to the terminal's width.
  static func replaceLine(_ line: String) {
    // The last column stays free: some terminals begin a new line after it.
    let most = max(columns - 1, 1)
    let cut = line.count > most ? line.prefix(max(most - 1, 0)) + "…" : line[...]
    _ = send(2, "\r\u{1B}[K" + cut)
  }

  /// - Returns: the system's error; 0: all of it was written.
  private static func send(_ descriptor: Int32, _ text: String) -> Int32 {
    send(descriptor, Array(text.utf8))
  }

  private static func send(_ descriptor: Int32, _ all: [UInt8]) -> Int32 {
    var bytes = all[...]
    while !bytes.isEmpty {
      let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if n < 0 {
        if errno == EINTR { continue }
        guard errno == EAGAIN else { return errno }
        // A pipe that its owner made non-blocking, and that is full.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
        continue
      }
      bytes = bytes.dropFirst(n)
    }
    return 0
  }

  /// Set by the first Ctrl-C, SIGTERM or SIGHUP (a terminal that closes), and when standard output
  /// cannot be written; the second signal ends the process as usual.
  nonisolated(unsafe) private(set) static var isInterrupted = false

  static func catchInterrupts() {
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
