import SwiftGAN

/// What a person sees while training runs: one line that changes on a terminal, a line every ten
/// seconds elsewhere.
struct ProgressLine {
  let isJSON: Bool
  private var shown = ContinuousClock.now - .seconds(60)
  private var imagesPerSecond = 0.0
  private var isOpen = false

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// After the first step: when there will be samples to look at.
  mutating func first(_ frames: Frames, took seconds: Double) {
    guard !isJSON, let step = (2...1000).first(where: { frames.areDue(UInt64($0)) }) else { return }
    Terminal.complain(
      "first samples: after step \(step), in about \(duration(max(1, seconds * Double(step - 1))))")
  }

  /// - Parameter json: the report, with what was added to it.
  mutating func show(_ report: StepReport, _ json: JSON, _ budget: Budget) {
    if isJSON { return Terminal.say(json.text(pretty: false)) }
    imagesPerSecond =
      imagesPerSecond == 0
      ? report.imagesPerSecond : 0.95 * imagesPerSecond + 0.05 * report.imagesPerSecond
    if let distance = json["kernel_distance"]?.real {
      end()
      let text =
        json["frechet_distance"]?.real.map { "Fréchet distance \($0.fixed(3))" }
        ?? "kernel distance \(distance.fixed(6))"
        + (json["frechet_distance_missing"]?.text.map { " (no Fréchet distance: \($0))" } ?? "")
      Terminal.complain("step \(report.step)  \(text)")
    }
    let now = ContinuousClock.now
    guard now - shown >= (Terminal.isWatched ? .milliseconds(100) : .seconds(10)) else { return }
    shown = now
    let left = budget.left(report.step).map { "\(duration($0)) left" } ?? ""
    let line =
      "step \(report.step)  epoch \(report.epoch.fixed(2))  \(imagesPerSecond.fixed(0)) images/s"
      + "  \(report.brief)  \(left)"
    if Terminal.isWatched {
      Terminal.replaceLine(line)
      isOpen = true
    } else {
      Terminal.complain(line)
    }
  }

  mutating func end() {
    if isOpen { Terminal.complain("") }
    isOpen = false
  }
}

/// How far the classifier is that judges samples: a line that changes on a terminal, a line every
/// ten seconds elsewhere.
final class LearningLine {
  private var percent = -1
  private var shown = ContinuousClock.now
  private var isOpen = false

  /// - Returns: whether to go on.
  func show(_ share: Double) -> Bool {
    let text = "a classifier learns the data's classes: \(Int(100 * share)) %"
    if Terminal.isWatched {
      if Int(100 * share) > percent { Terminal.replaceLine(text) }
      isOpen = true
    } else if ContinuousClock.now - shown >= .seconds(10) {
      Terminal.complain(text)
      shown = .now
    }
    percent = Int(100 * share)
    return !Terminal.isInterrupted
  }

  func end() {
    if isOpen { Terminal.complain("") }
    isOpen = false
  }
}
