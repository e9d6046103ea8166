/// A constant that an objective or a penalty was made with.
enum SettingConstant: Sendable, Equatable {
  case number(Float)
  case string(String)
  case bool(Bool)

  /// A number's value; nil: this is none.
  var number: Float? {
    if case .number(let value) = self { value } else { nil }
  }
}
