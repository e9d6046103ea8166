import SGBasics
import SGData

/// A model whose classes have names, where those of its configuration or of the data that it was
/// trained on have: its checkpoint keeps them, and other data is matched with it by name.
public protocol NamesClasses: Learner {
  /// The names of the classes in the order of their numbers; empty: they have none.
  var classNames: [String] { get }
  /// Those that the configuration gives them.
  var configuredClassNames: [String] { get }

  /// Gives the classes names.
  /// - Throws: `Failure` of kind limit where a checkpoint could not hold them.
  func setClassNames(_ names: [String]) throws(Failure)
}

extension Dataset {
  /// This data with its classes numbered as a model's are: by name, where both have names.
  /// - Throws: `Failure` of kind mismatch where a class of this data is not one of the model's.
  package func matchingClasses(of model: some Learner) throws(Failure) -> Dataset {
    guard let model = model as? any NamesClasses, model.labelUse != .none,
      !model.classNames.isEmpty, !classNames.isEmpty, classNames != model.classNames
    else { return self }
    return try matchingClasses(model.classNames)
  }
}

extension NamesClasses {
  /// Whether the next data set that it is trained on names its classes: there are no names yet, or
  /// none that a step has learned or the configuration gives.
  var takesClassNames: Bool {
    classNames.isEmpty || step == 0 && configuredClassNames.isEmpty
  }

  /// Takes the names of the data that the model is about to be trained on, where it may.
  func takeClassNames(of data: Dataset) throws(Failure) {
    guard takesClassNames, labelUse.sizes.classes > 0, classNames != data.classNames else { return }
    try setClassNames(data.classNames)
  }
}

/// The names among a checkpoint's strings.
extension Snapshot {
  /// The key of the classes' names, a JSON list.
  static let classNamesKey = "class_names"

  /// The entry; none where there are no names.
  static func texts(classNames: [String]) -> [String: String] {
    classNames.isEmpty
      ? [:] : [classNamesKey: JSON.array(classNames.map { .string($0) }).text(pretty: false)]
  }

  /// - Parameter classes: the most that the model has.
  /// - Throws: `Failure` of kind format (no list of strings, one twice) or mismatch (too many).
  static func classNames(in texts: [String: String], classes: Int) throws(Failure) -> [String] {
    let names = try classNames(in: texts)
    guard names.count <= classes else {
      throw Failure(
        .mismatch,
        "checkpoint metadata \(classNamesKey): \(names.count) names for \(classes) classes")
    }
    return names
  }

  static func classNames(in texts: [String: String]) throws(Failure) -> [String] {
    guard let text = texts[classNamesKey] else { return [] }
    guard case .array(let items) = try JSON(parsing: text) else {
      throw Failure(.format, "checkpoint metadata \(classNamesKey): expected a list of names")
    }
    let names = items.compactMap(\.text)
    guard names.count == items.count, Set(names).count == names.count else {
      throw Failure(.format, "checkpoint metadata \(classNamesKey): expected different names")
    }
    return names
  }
}
