import SGBasics
import SGNets

/// The courses of a value that JSON knows: `{"cosine": {"start": 2, "end": 0.2, "steps": 1000}}`.
private enum CourseForms {
  static func all(in range: ClosedRange<Double>) -> [NamedForm<ScheduledValue>] {
    [
      form(.linear, "Along a straight line.", range),
      form(.cosine, "Along half a cosine (Loshchilov & Hutter 2017).", range),
    ]
  }

  private static func form(
    _ course: ScheduledValue.Course, _ summary: String, _ range: ClosedRange<Double>
  ) -> NamedForm<ScheduledValue> {
    NamedForm(
      course.rawValue, ScheduledValue(course, start: 0, end: 0, steps: 1), summary,
      [
        Setting("start", \.start, .float(in: range), "The value at the first step.").required,
        Setting("end", \.end, .float(in: range), "The value at the end and after it.").required,
        Setting("steps", \.steps, .count(in: 1...Int.max), "Steps until the end is reached.")
          .required,
      ], make: { $0 }, find: { $0.course == course ? $0 : nil })
  }
}

extension ValueForm<ScheduledValue> {
  /// A number, or its course over the steps.
  static func scheduled(in range: ClosedRange<Double>) -> ValueForm {
    ValueForm(
      schema: [
        (
          "anyOf",
          .array(
            [.object(ValueForm<Float>.float(in: range).schema())]
              + CourseForms.all(in: range).flatMap(\.objectSchemas))
        )
      ]
    ) { (o, key) throws(Failure) in
      guard case .object? = o.take(key) else {
        return ScheduledValue(Float(try o.double(key, in: range)))
      }
      var own = try o.object(key)
      let forms = CourseForms.all(in: range)
      let kind = try own.onlyKey(of: forms.map(\.name))
      var members = try own.object(kind)
      guard let form = forms.first(where: { $0.name == kind }) else { return 0 }
      let value = try form.decode(&members)
      try members.finish()
      try own.finish()
      return value
    } write: { value in
      CourseForms.all(in: range).lazy.compactMap { $0.json(value) }.first ?? .number(value.start)
    }
  }
}
