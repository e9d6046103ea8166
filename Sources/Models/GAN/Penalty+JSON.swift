import SGBasics
import SGNets

/// The penalties that JSON knows: `{"r1": 5}` or `{"gradient_penalty": {"weight": 10, "center":
/// 1}}`. One row a penalty.
enum PenaltyForms {
  static let all = [
    gradientPenalty, squaredSlope(.r1, r1, Penalty.approximateR1),
    squaredSlope(.r2, r2, Penalty.approximateR2),
  ]

  private static let r1 =
    "½ E ‖∇D‖² on real samples (Mescheder et al. 2018)."
  private static let r2 = "½ E ‖∇D‖² on fakes (Mescheder et al. 2018)."

  /// A penalty's settings.
  private struct Options: Sendable {
    var weight: ScheduledValue = 0
    var every = 1
    var center: Float = 1
    var oneSided = false
    var approximate: Float?

    static let shared = [
      Setting(
        "weight", \Options.weight, .scheduled(in: 0...1e6), "The factor of the penalty."
      )
      .required,
      Setting(
        "every", \Options.every, .int(in: 1...1_000_000),
        "Steps from one in which it is added, times this number, to the next."),
    ]
  }

  private static func squaredSlope(
    _ penalty: Penalty, _ summary: String,
    _ approximate: @escaping @Sendable (_ deviation: Float) -> Penalty
  ) -> NamedForm<Penalty> {
    NamedForm(
      penalty.name, short: "weight", Options(), summary,
      Options.shared + [
        Setting(
          "approximate", \.approximate, .float(orNullIn: 1e-6...1e6),
          "The deviation of the noise whose effect on D takes the place of the slope (Lin et al."
            + " 2025), without second derivatives; null: the slope itself."
        ).written { $0.approximate != nil }
      ],
      make: {
        ($0.approximate.map(approximate) ?? penalty).scheduled($0.weight, every: $0.every)
      },
      find: {
        guard let settings = $0.settings, $0.name == penalty.name else { return nil }
        return Options(
          weight: $0.scheduledWeight, every: $0.every,
          approximate: settings.first { $0.name == "approximate" }?.value.number)
      })
  }

  private static let gradientPenalty = NamedForm<Penalty>(
    Penalty.gradientPenalty.name, short: "weight", Options(),
    "E (‖∇D‖ - center)² between real samples and fakes (Gulrajani et al. 2017).",
    Options.shared + [
      Setting("center", \.center, .float(in: 0...1000), "The norm that is kept."),
      Setting(
        "one_sided", \.oneSided, .bool,
        "Whether only norms above the center cost (Petzka et al. 2018)."),
    ],
    make: {
      Penalty.gradientPenalty(center: $0.center, oneSided: $0.oneSided)
        .scheduled($0.weight, every: $0.every)
    },
    find: { penalty in
      guard let settings = penalty.settings, penalty.name == Penalty.gradientPenalty.name else {
        return nil
      }
      func value(_ name: String) -> SettingConstant? { settings.first { $0.name == name }?.value }
      return Options(
        weight: penalty.scheduledWeight, every: penalty.every,
        center: value("center")?.number ?? 1, oneSided: value("one_sided") == .bool(true))
    })
}

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
