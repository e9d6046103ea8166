import SGBasics
import SGNets

// The types of values that only layers have.

extension ValueForm<Size> {
  /// A number for both sides, or [height, width].
  static func size(in range: ClosedRange<Int>) -> ValueForm {
    ValueForm(schema: [("anyOf", .array([side(range), pair(of: side(range))]))]) {
      (o, key) throws(Failure) in
      guard case .array(let items)? = o.take(key) else {
        return Size(try o.int(key, in: range))
      }
      guard items.count == 2 else {
        throw Failure(
          .configuration,
          "\(o.place(key)): expected [height, width], found \(items.count) numbers")
      }
      return Size(
        try items[0].int(in: range, path: "\(o.place(key))[0]"),
        try items[1].int(in: range, path: "\(o.place(key))[1]"))
    } write: {
      json($0)
    }
  }

  private static func side(_ range: ClosedRange<Int>) -> JSON {
    [
      "type": "integer", "minimum": JSON(range.lowerBound), "maximum": JSON(range.upperBound),
    ]
  }

  fileprivate static func pair(of side: JSON) -> JSON {
    ["type": "array", "items": side, "minItems": 2, "maxItems": 2]
  }

  fileprivate static func json(_ size: Size) -> JSON {
    size.height == size.width
      ? JSON(size.height) : .array([JSON(size.height), JSON(size.width)])
  }
}

extension ValueForm<Padding> {
  /// "same", "valid", or zeros on each side.
  static var padding: ValueForm {
    let sides = ValueForm<Size>.size(in: 0...255)
    return ValueForm(
      schema: [("anyOf", .array([["enum": ["same", "valid"]], .object(sides.schema())]))]
    ) { (o, key) throws(Failure) in
      guard case .string? = o.take(key) else { return .symmetric(try sides.read(&o, key)) }
      return try o.string(key, oneOf: ["same", "valid"]) == "same" ? .same : .valid
    } write: {
      switch $0 {
      case .same: "same"
      case .valid: "valid"
      case .symmetric(let size): sides.write(size)
      }
    }
  }
}

extension ValueForm<Initializer> {
  /// Those without a number.
  private static var plain: [(name: String, value: Initializer)] {
    [("glorot", .glorot), ("he", .he), ("lecun", .lecun), ("zeros", .zeros)]
  }

  /// Those with a number.
  private static var numbered:
    [(name: String, range: ClosedRange<Double>, make: (Float) -> Initializer)]
  {
    [
      ("constant", -1e6...1e6, Initializer.constant), ("normal", 0...1000, Initializer.normal),
      ("truncated_normal", 0...1000, Initializer.truncatedNormal),
      ("orthogonal", 0...1000, Initializer.orthogonal),
    ]
  }

  /// The JSON Schema of all, to which settings refer as `#/$defs/initializer`.
  static var definition: JSON {
    let objects = numbered.map { name, range, _ in
      JSON.schema(
        "", properties: [(name, .object(ValueForm<Float>.float(in: range).schema()))],
        required: [name])
    }
    let names: JSON = ["enum": .array(plain.map { .string($0.name) })]
    return ["description": "The first values of weights.", "anyOf": .array([names] + objects)]
  }

  /// "glorot", "he", "zeros", {"normal": deviation}, …
  static var initializer: ValueForm {
    ValueForm(schema: [("$ref", "#/$defs/initializer")]) {
      (o, key) throws(Failure) in
      guard case .object? = o.take(key) else {
        let name = try o.string(key, oneOf: plain.map(\.name))
        return plain.first { $0.name == name }?.value ?? .glorot
      }
      var own = try o.object(key)
      var found: Initializer?
      for (name, range, make) in numbered where own.take(name) != nil && found == nil {
        found = make(Float(try own.double(name, in: range)))
      }
      try own.finish()
      guard let found else {
        throw Failure(
          .configuration,
          "\(o.place(key)): expected \"constant\", \"normal\", \"truncated_normal\" or"
            + " \"orthogonal\" with a number")
      }
      return found
    } write: {
      switch $0 {
      case .zeros: "zeros"
      case .glorot: "glorot"
      case .he: "he"
      case .lecun: "lecun"
      case .constant(let value): ["constant": .number(value)]
      case .normal(let deviation): ["normal": .number(deviation)]
      case .truncatedNormal(let deviation): ["truncated_normal": .number(deviation)]
      case .orthogonal(let gain): ["orthogonal": .number(gain)]
      }
    }
  }
}
