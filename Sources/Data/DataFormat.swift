import SGBasics
import SGFormats

/// A kind of data that `Dataset.open` reads. Each is declared in the file of its reader, and listed
/// in `all`; what the command's help, the C header and messages say of formats follows.
package struct DataFormat: Sendable {
  /// Opens what a path names.
  typealias Opener = (_ path: String) throws(Failure) -> Dataset

  /// In messages about options, such as "IDX files".
  let name: String
  /// What it is, for the list of formats.
  let summary: String
  /// The word that stands for the data, which then is not in files; nil: files.
  var word: String?
  /// How messages that list formats call its files, such as ".npy"; nil: it has none.
  var files: String?
  /// Endings of its files' names.
  var endings: [String] = []
  /// Whether a file whose name has no format's ending is of this one, by its name in lower case and
  /// its first 16 bytes.
  var isFile: @Sendable (_ path: String, _ name: String, _ head: [UInt8]) throws(Failure) -> Bool =
    { (_, _, _) throws(Failure) in false }
  /// How messages call what a folder holds; nil: it is not read from folders.
  var contents: String?
  /// Whether a folder holds data of this format.
  var isFolder: @Sendable (_ path: String, FileIO.Listing) throws(Failure) -> Bool = {
    (_, _) throws(Failure) in false
  }
  /// Whether samples are images, whose options it then has.
  var hasImages = false
  /// The options of its own.
  let options: [DataOption]
  /// Reads the options of its own.
  let opener: @Sendable (inout JSONObject, FileOptions) throws(Failure) -> Opener

  /// All formats, in the order in which the help lists them.
  static var all: [DataFormat] {
    [.pictures, .idx, .cifar, .npy, .npz, .csv, .sounds, .ring, .grid]
  }

  /// The format of what a path names.
  /// - Throws: `Failure` of kind io for what does not exist and a folder that holds nothing of the
  ///   kind, format or unsupported for other kinds of files.
  static func of(_ path: String) throws(Failure) -> DataFormat {
    if let synthetic = all.first(where: { $0.word == path }) { return synthetic }
    try FileIO.expect(path)
    return FileIO.isDirectory(path) ? try ofFolder(path) : try ofFile(path)
  }

  private static func ofFile(_ path: String) throws(Failure) -> DataFormat {
    let name = LastName.of(path).lowercased()
    let known = all.first { $0.endings.contains(where: name.hasSuffix) }
    if let known { return known }
    if name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz") || name.hasSuffix(".tar") {
      throw Failure(
        .unsupported, "\(path): a tar archive; data is read from what it holds, unpacked")
    }
    let file = try InputFile(path)
    let head = try file.bytes(at: 0, count: min(file.size, 16))
    for format in all where try format.isFile(path, name, head) { return format }
    let what =
      FileSignature.name(of: head)
      ?? "a file whose kind is not known (\(FolderContents.ending(of: LastName.of(path)).shown))"
    throw Failure(
      .format, "\(path): \(what); expected \(all.compactMap(\.files).list(", ", " or "))")
  }

  private static func ofFolder(_ path: String) throws(Failure) -> DataFormat {
    let entries = try FileIO.list(path)
    // Almost any folder could be one of pictures, so that the others come first.
    let pictures = DataFormat.pictures
    let order = all.filter { $0.name != pictures.name } + [pictures]
    for format in order where try format.isFolder(path, entries) { return format }
    var contents = FolderContents()
    for name in entries.files { contents.add(name) }
    contents.add(unnamed: entries.unnamed)
    let single = all.filter { $0.contents == nil }.flatMap(\.endings)
    let file = entries.files.first { single.contains(where: $0.lowercased().hasSuffix) }
    throw Failure(
      .io,
      "\(path): holds \(contents.summary); "
        + all.compactMap(\.contents).map { "no \($0)" }.list(", ", " and ") + contents.advice
        + (file.map { "; name the file itself, as in \(path)/\($0.shown)" } ?? ""))
  }
}

extension [String] {
  /// "a, b or c".
  fileprivate func list(_ separator: String, _ last: String) -> String {
    count < 2
      ? joined() : dropLast().joined(separator: separator) + last + self[count - 1]
  }
}

/// The last part of a path.
enum LastName {
  static func of(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
