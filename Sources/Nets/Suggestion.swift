/// Words that are like others.
package enum Suggestion {
  /// The nearest of the known words, if one is near: at most a third of the letters differ, or one.
  package static func nearest(to word: String, among known: [String]) -> String? {
    let word = String(word.prefix(80))
    let nearest = known.map { (name: $0, distance: distance(word.lowercased(), $0.lowercased())) }
      .min { $0.distance < $1.distance }
    guard let nearest,
      nearest.distance <= max(1, max(word.utf8.count, nearest.name.utf8.count) / 3)
    else { return nil }
    return nearest.name
  }

  /// How many insertions, deletions, replacements and exchanges of neighbors lead from one word to
  /// the other (Damerau 1964; no letter is changed twice).
  package static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var (before, row) = ([Int](), Array(0...b.count))
    for i in 0..<a.count {
      var next = [i + 1]
      for j in 0..<b.count {
        var least = min(next[j] + 1, row[j + 1] + 1, row[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          least = min(least, before[j - 1] + 1)
        }
        next.append(least)
      }
      (before, row) = (row, next)
    }
    return row[b.count]
  }
}
