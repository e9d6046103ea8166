import SwiftGAN

/// What `--set` means where the configuration's own key would be longer, or where it changes the optimizer's rule.
///
/// `learning_rate=0.001`, `lr=0.001` and `optimizer.learning_rate=0.001` set the rate of both players' optimizers,
/// `optimizer.generator.learning_rate` and `.lr` that of one; a rule, such as `optimizer.sgd.momentum=0.9`, takes the place of another
/// rule that the preset chose.
enum RateArguments {
  private static let rules = ["adam", "sgd", "rmsprop"]
  private static let rates = ["learning_rate", "lr"]

  /// The arguments as the configuration reads them; what they replace is taken out of it.
  static func resolve(_ arguments: [String], in json: inout JSON) throws(Failure) -> [String] {
    var resolved: [String] = []
    for argument in arguments {
      guard let sign = argument.firstIndex(of: "=") else {
        resolved.append(argument)
        continue
      }
      let value = String(argument[sign...])
      let keys = argument[..<sign].split(separator: ".").map(String.init)
      let isNumber = JSON(argument: String(value.dropFirst())).real != nil
      if keys.count == 1, rates.contains(keys[0]), isNumber {
        resolved += places(in: json, after: resolved).map { "\($0).learning_rate\(value)" }
      } else if keys.first == "optimizer", let last = keys.last, rates.contains(last),
        keys.count <= 3, isNumber
      {
        let player = keys.count == 3 ? keys[1] : nil
        if let player, rules.contains(player) {
          try choose(player, of: nil, in: &json)
          resolved += players(json).map { "optimizer\($0).\(player).learning_rate\(value)" }
        } else {
          resolved += places(in: json, after: resolved, of: player).map {
            "\($0).learning_rate\(value)"
          }
        }
      } else if keys.first == "optimizer", keys.count >= 2, rules.contains(keys[1]) {
        try choose(keys[1], of: nil, in: &json)
        resolved += players(json).map {
          "optimizer\($0).\(keys[1...].joined(separator: "."))\(value)"
        }
      } else if keys.first == "optimizer", keys.count >= 3, rules.contains(keys[2]) {
        try choose(keys[2], of: keys[1], in: &json)
        resolved.append(renamed(argument, keys, value))
      } else {
        resolved.append(argument)
      }
    }
    return resolved
  }

  private static func renamed(_ argument: String, _ keys: [String], _ value: String) -> String {
    guard keys.last == "lr" else { return argument }
    return (keys.dropLast() + ["learning_rate"]).joined(separator: ".") + value
  }

  /// "" where both players have one optimizer, else their keys.
  private static func players(_ json: JSON) -> [String] {
    guard case .object(let members)? = json["optimizer"] else { return [""] }
    let own = ["generator", "discriminator"].filter { key in members.contains { $0.key == key } }
    return own.isEmpty ? [""] : [".generator", ".discriminator"]
  }

  /// The rules whose rates there are to set.
  private static func places(
    in json: JSON, after earlier: [String], of player: String? = nil
  ) -> [String] {
    let wanted = player.map { [".\($0)"] } ?? players(json)
    return wanted.map { place in
      let key = place.isEmpty ? nil : String(place.dropFirst())
      let settings = key.map { json["optimizer"]?[$0] } ?? json["optimizer"]
      var rule = rules.first { settings?[$0] != nil }
      for argument in earlier where argument.hasPrefix("optimizer\(place).") {
        let next = argument.dropFirst("optimizer\(place).".count).prefix { $0 != "." && $0 != "=" }
        if rules.contains(String(next)) { rule = String(next) }
      }
      return "optimizer\(place).\(rule ?? "adam")"
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
