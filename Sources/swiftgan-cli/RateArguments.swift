import SwiftGAN

/// What `--set` means where the configuration's own key would be longer, or where it changes the
/// optimizer's rule.
///
/// `learning_rate=0.001`, `lr=0.001` and `optimizer.learning_rate=0.001` set the rate of both
/// players' optimizers, `optimizer.generator.learning_rate` and `.lr` that of one; a rule, such as
/// `optimizer.sgd.momentum=0.9`, takes the place of another rule that the preset chose.
enum RateArguments {
  private static let rules = ["adam", "sgd", "rmsprop"]
  private static let rates = ["learning_rate", "lr"]

  /// Sets what the arguments say, one after another.
  static func set(_ arguments: [String], in json: inout JSON) throws(Failure) {
    for argument in arguments {
      try json.set(try resolve(argument, in: &json), option: "--set")
    }
  }

  /// An argument as the configuration reads it; what it replaces is taken out of that.
  private static func resolve(
    _ argument: String, in json: inout JSON
  ) throws(Failure) -> [String] {
    guard let sign = argument.firstIndex(of: "=") else { return [argument] }
    let value = String(argument[sign...])
    let keys = argument[..<sign].split(separator: ".").map(String.init)
    let isRate =
      rates.contains(keys.last ?? "") && JSON(argument: String(value.dropFirst())).real != nil
    if keys.count == 1, isRate { return places(in: json).map { "\($0).learning_rate\(value)" } }
    guard keys.first == "optimizer", keys.count >= 2 else { return [argument] }
    if rules.contains(keys[1]) {
      try choose(keys[1], of: nil, in: &json)
      let rest = (keys.dropFirst().dropLast() + [isRate ? "learning_rate" : keys.last ?? ""])
        .joined(separator: ".")
      return players(json).map { "optimizer\($0).\(rest)\(value)" }
    }
    if isRate, keys.count <= 3 {
      return places(in: json, of: keys.count == 3 ? keys[1] : nil).map {
        "\($0).learning_rate\(value)"
      }
    }
    if keys.count >= 3, rules.contains(keys[2]) {
      try choose(keys[2], of: keys[1], in: &json)
      return [
        (keys.dropLast() + [isRate ? "learning_rate" : keys.last ?? ""]).joined(separator: ".")
          + value
      ]
    }
    return [argument]
  }

  /// "" where both players have one optimizer, else their keys.
  private static func players(_ json: JSON) -> [String] {
    guard case .object(let members)? = json["optimizer"] else { return [""] }
    let own = ["generator", "discriminator"].filter { key in members.contains { $0.key == key } }
    return own.isEmpty ? [""] : [".generator", ".discriminator"]
  }

  /// The rules whose rates there are to set.
  private static func places(in json: JSON, of player: String? = nil) -> [String] {
    (player.map { [".\($0)"] } ?? players(json)).map { place in
      let settings =
        place.isEmpty ? json["optimizer"] : json["optimizer"]?[String(place.dropFirst())]
      let rule = rules.first { settings?[$0] != nil } ?? "adam"
      return "optimizer\(place).\(rule)"
    }
  }

  /// Takes other rules than the given one out of the configuration.
  private static func choose(
    _ rule: String, of player: String?, in json: inout JSON
  ) throws(Failure) {
    guard case .object(let members)? = json["optimizer"] else { return }
    func chosen(_ settings: JSON) -> JSON {
      guard case .object(let members) = settings else { return settings }
      return .object(members.filter { $0.key == rule || !rules.contains($0.key) })
    }
    let own = members.map { member in
      ["generator", "discriminator"].contains(member.key)
        && (player == nil || player == member.key)
        ? (key: member.key, value: chosen(member.value)) : member
    }
    try json.set("optimizer", to: player == nil ? chosen(.object(own)) : .object(own))
  }
}
