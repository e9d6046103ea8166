import SGBasics
import SGFormats

/// The PNG files of a folder. Its subfolders, if it has any, are the classes, in the order of their names.
struct ImageFolder: Sendable {
  let path: String
  /// Names of the subfolders; or empty, where the files lie in the folder itself.
  let classes: [String]
  /// Names within the folder or the class's, class by class, in order.
  private(set) var names: [String] = []
  /// Each file's class; or empty.
  private(set) var labels: [Int32] = []
  /// Files that are no PNG by their name.
  private(set) var others = 0

  /// Names that a folder's subfolders have where they are parts of a data set rather than classes.
  private static let splits: Set<String> = ["train", "test", "val", "valid", "validation"]

  /// - Parameter split: which subfolder is meant, where they are called train, test, …
  /// - Throws: `Failure` of kind io (cannot be read, holds no PNG files), format (files beside subfolders), limit.
  init(_ path: String, split: String) throws(Failure) {
    var path = path
    var entries = try FileIO.list(path)
    let parts = Set(entries.folders)
    if parts.contains(split), parts.isSubset(of: Self.splits) {
      path = "\(path)/\(split)"
      entries = try FileIO.list(path)
    }
    self.path = path
    classes = entries.folders
    guard classes.count <= Dataset.mostClasses else {
      throw Failure(.limit, "\(path): more than \(Dataset.mostClasses) subfolders")
    }
    if classes.isEmpty {
      add(entries.files, label: nil)
    } else {
      if let name = entries.files.first(where: Self.isPNG) {
        throw Failure(
          .format, "\(path): holds subfolders, which would be the classes, and beside them \(name)")
      }
      others = entries.files.count
      for (label, name) in classes.enumerated() {
        let inside = try FileIO.list("\(path)/\(name)")
        if let deeper = inside.folders.first {
          throw Failure(
            .format, "\(path)/\(name): a class's folder holds another one, \(deeper)")
        }
        add(inside.files, label: Int32(label))
        guard labels.last == Int32(label) else {
          throw Failure(.io, "\(path)/\(name): holds no PNG files")
        }
      }
    }
    guard !names.isEmpty else { throw Failure(.io, "\(path): holds no PNG files") }
  }

  private mutating func add(_ files: [String], label: Int32?) {
    for name in files {
      guard Self.isPNG(name) else {
        others += 1
        continue
      }
      names.append(name)
      if let label { labels.append(label) }
    }
  }

  static func isPNG(_ name: String) -> Bool { name.lowercased().hasSuffix(".png") }

  /// Where file i lies.
  func file(_ i: Int) -> String {
    labels.isEmpty
      ? "\(path)/\(names[i])" : "\(path)/\(classes[Int(labels[i])])/\(names[i])"
  }

  /// Only some of the files.
  mutating func keep(_ index: [Int]) {
    names = index.map { names[$0] }
    if !labels.isEmpty { labels = index.map { labels[$0] } }
  }
}
