import ArgumentParser
import SwiftGAN

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Describes a checkpoint or a data set.")

  @Argument(
    help: "A checkpoint (*.safetensors), a run's folder or a data set.", completion: .file())
  var path: String

  @OptionGroup var reading: DataOptions

  @Flag(help: "As one JSON object.")
  var json = false

  @Option(help: "A PNG file to write, of 64 of a data set's images.")
  var out: String?

  func run() throws {
    try reporting {
      let checkpoint = RunFolder.checkpoint(path)
      if path.hasSuffix(".safetensors") || FileIO.isRegularFile(checkpoint) && checkpoint != path {
        if out != nil { throw Failure(.argument, "--out: shows data sets; sample shows models") }
        let model = try GAN(Checkpoint.read(checkpoint))
        Terminal.say(json ? description(of: model).text(pretty: true) : text(of: model))
      } else {
        let data = try reading.open(path)
        if let out {
          guard data.shape.rank == 3 else {
            throw Failure(
              .argument, "--out: a picture shows images; these samples are \(data.shape)")
          }
          try ImageGrid(
            data.batch(data.spread(64)), range: data.range ?? ValueRange(-1, 1), columns: 8
          ).write(to: out)
        }
        Terminal.say(try data.description().text(pretty: !json))
      }
    }
  }

  private func description(of model: GAN) -> JSON {
    .object([("summary", model.summary), ("configuration", model.configuration.json)])
  }

  private func text(of model: GAN) -> String {
    var lines = [
      "A GAN after \(model.step) steps, \(model.samplesSeen) samples seen.",
      "Samples \(model.sampleShape), latents [\(model.latentSize)].",
    ]
    for (name, network) in [
      ("generator", model.networks.generator), ("discriminator", model.networks.discriminator),
    ] {
      lines += ["", name]
      var rows = [["", "layer", "output", "parameters", "multiply-adds"]]
      for l in network.layers {
        rows.append([
          l.name, l.kind, l.output.description, "\(l.parameters)",
          "\(l.multiplyAdds)",
        ])
      }
      rows.append(["", "in all", "", "\(network.parameterCount)", "\(network.multiplyAdds)"])
      lines += aligned(rows)
    }
    return (lines + ["", model.configuration.json.text(pretty: true)]).joined(separator: "\n")
  }

  /// Columns of equal width, the last two to the right.
  private func aligned(_ rows: [[String]]) -> [String] {
    let widths = rows[0].indices.map { c in rows.map { $0[c].count }.max() ?? 0 }
    return rows.map { row in
      "  "
        + row.indices.map { c in
          let space = String(repeating: " ", count: widths[c] - row[c].count)
          return c >= 3 ? space + row[c] : row[c] + space
        }.joined(separator: "  ")
    }
  }
}
