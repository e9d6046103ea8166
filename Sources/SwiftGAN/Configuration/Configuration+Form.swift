import Nets

/// What a checkpoint keeps of a configuration is its JSON. So whatever a model is made of must come back from it.
extension Configuration {
  /// Makes sure that the configuration can be read back from its own JSON, defaults filled in: values that a Swift program set are
  /// within the ranges of the JSON keys, and the text is within the reader's limits. Code of the user's own has no form in JSON and is
  /// passed over.
  /// - Throws: `Failure` of kind configuration, which names the key, or limit.
  func checkForm() throws(Failure) {
    let written = json
    let read: JSON
    do throws(Failure) {
      // What `swiftgan_model_config` gives: the longest form.
      read = try JSON(parsing: written.text(pretty: true))
    } catch {
      throw Failure(
        .limit,
        "the configuration, its defaults filled in, could not be read back: \(error.message)")
    }
    let known = read.replacingCode()
    let again = try Configuration(json: known)
    if let (place, a, b) = known.firstDifference(from: again.json) {
      throw Failure(
        .configuration,
        "\(place): \(a.text(pretty: false).prefix(100)) would be read back as"
          + " \(b.text(pretty: false).prefix(100))")
    }
    // What JSON cannot say, such as NaN, is written as null.
    if let (place, a, _) = written.firstDifference(from: read) {
      throw Failure(.configuration, "\(place): JSON cannot express \(a.kindName)")
    }
  }
}

extension JSON {
  /// The same configuration with layers, objectives and optimizers of ours in the places of the user's own.
  fileprivate func replacingCode(at key: String = "", in parent: String = "") -> JSON {
    switch self {
    case .array(let items): return .array(items.map { $0.replacingCode() })
    case .object(let members):
      if isCode {
        if key == "objective" { return Objective.nonSaturating.json }
        return parent == "optimizer" ? OptimizerSettings().json : LayerForm.json(Flatten())
      }
      return .object(
        members.map { ($0.key, $0.value.replacingCode(at: $0.key, in: key)) })
    default: return self
    }
  }

  /// Whether this is code of the user's own, or a layer around some.
  private var isCode: Bool {
    guard case .object(let members) = self else { return false }
    if self[Self.codeKey] != nil { return true }
    return members.count == 1 && members[0].value[Self.codeKey] != nil
      && LayerForm.all.contains { $0.name == members[0].key }
  }
}
