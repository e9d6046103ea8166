import SGTensors

extension JSON {
  /// Sets the member that a path such as `generator.width` or `generator.layers[2].dense` names;
  /// objects on the way that are missing are made. An index names an element that is there.
  /// - Throws: `Failure` of kind argument (not a path) or configuration (the way leads through
  ///   something else than an object).
  package mutating func set(_ path: String, to value: JSON) throws(Failure) {
    try set(try Self.steps(path)[...], to: value, at: "", whole: path)
  }

  /// The value of a command line's `key=value`: JSON where it can be read so, else a string.
  package init(argument text: String) {
    // jansson reads objects and arrays; in an array any value can stand.
    if let json = try? JSON(parsing: "[\(text)]"), case .array(let items) = json, items.count == 1 {
      self = items[0]
    } else {
      self = .string(text)
    }
  }

  private enum Step {
    case key(String)
    case index(Int)
  }

  private static func steps(_ path: String) throws(Failure) -> [Step] {
    let wrong = Failure(
      .argument, "\"\(path.shown)\": expected a key such as generator.layers[2].dense")
    var steps: [Step] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let key = pieces.first, !key.isEmpty, !key.contains("]") else { throw wrong }
      steps.append(.key(String(key)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else { throw wrong }
        steps.append(.index(index))
      }
    }
    guard steps.count <= deepest else { throw wrong }
    return steps
  }

  private mutating func set(
    _ steps: ArraySlice<Step>, to value: JSON, at place: String, whole: String
  ) throws(Failure) {
    guard let step = steps.first else {
      self = value
      return
    }
    let here = place.isEmpty ? "configuration" : place
    switch step {
    case .key(let key):
      guard case .object(var members) = self else {
        throw Failure(
          .configuration,
          "\(whole): \(here) is \(kindName), which has no members; expected an object")
      }
      let next = place.isEmpty ? key : "\(place).\(key)"
      let i = members.firstIndex { $0.key == key }
      var member = i.map { members[$0].value } ?? .object([])
      try member.set(steps.dropFirst(), to: value, at: next, whole: whole)
      if let i { members[i].value = member } else { members.append((key, member)) }
      self = .object(members)
    case .index(let index):
      guard case .array(var items) = self else {
        throw Failure(
          .configuration, "\(whole): \(here) is \(kindName); expected an array")
      }
      guard items.indices.contains(index) else {
        throw Failure(
          .configuration, "\(whole): \(here) has \(items.count) elements, counted from 0")
      }
      try items[index].set(
        steps.dropFirst(), to: value, at: "\(place)[\(index)]", whole: whole)
      self = .array(items)
    }
  }
}
