/// An option of how data is read, for the list of formats.
package struct DataOption: Sendable {
  let key, example, summary: String
  /// Whether its value is the path of a file or folder.
  let isPath: Bool

  /// - Parameters:
  ///   - example: a value, as the command takes it.
  ///   - summary: what it does; for one of few values, the others.
  init(_ key: String, _ example: String, _ summary: String, isPath: Bool = false) {
    (self.key, self.example, self.summary, self.isPath) = (key, example, summary, isPath)
  }
}

extension DataFormat {
  /// All formats with their options, for a person: lines of at most 79 columns.
  package static var manual: String {
    let synthetic = all.compactMap(\.word)
    var parts = all.map { format in
      let shared = (format.hasImages ? ImageShape.options : []) + FileOptions.options
      return format.summary.wrapped(0)
        + format.options.map(\.lines).joined()
        + (format.word == nil
          ? (shared.map(\.key).joined(separator: " ") + ", and those of all data").wrapped(2) : "")
    }
    func shared(_ title: String, _ options: [DataOption]) {
      parts.append(title.wrapped(0) + options.map(\.lines).joined())
    }
    shared("Images of all formats:", ImageShape.options)
    shared("All files:", FileOptions.options)
    shared(
      "All data but \(synthetic.joined(separator: " and ")):", DatasetChanges.options)
    return parts.joined(separator: "\n")
  }
}

extension DataOption {
  /// "  key=example    What it does.", with the sentence in a column of its own.
  fileprivate var lines: String {
    let start = "  \(key)=\(example)"
    let column = 24
    let text = summary.wrapped(column).drop { $0 == " " }
    return start.count < column
      ? start + String(repeating: " ", count: column - start.count) + text
      : start + "\n" + summary.wrapped(column)
  }
}

extension String {
  /// Lines of at most 79 columns, each with its end, after so many blanks.
  fileprivate func wrapped(_ indentation: Int) -> String {
    var lines: [String] = []
    for word in split(separator: " ") {
      if let line = lines.last, indentation + line.count + 1 + word.count <= 79 {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
    let blanks = String(repeating: " ", count: indentation)
    return lines.map { blanks + $0 + "\n" }.joined()
  }
}
