import SGBasics
import SGFormats

/// What a path holds, by the names of the files and their first bytes.
enum DataFormat {
  case idx, images, cifar, npy, npz, csv, sounds

  /// In messages about options.
  var name: String {
    switch self {
    case .idx: "IDX files"
    case .images: "a folder of pictures"
    case .cifar: "CIFAR's binary files"
    case .npy: "an NPY file"
    case .npz: "an NPZ archive"
    case .csv: "a table"
    case .sounds: "WAV files"
    }
  }

  /// - Throws: `Failure` of kind io for what does not exist and a folder that holds nothing of the
  ///   kind, format or unsupported for other kinds of files.
  init(of path: String) throws(Failure) {
    try FileIO.expect(path)
    self = FileIO.isDirectory(path) ? try Self.ofFolder(path) : try Self.ofFile(path)
  }

  private static func ofFile(_ path: String) throws(Failure) -> DataFormat {
    let name = LastName.of(path).lowercased()
    let endings: [(String, DataFormat)] = [
      (".npy", .npy), (".npz", .npz), (".csv", .csv), (".tsv", .csv), (".bin", .cifar),
      (".wav", .sounds), (".wave", .sounds),
    ]
    if let known = endings.first(where: { name.hasSuffix($0.0) }) { return known.1 }
    // A damaged IDX file is still one by its name.
    if name.contains("idx") || name.contains("ubyte") { return .idx }
    let file = try InputFile(path)
    let head = try file.bytes(at: 0, count: min(file.size, 16))
    if CIFAR.isPickledName(name), let what = FileSignature.name(of: head) {
      throw Failure(.unsupported, "\(path): \(what); \(CIFAR.advice)")
    }
    if name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz") || name.hasSuffix(".tar") {
      throw Failure(
        .unsupported, "\(path): a tar archive; data is read from what it holds, unpacked")
    }
    let isGzip = head.starts(with: [0x1F, 0x8B])
    if head.prefix(2).allSatisfy({ $0 == 0 }) || isGzip && !name.contains(".csv") { return .idx }
    let what =
      FileSignature.name(of: head)
      ?? "a file whose kind is not known (\(FolderContents.ending(of: LastName.of(path)).shown))"
    throw Failure(
      .format,
      "\(path): \(what); expected a folder, an IDX file, .npy, .npz, .csv, .tsv, .wav or CIFAR's .bin"
    )
  }

  /// Whether a folder, or the first of its subfolders that holds sound or pictures, holds sound.
  private static func holdsSounds(
    _ path: String, _ entries: FileIO.Listing
  ) throws(Failure) -> Bool {
    if entries.files.contains(where: ImageFile.isName) { return false }
    if entries.files.contains(where: SoundFile.isName) { return true }
    for name in entries.folders {
      let inside = try FileIO.list("\(path)/\(name)")
      if !inside.folders.isEmpty || inside.files.contains(where: ImageFile.isName) { return false }
      if inside.files.contains(where: SoundFile.isName) { return true }
    }
    return false
  }

  private static func ofFolder(_ path: String) throws(Failure) -> DataFormat {
    let entries = try FileIO.list(path)
    if entries.files.contains(where: IDXFiles.isName) { return .idx }
    if entries.files.contains(where: CIFAR.isName) { return .cifar }
    if entries.files.contains("batches.meta")
      || ["train", "test", "meta"].allSatisfy(entries.files.contains)
    {
      throw Failure(.unsupported, "\(path): holds CIFAR's version for Python; \(CIFAR.advice)")
    }
    if try holdsSounds(path, entries) { return .sounds }
    if !entries.folders.isEmpty || entries.files.contains(where: ImageFile.isName) {
      return .images
    }
    var contents = FolderContents()
    for name in entries.files { contents.add(name) }
    contents.add(unnamed: entries.unnamed)
    let tables = entries.files.filter { name in
      [".npy", ".npz", ".csv", ".tsv"].contains { name.lowercased().hasSuffix($0) }
    }
    throw Failure(
      .io,
      "\(path): holds \(contents.summary); no PNG or JPEG files, no folders of them, no IDX files of"
        + " images and no CIFAR batches\(contents.advice)"
        + (tables.first.map { "; name the file itself, as in \(path)/\($0.shown)" } ?? ""))
  }
}

/// The last part of a path.
enum LastName {
  static func of(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
