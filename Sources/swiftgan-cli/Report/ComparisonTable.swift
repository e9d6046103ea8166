import SwiftGAN

/// A comparison as a table: of text for a terminal, of cells for a page.
struct ComparisonTable {
  let comparison: Comparison

  static let titles = [
    "family", "steps", "nats", "bits/dim", "likelihood", "Parzen", "Fréchet", "precision", "recall",
    "samples/s", "one sample", "sampling", "full support", "completion",
  ]

  /// The families that took the data, a row of cells each; "–": not measured, or not possible.
  var cells: [[String]] {
    comparison.rows.filter { $0.refusal == nil }.map { row in
      [
        row.family, "\(row.steps)" + (row.stopped == nil ? "" : "!"),
        row.likelihood.map { "\($0.nats.fixed(2)) ± \($0.standardError.fixed(2))" } ?? "–",
        number(row.likelihood?.bitsPerDimension, 3), row.likelihood.map(describe) ?? "–",
        number(row.parzen?.nats, 2),
        row.distances?.frechet.map { "\($0.toSignificant(4))" } ?? "–",
        number(row.distances?.precision, 2), number(row.distances?.recall, 2),
        row.samplesPerSecond.map { $0.fixed($0 < 10 ? 1 : 0) } ?? "–",
        row.latency.map { "\(($0 * 1000).toSignificant(3)) ms" } ?? "–",
        sampling(row), support(row),
        row.completionError.map { "\($0.toSignificant(3))" } ?? "–",
      ]
    }
  }

  private func number(_ value: Double?, _ digits: Int) -> String {
    value.map { $0.fixed(digits) } ?? "–"
  }

  private func describe(_ likelihood: Comparison.Likelihood) -> String {
    let measure = likelihood.isProbability ? "probability" : "density"
    return "\(likelihood.kind.rawValue), \(measure)"
      + (likelihood.binarization.map { ", binarized \($0)" } ?? "")
  }

  private func sampling(_ row: Comparison.Row) -> String {
    guard let sampling = row.sampling else { return "–" }
    return sampling.rawValue + (row.samplesAreMeans == true ? ", means" : "")
  }

  private func support(_ row: Comparison.Row) -> String {
    switch row.hasFullSupport {
    case true?: "yes"
    case false?: "no (\(row.latentSize ?? 0) of \(comparison.shape.count))"
    case nil: "–"
    }
  }

  /// What the table's figures are of, and what it lacks.
  var notes: [String] {
    var notes = [
      "\(comparison.trained) samples of shape \(comparison.shape) for training,"
        + " \(comparison.heldOut) held out, seed \(comparison.seed)."
        + (comparison.minutes.map { " Minutes asked for: \($0)." } ?? "")
    ]
    let counts = comparison.rows.compactMap(\.distances?.count)
    if let count = counts.first {
      notes.append(
        "Fréchet distance, precision and recall: \(count) samples and as many held-out ones, by their"
          + " elements" + (reduced.map { " (of the distance: images reduced to \($0))" } ?? "")
          + ".")
    }
    if comparison.rows.contains(where: { $0.likelihood != nil }) {
      notes.append(
        "nats: mean log-likelihood of a held-out sample ± its standard error. Probabilities and"
          + " densities, and of binarized and other samples, do not compare with each other.")
    }
    for row in comparison.rows {
      guard let likelihood = row.likelihood, !likelihood.others.isEmpty else { continue }
      let values = likelihood.others.map { other in
        let options = other.options == [:] ? "the default" : other.options.text(pretty: false)
        return "\(other.nats.fixed(2)) by \(options)"
      }
      notes.append(
        "\(row.family), nats of the first \(min(64, likelihood.count)) samples by options of its"
          + " likelihood: \(values.joined(separator: ", ")).")
    }
    if let parzen = comparison.rows.compactMap(\.parzen).first {
      notes.append(
        "Parzen: nats of \(parzen.judged) held-out samples under a window on \(parzen.windows)"
          + " samples, as densities, whose bandwidth \(parzen.validation) others chose. "
          + ParzenWindow.caution)
    }
    if comparison.rows.contains(where: { $0.samplesAreMeans == true }) {
      notes.append(
        "Sampling \"means\": a sample is the mean of the distribution that the nats are of.")
    }
    if comparison.rows.contains(where: { $0.hasFullSupport == false }) {
      notes.append(
        "Full support \"no\": samples lie on a set of at most as many dimensions as a latent has,"
          + " fewer than the data's elements.")
    }
    for row in comparison.rows {
      if let refusal = row.refusal {
        notes.append("\(row.family) cannot take the data: \(refusal)")
      }
      if let stopped = row.stopped {
        notes.append("\(row.family): training ended after \(row.steps) steps: \(stopped)")
      }
      notes += row.missing.map { "\(row.family), \($0.measure): \($0.reason)" }
    }
    return notes
  }

  private var reduced: String? {
    for case .reducedPixels(let shape, _)? in comparison.rows.map(\.distances?.features) {
      return "\(shape)"
    }
    return nil
  }

  /// Columns aligned by spaces, then the notes.
  var text: String {
    let lines = [Self.titles] + cells
    let widths = Self.titles.indices.map { i in lines.map { $0[i].count }.max() ?? 0 }
    let table = lines.map { line in
      let padded = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      return String(padded.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }
    return (table + [""] + notes).joined(separator: "\n")
  }
}
