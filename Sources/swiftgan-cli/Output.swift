import ArgumentParser
import SwiftGAN

/// Endings of files that hold something.
private let knownEndings: Set<String> = [
  "csv", "gif", "html", "jpeg", "jpg", "json", "jsonl", "npy", "npz", "onnx", "pdf", "png", "pt",
  "pth", "safetensors", "svg", "tsv", "txt", "wav", "zip",
]

/// - Throws: `Failure` of kind argument where a path has the ending of another kind of file.
func expectEnding(_ path: String, _ wanted: String) throws(Failure) {
  let file = path.split(separator: "/").last ?? ""
  guard let dot = file.lastIndex(of: ".") else { return }
  let ending = file[file.index(after: dot)...].lowercased()
  guard ending != wanted, knownEndings.contains(ending) else { return }
  throw Failure(
    .argument, "\(path.shown): expected the ending .\(wanted), which is what this writes")
}

/// What a command says of the files that it wrote: their names for a person, one JSON object for a
/// program.
struct OutputOptions: ParsableArguments {
  @Flag(help: "One JSON object on standard output, for programs.")
  var json = false

  /// - Parameter more: members of the object beside `written`.
  func written(_ paths: [String], _ more: [(String, JSON)] = []) {
    if json {
      let members = more + [("written", JSON.array(paths.map { .string($0) }))]
      Terminal.say(JSON.object(members).text(pretty: false))
    } else {
      for path in paths { Terminal.say(path) }
    }
  }
}
