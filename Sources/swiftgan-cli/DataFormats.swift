import ArgumentParser
import SGData
import SwiftGAN

/// What can stand for DATA. `swiftgan help data` shows it, too.
struct DataFormats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Lists the formats of data, and the options of each.",
    discussion: """
      DATA of train, info, evaluate and complete is one of these. An option is given as \
      --data-option key=value; its value is JSON, else a string.


      """ + DataFormat.manual)

  func run() throws {
    try reporting { Terminal.say(SwiftGANCommand.helpMessage(for: Self.self)) }
  }
}
