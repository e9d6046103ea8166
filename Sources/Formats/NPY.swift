import SGBasics
import SGTensors

/// NumPy's format for one array (versions 1 to 3): a header that is a Python dictionary, then the
/// elements. Numbers of either byte order and either order of axes are read; objects, which would
/// be pickles, never.
package struct NPY: Sendable {
  /// Extents of the axes; none is 0.
  package let shape: [Int]
  private let type: ElementType
  /// Whether the first axis runs fastest.
  package let isFortran: Bool
  package let stored: any StoredBytes
  /// Where the elements begin.
  package let start: Int

  package var path: String { stored.path }
  package var count: Int { shape.reduce(1, *) }
  /// Whether elements are unsigned bytes.
  package var isBytes: Bool { type.code == .u1 }

  /// The most bytes that a header may have, and the most axes.
  private static let longestHeader = 10_000
  private static let mostAxes = 32

  /// - Throws: `Failure` with the file, the byte and the reason.
  package init(_ file: any StoredBytes) throws(Failure) {
    let path = file.path
    let start = try file.bytes(at: 0, count: min(file.size, 12))
    func fail(_ kind: Failure.Kind, _ offset: Int, _ message: String) -> Failure {
      Failure(kind, "\(path), byte \(offset): NPY: \(message)")
    }
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    guard start.prefix(6).elementsEqual(magic.prefix(start.count)) else {
      throw fail(.format, 0, "no NumPy file")
    }
    guard start.count >= 10 else { throw fail(.truncated, start.count, "ends within its header") }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw fail(.unsupported, 6, "expected version 1.0, 2.0 or 3.0, found \(start[6]).\(start[7])")
    }
    let long = start[6] > 1
    guard !long || start.count == 12 else {
      throw fail(.truncated, start.count, "ends within its header")
    }
    let length = start[8..<(long ? 12 : 10)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let first = long ? 12 : 10
    guard length <= Self.longestHeader else {
      throw fail(.limit, 8, "a header of \(length) bytes; at most \(Self.longestHeader)")
    }
    guard first + length <= file.size else {
      throw fail(.truncated, file.size, "its header of \(length) bytes ends at \(first + length)")
    }
    var header = NPYHeader(try file.bytes(at: first, count: length)) {
      fail(.format, first + $0, $1)
    }
    try header.read()
    guard let type = ElementType(header.descr) else {
      throw fail(
        .unsupported, first,
        "elements of type \"\(header.descr.shown)\"; bool, integers and floats are read")
    }
    guard header.shape.count <= Self.mostAxes else {
      throw fail(.limit, first, "\(header.shape.count) axes; at most \(Self.mostAxes)")
    }
    // Extents of 0 count as 1 here, so that they hide no overflow.
    var size = type.size
    for n in header.shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(n, 1))
      guard !overflow else { throw fail(.limit, first, "\(header.shape) elements") }
      size = product
    }
    guard !header.shape.contains(0) else {
      throw fail(.format, first, "\(header.shape): no elements")
    }
    let offset = first + length
    guard file.size - offset >= size else {
      throw fail(
        .truncated, file.size, "\(header.shape) need \(offset + size) bytes, found \(file.size)")
    }
    guard file.size - offset == size else {
      throw fail(
        .format, offset + size, "\(file.size - offset - size) bytes after the last element")
    }
    self.type = type
    shape = header.shape
    isFortran = header.isFortran
    stored = file
    self.start = offset
  }

  /// Elements in row-major order as numbers, to the nearest.
  /// - Parameters:
  ///   - first: which one is the first; 0 where the axes are in Fortran's order.
  ///   - y: room for them.
  /// - Throws: `Failure` of kind noMemory or of the file.
  package func read(
    from first: Int = 0, into y: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    if isFortran { return try readFortran(into: y) }
    let most = (1 << 20) / type.size
    let piece = try Buffer(count: min(most, y.count) * type.size, for: path)
    defer { withExtendedLifetime(piece) {} }
    for done in stride(from: 0, to: y.count, by: most) {
      let n = min(most, y.count - done)
      let raw = UnsafeMutableRawBufferPointer(rebasing: piece.bytes[..<(n * type.size)])
      try stored.read(raw, at: start + (first + done) * type.size)
      for i in 0..<n { y[done + i] = Float(type.value(UnsafeRawBufferPointer(raw), i)) }
    }
  }

  private func readFortran(into y: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    let all = try stored.buffer(at: start, count: count * type.size)
    withExtendedLifetime(all) {
      var places = ColumnMajorOffsets(shape)
      let raw = UnsafeRawBufferPointer(all.bytes)
      for i in y.indices { y[i] = Float(type.value(raw, places.next())) }
    }
  }

  /// Class indices.
  /// - Throws: `Failure` of kind format (not one axis, not whole numbers that fit in 32 bits), with
  ///   the element.
  package func labels() throws(Failure) -> [Int32] {
    guard shape.count == 1 || (shape.count == 2 && shape[1] == 1) else {
      throw Failure(.format, "\(path): labels: expected one axis, found \(shape)")
    }
    try Memory.expectRoom(for: 12 * count, path)
    let bytes = try stored.buffer(at: start, count: count * type.size)
    defer { withExtendedLifetime(bytes) {} }
    var labels = [Int32](repeating: 0, count: count)
    for i in 0..<count {
      guard let label = Int32(exactly: type.value(UnsafeRawBufferPointer(bytes.bytes), i)) else {
        throw Failure(.format, "\(path): labels[\(i)]: expected a whole number")
      }
      labels[i] = label
    }
    return labels
  }
}

