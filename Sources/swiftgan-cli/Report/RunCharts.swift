import SwiftGAN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The curves of a run's page, thinned to what a screen can show.
struct RunCharts {
  let history: History
  /// The units of columns by name, where they have some.
  let units: [String: FigureUnit]

  /// The most points of a curve: a page of 10,000 steps stays small and opens at once.
  private static let points = 600

  /// A chart: its title, what its vertical axis measures where that has no unit, and the columns of
  /// the metrics with their names.
  private struct Kind {
    let title, axis: String
    let series: [(column: String, name: String)]
  }

  private static let first = [
    Kind(title: "Cost", axis: "cost", series: [("cost", "cost")]),
    Kind(
      title: "Costs", axis: "cost",
      series: [("discriminator_cost", "discriminator"), ("generator_cost", "generator")]),
    Kind(
      title: "Discriminator output", axis: "mean output",
      series: [("real_output", "real samples"), ("fake_output", "generated samples")]),
    Kind(
      title: "Discriminator accuracy", axis: "share",
      series: [("real_accuracy", "real samples"), ("fake_accuracy", "generated samples")]),
    Kind(title: "Class accuracy", axis: "share", series: [("class_accuracy", "accuracy")]),
    Kind(
      title: "Gradient norms", axis: "norm",
      series: [
        ("discriminator_gradient_norm", "discriminator"), ("generator_gradient_norm", "generator"),
      ]),
    Kind(
      title: "Standard deviation of samples over the data's", axis: "ratio",
      series: [("sample_spread", "ratio")]),
    Kind(
      title: "Fréchet distance", axis: "distance", series: [("frechet_distance", "distance")]),
    Kind(title: "Kernel distance", axis: "distance", series: [("kernel_distance", "distance")]),
    Kind(
      title: "Precision and recall", axis: "share",
      series: [("precision", "precision"), ("recall", "recall")]),
    Kind(title: "Modes found", axis: "modes", series: [("modes_found", "modes")]),
  ]
  private static let last = [
    Kind(
      title: "Learning rate", axis: "learning rate", series: [("learning_rate", "learning rate")]),
    Kind(
      title: "Speed", axis: "samples per second", series: [("images_per_second", "speed")]),
  ]

  var caption: String {
    let steps = history.steps.count
    return steps <= Self.points
      ? "Every step."
      : "Lines are means of about \((steps / Self.points).grouped) steps, with the range that they span."
  }

  /// Charts that have something to show; columns that are in none of the known kinds get their own,
  /// unless they never change.
  var json: [JSON] {
    let placed = ["epoch"] + (Self.first + Self.last).flatMap { $0.series.map(\.column) }
    let others = history.columns.map(\.name).filter { name in
      guard !placed.contains(name) else { return false }
      let values = history.known(name).y
      return values.contains { $0 != values[0] }
    }
    let own = others.map { name in
      let words = name.replacing("_", with: " ")
      return Kind(
        title: words.prefix(1).uppercased() + words.dropFirst(), axis: words,
        series: [(name, "value")])
    }
    return (Self.first + own + Self.last).compactMap(chart)
  }

  private func chart(_ kind: Kind) -> JSON? {
    let present = kind.series.filter { !history.known($0.column).x.isEmpty }
    guard let first = present.first else { return nil }
    // Evaluations are few: their steps alone; everything else has all steps.
    let x = history.known(first.column).x
    let isSparse = x.count * 2 < history.steps.count
    let unit = units[first.column]?.rawValue
    let axis =
      switch unit {
      case nil: kind.axis
      case kind.axis?: kind.axis
      case let unit?: "\(kind.axis) (\(unit))"
      }
    var members: [(String, JSON)] = [("title", .string(kind.title)), ("axis", .string(axis))]
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
