import SwiftGAN

/// What a person sees while training runs: one line that changes on a terminal, a line every ten seconds elsewhere.
struct ProgressLine {
  let isJSON: Bool
  private var shown = ContinuousClock.now - .seconds(60)
  private var stepsShown: UInt64 = 0
  private var imagesPerSecond = 0.0
  private var isOpen = false

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func show(_ report: StepReport, _ budget: Budget) {
    if isJSON { return Terminal.say(report.json.text(pretty: false)) }
    imagesPerSecond =
      imagesPerSecond == 0
      ? report.imagesPerSecond : 0.95 * imagesPerSecond + 0.05 * report.imagesPerSecond
    let now = ContinuousClock.now
    guard now - shown >= (Terminal.isWatched ? .milliseconds(100) : .seconds(10)) else { return }
    shown = now
    let left = budget.left(report.step).map { "\(duration($0)) left" } ?? ""
    let line =
      "step \(report.step)  epoch \(report.epoch.fixed(2))  \(imagesPerSecond.fixed(0)) images/s"
      + "  cost D \(report.discriminatorCost.fixed(3)) G \(report.generatorCost.fixed(3))"
      + (report.balance.map {
        "  D(real) \($0.realOutput.fixed(2)) D(fake) \($0.fakeOutput.fixed(2))"
      } ?? "") + "  \(left)"
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
