import SGBasics

extension JSONObject {
  /// An objective's name, or `{"f_gan": {"divergence": …, "generator": …}}`.
  mutating func objective(
    _ key: String, default value: Objective
  ) throws(Failure) -> Objective {
    switch take(key) {
    case nil: return value
    case .object?:
      var o = try object(key)
      if let code = o.take(JSON.codeKey) { throw code.isCode(key, what: "objective") }
      let kind = try o.onlyKey(of: ["f_gan"])
      var f = try o.object(kind)
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

extension Objective {
  var json: JSON {
    guard let (divergence, form) = divergence else {
      return Objective.all.contains { $0.name == name } ? .string(name) : .code(name)
    }
    return .object([
      (
        "f_gan",
        .object([
          ("divergence", .string(divergence.rawValue)), ("generator", .string(form.rawValue)),
        ])
      )
    ])
  }
}

extension ValueForm<Objective> {
  /// An objective's name, or `{"f_gan": {"divergence": …, "generator": …}}`.
  static var objective: ValueForm {
    let names = Objective.all.map { JSON.string($0.name) }
    let fGAN = JSON.schema(
      "The f-GAN of a divergence (Nowozin et al. 2016).",
      properties: [
        ("divergence", .object(ValueForm<Divergence>.choice.schema())),
        (
          "generator",
          .object(ValueForm<Divergence.Generator>.choice.schema() + [("default", "saturating")])
        ),
      ], required: ["divergence"])
    let object = JSON.schema("", properties: [("f_gan", fGAN)], required: ["f_gan"])
    return ValueForm(schema: [("anyOf", [["enum": .array(names)], object])]) {
      (o, key) throws(Failure) in
      try o.objective(key, default: .nonSaturating)
    } write: {
      $0.json
    }
  }
}
