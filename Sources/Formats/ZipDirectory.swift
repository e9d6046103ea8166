import SGBasics

/// Where a zip file's directory is: the record at its end says.
struct ZipDirectory {
  let start, size, count: Int

  /// - Throws: `Failure` of kind truncated (no such record), format (it does not fit the file),
  ///   unsupported (several disks).
  init(_ file: InputFile) throws(Failure) {
    func fail(_ kind: Failure.Kind, _ offset: Int, _ message: String) -> Failure {
      Failure(kind, "\(file.path), byte \(offset): zip: \(message)")
    }
    let head = try file.bytes(at: 0, count: min(file.size, 4))
    guard head.starts(with: Array("PK".utf8).prefix(head.count)) else {
      throw fail(.format, 0, "no zip file")
    }
    let tail = min(file.size, Self.recordSize + 0xFFFF)
    let origin = file.size - tail
    let bytes = ZipFields(try file.bytes(at: origin, count: tail))
    // The last one whose comment ends with the file.
    guard
      let place = stride(from: tail - Self.recordSize, through: 0, by: -1).first(where: {
        bytes.number($0, 4) == 0x0605_4B50
          && $0 + Self.recordSize + bytes.number($0 + 20, 2) == tail
      })
    else { throw fail(.truncated, file.size, "ends without a directory") }
    var end = origin + place
    var disks = [bytes.number(place + 4, 2), bytes.number(place + 6, 2)]
    var counts = [bytes.number(place + 8, 2), bytes.number(place + 10, 2)]
    var (size, start) = (bytes.number(place + 12, 4), bytes.number(place + 16, 4))
    if counts[1] == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
      guard place >= 20, bytes.number(place - 20, 4) == 0x0706_4B50 else {
        throw fail(.format, end, "ZIP64's record is missing")
      }
      let wide = bytes.number(place - 12, 8)
      guard wide <= end - 76 else { throw fail(.format, end - 20, "ZIP64's record is elsewhere") }
      let record = ZipFields(try file.bytes(at: wide, count: 56))
      guard record.number(0, 4) == 0x0606_4B50 else {
        throw fail(.format, wide, "expected ZIP64's record")
      }
      disks = [record.number(16, 4), record.number(20, 4)]
      counts = [record.number(24, 8), record.number(32, 8)]
      (size, start) = (record.number(40, 8), record.number(48, 8))
      end = wide
    }
    guard disks == [0, 0], counts[0] == counts[1] else {
      throw fail(.unsupported, end, "one of several disks")
    }
    guard size <= end, start == end - size, counts[0] <= size / 46 else {
      throw fail(.format, end, "a directory of \(counts[0]) members that does not end here")
    }
    (self.start, self.size, count) = (start, size, counts[0])
  }

  /// Bytes of the record without its comment.
  private static let recordSize = 22
}

/// Little-endian numbers in a piece of a zip file.
struct ZipFields {
  let bytes: [UInt8]
  var count: Int { bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The number at a place. What does not fit becomes one that no file can reach.
  func number(_ place: Int, _ size: Int) -> Int {
    let value = bytes[place..<place + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(min(value, UInt64(Int.max / 4)))
  }

  /// Replaces numbers that say that they are too small by those of ZIP64's extra field.
  /// - Parameters:
  ///   - place: where the extra fields begin.
  ///   - count: their bytes.
  /// - Returns: false where they are missing or damaged.
  func widen(_ numbers: inout [Int], extra place: Int, _ count: Int) -> Bool {
    var (field, end) = (place, place + count)
    // Other fields than whole ones at the end do not count.
    while field + 4 <= end {
      let (kind, size) = (number(field, 2), number(field + 2, 2))
      field += 4
      guard field + size <= end else { return false }
      if kind == 1 {
        end = field + size
        for i in numbers.indices where numbers[i] == 0xFFFF_FFFF {
          guard field + 8 <= end else { return false }
          numbers[i] = self.number(field, 8)
          field += 8
        }
        return true
      }
      field += size
    }
    return !numbers.contains(0xFFFF_FFFF)
  }
}
