import SwiftGAN

/// A comparison as one HTML page, which needs no network, no script and no other file.
struct ComparisonPage {
  let comparison: Comparison
  let source: String

  func html() throws(Failure) -> String {
    let table = ComparisonTable(comparison: comparison)
    let head = ComparisonTable.titles.map { "<th scope=\"col\">\($0)</th>" }.joined()
    let rows = table.cells.map { cells in
      "<tr><th scope=\"row\">\(escaped(cells[0]))</th>"
        + cells.dropFirst().map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    var pictures: [String] = []
    for row in comparison.rows {
      guard let picture = try comparison.picture(of: row) else { continue }
      pictures.append(
        "<figure><figcaption>\(escaped(row.family))</figcaption><img src=\""
          + Base64.png(try picture.png()) + "\" alt=\"Samples of \(escaped(row.family))\"></figure>"
      )
    }
    let configurations = comparison.rows.map { row in
      "<details><summary>\(escaped(row.family))</summary><pre>"
        + escaped(row.configuration.text(pretty: true)) + "</pre></details>"
    }
    return Self.page([
      "TITLE": "swiftgan: families on \(escaped(source))", "HEAD": head,
      "ROWS": rows.joined(separator: "\n"),
      "NOTES": table.notes.map { "<li>\(escaped($0))</li>" }.joined(separator: "\n"),
      "PICTURES": pictures.joined(separator: "\n"),
      "CONFIGURATIONS": configurations.joined(separator: "\n"),
    ])
  }

  /// The template comparison.html with each part in the place of its name between two §; what is
  /// put in is not looked at again.
  private static func page(_ parts: [String: String]) -> String {
    let template = String(decoding: PackageResources.comparison_html, as: UTF8.self)
    return template.split(separator: "§", omittingEmptySubsequences: false)
      .map { parts[String($0)] ?? String($0) }.joined()
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
