import SGBasics
import SGFormats
import SGTensors

/// What the columns of a table are.
struct CSVColumns {
  /// The name of the column with class indices; nil: none.
  var labels: String?
  /// The names of the columns with conditions.
  var conditions: [String] = []

  /// - Parameter o: reads `labels` and `conditions`.
  init(_ o: inout JSONObject) throws(Failure) {
    labels = try o.optionalString("labels")
    conditions = try o.strings("conditions")
  }
}

extension Dataset {
  /// A table's lines as samples [n]: the columns that are neither labels nor conditions, in their order.
  static func csv(
    _ path: String, _ columns: CSVColumns, limit: Int
  ) throws(Failure) -> Dataset {
    var table = try CSV(path)
    let labels = try columns.labels.map { (name) throws(Failure) in
      try table.column(name, "labels")
    }
    var conditions: [Int] = []
    for (i, name) in columns.conditions.enumerated() {
      let place = try table.column(name, "conditions[\(i)]")
      guard place != labels, !conditions.contains(place) else {
        throw Failure(
          .configuration, "conditions[\(i)]: the column \"\(name.shown)\" is used already")
      }
      conditions.append(place)
    }
    enum Place {
      case sample(Int), condition(Int), label
    }
    var size = 0
    let places = table.names.indices.map { column -> Place in
      if column == labels { return .label }
      if let i = conditions.firstIndex(of: column) { return .condition(i) }
      size += 1
      return .sample(size - 1)
    }
    guard size > 0 else {
      throw Failure(
        .configuration, "\(path): no column is left for the samples beside labels and conditions")
    }
    let count = min(limit, table.rows)
    guard count <= Int(Int32.max) else { throw Failure(.limit, "\(path): \(count) lines") }
    try Memory.reserve(floats: count, copies: table.names.count, for: "\(path)")
    if labels != nil { try Memory.expectRoom(for: 4 * count, "\(count) labels") }
    var classes = [Int32](repeating: -1, count: labels == nil ? 0 : count)
    var given: Tensor?
    let samples = try Tensor(shape: [count, size]) { (x) throws(Failure) in
      given = try Tensor(shape: [conditions.isEmpty ? 1 : count, max(conditions.count, 1)]) {
        (c) throws(Failure) in
        try table.read(rows: count) { (row, column, value) throws(CSV.Unfit) in
          switch places[column] {
          case .sample(let i): x[row * size + i] = Float(value)
          case .condition(let i): c[row * conditions.count + i] = Float(value)
          case .label:
            guard let label = Int32(exactly: value), (-1..<Int32(mostClasses)).contains(label)
            else { throw CSV.Unfit(expected: "a class 0...\(mostClasses - 1), or -1 for none") }
            classes[row] = label
          }
        }
      }
    }
    return try Dataset(
      samples, labels: classes, conditions: conditions.isEmpty ? nil : given, source: path)
  }
}
