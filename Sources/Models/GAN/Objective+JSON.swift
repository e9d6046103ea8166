import SGBasics

extension JSONObject {
  /// An objective's name, `{"f_gan": {"divergence": …, "generator": …}}` or `{"least_squares":
  /// {"a": …, "b": …, "c": …}}`.
  mutating func objective(
    _ key: String, default value: Objective
  ) throws(Failure) -> Objective {
    switch take(key) {
    case nil: return value
    case .object?:
      var o = try object(key)
      if let code = o.take(JSON.codeKey) { throw code.isCode(key, what: "objective") }
      let kind = try o.onlyKey(of: ["f_gan", "least_squares"])
      var f = try o.object(kind)
      if kind == "least_squares" { return try f.leastSquares() }
      let name = try f.string("divergence", oneOf: Divergence.allCases.map(\.rawValue))
      let form = try f.choice("generator", default: Divergence.Generator.saturating)
      try f.finish()
      return .fGAN(Divergence(rawValue: name) ?? .gan, generator: form)
    default:
      let names = Objective.all.map(\.name)
      if case .string("f_gan")? = take(key) {
        throw Failure(
          .configuration,
          "\(key): f_gan needs its divergence: {\"f_gan\": {\"divergence\": \"kl\"}}")
      }
      let name = try string(key, oneOf: names, default: value.name)
      return Objective.all.first { $0.name == name } ?? value
    }
  }
}

extension JSONObject {
  /// A list of objectives.
  package mutating func objectives(
    _ key: String, default value: [Objective]
  ) throws(Failure) -> [Objective] {
    guard take(key) != nil else { return value }
    var result: [Objective] = []
    for (i, item) in try array(key).enumerated() {
      var one = try JSONObject(.object([("\(key)[\(i)]", item)]), path: path)
      result.append(try one.objective("\(key)[\(i)]", default: .nonSaturating))
    }
    return result
  }
}

extension JSONObject {
  /// The targets of least squares.
  fileprivate mutating func leastSquares() throws(Failure) -> Objective {
    let targets = -1000.0...1000.0
    let a = Float(try double("a", in: targets, default: 0))
    let b = Float(try double("b", in: targets, default: 1))
    let c = Float(try double("c", in: targets, default: Double(b)))
    try finish()
    guard a != b else {
      throw Failure(
        .configuration,
        "\(path).b: expected another target than that of fakes, a; found \(b) for both")
    }
    return .leastSquares(fake: a, real: b, generator: c)
  }
}

extension Objective {
  var json: JSON {
    guard let settings else { return .code(name) }
    return settings.isEmpty
      ? .string(name) : .object([(name, .object(settings.map { ($0.name, $0.value) }))])
  }
}

extension Objective {
  /// - Throws: `Failure` where an objective of this library has no targets that could be smoothed.
  func check(_ smoothing: LabelSmoothing) throws(Failure) {
    if case .probability = output { return }
    guard settings != nil, smoothing != LabelSmoothing() else { return }
    throw Failure(
      .configuration,
      "label_smoothing: \(name)\(divergence.map { " (\($0.0.rawValue))" } ?? "") has no targets that"
        + " could be smoothed\(name == "least_squares" ? " but its own, a and b" : "");"
        + " use minimax, non_saturating or maximum_likelihood, or leave it out")
  }
}
