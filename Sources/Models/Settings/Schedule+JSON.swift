import SGBasics
import SGNets

extension JSONObject {
  mutating func learningRateSchedule() throws(Failure) -> Schedule {
    let given = take("learning_rate")
    if let number = given?.real {
      throw Failure(
        .configuration,
        "learning_rate: expected \"constant\" or a schedule of the rates' factor, found \(number); a"
          + " rate is set by optimizer.adam.learning_rate, or for each player by"
          + " optimizer.generator.adam.learning_rate and optimizer.discriminator.adam.learning_rate"
      )
    }
    guard case .object? = given else {
      _ = try string("learning_rate", oneOf: ["constant"], default: "constant")
      return .constant
    }
    var o = try object("learning_rate")
    let kind = try o.onlyKey(of: ["linear", "cosine", "step"])
    var p = try o.object(kind)
    let steps = 1...Int.max
    let result: Schedule
    switch kind {
    case "linear":
      result = .linear(
        steps: UInt64(try p.int("steps", in: steps)),
        to: Float(try p.double("to", in: 0...1, default: 0)))
    case "cosine":
      result = .cosine(
        steps: UInt64(try p.int("steps", in: steps)),
        to: Float(try p.double("to", in: 0...1, default: 0)))
    default:
      result = .step(
        every: UInt64(try p.int("every", in: steps)),
        factor: Float(try p.double("factor", in: 0...1, default: 0.1)))
    }
    try p.finish()
    try o.finish()
    return result
  }
}

extension Schedule {
  var json: JSON {
    switch self {
    case .constant: .string("constant")
    case .linear(let steps, let to):
      .object([("linear", .object([("steps", JSON(steps)), ("to", .number(to))]))])
    case .cosine(let steps, let to):
      .object([("cosine", .object([("steps", JSON(steps)), ("to", .number(to))]))])
    case .step(let every, let factor):
      .object([
        ("step", .object([("every", JSON(every)), ("factor", .number(factor))]))
      ])
    }
  }
}
