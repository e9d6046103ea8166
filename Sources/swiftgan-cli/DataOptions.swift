import ArgumentParser
import SwiftGAN

/// How a data set is read: common to all commands that take one.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data-option"),
    help: ArgumentHelp(
      """
      How the data is read, such as channels=3, background=black, split=test, limit=1000 or \
      stack=3 (those of swiftgan_dataset_open). Repeatable; the value is JSON, else a string.
      """,
      valueName: "key=value"))
  var settings: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      The side in pixels to which images are brought: the largest square is cut out of the middle \
      and resized; RGB if any picture is.
      """,
      valueName: "pixels"))
  var size: Int?

  /// - Parameter before: options of earlier, which these change.
  func json(changing before: JSON = .object([])) throws(Failure) -> JSON {
    var json = before
    try json.set(settings, option: "--data-option")
    if let size { try json.set("size", to: .integer(Int64(size))) }
    return json
  }

  func open(_ path: String) throws(Failure) -> Dataset {
    try Dataset.expect(path)
    return try Dataset.open(path, options: JSONObject(json(), path: ""))
  }

  /// A data set, or that of the run that a checkpoint belongs to. What the run reads it by stands
  /// where no option says otherwise; it does for other data only if no data is given.
  func open(_ path: String?, orOfRun checkpoint: String) throws(Failure) -> Dataset {
    let folder = RunFolder.around(checkpoint)
    guard let folder, FileIO.isRegularFile(folder.settings) else {
      guard let path else {
        throw Failure(
          .argument,
          "expected a data set: \(checkpoint.shown) is of no run's folder that would name one")
      }
      return try open(path)
    }
    var run = try RunSettings(folder)
    if let path, Paths.absolute(path) != run.data, path != run.data { return try open(path) }
    run.dataOptions = try json(changing: run.dataOptions)
    return try run.openData(of: folder)
  }
}

extension JSON {
  /// Sets what the arguments `key=value` of a repeatable option name.
  mutating func set(_ arguments: [String], option: String) throws(Failure) {
    for argument in arguments {
      guard let sign = argument.firstIndex(of: "=") else {
        throw Failure(.argument, "\(option) \(argument): expected key=value")
      }
      let value = JSON(argument: String(argument[argument.index(after: sign)...]))
      do throws(Failure) {
        try set(String(argument[..<sign]), to: value)
      } catch {
        throw Failure(error.kind, "\(option) \(error.message)")
      }
    }
  }
}