/// The places in column-major order of an array's elements in row-major order.
package struct ColumnMajorOffsets {
  private let shape: [Int]
  private var strides, index: [Int]
  private var place = 0

  package init(_ shape: [Int]) {
    self.shape = shape
    strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    index = [Int](repeating: 0, count: shape.count)
  }

  package mutating func next() -> Int {
    defer {
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return place
  }
}

/// How numbers are stored.
private struct ElementType {
  /// NumPy's letters and bytes.
  enum Code: String {
    case b1, u1, i1, u2, i2, u4, i4, u8, i8, f2, f4, f8
  }
  let code: Code
  /// In bytes.
  let size: Int
  private let isSwapped: Bool

  /// - Parameter descr: byte order (<, >, =, |), letter, bytes.
  init?(_ descr: String) {
    guard let order = descr.first, "<>=|".contains(order) else { return nil }
    guard let code = Code(rawValue: String(descr.dropFirst())),
      let digit = code.rawValue.last?.wholeNumberValue
    else { return nil }
    self.code = code
    guard order != "|" || digit == 1 else { return nil }
    size = digit
    isSwapped = order == ">"
  }

  /// Element i.
  func value(_ raw: UnsafeRawBufferPointer, _ i: Int) -> Double {
    func load<T: FixedWidthInteger>(_: T.Type) -> T {
      let x = raw.loadUnaligned(fromByteOffset: i * size, as: T.self)
      return isSwapped ? x.byteSwapped : x
    }
    switch code {
    case .b1: return raw[i] == 0 ? 0 : 1
    case .u1: return Double(raw[i])
    case .i1: return Double(load(Int8.self))
    case .u2: return Double(load(UInt16.self))
    case .i2: return Double(load(Int16.self))
    case .u4: return Double(load(UInt32.self))
    case .i4: return Double(load(Int32.self))
    case .u8: return Double(load(UInt64.self))
    case .i8: return Double(load(Int64.self))
    case .f2: return Self.half(load(UInt16.self))
    case .f4: return Double(Float(bitPattern: load(UInt32.self)))
    case .f8: return Double(bitPattern: load(UInt64.self))
    }
  }

  /// IEEE 754 half precision; the baseline instruction set has none.
  private static func half(_ bits: UInt16) -> Double {
    let sign: Double = bits >> 15 == 0 ? 1 : -1
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Double(bits & 0x3FF))
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * (1 + fraction / 1024)
        * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }
  }
}

/// The dictionary of a header: exactly 'descr', 'fortran_order' and 'shape'.
private struct NPYHeader {
  private let text: [UInt8]
  private var place = 0
  private let fail: (Int, String) -> Failure
  private(set) var descr = ""
  private(set) var isFortran = false
  private(set) var shape: [Int] = []

  init(_ text: [UInt8], _ fail: @escaping (Int, String) -> Failure) {
    (self.text, self.fail) = (text, fail)
  }

  mutating func read() throws(Failure) {
    var seen: [String] = []
    try expect("{")
    while !accept("}") {
      let key = try string()
      guard !seen.contains(key) else { throw fail(place, "\"\(key.shown)\" twice") }
      seen.append(key)
      try expect(":")
      switch key {
      case "descr":
        guard peek() != UInt8(ascii: "[") else {
          descr = "a structure"
          throw Failure(.unsupported, fail(place, "elements that are structures").message)
        }
        descr = try string()
      case "fortran_order":
        if accept("True") { isFortran = true } else { try expect("False") }
      case "shape": shape = try tuple()
      default: throw fail(place, "unknown key \"\(key.shown)\"")
      }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    for key in ["descr", "fortran_order", "shape"] where !seen.contains(key) {
      throw fail(place, "no \"\(key)\"")
    }
    skipBlanks()
    guard place == text.count else { throw fail(place, "something after the dictionary") }
  }

  private mutating func skipBlanks() {
    while place < text.count, [0x20, 0x0A].contains(text[place]) { place += 1 }
  }

  private mutating func peek() -> UInt8? {
    skipBlanks()
    return place < text.count ? text[place] : nil
  }

  private mutating func accept(_ word: String) -> Bool {
    skipBlanks()
    guard text[place...].starts(with: word.utf8) else { return false }
    place += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(Failure) {
    guard accept(word) else { throw fail(place, "expected \(word)") }
  }

  private mutating func string() throws(Failure) -> String {
    guard let quote = peek(), quote == 0x27 || quote == 0x22 else {
      throw fail(place, "expected a string")
    }
    guard let end = text[(place + 1)...].firstIndex(of: quote) else {
      throw fail(place, "a string without an end")
    }
    defer { place = end + 1 }
    return String(decoding: text[(place + 1)..<end], as: UTF8.self)
  }

  private mutating func tuple() throws(Failure) -> [Int] {
    var items: [Int] = []
    try expect("(")
    while !accept(")") {
      skipBlanks()
      let digits = text[place...].prefix { (0x30...0x39).contains($0) }
      guard let n = Int(String(decoding: digits, as: UTF8.self)) else {
        throw fail(place, "expected an extent of at most 2^63 - 1")
      }
      items.append(n)
      place += digits.count
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return items
  }
}
