/// A JSON value. Objects keep the order of their members.
public indirect enum JSON: Sendable {
  /// null.
  case null
  /// true or false.
  case bool(Bool)
  /// A number without point and exponent.
  case integer(Int64)
  /// Another number.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object, its members in order.
  case object([(key: String, value: JSON)])

  /// A whole number.
  public init(_ value: Int) { self = .integer(Int64(value)) }

  /// A whole number; above 2⁶³ − 1, which no reader of ours takes for one, the nearest other
  /// number.
  package init(_ value: UInt64) {
    self = Int64(exactly: value).map { .integer($0) } ?? .number(Double(value))
  }

  /// An object's member; nil: there is none, or this is no object.
  public subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A string's value; nil: this is none.
  public var text: String? {
    if case .string(let value) = self { return value }
    return nil
  }
  /// An integer's value; nil: this is none.
  public var wholeNumber: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }
  /// A number's value; nil: this is none.
  public var real: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The same with 2.0 and 1e3 as integers, which JSON Schema takes them for: up to 2⁵³, below
  /// which each whole number has a number of its own.
  package var withWholeNumbers: JSON {
    switch self {
    case .number(let value) where value.magnitude <= 0x1p53:
      Int64(exactly: value).map { .integer($0) } ?? self
    case .array(let items): .array(items.map(\.withWholeNumbers))
    case .object(let members): .object(members.map { ($0.key, $0.value.withWholeNumbers) })
    default: self
    }
  }

  /// How a message names a value of this kind.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.shown)\""
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: Equatable {
  /// Whether both are the same; objects also in the order of their members.
  public static func == (a: JSON, b: JSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let x), .bool(let y)): x == y
    case (.integer(let x), .integer(let y)): x == y
    case (.number(let x), .number(let y)): x == y
    case (.string(let x), .string(let y)): x == y
    case (.array(let x), .array(let y)): x == y
    case (.object(let x), .object(let y)):
      x.count == y.count && zip(x, y).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    default: false
    }
  }
}

extension JSON {
  /// A float in its shortest form: 0.2, not 0.20000000298023224.
  package static func number(_ value: Float) -> JSON {
    .number(Double("\(value)") ?? Double(value))
  }
}
