import ArgumentParser
import SwiftGAN

struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes one page of a run: verdict, curves, samples through time, nearest neighbors.",
    discussion: """
      The page needs no network and no other file. Curves answer to the pointer, a finger and the \
      arrow keys.
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

  @Option(
    help: "Write the samples through time as an animation, too: .gif, or .png (APNG).",
    completion: .file(extensions: ["gif", "png"]))
  var film: String?

  @Flag(
    help:
      "Write the page anew every second while the run is trained; a browser that shows it follows.")
  var watch = false

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: folder)
      if let out { try expectEnding(out, "html") }
      if let film { try expectEnding(film, film.lowercased().hasSuffix(".png") ? "png" : "gif") }
      let path = out ?? folder.report
      if watch { Terminal.catchInterrupts() }
      var page = try page(folder)
      try FileIO.writeText(page.html(isFollowed: watch && page.isUnderWay), to: path)
      if let film { try writeFilm(film, folder, upTo: page.step) }
      output.written([path] + [film].compactMap { $0 })
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

  private func writeFilm(
    _ path: String, _ folder: RunFolder, upTo step: UInt64
  ) throws(Failure) {
    let steps = Frames.chosen(from: folder.pictures(upTo: step))
    guard !steps.isEmpty else {
      throw Failure(.argument, "--film: the samples of this run are no pictures")
    }
    if path.lowercased().hasSuffix(".png") {
      try FileIO.writeBytes(Frames.animation(of: folder, steps), to: path)
      return
    }
    var film = GIFAnimation()
    for step in steps { try film.append(png: folder.picture(step)) }
    try FileIO.writeBytes(
      film.encoded(seconds: Frames.seconds, lastSeconds: Frames.lastSeconds), to: path)
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
