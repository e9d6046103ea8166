import SGBasics
import SGFormats

/// What files a folder holds, in words for messages.
struct FolderContents {
  private var counts: [String: Int] = [:]
  /// Files and entries whose names are not UTF-8.
  private(set) var total = 0

  /// The most endings that are named.
  private static let named = 6
  /// Endings of pictures that are not read.
  private static let otherPictures = [
    ".webp": "WebP", ".gif": "GIF", ".bmp": "BMP", ".tif": "TIFF", ".tiff": "TIFF",
    ".heic": "HEIC", ".avif": "AVIF",
  ]

  mutating func add(_ name: String) {
    counts[Self.ending(of: name), default: 0] += 1
    total += 1
  }

  mutating func add(unnamed: Int) {
    guard unnamed > 0 else { return }
    counts["with names that are not UTF-8", default: 0] += unnamed
    total += unnamed
  }

  /// A name from its last dot on, in lower case.
  static func ending(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else {
      return "without an ending"
    }
    return name[dot...].lowercased()
  }

  /// Whether there are pictures of kinds that are not read.
  var hasOtherPictures: Bool { counts.keys.contains { Self.otherPictures[$0] != nil } }

  /// Such as "60 .webp, 2 .txt"; "no files" where there are none.
  var summary: String {
    let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    if rows.isEmpty { return "no files" }
    let rest = rows.dropFirst(Self.named).reduce(0) { $0 + $1.value }
    return rows.prefix(Self.named).map { "\($0.value) \($0.key.shown)" }.joined(separator: ", ")
      + (rest > 0 ? ", \(rest) others" : "")
  }

  /// What to do about pictures of other kinds; or "".
  var advice: String {
    let kinds = Set(counts.keys.compactMap { Self.otherPictures[$0] }).sorted()
    guard let last = kinds.last else { return "" }
    let list = kinds.dropLast().joined(separator: ", ")
    let subject = list.isEmpty ? "\(last) is" : "\(list) and \(last) are"
    return " (\(subject) not read: convert the files to PNG or JPEG)"
  }
}
