import SGBasics
import SGNets

extension JSONObject {
  private static let rules = OptimizerForms.all.map(\.name)

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

  /// - Parameter adam: the defaults of Adam's constants.
  fileprivate mutating func optimizer(_ adam: Adam? = nil) throws(Failure) -> OptimizerSettings {
    if let code = take(JSON.codeKey) { throw code.isCode(path, what: "optimizer") }
    let forms = adam.map(OptimizerForms.all(adam:)) ?? OptimizerForms.all
    let kind = try onlyKey(of: forms.map(\.name))
    var o = try object(kind)
    guard let form = forms.first(where: { $0.name == kind }) else {
      throw Failure(.configuration, "\(path): unknown optimizer \"\(kind.shown)\"")
    }
    let settings = try form.decode(&o)
    try o.finish()
    try finish()
    return settings
  }
}

extension ValueForm<OptimizerSettings> {
  /// One optimizer of all networks: `{"adam": {…}}`.
  /// - Parameter adam: the defaults of Adam's constants.
  static func optimizer(adam: Adam) -> ValueForm {
    ValueForm(schema: [("anyOf", .array(OptimizerForms.all(adam: adam).flatMap(\.objectSchemas)))])
    {
      (o, key) throws(Failure) in
      var own = try o.object(key)
      return try own.optimizer(adam)
    } write: {
      $0.json
    }
  }
}

extension ValueForm<(generator: OptimizerSettings, discriminator: OptimizerSettings)> {
  /// `{"adam": {…}}` for both players, or `{"generator": {"adam": {…}}, "discriminator": {…}}`.
  static var optimizers: ValueForm {
    ValueForm(schema: [("anyOf", .array(optimizerSchemas))]) { (o, _) throws(Failure) in
      try o.optimizers()
    } write: {
      ["generator": $0.generator.json, "discriminator": $0.discriminator.json]
    }
  }
}

/// The schemas of one optimizer for both players and of one for each.
private var optimizerSchemas: [JSON] {
  let forms = OptimizerForms.all.flatMap(\.objectSchemas)
  let one: JSON = ["anyOf": .array(forms)]
  let players = JSON.schema(
    "An optimizer for each player.", properties: [("generator", one), ("discriminator", one)]
  ).with([("minProperties", 1)])
  return forms + [players]
}
