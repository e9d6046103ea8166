import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `metrics.jsonl`, one report a line, and the cost curves drawn from it.
struct Metrics {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>
  private var steps: [Double] = []
  private var discriminator: [Double] = []
  private var generator: [Double] = []

  /// Opens the file; lines of steps after `step` (from a run that did not reach its checkpoint) go.
  init(path: String, keepingUpTo step: UInt64) throws(Failure) {
    self.path = path
    var kept: [String] = []
    if step > 0, FileIO.isRegularFile(path) {
      for line in try FileIO.readText(path).split(separator: "\n") {
        guard let json = try? JSON(parsing: String(line)), let number = json["step"]?.wholeNumber,
          number <= Int64(step), let d = json["discriminator_cost"]?.real,
          let g = json["generator_cost"]?.real
        else { continue }
        kept.append(String(line))
        steps.append(Double(number))
        discriminator.append(d)
        generator.append(g)
      }
    }
    guard let file = fopen(path, "w") else {
      throw Failure(.io, "\(path): \(String(cString: strerror(errno)))")
    }
    self.file = file
    for line in kept { fputs(line + "\n", file) }
  }

  mutating func append(_ report: StepReport) {
    fputs(report.json.text(pretty: false) + "\n", file)
    steps.append(Double(report.step))
    discriminator.append(report.discriminatorCost)
    generator.append(report.generatorCost)
  }

  func flush() { fflush(file) }

  /// Both costs over the steps.
  func plot(to path: String) throws(Failure) {
    try CurvePlot(
      title: "Costs", xLabel: "step", yLabel: "cost", x: steps,
      series: [
        ("discriminator", (31, 119, 180), discriminator), ("generator", (214, 39, 40), generator),
      ]
    ).write(to: path)
  }
}
