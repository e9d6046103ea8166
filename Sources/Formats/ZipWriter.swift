import CSGZlib
import SGBasics

/// A ZIP archive of members that are stored as they are (PKWARE's APPNOTE 6.3.3, methods 0).
package struct ZipWriter {
  private var members: [(name: [UInt8], sum: UInt32, size: UInt32, offset: UInt32)] = []
  private var content: [UInt8] = []

  /// An archive of nothing yet.
  package init() {}

  /// Adds a member.
  /// - Throws: `Failure` of kind limit where the archive would need ZIP64, beyond 4 GB.
  package mutating func add(_ name: String, _ bytes: [UInt8]) throws(Failure) {
    let name = Array(name.utf8)
    guard content.count + bytes.count + name.count + (1 << 16) < Int(UInt32.max) else {
      throw Failure(.limit, "an archive of more than 4 GB")
    }
    let sum = bytes.withUnsafeBufferPointer { UInt32(crc32_z(0, $0.baseAddress, $0.count)) }
    members.append((name, sum, UInt32(bytes.count), UInt32(content.count)))
    content += Self.le32(0x0403_4B50) + Self.fields(name, sum, UInt32(bytes.count)) + name
    content += bytes
  }

  /// The archive's bytes.
  package var bytes: [UInt8] {
    var directory: [UInt8] = []
    for (name, sum, size, offset) in members {
      directory += Self.le32(0x0201_4B50) + Self.le16(20) + Self.fields(name, sum, size)
      // No comment, first disk, binary, no attributes.
      directory += [UInt8](repeating: 0, count: 10) + Self.le32(offset) + name
    }
    let count = Self.le16(UInt16(members.count))
    return content + directory + Self.le32(0x0605_4B50) + [0, 0, 0, 0] + count + count
      + Self.le32(UInt32(directory.count)) + Self.le32(UInt32(content.count)) + [0, 0]
  }

  /// What a member's header and its entry in the directory have in common: version 2.0, no flags,
  /// stored, 1 January 1980, so that the same samples make the same file.
  private static func fields(_ name: [UInt8], _ sum: UInt32, _ size: UInt32) -> [UInt8] {
    le16(20) + le16(0) + le16(0) + le16(0) + le16(0x21) + le32(sum) + le32(size) + le32(size)
      + le16(UInt16(name.count)) + le16(0)
  }

  private static func le16(_ n: UInt16) -> [UInt8] { [UInt8(n & 255), UInt8(n >> 8)] }
  private static func le32(_ n: UInt32) -> [UInt8] {
    le16(UInt16(truncatingIfNeeded: n)) + le16(UInt16(n >> 16))
  }
}
