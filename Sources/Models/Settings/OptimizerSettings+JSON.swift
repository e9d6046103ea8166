import SGBasics
import SGNets

extension JSONObject {
  private static let rules = ["adam", "sgd", "rmsprop"]

  /// `{"adam": {…}}` for both players, or `{"generator": {"adam": {…}}, "discriminator": {…}}`.
  mutating func optimizers() throws(Failure) -> (
    generator: OptimizerSettings, discriminator: OptimizerSettings
  ) {
    guard take("optimizer") != nil else { return (OptimizerSettings(), OptimizerSettings()) }
    var o = try object("optimizer")
    try o.expectRule()
    guard o.take("generator") != nil || o.take("discriminator") != nil else {
      let both = try o.optimizer()
      return (both, both)
    }
    func player(_ key: String) throws(Failure) -> OptimizerSettings {
      guard o.take(key) != nil else { return OptimizerSettings() }
      var p = try o.object(key)
      try p.expectRule()
      return try p.optimizer()
    }
    let result = (try player("generator"), try player("discriminator"))
    for rule in Self.rules where o.take(rule) != nil {
      throw Failure(
        .configuration,
        "optimizer.\(rule): the players have optimizers of their own here; set"
          + " optimizer.generator.\(rule) and optimizer.discriminator.\(rule)")
    }
    try o.finish()
    return result
  }

  /// - Throws: `Failure` where two rules stand side by side, or a rate without its rule.
  private func expectRule() throws(Failure) {
    let given = Self.rules.filter(has)
    guard given.count <= 1 else {
      throw Failure(
        .configuration,
        "\(path): expected one rule, found \(given.map { "\"\($0)\"" }.joined(separator: " beside "));"
          + " leave out all but one")
    }
    for key in ["learning_rate", "lr"] where has(key) {
      throw Failure(
        .configuration,
        "\(path).\(key): a rate stands within its rule; write"
          + " \(path).\(given.first ?? "adam").learning_rate")
    }
  }

  /// `{"adam": {…}}` for all networks of a model.
  /// - Parameter adam: the default, and the defaults of its constants.
  mutating func optimizerOfAll(default adam: Adam) throws(Failure) -> OptimizerSettings {
    guard take("optimizer") != nil else { return OptimizerSettings(adam) }
    var o = try object("optimizer")
    return try o.optimizer(adam)
  }

  /// - Parameter adam: the defaults of Adam's constants.
  private mutating func optimizer(_ adam: Adam = Adam()) throws(Failure) -> OptimizerSettings {
    if let code = take(JSON.codeKey) { throw code.isCode(path, what: "optimizer") }
    let kind = try onlyKey(of: Self.rules)
    var o = try object(kind)
    let rule: any Optimizer
    let decay = Float(try o.double("weight_decay", in: 0...1, default: 0))
    switch kind {
    case "adam":
      rule = Adam(
        learningRate: try o.learningRate(default: Self.decimal(adam.learningRate)),
        beta1: Float(try o.double("beta1", in: 0...0.999999, default: Self.decimal(adam.beta1))),
        beta2: Float(try o.double("beta2", in: 0...0.999999, default: 0.999)),
        epsilon: Float(try o.double("epsilon", in: 1e-30...1, default: 1e-8)),
        weightDecay: decay, amsgrad: try o.bool("amsgrad", default: false))
    case "sgd":
      rule = SGD(
        learningRate: try o.learningRate(default: 0.01),
        momentum: Float(try o.double("momentum", in: 0...0.999999, default: 0)),
        nesterov: try o.bool("nesterov", default: false), weightDecay: decay)
    default:
      rule = RMSprop(
        learningRate: try o.learningRate(default: 0.001),
        decay: Float(try o.double("decay", in: 0...0.999999, default: 0.99)),
        epsilon: Float(try o.double("epsilon", in: 1e-30...1, default: 1e-8)),
        momentum: Float(try o.double("momentum", in: 0...0.999999, default: 0)),
        weightDecay: decay)
    }
    let clipping = try o.clipping()
    try o.finish()
    try finish()
    return OptimizerSettings(rule, clipping: clipping)
  }

  /// A float's shortest decimal form as a number.
  private static func decimal(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }

  private mutating func learningRate(default value: Double) throws(Failure) -> Float {
    Float(try double("learning_rate", in: 0...1e30, default: value))
  }

  private mutating func clipping() throws(Failure) -> Clipping {
    let bound = 1e-30...1e30
    if take("clip_norm") != nil { return .norm(Float(try double("clip_norm", in: bound))) }
    if take("clip_value") != nil { return .value(Float(try double("clip_value", in: bound))) }
    return .none
  }
}

extension OptimizerSettings {
  var json: JSON {
    let kind: String
    var members: [(String, JSON)] = [("learning_rate", .number(rule.learningRate))]
    switch rule {
    case let adam as Adam:
      kind = "adam"
      members += [
        ("beta1", .number(adam.beta1)), ("beta2", .number(adam.beta2)),
        ("epsilon", .number(adam.epsilon)), ("weight_decay", .number(adam.weightDecay)),
        ("amsgrad", .bool(adam.amsgrad)),
      ]
    case let sgd as SGD:
      kind = "sgd"
      members += [
        ("momentum", .number(sgd.momentum)), ("nesterov", .bool(sgd.nesterov)),
        ("weight_decay", .number(sgd.weightDecay)),
      ]
    case let rms as RMSprop:
      kind = "rmsprop"
      members += [
        ("decay", .number(rms.decay)), ("epsilon", .number(rms.epsilon)),
        ("momentum", .number(rms.momentum)), ("weight_decay", .number(rms.weightDecay)),
      ]
    default: return .code(self)
    }
    switch clipping {
    case .none: break
    case .value(let limit): members.append(("clip_value", .number(limit)))
    case .norm(let limit): members.append(("clip_norm", .number(limit)))
    }
    return .object([(kind, .object(members))])
  }
}
