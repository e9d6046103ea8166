import SwiftGAN

/// The figures of a run, step by step.
struct History {
  private(set) var steps: [Double] = []
  /// Every number of the reports by its name; NaN at steps that lack it.
  private(set) var columns: [(name: String, values: [Double])] = []
  /// The verdicts of the last steps that have one, at most `remembered` of them.
  private(set) var verdicts: [(step: UInt64, text: String)] = []
  static let remembered = 200

  /// What an evaluation adds.
  static let evaluated = [
    "frechet_distance", "precision", "recall", "kernel_distance", "modes_found",
  ]

  subscript(name: String) -> [Double]? { columns.first { $0.name == name }?.values }

  /// - Parameter line: a line of `metrics.jsonl`.
  /// - Returns: whether it was one.
  @discardableResult mutating func append(_ line: JSON) -> Bool {
    guard case .object(let members) = line, let step = line["step"]?.wholeNumber else {
      return false
    }
    var place = 0
    for (name, value) in members where name != "step" {
      if name == "verdict", let text = value.text {
        if verdicts.count == Self.remembered { verdicts.removeFirst() }
        verdicts.append((UInt64(max(step, 0)), text))
      }
      guard let number = value.real ?? (value == .null ? .nan : nil) else { continue }
      // Lines have their members in the same order, so the column is mostly the next one.
      if place >= columns.count || columns[place].name != name {
        if let found = columns.firstIndex(where: { $0.name == name }) {
          place = found
        } else {
          columns.append((name, Array(repeating: .nan, count: steps.count)))
          place = columns.count - 1
        }
      }
      columns[place].values.append(number)
      place += 1
    }
    steps.append(Double(step))
    for i in columns.indices where columns[i].values.count < steps.count {
      columns[i].values.append(.nan)
    }
    return true
  }

  /// The distance that evaluations compare models by: Fréchet's, or the kernel distance where that
  /// could not be computed.
  var distance: (name: String, column: String) {
    known("frechet_distance").x.isEmpty && !known("kernel_distance").x.isEmpty
      ? ("kernel distance", "kernel_distance") : ("Fréchet distance", "frechet_distance")
  }

  /// The least of these distances and its step.
  var best: (distance: Double, step: UInt64)? {
    let known = known(distance.column)
    return zip(known.y, known.x).min { $0.0 < $1.0 }.map { ($0.0, UInt64($0.1)) }
  }

  /// A column without the steps that lack it.
  func known(_ name: String) -> (x: [Double], y: [Double]) {
    let pairs = zip(steps, self[name] ?? []).filter(\.1.isFinite)
    return (pairs.map(\.0), pairs.map(\.1))
  }
}

extension History {
  /// The most bytes of metrics that are read.
  private static let longest = 4 << 30

  /// Reads `metrics.jsonl` up to a step; a last line that was cut off is left out.
  /// - Parameter isTrimmed: whether what is left out is taken out of the file, too.
  init(_ path: String, upTo step: UInt64, isTrimmed: Bool = false) throws(Failure) {
    guard FileIO.isRegularFile(path) else { return }
    let text = try FileIO.readText(path, limit: Self.longest)
    var kept: [Substring] = []
    var size = 0
    for line in text.split(separator: "\n") {
      guard let json = try? JSON(parsing: String(line)),
        let number = json["step"]?.wholeNumber, number >= 0, UInt64(number) <= step, append(json)
      else { continue }
      kept.append(line)
      size += line.utf8.count + 1
    }
    if isTrimmed, size != text.utf8.count {
      try FileIO.writeText(kept.map { $0 + "\n" }.joined(), to: path)
    }
  }
}
