import SGBasics
import SGNets

/// How far back the generator's moving average reaches.
public enum Averaging: Sendable, Hashable {
  /// The share of the average that stays at a step; 0: none is kept.
  case decay(ScheduledValue)
  /// Samples of training after which half of the average is left; at 0 it is the generator.
  case halfLife(ScheduledValue)

  /// Whether there is an average.
  var isKept: Bool {
    switch self {
    case .decay(let value), .halfLife(let value): value.largest > 0
    }
  }

  /// The share that stays at a step.
  /// - Parameters:
  ///   - step: steps made before this one, from 0.
  ///   - batch: samples of a step.
  func decay(at step: UInt64, batch: Int) -> Float {
    switch self {
    case .decay(let value): value.value(at: step)
    case .halfLife(let value): Schedule.decay(halfLife: value.value(at: step), after: batch)
    }
  }

  var scheduled: ScheduledValue {
    switch self {
    case .decay(let value), .halfLife(let value): value
    }
  }
}

extension ValueForm<Averaging> {
  private static let decay = ValueForm<ScheduledValue>.scheduled(in: 0...0.999999)
  private static let halfLife = ValueForm<ScheduledValue>.scheduled(in: 0...1e12)

  /// A decay, its course, or {"half_life": samples or their course}.
  static var averaging: ValueForm {
    ValueForm(schema: [("anyOf", .array(schemas))]) { (o, key) throws(Failure) in
      guard let given = o.take(key), given["half_life"] != nil else {
        return .decay(try decay.read(&o, key))
      }
      var own = try o.object(key)
      let value = try halfLife.read(&own, "half_life")
      try own.finish()
      return .halfLife(value)
    } write: {
      switch $0 {
      case .decay(let value): decay.write(value)
      case .halfLife(let value): ["half_life": halfLife.write(value)]
      }
    }
  }

  private static var schemas: [JSON] {
    let half = JSON.schema(
      "Samples of training after which half of the average is left.",
      properties: [("half_life", .object(halfLife.schema()))], required: ["half_life"])
    guard case .array(let decays)? = JSON.object(decay.schema())["anyOf"] else { return [half] }
    return decays + [half]
  }
}
