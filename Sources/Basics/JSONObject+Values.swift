extension JSONObject {
  /// One of an enumeration's cases.
  public mutating func choice<C: RawRepresentable & CaseIterable>(
    _ key: String, default value: C
  ) throws(Failure) -> C where C.RawValue == String {
    let name = try string(key, oneOf: C.allCases.map(\.rawValue), default: value.rawValue)
    return C(rawValue: name) ?? value
  }

  /// [low, high] or null.
  public mutating func range(
    _ key: String, default value: ValueRange?
  ) throws(Failure) -> ValueRange? {
    switch take(key) {
    case nil: return value
    case .null?: return nil
    default: break
    }
    let items = try array(key)
    guard items.count == 2 else {
      throw Failure(.configuration, "\(place(key)): expected [low, high] or null")
    }
    let low = try items[0].double(in: -1e6...1e6, path: "\(place(key))[0]")
    let high = try items[1].double(in: -1e6...1e6, path: "\(place(key))[1]")
    let range = ValueRange(Float(low), Float(high))
    guard range.low < range.high else {
      throw Failure(
        .configuration,
        "\(place(key)): expected low < high as 32-bit floats, found [\(low), \(high)]")
    }
    return range
  }

  /// A list of extents.
  public mutating func shape(_ key: String, most: Int = 5) throws(Failure) -> [Int] {
    let items = try array(key)
    guard (1...most).contains(items.count) else {
      throw Failure(
        .configuration, "\(place(key)): expected 1 to \(most) sizes, found \(items.count)")
    }
    var shape: [Int] = []
    for (i, item) in items.enumerated() {
      shape.append(try item.int(in: 1...Int(Int32.max), path: "\(path).\(key)[\(i)]"))
    }
    return shape
  }
}
