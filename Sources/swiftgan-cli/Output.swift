import ArgumentParser
import SwiftGAN

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
