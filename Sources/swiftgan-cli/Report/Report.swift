import ArgumentParser
import SwiftGAN

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes one page of a run: verdict, curves, samples through time, nearest neighbors.",
    discussion: """
      The page needs no network and no other file. Curves answer to the pointer, a finger and the arrow keys.
      """)

  @Argument(help: "The folder that train wrote.", completion: .directory)
  var folder: String

  @Option(
    help: "The data set, if it is no longer where train found it.", completion: .directory)
  var data: String?

  @Option(
    name: .shortAndLong, help: "The page to write. Without: report.html in the folder.",
    completion: .file(extensions: ["html"]))
  var out: String?

  @Flag(
    help:
      "Write the page anew every second while the run is trained; a browser that shows it follows.")
  var watch = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: folder)
      if let out { try expectEnding(out, "html") }
      let path = out ?? folder.report
      if watch { Terminal.catchInterrupts() }
      var page = try page(folder)
      try FileIO.writeText(page.html(isFollowed: watch && page.isUnderWay), to: path)
      output.written([path])
      while watch && page.isUnderWay && !Terminal.isInterrupted {
        Terminal.wait(seconds: 1)
        let before = page
        page = try self.page(folder)
        page.keepNeighbors(of: before)
        let isFollowed = page.isUnderWay && !Terminal.isInterrupted
        try FileIO.writeText(page.html(isFollowed: isFollowed), to: path)
      }
    }
  }

  private func page(_ folder: RunFolder) throws(Failure) -> RunPage {
    var settings = try RunSettings(folder)
    if let data { settings.setData(data, options: settings.dataOptions) }
    // Asked for first: a run that ends meanwhile is looked at once more.
    let state = RunState(folder, settings)
    let model = try LoadedModel.any(folder.model)
    return RunPage(
      model: model, history: try History(folder.metrics, upTo: .max), folder: folder,
      settings: settings, state: state)
  }
}
