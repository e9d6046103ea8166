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

  @OptionGroup var output: OutputOptions

  func run() throws {
    try reporting {
      let folder = RunFolder(path: folder)
      var settings = try RunSettings(folder)
      if let data { settings.setData(data, options: settings.dataOptions) }
      let model = try LoadedModel.any(folder.model)
      let history = try History(folder.metrics, upTo: model.step)
      let page = RunPage(model: model, history: history, folder: folder, settings: settings)
      let path = out ?? folder.report
      try FileIO.writeText(page.html(), to: path)
      output.written([path])
    }
  }
}
