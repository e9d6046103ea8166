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
        let model = try LoadedModel.any(checkpoint)
        Terminal.say(json ? description(of: model).text(pretty: true) : text(of: model))
      } else {
        let data = try reading.open(path)
        if let out {
          try expectEnding(out, "png")
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

  private func description(of model: any Model) -> JSON {
    .object([
      ("summary", Families.summary(of: model)),
      ("configuration", Families.configuration(of: model)),
    ])
  }

  private func text(of model: any Model) -> String {
    let summary = Families.summary(of: model)
    var lines = [
      "A model of the family \"\(type(of: model).family)\" after \(model.step) steps,"
        + " \(model.samplesSeen) samples seen.",
      "Samples \(model.sampleShape)"
        + ((model as? any HasLatents).map { ", latents [\($0.latentSize)]" } ?? "") + ".",
      "It can \(Families.capabilities(of: model).joined(separator: ", ")).",
    ]
    let names = (model as? any NamesClasses)?.classNames ?? []
    if !names.isEmpty {
      let shown = names.prefix(50).joined(separator: ", ")
      lines.append("Its classes are \(shown)\(names.count > 50 ? ", …" : "").")
    }
    lines += Self.units(of: model)
    if let kind = summary["likelihood"]?.text { lines.append("Its likelihood is \(kind).") }
    if case .object(let members) = summary {
      for (name, network) in members { lines += table(name, network) }
    }
    let configuration = Families.configuration(of: model).text(pretty: true)
    return (lines + ["", configuration]).joined(separator: "\n")
  }

  /// How a model standardizes, of wide vectors the first columns.
  private static func units(of model: any Model) -> [String] {
    guard let standardization = (model as? any Standardizing)?.standardization else { return [] }
    func line(_ what: String, _ columns: Standardization.Columns?) -> String? {
      guard let columns else { return nil }
      let parts = zip(columns.offset, columns.factor).prefix(12).map { "\($0) ± \($1)" }
      let more = columns.offset.count > 12 ? ", …" : ""
      return "Its networks see \(what) as columns of mean 0 and deviation 1; in the data's units"
        + " these are \(parts.joined(separator: ", "))\(more)."
    }
    return [
      line("samples", standardization.samples), line("conditions", standardization.conditions),
    ].compactMap { $0 }
  }

  /// The layers of a network; nothing for what is none.
  private func table(_ name: String, _ network: JSON) -> [String] {
    guard case .array(let layers)? = network["layers"] else { return [] }
    func text(_ json: JSON?) -> String {
      json?.text ?? json?.text(pretty: true) ?? ""
    }
    var rows = [["", "layer", "output", "parameters", "multiply-adds"]]
    let keys = ["name", "layer", "output", "parameters", "multiply_adds"]
    rows += layers.map { layer in keys.map { text(layer[$0]) } }
    rows.append(["", "in all", "", text(network["parameters"]), text(network["multiply_adds"])])
    return ["", name] + aligned(rows)
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
