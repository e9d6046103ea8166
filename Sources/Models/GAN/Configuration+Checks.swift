import SGBasics
import SGNets
import SGTensors

extension Configuration {
  /// Refuses what JSON would refuse: a configuration made in Swift is written and read once,
  /// without the user's own code, so that every model's configuration can be read back, also from
  /// its checkpoint.
  /// - Throws: `Failure` of kind configuration with the key, what was expected and what was found,
  ///   as for JSON; limit where the text is more than is read; noMemory.
  func checkValues() throws(Failure) {
    for (path, value) in wholeNumbers where value > UInt64(Int.max) {
      throw Failure(.configuration, "\(path): expected at most \(Int.max), found \(value)")
    }
    do throws(Failure) {
      // As `swiftgan_model_config` gives it: the longest form.
      _ = try JSON(parsing: json.text(pretty: true))
    } catch {
      guard error.kind != .noMemory else { throw error }
      throw Failure(
        .limit,
        "the configuration, its defaults filled in, could not be read back: \(error.message)")
    }
    let written = json.withoutCode
    let read = try Configuration(json: written).json
    guard let (path, value, other) = written.firstDifference(from: read) else { return }
    throw Failure(
      .configuration,
      "\(path): \(value.text(pretty: false)) would be read back as \(other.text(pretty: false))")
  }

  /// Settings whose type holds more than a JSON integer.
  private var wholeNumbers: [(path: String, value: UInt64)] {
    var numbers = [("seed", seed), ("instance_noise.steps", tricks.instanceNoiseSteps)]
    switch learningRate {
    case .constant: break
    case .linear(let steps, _): numbers.append(("learning_rate.linear.steps", steps))
    case .cosine(let steps, _): numbers.append(("learning_rate.cosine.steps", steps))
    case .step(let every, _): numbers.append(("learning_rate.step.every", every))
    }
    numbers.append(("augment.samples", augment.samples))
    return numbers + scheduledValues.map { ("\($0).steps", $1.steps) }
  }
}

extension Configuration {
  /// Settings that change over the steps.
  private var scheduledValues: [(path: String, value: ScheduledValue)] {
    var values = [
      ("augment.probability", augment.probability), ("average", averaging.scheduled),
    ]
    values += penalties.map { ("penalties.\($0.name).weight", $0.scheduledWeight) }
    for (player, settings) in [
      ("generator", generatorOptimizer), ("discriminator", discriminatorOptimizer),
    ] {
      guard let adam = settings.rule as? Adam else { continue }
      values.append(("optimizer.\(player).adam.beta2", adam.scheduledBeta2))
    }
    return values
  }
}

extension JSON {
  /// A configuration with built-in things in the places of the user's own code, which JSON only
  /// names.
  fileprivate var withoutCode: JSON {
    switch self {
    case .array(let items): .array(items.map { $0.isCode ? .string("flatten") : $0.withoutCode })
    case .object(let members):
      .object(
        members.map { key, value in
          switch key {
          // Inside weight_norm or spectral_norm, which keep their own settings beside the layer.
          case Self.codeKey: return Self.unit
          case "objective" where value.isCode: return (key, Objective.minimax.json)
          case "penalties":
            guard case .object(let members) = value else { return (key, value) }
            return (key, .object(members.filter { !$0.value.isCode }.map { ($0.key, $0.value) }))
          case _ where value.isCode: return (key, OptimizerSettings(SGD()).json)
          default: return (key, value.withoutCode)
          }
        })
    default: self
    }
  }

  /// A dense layer as a member.
  private static var unit: (String, JSON) {
    guard case .object(let members) = LayerForm.json(Dense(1)), let dense = members.first else {
      return ("dense", .integer(1))
    }
    return (dense.key, dense.value)
  }

  private var isCode: Bool {
    guard case .object(let members) = self else { return false }
    return members.count == 1 && members[0].key == Self.codeKey
  }
}
