import ArgumentParser
import SwiftGAN

/// A class that a command's `--label` names: its number, or its name.
struct ClassArgument: ExpressibleByArgument {
  let text: String

  init(argument: String) { text = argument }

  /// - Parameters:
  ///   - use: what samples of the model are made for.
  ///   - checkpoint: the file of the model, which holds the names, or a run's folder.
  /// - Throws: `Failure` of kind argument or unsupported that says which classes there are.
  func number(
    for use: LabelUse, checkpoint: String
  ) throws(Failure) -> Int32 {
    let classes = use.sizes.classes
    guard classes > 0 else {
      throw Failure(
        .unsupported,
        "--label: this model makes samples of no class that is asked for; train one with"
          + " --labels conditional on data with classes")
    }
    let names = try Self.names(checkpoint)
    if let i = names.firstIndex(of: text) { return Int32(i) }
    let last = classes - 1
    guard let number = Int32(text) else {
      throw Failure(
        .argument,
        "--label: expected a class 0...\(last)"
          + (names.isEmpty ? "" : " or one of \(names.prefix(50).joined(separator: ", "))")
          + ", found \"\(text)\""
          + (names.isEmpty ? " (the model's classes have no names)" : ""))
    }
    guard (0...Int32(last)).contains(number) else {
      throw Failure(.argument, "--label: expected a class 0...\(last), found \(number)")
    }
    return number
  }

  /// The classes' names of a checkpoint's model, or of its run; empty: they have none.
  static func names(_ checkpoint: String) throws(Failure) -> [String] {
    let path = RunFolder.checkpoint(checkpoint)
    let names = try Families.classNames(checkpoint: path)
    if !names.isEmpty { return names }
    // Checkpoints of earlier versions know none, but the run's folder does.
    return try RunFolder.around(path).flatMap { (run) throws(Failure) in
      try RunSettings(run).fingerprint?.classNames
    } ?? []
  }
}
