import SGNets

/// Reads a JSON object member by member. Errors name the place, what was expected and what was
/// found; at the end what was not read is an error that offers the nearest known key.
public struct JSONObject {
  /// Where the object stands, such as `generator.layers[2].conv`; "" at the top.
  public let path: String
  private var members: [(key: String, value: JSON)]
  private var known: [String] = []

  /// An object for reading.
  /// - Throws: `Failure` of kind configuration where it is something else.
  public init(_ json: JSON, path: String) throws(Failure) {
    guard case .object(let members) = json else {
      throw Failure(
        .configuration,
        "\(path.isEmpty ? "configuration" : path): expected an object, found \(json.kindName)")
    }
    self.path = path
    self.members = members
  }

  /// Where a member stands.
  package func place(_ key: String) -> String {
    isBare ? path : path.isEmpty ? key : "\(path).\(key)"
  }

  /// Whether its one member is a value that stands for the object.
  private var isBare = false

  /// An object with one member, whose value stands for the object: `5` for `{"weight": 5}`. Errors
  /// name the object's place.
  package init(bare value: JSON, for key: String, path: String) {
    (self.path, members, isBare) = (path, [(key, value)], true)
  }

  func missing(_ key: String) -> Failure {
    let near = members.first { !known.contains($0.key) && Suggestion.distance($0.key, key) <= 2 }
    return Failure(
      .configuration, "\(place(key)): missing" + (near.map { "; found \"\($0.key.shown)\"" } ?? ""))
  }

  private func wrong(_ key: String, _ expected: String, _ found: JSON) -> Failure {
    Failure(.configuration, "\(place(key)): expected \(expected), found \(found.kindName)")
  }

  /// Whether there is a member of this key, which does not make it a known one.
  public func has(_ key: String) -> Bool { members.contains { $0.key == key } }

  /// A member; from now on its key is a known one.
  public mutating func take(_ key: String) -> JSON? {
    known.append(key)
    return members.first { $0.key == key }?.value
  }

  /// A whole number.
  public mutating func int(
    _ key: String, in range: ClosedRange<Int>, default value: Int? = nil
  ) throws(Failure) -> Int {
    guard let json = take(key) else {
      guard let value else { throw missing(key) }
      return value
    }
    return try json.int(in: range, path: place(key))
  }

  /// A number.
  public mutating func double(
    _ key: String, in range: ClosedRange<Double>, default value: Double? = nil
  ) throws(Failure) -> Double {
    guard let json = take(key) else {
      guard let value else { throw missing(key) }
      return value
    }
    return try json.double(in: range, path: place(key))
  }

  /// true or false.
  public mutating func bool(_ key: String, default value: Bool) throws(Failure) -> Bool {
    guard let json = take(key) else { return value }
    guard case .bool(let found) = json else { throw wrong(key, "true or false", json) }
    return found
  }

  /// True or false, or nil where there is neither or null.
  package mutating func optionalBool(_ key: String) throws(Failure) -> Bool? {
    switch take(key) {
    case nil, .null?: return nil
    default: return try bool(key, default: false)
    }
  }

  /// A string, which must be there.
  public mutating func string(_ key: String) throws(Failure) -> String {
    guard let json = take(key) else { throw missing(key) }
    guard case .string(let found) = json else { throw wrong(key, "a string", json) }
    return found
  }

  /// A string, or nil where there is none or null.
  public mutating func optionalString(_ key: String) throws(Failure) -> String? {
    switch take(key) {
    case nil, .null?: return nil
    default: return try string(key)
    }
  }

  /// One of a few words.
  public mutating func string(
    _ key: String, oneOf words: [String], default value: String? = nil
  ) throws(Failure) -> String {
    guard let json = take(key) else {
      guard let value else { throw missing(key) }
      return value
    }
    let expected = words.map { "\"\($0)\"" }.joined(separator: ", ")
    guard case .string(let found) = json else { throw wrong(key, expected, json) }
    guard words.contains(found) else {
      throw Failure(
        .configuration,
        "\(place(key)): expected \(expected), found \"\(found.shown)\""
          + Self.suggestion(for: found, among: words))
    }
    return found
  }

  /// An array, which must be there.
  public mutating func array(_ key: String) throws(Failure) -> [JSON] {
    guard let json = take(key) else { throw missing(key) }
    guard case .array(let items) = json else { throw wrong(key, "an array", json) }
    return items
  }

  /// A list of strings; none where there is none or null.
  public mutating func strings(_ key: String) throws(Failure) -> [String] {
    guard let json = take(key), json != .null else { return [] }
    return try array(key).enumerated().map { (i, item) throws(Failure) in
      guard case .string(let text) = item else {
        throw wrong("\(key)[\(i)]", "a string", item)
      }
      return text
    }
  }

  /// A nested object.
  public mutating func object(
    _ key: String, default members: [(key: String, value: JSON)]? = nil
  ) throws(Failure) -> JSONObject {
    guard let json = take(key) ?? members.map(JSON.object) else { throw missing(key) }
    return try JSONObject(json, path: place(key))
  }

  /// The key of an object that has exactly one, out of a few.
  public mutating func onlyKey(of words: [String]) throws(Failure) -> String {
    let expected = words.map { "\"\($0)\"" }.joined(separator: ", ")
    guard members.count == 1 else {
      throw Failure(
        .configuration,
        "\(path): expected one key of \(expected), found \(members.count) keys")
    }
    guard words.contains(members[0].key) else {
      known += words
      try finish()
      return members[0].key
    }
    return members[0].key
  }

  /// - Parameter what: what has these keys, for the message about one that is like none of them.
  /// - Throws: for members that were never read.
  public func finish(_ what: String? = nil) throws(Failure) {
    guard let unknown = members.first(where: { !known.contains($0.key) }) else { return }
    var advice = Self.suggestion(for: unknown.key, among: known)
    if advice.isEmpty, let what {
      let keys = Set(known).sorted().joined(separator: ", ")
      advice = " of \(what), whose options are \(keys)"
    }
    throw Failure(.configuration, "\(place(unknown.key.shown)): unknown key\(advice)")
  }

  /// `; did you mean "…"?` with the nearest of the known words, or nothing if none is near: at most
  /// a third of the letters differ, or one.
  public static func suggestion(for word: String, among known: [String]) -> String {
    Suggestion.nearest(to: word, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
  }
}

extension JSON {
  package func int(in range: ClosedRange<Int>, path: String) throws(Failure) -> Int {
    guard case .integer(let value) = self else {
      throw Failure(.configuration, "\(path): expected an integer, found \(kindName)")
    }
    guard range.contains(Int(value)) else {
      let expected =
        range.upperBound == .max
        ? "at least \(range.lowerBound)" : "\(range.lowerBound)...\(range.upperBound)"
      throw Failure(.configuration, "\(path): expected \(expected), found \(value)")
    }
    return Int(value)
  }

  package func double(in range: ClosedRange<Double>, path: String) throws(Failure) -> Double {
    guard let value = real else {
      throw Failure(.configuration, "\(path): expected a number, found \(kindName)")
    }
    guard range.contains(value) else {
      throw Failure(
        .configuration,
        "\(path): expected \(range.lowerBound)...\(range.upperBound), found \(value)")
    }
    return value
  }
}
