import ArgumentParser
import SwiftGAN

struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the JSON Schema of a model's configuration.",
    discussion: """
      Every key of every family of models with its default, range and meaning. An editor completes \
      and checks a configuration by it: save it as \
      swiftgan.schema.json, and name it in the configuration's editor settings.
      """)

  mutating func run() throws {
    try reporting {
      Terminal.say(Families.configurationSchema.text(pretty: true))
    }
  }
}
