import SGBasics
import SGNets
import SGTensors

extension GAN {
  /// Everything that a checkpoint holds: weights, statistics, optimizers, position in the data,
  /// configuration.
  public func snapshot() -> Snapshot {
    Snapshot(
      tensors: tensors,
      texts: Snapshot.texts(family: Self.family, configuration: configuration.json).merging(
        Snapshot.texts(classNames: state.classNames)
      ) { $1 }.merging([
        "step": "\(state.step)", "draws": "\(state.draws)",
        "samples_seen": "\(state.samplesSeen)",
        "generator.optimizer.steps": "\(state.generator.optimizerState.steps)",
        "discriminator.optimizer.steps": "\(state.discriminator.optimizerState.steps)",
      ]) { $1 }.merging(
        state.others.map { ("\($0.name).optimizer.steps", "\($0.optimizerState.steps)") }
      ) { $1 })
  }

  /// The model of a snapshot, which goes on with the bits of an uninterrupted run.
  /// - Parameters:
  ///   - snapshot: of a model, as `Checkpoint.read(_:)` gives it.
  ///   - configuration: the one that the model was made with; needed where it holds layers, an
  ///     objective or an optimizer of the user's own, which a checkpoint only names.
  /// - Throws: `Failure` of kind mismatch (also where the configuration is another), format, or
  ///   unsupported (a later format; code that the checkpoint only names); what is in the way of a
  ///   configuration.
  public convenience init(
    _ snapshot: Snapshot, configuration: Configuration?
  ) throws(Failure) {
    let stored = StoredTensors(snapshot.tensors)
    try self.init(Self.configuration(of: snapshot.texts, given: configuration), stored: stored)
    try stored.expectNone(but: tensors.map(\.name))
    var state = state
    let names = try Snapshot.classNames(in: snapshot.texts, classes: self.configuration.classes)
    if !names.isEmpty { state.classNames = names }
    state.step = try snapshot.number("step", most: Counter.mostSteps)
    state.draws = try snapshot.number("draws", most: Counter.mostSteps)
    state.samplesSeen = try snapshot.number("samples_seen")
    state.generator.optimizerState.steps = try snapshot.number("generator.optimizer.steps")
    state.discriminator.optimizerState.steps = try snapshot.number("discriminator.optimizer.steps")
    for i in state.others.indices {
      state.others[i].optimizerState.steps = try snapshot.number(
        "\(state.others[i].name).optimizer.steps")
    }
    self.state = state
  }

  /// The configuration in a checkpoint's strings, or the given one where they agree. Errors as for
  /// `init(_:configuration:)`.
  static func configuration(
    of texts: [String: String], given configuration: Configuration?
  ) throws(Failure) -> Configuration {
    var json = try Snapshot.configuration(of: texts, family: family)
    guard let configuration else { return try Configuration(json: json) }
    json = json.completed(
      by: Configuration(shape: [1], generator: .mlp(), discriminator: .mlp()).json)
    let given = try JSON(parsing: configuration.json.text(pretty: false))
    if let (place, a, b) = json.firstDifference(from: given) {
      throw Failure(
        .mismatch,
        "\(place): the checkpoint has \(a.text(pretty: false).shown), the given configuration"
          + " \(b.text(pretty: false).shown)")
    }
    return configuration
  }

  /// Everything the model has learned, by name: `generator.0.weight`, …
  public var tensors: [(name: String, value: Tensor)] { state.tensors }

  /// Replaces a tensor.
  /// - Throws: `Failure` of kind argument (unknown name, not finite) or mismatch (shape).
  public func setTensor(_ name: String, _ value: Tensor) throws(Failure) {
    try setTensors([name: value])
  }

  /// Replaces tensors, all of them or none.
  /// - Throws: as `setTensor(_:_:)`.
  public func setTensors(_ values: [String: Tensor]) throws(Failure) {
    try expectTensors(values)
    state = try Memory.checked { () throws(Failure) in
      var state = state
      state.write(values)
      if let value = values[AugmentController.tensorName], state.augmentation != nil {
        state.augmentation = AugmentController(value.reshaped([3]), configuration.augment)
      }
      return state
    }
  }
}

extension GAN.State {
  var tensors: [(name: String, value: Tensor)] {
    var all = generator.tensors + discriminator.tensors + others.flatMap(\.tensors)
    if let average {
      for part in [average.parameters, average.statistics] {
        all += zip(part.rows, part.tensors).map { ("generator_average.\($0.name)", $1) }
      }
    }
    all += standardization.tensors
    if let reference { all.append(("discriminator.reference", reference)) }
    if let augmentation { all.append((AugmentController.tensorName, augmentation.tensor)) }
    if let replay { all.append(("replay", replay)) }
    return all
  }

  /// Puts tensors in their places; those of other names stay.
  package mutating func write(_ new: [String: Tensor]) {
    generator.write(new)
    discriminator.write(new)
    for i in others.indices { others[i].write(new) }
    if average != nil {
      average!.parameters.write(new, prefix: "generator_average.")
      average!.statistics.write(new, prefix: "generator_average.")
    }
    standardization = standardization.replacing(new)
    if let old = replay, let value = new["replay"] { replay = value.reshaped(old.shape) }
    if let old = reference, let value = new["discriminator.reference"] {
      reference = value.reshaped(old.shape)
    }
  }
}

extension JSON {
  /// A checkpoint's configuration with the members that versions before them did not write, in
  /// their places; `usual` has their defaults.
  fileprivate func completed(by usual: JSON) -> JSON {
    guard case .object(let members) = self, case .object(let all) = usual,
      members.allSatisfy({ member in all.contains { $0.key == member.key } })
    else { return self }
    return .object(
      all.map { usual in
        (usual.key, members.first { $0.key == usual.key }?.value ?? usual.value)
      })
  }
}
