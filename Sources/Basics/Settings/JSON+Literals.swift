// JSON as Swift literals, for schemas: `["type": "integer", "minimum": 1]`.

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// true or false.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// An array.
  public init(arrayLiteral items: JSON...) { self = .array(items) }
  /// An object, its members in order.
  public init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(members.map { ($0.0, $0.1) })
  }
}
