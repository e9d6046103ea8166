import SGBasics
import SGNets

extension ValueForm<[Penalty]> {
  /// {"r1": 5, "gradient_penalty": {"weight": 10, "center": 1}, …}: in the order that they are in.
  static var penalties: ValueForm {
    ValueForm(
      schema: [
        ("type", "object"),
        ("properties", .object(PenaltyForms.all.map { ($0.name, $0.valueSchema) })),
        ("additionalProperties", false),
      ]
    ) { (o, key) throws(Failure) in
      guard case .object(let members)? = o.take(key) else {
        _ = try o.object(key)
        return []
      }
      var own = try o.object(key)
      var result: [Penalty] = []
      for form in PenaltyForms.all {
        guard let given = own.take(form.name) else { continue }
        var penalty: JSONObject
        if let short = form.short, given.real != nil {
          penalty = JSONObject(bare: given, for: short, path: own.place(form.name))
        } else {
          penalty = try own.object(form.name)
        }
        if let code = penalty.take(JSON.codeKey) {
          throw code.isCode(penalty.path, what: "penalty")
        }
        result.append(try form.decode(&penalty))
        try penalty.finish()
      }
      for (name, value) in members {
        if let code = value[JSON.codeKey] { throw code.isCode(own.place(name), what: "penalty") }
      }
      try own.finish()
      let order = members.map(\.key)
      return result.sorted {
        (order.firstIndex(of: $0.name) ?? 0) < (order.firstIndex(of: $1.name) ?? 0)
      }
    } write: { penalties in
      .object(penalties.map { ($0.name, $0.json) })
    }
  }
}

extension Penalty {
  /// The complete JSON form; that of a penalty of the user's own is its description.
  var json: JSON {
    for form in PenaltyForms.all {
      if let members = form.encode(self) { return .object(members) }
    }
    return .code("\(name), weight \(weight), every \(every)")
  }
}

extension Configuration {
  /// - Throws: `Failure` where two penalties share a name, or one of the user's own has a weight or
  ///   an interval out of range.
  func checkPenalties() throws(Failure) {
    for (i, p) in penalties.enumerated() {
      if penalties[..<i].contains(where: { $0.name == p.name }) {
        throw Failure(.configuration, "penalties: two are called \"\(p.name.shown)\"")
      }
      for weight in [p.scheduledWeight.start, p.scheduledWeight.end] where !(0...1e6 ~= weight) {
        throw Failure(
          .configuration, "penalties.\(p.name).weight: expected 0.0...1000000.0, found \(weight)")
      }
      guard (1...1_000_000).contains(p.every) else {
        throw Failure(
          .configuration, "penalties.\(p.name).every: expected 1...1000000, found \(p.every)")
      }
    }
  }
}
