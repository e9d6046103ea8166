import SwiftGAN

/// `metrics.jsonl`, one report a line; `metrics.csv`, its numbers as a table; and the curves drawn
/// from them.
struct MetricFiles {
  private(set) var history = History()
  private let folder: RunFolder
  private let lines: GrowingFile
  private let table: GrowingFile
  private var columns: [String] = []
  private let isEvaluated: Bool
  private let units: [String: FigureUnit]

  /// Opens the files; what is of steps after `step` (from a run that did not reach its checkpoint)
  /// goes.
  /// - Parameter units: of figures by name.
  init(
    _ folder: RunFolder, keepingUpTo step: UInt64, isEvaluated: Bool,
    units: [String: FigureUnit]
  ) throws(Failure) {
    self.folder = folder
    self.units = units
    self.isEvaluated = isEvaluated
    history = try History(folder.metrics, upTo: step, isTrimmed: true)
    try FileIO.writeText("", to: folder.table)
    lines = try GrowingFile(folder.metrics)
    table = try GrowingFile(folder.table)
    for i in history.steps.indices {
      addRow(history.steps[i], history.columns.map { ($0.name, $0.values[i]) })
    }
    try flush()
  }

  /// - Parameter evaluation: members that an evaluation adds to the step's report.
  mutating func append(_ report: StepReport, evaluation: [(String, JSON)]) -> JSON {
    var json = report.json
    if case .object(let members) = json { json = .object(members + evaluation) }
    history.append(json)
    lines.append(line: json.text(pretty: false))
    if case .object(let members) = json {
      addRow(
        Double(report.step),
        members.compactMap { member in member.value.real.map { (member.key, $0) } })
    }
    return json
  }

  private mutating func addRow(_ step: Double, _ values: [(name: String, value: Double)]) {
    if columns.isEmpty {
      columns = values.map(\.name).filter { $0 != "step" }
      if isEvaluated { columns += History.evaluated.filter { !columns.contains($0) } }
      table.append(line: (["step"] + columns).joined(separator: ","))
    }
    var cells = ["\(UInt64(step))"]
    for name in columns {
      let value = values.first { $0.name == name }?.value
      cells.append(value.map { $0.isFinite ? "\($0)" : "" } ?? "")
    }
    table.append(line: cells.joined(separator: ","))
  }

  /// Writes what waits.
  func flush() throws(Failure) {
    try lines.flush()
    try table.flush()
  }

  /// What training descends, by name: every figure whose name ends in "cost".
  private var costs: [(String, CurvePlot.Color, [Double])] {
    let colors: [CurvePlot.Color] = [
      (31, 119, 180), (214, 39, 40), (44, 160, 44), (148, 103, 189),
    ]
    return history.columns.filter { $0.name.hasSuffix("cost") }.enumerated().map { i, column in
      let name = column.name.split(separator: "_").dropLast().joined(separator: " ")
      return (name.isEmpty ? column.name : name, colors[i % colors.count], column.values)
    }
  }

  /// Draws costs over the steps and, where there were evaluations, distances.
  /// - Returns: the files.
  func plot() throws(Failure) -> [String] {
    let costs = CurvePlot(
      title: "Costs", xLabel: "step",
      yLabel: "cost" + (units["cost"].map { " (\($0.rawValue))" } ?? ""), x: history.steps,
      series: costs)
    var made = [folder.curve("curve", "png"), folder.curve("curve", "svg")]
    try costs.write(to: made[0])
    try costs.writeSVG(to: made[1])
    let distances = history.known(history.distance.column)
    if distances.x.count >= 2 {
      let plot = CurvePlot(
        title: history.distance.column == "frechet_distance"
          ? "Frechet distance" : "Kernel distance",
        xLabel: "step", yLabel: "distance", x: distances.x,
        series: [("distance", (44, 160, 44), distances.y)], isSmoothed: false)
      made += [folder.curve("distance", "png"), folder.curve("distance", "svg")]
      try plot.write(to: made[2])
      try plot.writeSVG(to: made[3])
    }
    return made
  }
}
