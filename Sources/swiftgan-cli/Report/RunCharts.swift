import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The curves of a run's page, thinned to what a screen can show.
struct RunCharts {
  let history: History
  /// The units of columns by name, where they have some.
  let units: [String: FigureUnit]

  /// The most points of a curve: a page of 10,000 steps stays small and opens at once.
  private static let points = 600

  /// Title, and the columns of the metrics with their names.
  private static let every: [(title: String, series: [(column: String, name: String)])] = [
    ("Costs", [("discriminator_cost", "discriminator"), ("generator_cost", "generator")]),
    ("What the discriminator says", [("real_output", "of data"), ("fake_output", "of fakes")]),
    ("What it gets right", [("real_accuracy", "of data"), ("fake_accuracy", "of fakes")]),
    ("Classes told right", [("class_accuracy", "share")]),
    (
      "Gradient norms",
      [
        ("discriminator_gradient_norm", "discriminator"), ("generator_gradient_norm", "generator"),
      ]
    ),
    ("Spread of samples over the data's", [("sample_spread", "ratio")]),
    ("Fréchet distance", [("frechet_distance", "distance")]),
    ("Kernel distance", [("kernel_distance", "distance")]),
    ("Precision and recall", [("precision", "precision"), ("recall", "recall")]),
    ("Modes found", [("modes_found", "modes")]),
    ("Learning rate", [("learning_rate", "generator")]),
  ]

  var caption: String {
    let steps = history.steps.count
    return steps <= Self.points
      ? "Every step."
      : "Lines are means of about \(steps / Self.points) steps, with the range that they span."
  }

  /// Charts that have something to show; columns that are in none of them get their own, unless
  /// they never change.
  var json: [JSON] {
    let placed = ["epoch"] + Self.every.flatMap { $0.series.map(\.column) }
    let others = history.columns.map(\.name).filter { name in
      guard !placed.contains(name) else { return false }
      let values = history.known(name).y
      return values.contains { $0 != values[0] }
    }
    return Self.every.compactMap(chart)
      + others.compactMap { name in
        let title = String(name.prefix(1)).uppercased() + name.dropFirst()
        return chart(title.replacing("_", with: " "), [(name, "value")])
      }
  }

  private func chart(_ title: String, _ series: [(column: String, name: String)]) -> JSON? {
    let present = series.filter { !history.known($0.column).x.isEmpty }
    guard let first = present.first else { return nil }
    // Evaluations are few: their steps alone; everything else has all steps.
    let x = history.known(first.column).x
    let isSparse = x.count * 2 < history.steps.count
    let unit = units[first.column].map { " (\($0.rawValue))" } ?? ""
    var members: [(String, JSON)] = [("title", .string(title + unit))]
    var drawn: [JSON] = []
    for (i, one) in present.enumerated() {
      let values =
        isSparse ? history.known(one.column) : (history.steps, history[one.column] ?? [])
      let thin = ThinnedSeries(x: values.0, y: values.1, points: Self.points)
      if i == 0 { members.append(("x", numbers(thin.x))) }
      drawn.append(
        .object([
          ("name", .string(one.name)), ("mean", numbers(thin.mean)),
          ("least", numbers(thin.least)), ("greatest", numbers(thin.greatest)),
        ]))
    }
    return .object(members + [("series", .array(drawn))])
  }

  private func numbers(_ values: [Double]) -> JSON {
    .array(values.map { .number($0.isFinite ? $0.toSignificant(5) : .nan) })
  }
}

extension Double {
  /// With so many significant digits.
  func toSignificant(_ digits: Int) -> Double {
    guard isFinite, self != 0 else { return self }
    let scale = pow(10, Double(digits - 1) - log10(abs(self)).rounded(.down))
    return scale.isFinite && scale > 0 ? (self * scale).rounded() / scale : self
  }
}
