import SGBasics
import SGNets
import SGTensors

extension GAN {
  /// The value of the metadata entry `swiftgan.model`.
  static let kind = "gan"
  /// What checkpoints of this version are; later formats are refused.
  static let format: UInt64 = 1

  /// Everything that a checkpoint holds: weights, statistics, optimisers, position in the data, configuration.
  public func snapshot() -> Snapshot {
    Snapshot(
      tensors: tensors,
      texts: [
        "swiftgan.model": Self.kind, "swiftgan.version": swiftGANVersion,
        "swiftgan.format": "\(Self.format)",
        "configuration": configuration.json.text(pretty: false), "step": "\(state.step)",
        "draws": "\(state.draws)", "samples_seen": "\(state.samplesSeen)",
        "generator.optimizer.steps": "\(state.generator.optimizerState.steps)",
        "discriminator.optimizer.steps": "\(state.discriminator.optimizerState.steps)",
      ])
  }

  /// The model of a snapshot, which goes on with the bits of an uninterrupted run.
  /// - Parameters:
  ///   - snapshot: of a model, as `Checkpoint.read(_:)` gives it.
  ///   - configuration: the one that the model was made with; needed where it holds layers, an objective or an optimiser of
  ///     the user's own, which a checkpoint only names.
  /// - Throws: `Failure` of kind mismatch (also where the configuration is another), format, or unsupported (a later format; code that
  ///   the checkpoint only names); what is in the way of a configuration.
  public convenience init(
    _ snapshot: Snapshot, configuration: Configuration? = nil
  ) throws(Failure) {
    let stored = StoredTensors(snapshot.tensors)
    try self.init(Self.configuration(of: snapshot.texts, given: configuration), stored: stored)
    try stored.expectNone(but: tensors.map(\.name))
    func number(_ key: String, most: UInt64 = Counter.mostSamples) throws(Failure) -> UInt64 {
      try Self.number(snapshot.texts[key], key, most: most)
    }
    var state = state
    state.step = try number("step", most: Counter.mostSteps)
    state.draws = try number("draws", most: Counter.mostSteps)
    state.samplesSeen = try number("samples_seen")
    state.generator.optimizerState.steps = try number("generator.optimizer.steps")
    state.discriminator.optimizerState.steps = try number("discriminator.optimizer.steps")
    self.state = state
  }

  /// A whole number of a checkpoint's metadata.
  private static func number(
    _ text: String?, _ key: String, most: UInt64
  ) throws(Failure) -> UInt64 {
    guard let text, let value = UInt64(text), value <= most else {
      throw Failure(
        .format,
        "checkpoint metadata \(key): expected a whole number of at most \(most),"
          + " found \(text.map { "\"\($0.shown)\"" } ?? "nothing")")
    }
    return value
  }

  /// The configuration in a checkpoint's strings, or the given one where they agree. Errors as for `init(_:configuration:)`.
  static func configuration(
    of texts: [String: String], given configuration: Configuration?
  ) throws(Failure) -> Configuration {
    guard texts["swiftgan.model"] == Self.kind else {
      throw Failure(.mismatch, "the checkpoint holds no swiftgan model of kind \"\(Self.kind)\"")
    }
    guard let text = texts["configuration"] else {
      throw Failure(.mismatch, "the checkpoint has no configuration")
    }
    // Checkpoints from before the key was introduced do not have it.
    if let text = texts["swiftgan.format"] {
      let format = try number(text, "swiftgan.format", most: .max)
      guard format <= Self.format else {
        throw Failure(
          .unsupported,
          "the checkpoint has format \(format), written by swiftgan"
            + " \(texts["swiftgan.version"]?.shown ?? "of another version");"
            + " this version reads up to \(Self.format)")
      }
    }
    let json = try JSON(parsing: text)
    guard let configuration else { return try Configuration(json: json) }
    let given = try JSON(parsing: configuration.json.text(pretty: false))
    if let (place, a, b) = json.firstDifference(from: given) {
      throw Failure(
        .mismatch,
        "\(place): the checkpoint has \(a.text(pretty: false).shown), the given configuration"
          + " \(b.text(pretty: false).shown)")
    }
    return configuration
  }

  /// Everything the model has learnt, by name: `generator.0.weight`, …
  public var tensors: [(name: String, value: Tensor)] { state.tensors }

  /// Replaces a tensor.
  /// - Throws: `Failure` of kind argument (unknown name, not finite) or mismatch (shape).
  public func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    guard let old = tensors.first(where: { $0.name == name })?.value else {
      throw Failure(
        .argument,
        "no tensor is called \"\(name.shown)\""
          + JSONObject.suggestion(for: name, among: tensors.map(\.name)))
    }
    guard old.count == value.count else {
      throw Failure(
        .mismatch,
        "\(name): expected \(old.count) elements of shape \(old.shape),"
          + " found \(value.count)")
    }
    guard value.isFinite else { throw Failure(.argument, "\(name): expected finite values") }
    state = try Memory.checked { () throws(Failure) in
      var state = state
      state.write([name: value])
      return state
    }
  }
}

extension GAN.State {
  var tensors: [(name: String, value: Tensor)] {
    var all = generator.tensors + discriminator.tensors
    if let average {
      for part in [average.parameters, average.statistics] {
        all += zip(part.rows, part.tensors).map { ("generator_average.\($0.name)", $1) }
      }
    }
    if let reference { all.append(("discriminator.reference", reference)) }
    if let replay { all.append(("replay", replay)) }
    return all
  }

  /// Puts tensors in their places; those of other names stay.
  package mutating func write(_ new: [String: Tensor]) {
    generator.write(new)
    discriminator.write(new)
    if average != nil {
      average!.parameters.write(new, prefix: "generator_average.")
      average!.statistics.write(new, prefix: "generator_average.")
    }
    if let old = replay, let value = new["replay"] { replay = value.reshaped(old.shape) }
    if let old = reference, let value = new["discriminator.reference"] {
      reference = value.reshaped(old.shape)
    }
  }
}

extension Player {
  fileprivate mutating func write(_ new: [String: Tensor]) {
    parameters.write(new, prefix: "\(name).")
    statistics.write(new, prefix: "\(name).")
    for (i, slot) in optimizer.slots.enumerated() {
      if let value = new["\(name).optimizer.\(slot)"] {
        optimizerState.slots[i] = value.reshaped([value.count])
      }
    }
    if let value = new["\(name).history"] { history = value.reshaped([value.count]) }
  }
}

extension Parameters {
  /// Replaces the rows that `new` has, by a new buffer; nothing if it has none.
  fileprivate mutating func write(_ new: [String: Tensor], prefix: String) {
    guard rows.contains(where: { new[prefix + $0.name] != nil }) else { return }
    values = flatten(
      zip(rows, tensors).map { row, old in
        new[prefix + row.name]?.reshaped(row.shape) ?? old
      })
  }
}
