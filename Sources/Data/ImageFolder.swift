import SGBasics
import SGFormats

/// The PNG and JPEG files of a folder. Its subfolders, if it has any, are the classes, in the order
/// of their names, empty ones included.
struct ImageFolder: Sendable {
  let path: String
  /// Names of the classes; or empty, where the files lie in the folder itself.
  let classes: [String]
  /// Names within the folder or the class's, class by class, in order.
  private(set) var names: [String] = []
  /// Each file's class; or empty.
  private(set) var labels: [Int32] = []
  /// Files that are no pictures by their names.
  private(set) var others = 0

  /// Names that a folder's subfolders have where they are parts of a data set rather than classes.
  private static let splits: Set<String> = ["train", "test", "val", "valid", "validation"]

  /// - Parameter split: which subfolder is meant, where they are called train, test, …; a class of
  ///   any of them is one of all, so that classes have the same numbers in each.
  /// - Throws: `Failure` of kind io (cannot be read, holds no pictures), format (files beside
  ///   subfolders), limit.
  init(_ path: String, split: String) throws(Failure) {
    var path = path
    var entries = try FileIO.list(path)
    let parts = Set(entries.folders)
    var classes = entries.folders
    if parts.contains(split), parts.isSubset(of: Self.splits) {
      var all: Set<String> = []
      for part in parts { all.formUnion(try FileIO.list("\(path)/\(part)").folders) }
      classes = all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      path = "\(path)/\(split)"
      entries = try FileIO.list(path)
      if entries.folders.isEmpty { classes = [] }
    }
    self.path = path
    self.classes = classes
    guard classes.count <= Dataset.mostClasses else {
      throw Failure(.limit, "\(path): more than \(Dataset.mostClasses) subfolders")
    }
    var left = FolderContents()
    left.add(unnamed: entries.unnamed)
    if classes.isEmpty {
      add(entries.files, label: nil, &left)
    } else {
      if let name = entries.files.first(where: ImageFile.isName) {
        throw Failure(
          .format, "\(path): holds subfolders, which would be the classes, and beside them \(name)")
      }
      for name in entries.files { left.add(name) }
      let present = Set(entries.folders)
      for (label, name) in classes.enumerated() where present.contains(name) {
        let inside = try FileIO.list("\(path)/\(name)")
        if let deeper = inside.folders.first {
          throw Failure(
            .format, "\(path)/\(name): a class's folder holds another one, \(deeper)")
        }
        var here = FolderContents()
        let before = names.count
        add(inside.files, label: Int32(label), &here)
        if names.count == before, here.hasOtherPictures {
          throw Self.noPictures("\(path)/\(name)", here)
        }
        for name in inside.files where !ImageFile.isName(name) { left.add(name) }
        left.add(unnamed: inside.unnamed)
      }
    }
    others = left.total
    guard !names.isEmpty else { throw Self.noPictures(path, left) }
    if others > 0 { Log.notice("\(path): left out \(left.summary)\(left.advice)") }
  }

  private static func noPictures(_ path: String, _ contents: FolderContents) -> Failure {
    Failure(
      .io, "\(path): holds \(contents.summary); no PNG or JPEG files\(contents.advice)")
  }

  private mutating func add(_ files: [String], label: Int32?, _ left: inout FolderContents) {
    for name in files {
      guard ImageFile.isName(name) else {
        left.add(name)
        continue
      }
      names.append(name)
      if let label { labels.append(label) }
    }
  }

  /// Where file i lies.
  func file(_ i: Int) -> String { "\(path)/\(name(i))" }

  /// Where file i lies within the folder.
  func name(_ i: Int) -> String {
    labels.isEmpty ? names[i] : "\(classes[Int(labels[i])])/\(names[i])"
  }

  /// Only some of the files.
  mutating func keep(_ index: [Int]) {
    names = index.map { names[$0] }
    if !labels.isEmpty { labels = index.map { labels[$0] } }
  }
}

extension DataFormat {
  static var pictures: DataFormat {
    DataFormat(
      name: "a folder of pictures",
      summary: """
        A folder of PNG and JPEG files. Subfolders are the classes, in the order of their names, \
        or train, test and val, which hold the classes. JPEG files are turned as EXIF's \
        orientation says.
        """,
      files: "a folder", contents: "PNG or JPEG files, no folders of them",
      isFolder: { (_, entries) throws(Failure) in
        !entries.folders.isEmpty || entries.files.contains(where: ImageFile.isName)
      }, hasImages: true,
      options: [
        DataOption("split", "train", "Or test, val."),
        DataOption(
          "background", "white",
          "Behind transparent pixels: a color's name, #rrggbb or [red, green, blue]."),
        DataOption(
          "skip_corrupt", "true",
          "Leaves damaged files out, and names them in the info, instead of stopping."),
        DataOption(
          "inputs", "FOLDER", "What each picture is made from, in a file of its name.",
          isPath: true),
        DataOption("unpaired", "true", "Inputs of any number and names."),
        DataOption(
          "side_by_side", "left", "Or right: that half of each picture is its input."),
      ]
    ) { (o, files) throws(Failure) in
      let split = try o.string("split", oneOf: ["train", "test", "val"], default: "train")
      var shape = try ImageShape(&o)
      shape.background = try o.color("background", default: .white)
      let options = try PictureOptions(&o, split: split, shape: shape)
      return { (path) throws(Failure) in try options.open(path, files) }
    }
  }
}
