import SGBasics
import SGFormats
import SGTensors

/// What the columns of a table are.
struct CSVColumns {
  /// The name of the column with classes, numbers or names; nil: none.
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
  /// A table's lines as samples [n]: the columns that are neither labels nor conditions, in their
  /// order.
  /// - Parameter missing: whether fields of samples may be blank or `nan`, which are missing.
  static func csv(
    _ path: String, _ columns: CSVColumns, limit: Int, missing: Bool = false
  ) throws(Failure) -> Dataset {
    var table = try CSV(path)
    var labels = try columns.labels.map { (name) throws(Failure) in
      try table.column(name, "labels")
    }
    // What this library writes; numbers there would be a column like any other.
    if labels == nil, let place = table.names.firstIndex(of: "class"),
      try table.beginsWithText(place)
    {
      labels = place
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
    var classes = ClassColumn(count: labels == nil ? 0 : count)
    var given: Tensor?
    let samples = try Tensor(shape: [count, size]) { (x) throws(Failure) in
      given = try Tensor(shape: [conditions.isEmpty ? 1 : count, max(conditions.count, 1)]) {
        (c) throws(Failure) in
        try table.read(rows: count, textColumn: labels, missing: missing) {
          (row, text, value) throws(CSV.Unfit) in
          try classes.add(text, value, row)
        } _: { (row, column, value) throws(CSV.Unfit) in
          switch places[column] {
          case .sample(let i): x[row * size + i] = Float(value)
          case .condition(let i):
            guard !value.isNaN else { throw CSV.Unfit(expected: "a condition") }
            c[row * conditions.count + i] = Float(value)
          case .label: break
          }
        }
      }
    }
    let (numbers, names) = classes.classes()
    let data = try Dataset(
      samples, labels: numbers, conditions: conditions.isEmpty ? nil : given, source: path,
      missing: missing,
      columnNames: table.names.indices.filter { $0 != labels && !conditions.contains($0) }
        .map { table.names[$0] })
    return names.isEmpty ? data : try data.matchingClasses(names)
  }
}

/// A column of classes: numbers, or names.
private struct ClassColumn {
  /// The index into `texts` for each row.
  private var rows: [Int32]
  private var texts: [[UInt8]] = []
  /// What the texts are as numbers; nil: something else.
  private var values: [Double?] = []
  private var places: [[UInt8]: Int32] = [:]

  init(count: Int) { rows = [Int32](repeating: -1, count: count) }

  mutating func add(_ text: [UInt8], _ value: Double?, _ row: Int) throws(CSV.Unfit) {
    guard !text.isEmpty else { throw CSV.Unfit(expected: "a class") }
    if let place = places[text] {
      rows[row] = place
      return
    }
    if let value, !(-1..<Double(Dataset.mostClasses)).contains(value) || value != value.rounded() {
      throw CSV.Unfit(
        expected: "a class 0...\(Dataset.mostClasses - 1), or -1 for none, or a name")
    }
    guard texts.count < Dataset.mostClasses else {
      throw CSV.Unfit(expected: "at most \(Dataset.mostClasses) different classes")
    }
    guard String(validating: text, as: UTF8.self) != nil else {
      throw CSV.Unfit(expected: "a class in UTF-8")
    }
    places[text] = Int32(texts.count)
    rows[row] = Int32(texts.count)
    texts.append(text)
    values.append(value)
  }

  /// The class of each row, and the classes' names in their order; none where they are numbers.
  func classes() -> ([Int32], [String]) {
    if values.allSatisfy({ $0 != nil }) {
      let numbers = values.map { Int32($0 ?? -1) }
      return (rows.map { numbers[Int($0)] }, [])
    }
    // -1 says among names, too, that the class is unknown.
    let order = texts.indices.filter { values[$0] != -1 }
      .sorted { texts[$0].lexicographicallyPrecedes(texts[$1]) }
    var numbers = [Int32](repeating: -1, count: texts.count)
    for (number, place) in order.enumerated() { numbers[place] = Int32(number) }
    return (
      rows.map { numbers[Int($0)] }, order.map { String(decoding: texts[$0], as: UTF8.self) }
    )
  }
}

extension DataFormat {
  static var csv: DataFormat {
    DataFormat(
      name: "a table",
      summary: """
        A table of numbers, .csv or .tsv: a line of names, then a sample a line (RFC 4180); \
        commas, semicolons or tabs, with semicolons also decimal commas.
        """,
      files: ".csv, .tsv", endings: [".csv", ".tsv"],
      options: [
        DataOption(
          "labels", "NAME",
          """
          The column with the classes: numbers (0..., or -1 for unknown) or names. Without: a \
          column "class" of names.
          """),
        DataOption("conditions", #"["a"]"#, "The columns that are conditions."),
        DataOption("missing", "true", "Blank fields and nan are missing elements."),
      ]
    ) { (o, files) throws(Failure) in
      let columns = try CSVColumns(&o)
      let missing = try o.bool("missing", default: false)
      return { (path) throws(Failure) in
        try Dataset.csv(path, columns, limit: files.limit, missing: missing)
      }
    }
  }
}
