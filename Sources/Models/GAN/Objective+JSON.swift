import SGBasics

/// The objectives that JSON knows: `"hinge"`, `{"f_gan": {"divergence": "kl"}}`, … One row an
/// objective.
enum ObjectiveForms {
  static let all =
    Objective.all.filter { $0.name != leastSquares.name }.map(plain) + [leastSquares, fGAN]

  /// One without settings.
  private static func plain(_ objective: Objective) -> NamedForm<Objective> {
    NamedForm(
      objective.name, objective.name, "The objective \(objective.name).",
      make: { _ in objective },
      find: { $0.settings != nil && $0.name == objective.name ? $0.name : nil })
  }

  private struct Targets: Sendable {
    var a: Float = 0
    var b: Float = 1
    var c: Float = 1
  }

  private static let leastSquares = NamedForm<Objective>(
    "least_squares", Targets(), "Least squares (Mao et al. 2017).",
    [
      Setting("a", \.a, .float(in: -1000...1000), "D's target for fakes."),
      Setting("b", \.b, .float(in: -1000...1000), "D's target for real samples."),
      Setting(
        "c", \.c, .float(in: -1000...1000), "G's target for fakes; by default b.",
        default: { $0.b }),
    ],
    check: { (targets, path) throws(Failure) in
      guard targets.a != targets.b else {
        throw Failure(
          .configuration,
          "\(path).b: expected another target than that of fakes, a; found \(targets.b) for both")
      }
    },
    make: { .leastSquares(fake: $0.a, real: $0.b, generator: $0.c) },
    find: { objective in
      guard let settings = objective.settings, objective.name == "least_squares" else {
        return nil
      }
      let values = settings.map { $0.value.number ?? 0 }
      return Targets(a: values[0], b: values[1], c: values[2])
    })

  private struct Variational: Sendable {
    var divergence = Divergence.gan
    var generator = Divergence.Generator.saturating
  }

  private static let fGAN = NamedForm<Objective>(
    "f_gan", Variational(), "The f-GAN of a divergence (Nowozin et al. 2016).",
    [
      Setting("divergence", \.divergence, .choice, "The divergence that is minimized.").required,
      Setting("generator", \.generator, .choice, "The form of the generator's cost."),
    ],
    make: { .fGAN($0.divergence, generator: $0.generator) },
    find: { $0.divergence.map { Variational(divergence: $0.0, generator: $0.1) } })
}

extension ValueForm<Objective> {
  /// An objective's name, `{"f_gan": {"divergence": …, "generator": …}}` or `{"least_squares":
  /// {"a": …, "b": …, "c": …}}`.
  static var objective: ValueForm {
    ValueForm(schema: [("anyOf", .array(objectiveSchemas))]) {
      (o, key) throws(Failure) in
      try o.objective(key)
    } write: {
      $0.json
    }
  }
}

/// The schemas of an objective's name and of an objective with settings.
private var objectiveSchemas: [JSON] {
  let names: JSON = ["enum": .array(Objective.all.map { .string($0.name) })]
  return [names] + ObjectiveForms.all.suffix(2).flatMap(\.objectSchemas)
}

extension JSONObject {
  fileprivate mutating func objective(_ key: String) throws(Failure) -> Objective {
    let forms = ObjectiveForms.all
    var (name, settings) = ("", JSON.object([]))
    switch take(key) {
    case .object?:
      var o = try object(key)
      if let code = o.take(JSON.codeKey) { throw code.isCode(key, what: "objective") }
      name = try o.onlyKey(of: ["f_gan", "least_squares"])
      settings = o.take(name) ?? settings
    case .string("f_gan")?:
      throw Failure(
        .configuration,
        "\(place(key)): f_gan needs its divergence: {\"f_gan\": {\"divergence\": \"kl\"}}")
    default: name = try string(key, oneOf: Objective.all.map(\.name))
    }
    guard let form = forms.first(where: { $0.name == name }) else { return .nonSaturating }
    var own = try JSONObject(settings, path: "\(place(key)).\(name)")
    let objective = try form.decode(&own)
    try own.finish()
    return objective
  }

  /// A list of objectives.
  package mutating func objectives(
    _ key: String, default value: [Objective]
  ) throws(Failure) -> [Objective] {
    guard take(key) != nil else { return value }
    var result: [Objective] = []
    for (i, item) in try array(key).enumerated() {
      var one = try JSONObject(.object([("\(key)[\(i)]", item)]), path: path)
      result.append(try one.objective("\(key)[\(i)]"))
    }
    return result
  }
}

extension Objective {
  /// The complete JSON form; that of an objective of the user's own is its description.
  var json: JSON {
    guard settings != nil else { return .code(name) }
    return ObjectiveForms.all.lazy.compactMap { $0.json(self) }.first ?? .code(name)
  }

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
