#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Paths that mean the same from every working directory.
enum Paths {
  /// A path from the root. Of a path that is there links are resolved.
  static func absolute(_ path: String) -> String {
    if let resolved = realpath(path, nil) {
      defer { free(resolved) }
      return String(cString: resolved)
    }
    guard !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }

  /// The way from a folder to a path; both are absolute.
  static func relative(_ path: String, to folder: String) -> String {
    let (a, b) = (folder.split(separator: "/"), path.split(separator: "/"))
    var common = 0
    while common < min(a.count, b.count), a[common] == b[common] { common += 1 }
    let up = Array(repeating: Substring(".."), count: a.count - common)
    return (up + b[common...]).joined(separator: "/")
  }

  /// Whether something is there.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

/// A word as a shell reads it back: in single quotes where it has more than letters, digits and
/// what paths are made of.
func shellQuoted(_ word: String) -> String {
  let plain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+=:,@%".utf8.contains(byte) || byte >= 0x80
    }
  }
  return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
