import ArgumentParser
import SwiftGAN

struct CompareCosts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare-costs",
    abstract: "Draws the generator's costs as functions of D(G(z)).",
    discussion: """
      The comparison of Goodfellow's tutorial (2016, figure 16): minimax, flat where the \
      discriminator wins (left), non_saturating, \
      steep there, and maximum_likelihood, to which almost only the best fakes matter. With a \
      checkpoint it also prints how much each cost's gradient fluctuates from minibatch to \
      minibatch.
      """)

  @Option(
    help: "A checkpoint, or a run's folder, for the noise of the gradients.",
    completion: .file(extensions: ["safetensors"]))
  var model: String?

  @Option(help: "Divergences of f-GAN to compare as well: kl, reverse_kl, pearson, ... or all.")
  var divergence: [String] = []

  @Option(name: .shortAndLong, help: "The PNG of the costs; their slopes go beside it.")
  var out = "costs.png"

  @Flag(help: "The numbers as one JSON object instead of pictures.")
  var json = false

  func run() throws {
    try reporting {
      try expectEnding(out, "png")
      var comparison = CostComparison(try objectives())
      if let model {
        try LoadedModel.with("compare_costs", as: (any ComparesCosts).self, model).measure(
          &comparison, batch: 64, batches: 16, seed: 1)
      }
      if json { return Terminal.say(comparison.json.text(pretty: false)) }
      let slopes = (out.hasSuffix(".png") ? String(out.dropLast(4)) : out) + "-slopes.png"
      let plots = comparison.plots()
      try plots.costs.write(to: out)
      try plots.slopes.write(to: slopes)
      for curve in comparison.curves {
        guard let g = curve.gradient else { continue }
        Terminal.say(
          "\(curve.objective.label): gradient's norm \(g.norm), variance \(g.variance),"
            + " deviation over norm \((g.variance.squareRoot() / g.norm).fixed(2))")
      }
      Terminal.say(out)
      Terminal.say(slopes)
    }
  }

  private func objectives() throws(Failure) -> [Objective] {
    let names = divergence == ["all"] ? Divergence.allCases.map(\.rawValue) : divergence
    var result = Objective.crossEntropy
    for name in names {
      guard let found = Divergence(rawValue: name) else {
        throw Failure(
          .argument,
          "--divergence: unknown divergence \"\(name.shown)\""
            + JSONObject.suggestion(for: name, among: Divergence.allCases.map(\.rawValue)))
      }
      result.append(.fGAN(found))
    }
    return result
  }
}
