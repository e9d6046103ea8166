import SGBasics
import SGTensors

/// What tells whether two data sets are the same one.
public struct DataFingerprint: Sendable, Equatable {
  /// How many samples there are.
  public let count: Int
  /// A sample's shape.
  public let shape: [Int]
  /// How many classes labels tell apart.
  public let classes: Int
  /// The classes' names, or empty.
  public let classNames: [String]
  /// FNV-1a of 64 bits, in hexadecimal, over all labels and up to 64 samples, evenly over the
  /// whole; "" where the samples are drawn when they are wanted.
  public let hash: String

  /// Everything as JSON.
  public var json: JSON {
    .object([
      ("count", JSON(count)), ("shape", .array(shape.map { JSON($0) })), ("classes", JSON(classes)),
      ("class_names", .array(classNames.map { .string($0) })), ("hash", .string(hash)),
    ])
  }

  /// Reads what `json` writes.
  /// - Throws: `Failure` of kind configuration.
  package init(_ o: inout JSONObject) throws(Failure) {
    count = try o.int("count", in: 1...Int.max)
    shape = try o.shape("shape")
    classes = try o.int("classes", in: 0...Int.max)
    classNames = try o.strings("class_names")
    hash = try o.string("hash")
    try o.finish()
  }

  fileprivate init(_ data: Dataset, hash: String) {
    (count, shape, classes) = (data.count, data.shape.array, data.classes)
    (classNames, self.hash) = (data.classNames, hash)
  }

  /// How another data set differs from this one, for a person; nil: it does not.
  public func difference(from other: DataFingerprint) -> String? {
    if shape != other.shape { return "samples of shape \(other.shape) instead of \(shape)" }
    if count != other.count { return "\(other.count) samples instead of \(count)" }
    if classNames != other.classNames {
      func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.prefix(12).joined(separator: ", ").shown
      }
      return "the classes \(list(other.classNames)) instead of \(list(classNames))"
    }
    if classes != other.classes { return "\(other.classes) classes instead of \(classes)" }
    return hash == other.hash ? nil : "other values in its samples or labels"
  }
}

extension Dataset {
  /// How many samples were compared, evenly over the whole, if they are all the same; nil: they
  /// differ, there is only one, they cannot be read, or a function makes them, whose calls cost.
  /// Reads up to 64 samples, and two where these differ.
  package var countOfEqualSamples: Int? {
    guard mixture == nil, samples.isChecked, count > 1 else { return nil }
    func bits(_ i: Int) -> [UInt32]? {
      (try? batch([i]))?.withElements { $0.map(\.bitPattern) }
    }
    let index = Array(spread(64).reversed())
    guard let first = bits(index[0]), index.dropFirst().allSatisfy({ bits($0) == first }) else {
      return nil
    }
    return index.count
  }

  /// What tells this data set from others. Reads up to 64 samples.
  /// - Throws: `Failure` of the file where a sample cannot be read, or noMemory.
  public func fingerprint() throws(Failure) -> DataFingerprint {
    // Samples of known Gaussians may differ in their last bits from one processor to another.
    guard mixture == nil else { return DataFingerprint(self, hash: "") }
    var h: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bytes: UnsafeRawBufferPointer) {
      for byte in bytes { h = (h ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    labels.withUnsafeBytes(add)
    for i in spread(64) {
      try batch([i]).withElements { add(UnsafeRawBufferPointer($0)) }
      try inputs?.batch([i]).withElements { add(UnsafeRawBufferPointer($0)) }
    }
    let text = String(h, radix: 16)
    return DataFingerprint(self, hash: String(repeating: "0", count: 16 - text.count) + text)
  }
}
