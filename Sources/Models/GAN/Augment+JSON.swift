import SGBasics
import SGNets

extension Augment {
  static let settings = Settings<Augment>([
    Setting(
      "policy", \.policy, .policy,
      "What is done to images, in this order: \"color\", \"translation\", \"cutout\", \"flip\" with"
        + " commas between them; \"\": nothing."),
    Setting(
      "target", \.target, .float(orNullIn: -1...1),
      "What the mean sign of D on real samples is kept at by changing the probability (Karras et"
        + " al. 2020, where it is 0.6); null: the probability is not changed."),
    Setting(
      "probability", \.probability, .scheduled(in: 0...1),
      "That each operation is applied to a sample; with a target the first one, by default 0.",
      default: { $0.target == nil ? 1 : 0 }),
    Setting(
      "samples", \.samples, .count(in: 1...Int.max),
      "Samples over which the probability can change by 1."
    ).only(where: { $0.target != nil }, "augment.target"),
    Setting(
      "interval", \.interval, .int(in: 1...1000),
      "Steps from one change of the probability to the next."
    ).only(where: { $0.target != nil }, "augment.target"),
  ])
}

extension ValueForm<[Augment.Operation]> {
  /// "color,translation": names with commas between them, each once.
  static var policy: ValueForm {
    ValueForm(schema: [("type", "string"), ("pattern", .string(pattern))]) {
      (o, key) throws(Failure) in
      let text = try o.string(key)
      var policy: [Augment.Operation] = []
      for name in text.split(separator: ",", omittingEmptySubsequences: text.isEmpty) {
        guard let operation = Augment.Operation(rawValue: String(name)) else {
          let names = Augment.Operation.allCases.map { "\"\($0.rawValue)\"" }
          throw Failure(
            .configuration,
            "\(o.place(key)): unknown operation \"\(String(name).shown)\"; expected"
              + " \(names.joined(separator: ", ")) with commas between them")
        }
        guard !policy.contains(operation) else {
          throw Failure(.configuration, "\(o.place(key)): \"\(operation.rawValue)\" stands twice")
        }
        policy.append(operation)
      }
      return policy
    } write: {
      .string($0.map(\.rawValue).joined(separator: ","))
    }
  }

  private static var pattern: String {
    let names = Augment.Operation.allCases.map(\.rawValue).joined(separator: "|")
    return "^((\(names))(,(\(names)))*)?$"
  }
}
