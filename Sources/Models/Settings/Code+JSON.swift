import SGBasics

extension JSON {
  /// The key under which a configuration names what is written in the user's own Swift code.
  static let codeKey = "code"

  /// What stands in a configuration for a layer, an objective or an optimizer of the user's own:
  /// its description, with its stored properties, such as `{"code": "Gated(units: 64)"}`.
  static func code(_ thing: Any) -> JSON { .object([(codeKey, .string("\(thing)"))]) }

  /// The error for the value of `codeKey` where a configuration is read from JSON alone.
  func isCode(_ path: String, what: String) -> Failure {
    Failure(
      .unsupported,
      "\(path): the \(what) \(kindName) is code of the Swift program that made the model, which JSON does not hold; load the"
        + " checkpoint there, with the same configuration: GAN(snapshot, configuration:)")
  }

  /// Where two values differ first, such as `generator.layers[1].dense`, and what each has there;
  /// nil: they are equal.
  func firstDifference(from other: JSON, path: String = "") -> (path: String, a: JSON, b: JSON)? {
    switch (self, other) {
    case (.array(let a), .array(let b)) where a.count == b.count:
      for (i, (x, y)) in zip(a, b).enumerated() {
        if let difference = x.firstDifference(from: y, path: "\(path)[\(i)]") {
          return difference
        }
      }
      return nil
    case (.object(let a), .object(let b)) where a.map(\.key) == b.map(\.key):
      for (x, y) in zip(a, b) {
        let place = path.isEmpty ? x.key : "\(path).\(x.key)"
        if let difference = x.value.firstDifference(from: y.value, path: place) {
          return difference
        }
      }
      return nil
    default: return self == other ? nil : (path, self, other)
    }
  }
}
