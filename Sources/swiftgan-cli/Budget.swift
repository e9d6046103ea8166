/// How much training there is to do.
struct Budget {
  private let start = ContinuousClock.now
  private let first: UInt64
  private let steps: UInt64?
  private let seconds: Double?

  init(_ options: TrainingOptions, done: UInt64) {
    first = done
    steps = options.steps ?? (options.minutes == nil ? 10_000 : nil)
    seconds = options.minutes.map { $0 * 60 }
  }

  var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// From 0 to 1: the part of the steps or of the time, whichever is further.
  func share(_ step: UInt64) -> Double {
    let bySteps = steps.map { Double(step - first) / Double($0) } ?? 0
    let byTime = seconds.map { elapsed / $0 } ?? 0
    return min(max(bySteps, byTime), 1)
  }

  func isSpent(_ step: UInt64) -> Bool { share(step) >= 1 }

  /// Seconds to go, judged by the pace so far.
  func left(_ step: UInt64) -> Double? {
    let share = share(step)
    return share > 0 ? elapsed * (1 - share) / share : nil
  }
}
