import SGBasics
import SGNets

/// The schedules that JSON knows: `"constant"`, `{"linear": {"steps": 1000, "to": 0}}`, …
enum ScheduleForms {
  static let all = [constant, linear, cosine, step]

  private static let constant = NamedForm<Schedule>(
    "constant", 0, "1 at every step.", make: { _ in .constant },
    find: { $0 == .constant ? 0 : nil })

  /// The constants of a schedule that ends.
  private struct Descent: Sendable {
    var steps: UInt64 = 1
    var to: Float = 0

    static let settings = [
      Setting(
        "steps", \Descent.steps, .count(in: 1...Int.max), "Steps until the end is reached."
      ).required,
      Setting("to", \Descent.to, .float(in: 0...1), "The factor at the end and after it."),
    ]
  }

  private static let linear = NamedForm<Schedule>(
    "linear", Descent(), "From 1 along a straight line.", Descent.settings,
    make: { .linear(steps: $0.steps, to: $0.to) },
    find: {
      guard case .linear(let steps, let to) = $0 else { return nil }
      return Descent(steps: steps, to: to)
    })

  private static let cosine = NamedForm<Schedule>(
    "cosine", Descent(), "From 1 along half a cosine (Loshchilov & Hutter 2017).",
    Descent.settings, make: { .cosine(steps: $0.steps, to: $0.to) },
    find: {
      guard case .cosine(let steps, let to) = $0 else { return nil }
      return Descent(steps: steps, to: to)
    })

  /// The constants of a schedule in stairs.
  private struct Stairs: Sendable {
    var every: UInt64 = 1
    var factor: Float = 0.1
  }

  private static let step = NamedForm<Schedule>(
    "step", Stairs(), "Multiplied every so many steps.",
    [
      Setting("every", \.every, .count(in: 1...Int.max), "Steps from one to the next.").required,
      Setting("factor", \.factor, .float(in: 0...1), "What is multiplied by."),
    ],
    make: { .step(every: $0.every, factor: $0.factor) },
    find: {
      guard case .step(let every, let factor) = $0 else { return nil }
      return Stairs(every: every, factor: factor)
    })
}

extension ValueForm<Schedule> {
  /// The learning rates' factor over the steps.
  static var learningRate: ValueForm {
    ValueForm(
      schema: [
        (
          "anyOf",
          .array([["const": "constant"]] + ScheduleForms.all.dropFirst().flatMap(\.objectSchemas))
        )
      ]
    ) { (o, key) throws(Failure) in
      let given = o.take(key)
      if let number = given?.real {
        throw Failure(
          .configuration,
          "learning_rate: expected \"constant\" or a schedule of the rates' factor, found \(number); a"
            + " rate is set by optimizer.adam.learning_rate, or for each player by"
            + " optimizer.generator.adam.learning_rate and optimizer.discriminator.adam.learning_rate"
        )
      }
      guard case .object? = given else {
        _ = try o.string(key, oneOf: ["constant"])
        return .constant
      }
      var own = try o.object(key)
      let forms = ScheduleForms.all.dropFirst()
      let kind = try own.onlyKey(of: forms.map(\.name))
      var p = try own.object(kind)
      guard let form = forms.first(where: { $0.name == kind }) else { return .constant }
      let schedule = try form.decode(&p)
      try p.finish()
      try own.finish()
      return schedule
    } write: { schedule in
      ScheduleForms.all.lazy.compactMap { $0.json(schedule) }.first ?? "constant"
    }
  }
}
