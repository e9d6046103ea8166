/// The type and range of a setting's values: how they are read from JSON, written to it and
/// described by a JSON Schema.
public struct ValueForm<Value>: Sendable {
  /// Reads the member of a key that is there.
  public let read: @Sendable (inout JSONObject, String) throws(Failure) -> Value
  /// The complete JSON of a value.
  public let write: @Sendable (Value) -> JSON
  /// The members of its JSON Schema.
  public let schema: @Sendable () -> [(key: String, value: JSON)]

  public init(
    schema: @autoclosure @escaping @Sendable () -> [(key: String, value: JSON)],
    read: @escaping @Sendable (inout JSONObject, String) throws(Failure) -> Value,
    write: @escaping @Sendable (Value) -> JSON
  ) {
    (self.schema, self.read, self.write) = (schema, read, write)
  }
}

/// The bounds of a JSON Schema; the largest integer stands for none.
private func bounds(_ low: JSON, _ high: JSON) -> [(key: String, value: JSON)] {
  [("minimum", low)] + (high == JSON(Int.max) ? [] : [("maximum", high)])
}

extension ValueForm<Int> {
  /// A whole number.
  public static func int(in range: ClosedRange<Int>) -> ValueForm {
    ValueForm(
      schema: [("type", "integer")] + bounds(JSON(range.lowerBound), JSON(range.upperBound))
    ) { o, key throws(Failure) in
      try o.int(key, in: range)
    } write: {
      JSON($0)
    }
  }
}

extension ValueForm<UInt64> {
  /// A whole number of steps and the like.
  public static func count(in range: ClosedRange<Int> = 0...Int.max) -> ValueForm {
    ValueForm(
      schema: [("type", "integer")] + bounds(JSON(range.lowerBound), JSON(range.upperBound))
    ) { o, key throws(Failure) in
      UInt64(try o.int(key, in: range))
    } write: {
      JSON($0)
    }
  }
}

extension ValueForm<Float> {
  /// A number.
  public static func float(in range: ClosedRange<Double>) -> ValueForm {
    ValueForm(
      schema: [("type", "number")] + bounds(.number(range.lowerBound), .number(range.upperBound))
    ) { o, key throws(Failure) in
      Float(try o.double(key, in: range))
    } write: {
      .number($0)
    }
  }
}

extension ValueForm<Float?> {
  /// A number or null.
  public static func float(orNullIn range: ClosedRange<Double>) -> ValueForm {
    ValueForm(
      schema: [("type", ["number", "null"])]
        + bounds(.number(range.lowerBound), .number(range.upperBound))
    ) { o, key throws(Failure) in
      o.take(key) == .null ? nil : Float(try o.double(key, in: range))
    } write: {
      $0.map { .number($0) } ?? .null
    }
  }
}

extension ValueForm<Int?> {
  /// A whole number or null.
  public static func int(orNullIn range: ClosedRange<Int>) -> ValueForm {
    ValueForm(
      schema: [("type", ["integer", "null"])]
        + bounds(JSON(range.lowerBound), JSON(range.upperBound))
    ) { o, key throws(Failure) in
      o.take(key) == .null ? nil : try o.int(key, in: range)
    } write: {
      $0.map { JSON($0) } ?? .null
    }
  }
}

extension ValueForm<Bool> {
  /// true or false.
  public static var bool: ValueForm {
    ValueForm(schema: [("type", "boolean")]) { o, key throws(Failure) in
      try o.bool(key, default: false)
    } write: {
      .bool($0)
    }
  }
}

extension ValueForm<Bool?> {
  /// true, false or null.
  public static var boolOrNull: ValueForm {
    ValueForm(schema: [("type", ["boolean", "null"])]) { o, key throws(Failure) in
      try o.optionalBool(key)
    } write: {
      $0.map { .bool($0) } ?? .null
    }
  }
}

extension ValueForm<String> {
  /// A string.
  public static var string: ValueForm {
    ValueForm(schema: [("type", "string")]) { o, key throws(Failure) in
      try o.string(key)
    } write: {
      .string($0)
    }
  }
}

extension ValueForm<[String]> {
  /// A list of strings, all different.
  public static var strings: ValueForm {
    ValueForm(
      schema: [("type", "array"), ("items", ["type": "string"]), ("uniqueItems", true)]
    ) {
      o, key throws(Failure) in
      try o.strings(key)
    } write: {
      .array($0.map { .string($0) })
    }
  }
}

extension ValueForm where Value: RawRepresentable<String> & CaseIterable & Sendable {
  /// One of an enumeration's cases, by name.
  public static var choice: ValueForm {
    let words = Value.allCases.map(\.rawValue)
    return ValueForm(schema: [("enum", .array(words.map { .string($0) }))]) {
      o, key throws(Failure) in
      let name = try o.string(key, oneOf: words)
      guard let value = Value(rawValue: name) else {
        throw Failure(.configuration, "\(key): unknown \"\(name.shown)\"")
      }
      return value
    } write: {
      .string($0.rawValue)
    }
  }
}

extension ValueForm<[Int]> {
  /// A list of extents.
  public static func shape(most: Int = 5) -> ValueForm {
    ValueForm(
      schema: [
        ("type", "array"), ("minItems", 1), ("maxItems", JSON(most)),
        (
          "items", ["type": "integer", "minimum": 1, "maximum": JSON(Int(Int32.max))]
        ),
      ]
    ) { o, key throws(Failure) in
      try o.shape(key, most: most)
    } write: {
      .array($0.map { JSON($0) })
    }
  }
}

extension ValueForm<ValueRange?> {
  /// [low, high] or null.
  public static var range: ValueForm {
    ValueForm(
      schema: [
        ("type", ["array", "null"]), ("minItems", 2), ("maxItems", 2),
        ("items", ["type": "number", "minimum": -1e6, "maximum": 1e6]),
      ]
    ) { o, key throws(Failure) in
      try o.range(key, default: nil)
    } write: {
      $0.map { .array([.number($0.low), .number($0.high)]) } ?? .null
    }
  }
}
