import SGBasics

extension JSONObject {
  /// {"r1": 5, "gradient_penalty": {"weight": 10, "center": 1}, …}: in the order that they are in.
  mutating func penalties(_ key: String = "penalties") throws(Failure) -> [Penalty] {
    var o = try object(key, default: [])
    guard case .object(let members)? = take(key) else { return [] }
    var result: [Penalty] = []
    for name in ["gradient_penalty", "r1", "r2"] where o.take(name) != nil {
      result.append(try o.penalty(name))
    }
    for (name, value) in members where value[JSON.codeKey] != nil {
      throw value.isPenaltyCode("\(key).\(name)")
    }
    try o.finish()
    let order = members.map(\.key)
    return result.sorted {
      (order.firstIndex(of: $0.name) ?? 0) < (order.firstIndex(of: $1.name) ?? 0)
    }
  }

  /// A weight, or an object with the penalty's settings.
  private mutating func penalty(_ name: String) throws(Failure) -> Penalty {
    let (weights, counts) = (0.0...1e6, 1...1_000_000)
    let usual = name == "gradient_penalty" ? Penalty.gradientPenalty : name == "r1" ? .r1 : .r2
    if take(name)?.real != nil { return usual.weighted(Float(try double(name, in: weights))) }
    var o = try object(name)
    let weight = Float(try o.double("weight", in: weights))
    let every = try o.int("every", in: counts, default: 1)
    var result = usual
    if name == "gradient_penalty" {
      let center = Float(try o.double("center", in: 0...1000, default: 1))
      let oneSided = try o.bool("one_sided", default: false)
      result = .gradientPenalty(center: center, oneSided: oneSided)
    }
    try o.finish()
    return result.weighted(weight, every: every)
  }
}

extension JSON {
  fileprivate func isPenaltyCode(_ path: String) -> Failure {
    (self[Self.codeKey] ?? self).isCode(path, what: "penalty")
  }
}

extension Penalty {
  var json: JSON {
    guard let settings else { return .code("\(name), weight \(weight), every \(every)") }
    return .object(
      [("weight", .number(weight)), ("every", JSON(every))]
        + settings.map { ($0.name, $0.value) })
  }
}

extension Configuration {
  /// The member `penalties`.
  var penaltiesJSON: JSON { .object(penalties.map { ($0.name, $0.json) }) }

  /// - Throws: `Failure` where penalties, also those made in Swift, are no numbers or share a name.
  func checkPenalties() throws(Failure) {
    for (i, p) in penalties.enumerated() {
      if penalties[..<i].contains(where: { $0.name == p.name }) {
        throw Failure(.configuration, "penalties: two are called \"\(p.name.shown)\"")
      }
      guard p.weight >= 0, p.weight <= 1e6 else {
        throw Failure(
          .configuration, "penalties.\(p.name).weight: expected 0.0...1000000.0, found \(p.weight)")
      }
      guard (1...1_000_000).contains(p.every) else {
        throw Failure(
          .configuration, "penalties.\(p.name).every: expected 1...1000000, found \(p.every)")
      }
    }
  }
}
