import CSGZlib
import SGBasics

/// The members of a zip file (PKWARE's APPNOTE 6.3), stored or deflated, with ZIP64's sizes.
/// Encryption, other methods, several disks, members that overlap or that the two headers describe
/// differently are refused, as are names that lead out of a folder.
package struct ZipArchive {
  package struct Member {
    package let name: String
    fileprivate let flags, method: Int
    fileprivate let checksum: UInt32
    /// Bytes as they are in the file, and as they come out.
    fileprivate let packed, size: Int
    /// Where its own header is.
    fileprivate let header: Int
    /// Where its data begin.
    fileprivate var start = 0
  }

  package let path: String
  package private(set) var members: [Member] = []
  private let file: InputFile

  /// The most bytes of the directory, of which no member takes fewer than 46.
  private static let largestDirectory = 16 << 20

  /// Reads and checks the directory and every member's header.
  /// - Throws: `Failure` with the file, the byte and the reason.
  package init(_ path: String) throws(Failure) {
    self.path = path
    file = try InputFile(path)
    let directory = try ZipDirectory(file)
    guard directory.size <= Self.largestDirectory else {
      throw fail(
        .limit, directory.start,
        "a directory of \(directory.size) bytes; at most \(Self.largestDirectory)"
      )
    }
    let bytes = ZipFields(try file.bytes(at: directory.start, count: directory.size))
    var place = 0
    var names: Set<String> = []
    for _ in 0..<directory.count {
      let (member, length) = try entry(bytes, place, directory.start)
      guard names.insert(member.name).inserted else {
        throw fail(.format, directory.start + place, "\"\(member.name.shown)\" twice")
      }
      members.append(member)
      place += length
    }
    guard place == directory.size else {
      throw fail(.format, directory.start + place, "more in the directory than its members")
    }
    for i in members.indices { members[i].start = try checkedStart(of: members[i]) }
    var end = 0
    for member in members.sorted(by: { $0.header < $1.header }) {
      guard member.header >= end else {
        throw fail(.format, member.header, "\"\(member.name.shown)\" overlaps another member")
      }
      let (sum, overflow) = member.start.addingReportingOverflow(member.packed)
      guard !overflow, sum <= directory.start else {
        throw fail(
          .truncated, member.start,
          "\"\(member.name.shown)\" reaches beyond the directory's beginning")
      }
      end = sum
    }
  }

  /// A member's bytes: in memory, or where they lie as they are, in the file. They are read through
  /// once, and their checksum compared.
  /// - Throws: `Failure` of kind checksum, noMemory, or of the compressed data.
  package func contents(of member: Member) throws(Failure) -> any StoredBytes {
    let part = StoredPart(
      path: "\(path): \(member.name)", whole: file, start: member.start, size: member.packed)
    if member.method == 0 {
      var sum = uLong(0)
      var place = 0
      while place < part.size {
        let piece = try part.bytes(at: place, count: min(1 << 20, part.size - place))
        sum = crc32(sum, piece, UInt32(piece.count))
        place += piece.count
      }
      try check(sum, member)
      return part
    }
    guard member.size / Inflate.largestRatio <= member.packed else {
      throw Failure(
        .limit, "\(part.path): \(member.packed) bytes cannot hold \(member.size), as they claim")
    }
    let buffer = try Buffer(count: member.size, for: part.path)
    let inflate = try Inflate(part, .none)
    let count = try inflate.read(buffer.bytes)
    guard count == member.size else {
      throw Failure(
        .format, "\(part.path): unpacks to \(count) bytes where \(member.size) are named")
    }
    if try inflate.hasMore() {
      throw Failure(
        .limit, "\(part.path): unpacks to more than the \(member.size) bytes that are named")
    }
    var (sum, place) = (uLong(0), 0)
    while place < count {
      let n = min(1 << 30, count - place)
      sum = crc32(sum, buffer.elements.baseAddress.map { $0 + place }, UInt32(n))
      place += n
    }
    try check(sum, member)
    return MemoryBytes(path: part.path, buffer)
  }

  private func check(_ sum: uLong, _ member: Member) throws(Failure) {
    guard UInt32(truncatingIfNeeded: sum) == member.checksum else {
      throw fail(.checksum, member.start, "\"\(member.name.shown)\": the checksum is another")
    }
  }

  private func fail(_ kind: Failure.Kind, _ offset: Int, _ message: String) -> Failure {
    Failure(kind, "\(path), byte \(offset): zip: \(message)")
  }

  /// An entry of the directory, and its length.
  private func entry(
    _ bytes: ZipFields, _ place: Int, _ origin: Int
  ) throws(Failure) -> (Member, Int) {
    guard place + 46 <= bytes.count else {
      throw fail(.truncated, origin + place, "the directory ends within a member")
    }
    guard bytes.number(place, 4) == 0x0201_4B50 else {
      throw fail(.format, origin + place, "expected a member of the directory")
    }
    let (flags, method) = (bytes.number(place + 8, 2), bytes.number(place + 10, 2))
    let (name, extra) = (bytes.number(place + 28, 2), bytes.number(place + 30, 2))
    let length = 46 + name + extra + bytes.number(place + 32, 2)
    guard place + length <= bytes.count else {
      throw fail(.truncated, origin + place, "the directory ends within a member")
    }
    let text = try self.name(bytes, place + 46, name, origin + place)
    // 0: encrypted, 5: patched, 6: strongly encrypted, 13: hidden.
    guard flags & 0b10_0000_0110_0001 == 0 else {
      throw fail(.unsupported, origin + place + 8, "\"\(text.shown)\" is encrypted or a patch")
    }
    guard method == 0 || method == 8 else {
      throw fail(
        .unsupported, origin + place + 10,
        "\"\(text.shown)\": expected method 0 (stored) or 8 (deflated), found \(method)")
    }
    let disk = bytes.number(place + 34, 2)
    var sizes = [20, 24].map { bytes.number(place + $0, 4) }
    sizes.append(bytes.number(place + 42, 4))
    // ZIP64 has, in this order, size, packed size, place of those that do not fit.
    var wide = [sizes[1], sizes[0], sizes[2]]
    guard disk == 0, bytes.widen(&wide, extra: place + 46 + name, extra) else {
      throw fail(
        .format, origin + place, "\"\(text.shown)\": its sizes are missing, or on another disk")
    }
    guard method == 8 || wide[0] == wide[1] else {
      throw fail(.format, origin + place, "\"\(text.shown)\": stored, but of two sizes")
    }
    let member = Member(
      name: text, flags: flags, method: method,
      checksum: UInt32(truncatingIfNeeded: bytes.number(place + 16, 4)), packed: wide[1],
      size: wide[0], header: wide[2])
    return (member, length)
  }

  private func name(
    _ bytes: ZipFields, _ place: Int, _ count: Int, _ offset: Int
  ) throws(Failure) -> String {
    guard let name = String(validating: bytes.bytes[place..<place + count], as: UTF8.self),
      !name.isEmpty, !name.utf8.contains(0)
    else { throw fail(.format, offset, "a member's name is empty or not UTF-8") }
    guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
      throw fail(.format, offset, "the name \"\(name.shown)\" leads out of the folder")
    }
    return name
  }

  /// Where a member's data begin, if its own header says what the directory says.
  private func checkedStart(of member: Member) throws(Failure) -> Int {
    func fail(_ kind: Failure.Kind, _ message: String) -> Failure {
      self.fail(kind, member.header, "\"\(member.name.shown)\": \(message)")
    }
    guard member.header <= file.size - 30 else {
      throw fail(.truncated, "its header is beyond the file's end")
    }
    let head = ZipFields(try file.bytes(at: member.header, count: 30))
    guard head.number(0, 4) == 0x0403_4B50 else {
      throw fail(.format, "no header of a member is where the directory says")
    }
    let (name, extra) = (head.number(26, 2), head.number(28, 2))
    guard member.header + 30 + name + extra <= file.size else {
      throw fail(.truncated, "the file ends within its header")
    }
    let rest = ZipFields(try file.bytes(at: member.header + 30, count: name + extra))
    guard head.number(6, 2) == member.flags, head.number(8, 2) == member.method,
      rest.bytes[..<name].elementsEqual(member.name.utf8)
    else { throw fail(.format, "its header and the directory differ") }
    // Bit 3: checksum and sizes follow the data, and only the directory tells them in time.
    if member.flags & 8 == 0 {
      var wide = [head.number(22, 4), head.number(18, 4)]
      guard rest.widen(&wide, extra: name, extra), wide == [member.size, member.packed],
        head.number(14, 4) == Int(member.checksum)
      else { throw fail(.format, "its header and the directory differ") }
    }
    return member.header + 30 + name + extra
  }
}
