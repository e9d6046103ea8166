/// How much training there is to do.
struct Budget {
  private let start = ContinuousClock.now
  private let first: UInt64
  private let steps: UInt64?
  private let seconds: Double?

  private static let usualSteps: UInt64 = 10_000

  /// - Parameters:
  ///   - done: steps before this session.
  ///   - settings: what the run was asked for before; where the options say nothing, the rest of
  ///     that is to do, if any is left.
  init(_ options: TrainingOptions, done: UInt64, _ settings: RunSettings) {
    first = done
    guard options.steps == nil, options.minutes == nil else {
      (steps, seconds) = (options.steps, options.minutes.map { $0 * 60 })
      return
    }
    let goal = settings.goal
    let stepsLeft = goal.step.map { $0 > done ? $0 - done : 0 }
    let secondsLeft = goal.seconds.map { $0 - settings.trainedSeconds }
    let isDone = stepsLeft == 0 || secondsLeft.map { $0 <= 0 } ?? false
    let hasGoal = stepsLeft != nil || secondsLeft != nil
    (steps, seconds) = hasGoal && !isDone ? (stepsLeft, secondsLeft) : (Self.usualSteps, nil)
  }

  /// Where a run with this budget is to end.
  func goal(_ settings: RunSettings) -> RunSettings.Goal {
    RunSettings.Goal(
      step: steps.map { first.addingReportingOverflow($0).partialValue },
      seconds: seconds.map { settings.trainedSeconds + $0 })
  }

  var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// The part of the steps or of the time that is over, 0 to 1, whichever is larger.
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
