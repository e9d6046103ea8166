#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The op types that the engine's sources declare.
enum OpSources {
  struct Unreadable: Error {
    var path: String
  }

  /// `Sources/Tensors/Ops` of the package that this file belongs to.
  static var folder: String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/Sources/Tensors/Ops"
  }

  static func types() throws -> Set<String> {
    var result: Set<String> = []
    for file in try files() { result.formUnion(declared(in: try text(file))) }
    return result
  }

  static func files() throws -> [String] {
    guard let directory = opendir(folder) else { throw Unreadable(path: folder) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".swift") { names.append(name) }
    }
    return names.sorted().map { folder + "/" + $0 }
  }

  private static func text(_ path: String) throws -> String {
    guard let file = fopen(path, "rb") else { throw Unreadable(path: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while case let n = fread(&piece, 1, piece.count, file), n > 0 { bytes += piece[..<n] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Names of types declared or extended to conform to something that ends in "Op".
  static func declared(in text: String) -> Set<String> {
    let code = text.split(separator: "\n").map { line in
      line.range(of: "//").map { line[..<$0] } ?? line
    }.joined(separator: " ")
    var words: [Substring] = []
    for word in code.split(whereSeparator: \.isWhitespace) {
      var rest = word
      while let i = rest.firstIndex(where: { ":,{}()".contains($0) }) {
        if i > rest.startIndex { words.append(rest[..<i]) }
        words.append(rest[i...i])
        rest = rest[rest.index(after: i)...]
      }
      if !rest.isEmpty { words.append(rest) }
    }
    var result: Set<String> = []
    for (i, word) in words.enumerated()
    where ["struct", "class", "enum", "actor", "extension"].contains(word) && i + 2 < words.count {
      guard words[i + 2] == ":" else { continue }
      let inherited = words[(i + 3)...].prefix { $0 != "{" && $0 != "where" }
      if inherited.contains(where: { $0.hasSuffix("Op") }) { result.insert(String(words[i + 1])) }
    }
    return result
  }
}

extension Substring {
  /// Where the first occurrence of a piece starts.
  fileprivate func range(of piece: String) -> Index? {
    indices.first { self[$0...].hasPrefix(piece) }
  }
}
