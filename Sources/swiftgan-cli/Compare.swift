import ArgumentParser
import SwiftGAN
import SGTensors

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains families of models on the same data for the same time, and compares them.",
    discussion: """
      One table: log-likelihood of held-out samples, Fréchet distance, precision and recall, speed \
      of sampling and how it is done, \
      support, error of completion, as far as a family has each. The folder gets comparison.json, \
      samples.png with a row of samples of each \
      family, and index.html with all of it, which needs no network and no other file. A family \
      that cannot take the data is listed \
      with the reason. With --steps everything but speeds is the same each time.
      """)

  @Argument(help: "A data set, as for train.", completion: .directory)
  var data: String

  @OptionGroup var reading: DataOptions

  @Option(help: "all, or names with commas between them: \(Families.names).")
  var families = "all"

  @Option(help: "Minutes of the whole comparison. Without --minutes and --steps: 2.")
  var minutes: Double?

  @Option(help: "Steps of each family, instead of --minutes.")
  var steps: UInt64?

  @Option(help: "Samples in a minibatch (64, or all of the data where there are fewer).")
  var batch: Int?

  @Option(help: "Samples that are not trained on (a sixth of the data, at most 1000).")
  var heldOut: Int?

  @Option(help: "Seed of weights, of the held-out samples and of every draw.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      """
      Changes one key of a family's configuration, such as vae.latent.size=8 or \
      rbm.rbm.hidden=200. Repeatable; the value is JSON, else a string.
      """,
      valueName: "family.key=value"))
  var settings: [String] = []

  @Option(help: "Threads for the arithmetic; 0: all cores.")
  var threads: Int32 = 0

  @Option(name: .shortAndLong, help: "The folder to write.", completion: .directory)
  var out = "comparison"

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let minutes, !(minutes > 0 && minutes <= 10_080) {
      throw ValidationError("--minutes: expected a time above 0, at most 10080, found \(minutes)")
    }
    if minutes != nil, steps != nil {
      throw ValidationError("--minutes: not together with --steps")
    }
    if !(0...256).contains(threads) {
      throw ValidationError("--threads: expected 0...256, found \(threads)")
    }
    if seed > Int64.max {
      throw ValidationError("--seed: expected at most \(Int64.max), found \(seed)")
    }
  }

  func run() throws {
    try reporting {
      let options = try ComparisonOptions(json: JSONObject(try json(), path: ""))
      let dataset = try reading.open(data)
      guard Threads.set(Int(threads)) else {
        throw ValidationError("--threads: \(threads) is not possible here")
      }
      try FileIO.makeDirectory(out)
      Terminal.catchInterrupts()
      let line = ComparisonLine()
      defer { line.end() }
      let comparison = try Comparison(of: dataset, options, progress: line.show)
      line.end()
      try write(comparison)
    }
  }

  private func json() throws(Failure) -> JSON {
    var json: JSON = ["seed": .integer(Int64(seed))]
    if families != "all" {
      let names = families.split(separator: ",", omittingEmptySubsequences: false)
      try json.set("families", to: .array(names.map { .string(String($0)) }))
    }
    if let minutes { try json.set("minutes", to: .number(minutes)) }
    if let steps { try json.set("steps", to: .integer(Int64(clamping: steps))) }
    if let batch { try json.set("batch", to: JSON(batch)) }
    if let heldOut { try json.set("held_out", to: JSON(heldOut)) }
    var configurations: JSON = [:]
    try configurations.set(settings, option: "--set")
    try json.set("configurations", to: configurations)
    return json
  }

  private func write(_ comparison: Comparison) throws(Failure) {
    let page = "\(out)/index.html"
    let (report, samples) = ("\(out)/comparison.json", "\(out)/samples.png")
    var written = [page, report]
    try FileIO.writeText(comparison.json.text(pretty: true) + "\n", to: report)
    if let picture = try comparison.picture() {
      try picture.write(to: samples)
      written.append(samples)
    } else {
      // That of an earlier comparison is not this one's.
      try FileIO.remove(samples)
    }
    try FileIO.writeText(
      ComparisonPage(comparison: comparison, source: data).html(), to: page)
    if !output.json {
      Terminal.say(ComparisonTable(comparison: comparison).text + "\n")
    }
    output.written(written, [("comparison", comparison.json)])
  }
}

/// What a comparison does now: a line that changes on a terminal, a line for each activity
/// elsewhere.
final class ComparisonLine {
  private var said = ""
  private var isOpen = false

  /// - Returns: whether to go on.
  func show(_ progress: Comparison.Progress) -> Bool {
    let text = "\(progress.activity) (\(Int(100 * progress.share)) %)"
    if text != said {
      if Terminal.isWatched {
        Terminal.replaceLine(text)
        isOpen = true
      } else {
        Terminal.complain(text)
      }
    }
    said = text
    return !Terminal.isInterrupted
  }

  func end() {
    if isOpen { Terminal.complain("") }
    isOpen = false
  }
}
