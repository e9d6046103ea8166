import ArgumentParser
import SwiftGAN

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes a checkpoint or a data set.")

  @Argument(help: "A checkpoint (*.safetensors) or a data set.")
  var path: String

  @Flag(help: "As one JSON object.")
  var json = false

  func run() throws {
    try reporting {
      if path.hasSuffix(".safetensors") {
        let model = try GAN(Checkpoint.read(path))
        Terminal.say(json ? description(of: model).text(pretty: true) : text(of: model))
      } else {
        let data = try Dataset.open(path)
        Terminal.say(data.json.text(pretty: !json))
      }
    }
  }

  private func networks(of model: GAN) -> [(name: String, network: Network)] {
    [("generator", model.networks.generator), ("discriminator", model.networks.discriminator)]
  }

  private func description(of model: GAN) -> JSON {
    .object(
      [("step", .integer(Int64(model.step))), ("configuration", model.configuration.json)]
        + networks(of: model).map { name, network in
          (
            name,
            .object([
              ("parameters", .integer(Int64(network.parameterCount))),
              ("multiply_adds", .integer(Int64(network.multiplyAdds))),
            ])
          )
        })
  }

  private func text(of model: GAN) -> String {
    var lines = [
      "A GAN after \(model.step) steps, \(model.samplesSeen) samples seen.",
      "Samples \(model.sampleShape), latents [\(model.latentSize)].", "",
    ]
    for (name, network) in networks(of: model) {
      lines.append(
        "\(name): \(network.parameterCount) parameters, \(network.multiplyAdds) multiply-adds a sample"
      )
      for row in network.parameterRows { lines.append("  \(row.name)  \(row.shape)") }
    }
    return (lines + ["", model.configuration.json.text(pretty: true)]).joined(separator: "\n")
  }
}
