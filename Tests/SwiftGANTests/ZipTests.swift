import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zip files and the arrays in them. Python's tests read what NumPy writes; these look at what no
/// NumPy writes.
@Suite struct ZipTests {
  /// A version 1 file of unsigned bytes, [count, columns], whose elements count up.
  private func npy(_ count: Int, _ columns: Int = 2) -> [UInt8] {
    let shape = "(\(count), \(columns))"
    let header = Array("{'descr': '|u1', 'fortran_order': False, 'shape': \(shape)}\n".utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header
      + (0..<columns * count).map { UInt8($0) }
  }

  private func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func crc(_ bytes: [UInt8]) -> Int {
    ~bytes.reduce(0xFFFF_FFFF) { sum, byte in
      (0..<8).reduce(sum ^ Int(byte)) { c, _ in c & 1 == 1 ? c >> 1 ^ 0xEDB8_8320 : c >> 1 }
    } & 0xFFFF_FFFF
  }

  private struct Member {
    var name: String
    var data: [UInt8]
    var size: Int?
    var checksum: Int?
    var flags = 0
    var method = 0
    var localName: String?
    /// Whether both headers have their sizes in ZIP64's extra field.
    var isWide = false
    /// Where the directory says that it is.
    var place: Int?
  }

  /// The bytes of an archive.
  private func zip(_ members: [Member], comment: String = "", isWide: Bool = false) -> [UInt8] {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for m in members {
      let (size, packed) = (m.size ?? m.data.count, m.data.count)
      let sum = m.checksum ?? crc(m.data)
      let sizes =
        m.isWide ? little(-1, 8) : little(packed, 4) + little(size, 4)
      let extra = m.isWide ? little(1, 2) + little(16, 2) + little(size, 8) + little(packed, 8) : []
      let place = m.place ?? file.count
      let common = little(m.flags, 2) + little(m.method, 2) + little(0, 4) + little(sum, 4) + sizes
      directory += little(0x0201_4B50, 4) + little(0, 2) + little(20, 2) + common
      directory += little(m.name.utf8.count, 2) + little(extra.count, 2) + little(0, 6)
      directory += little(0, 4) + little(place, 4) + Array(m.name.utf8) + extra
      let local = m.localName ?? m.name
      file += little(0x0403_4B50, 4) + little(20, 2) + common + little(local.utf8.count, 2)
      file += little(extra.count, 2) + Array(local.utf8) + extra + m.data
    }
    let (start, count) = (file.count, members.count)
    file += directory
    if isWide {
      let record = file.count
      file += little(0x0606_4B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8)
      file += little(count, 8) + little(count, 8) + little(directory.count, 8) + little(start, 8)
      file += little(0x0706_4B50, 4) + little(0, 4) + little(record, 8) + little(1, 4)
    }
    file += little(0x0605_4B50, 4) + little(0, 4)
    file +=
      isWide
      ? little(-1, 12)
      : little(count, 2) + little(count, 2) + little(directory.count, 4) + little(start, 4)
    return file + little(comment.utf8.count, 2) + Array(comment.utf8)
  }

  private func opened(_ bytes: [UInt8], _ options: String = "{}") throws -> Dataset {
    let path = "/tmp/swiftgan-tests-\(getpid())-x.npz"
    try write(bytes, to: path)
    defer { unlink(path) }
    let data = try Dataset.open(path, options)
    _ = try data.batch([0])
    return data
  }

  @Test func wholeArchives() throws {
    let member = Member(name: "x.npy", data: npy(3))
    for bytes in [
      zip([member]), zip([member], comment: "PK\u{5}\u{6} is no end"), zip([member], isWide: true),
      zip([Member(name: "x.npy", data: npy(3), isWide: true)], isWide: true),
    ] {
      let data = try opened(bytes)
      #expect(data.count == 3 && data.shape.array == [2])
    }
    let two = zip([Member(name: "b.npy", data: npy(4)), Member(name: "a.npy", data: npy(5))])
    #expect(throws: Failure.self) { try opened(two) }
    #expect(try opened(two, #"{"samples": "a"}"#).count == 5)
    #expect(throws: Failure.self) { try opened(two, #"{"samples": "c"}"#) }
  }

  /// Cut off anywhere, any byte changed: the same samples or an error, never anything else.
  @Test(arguments: [false, true])
  func damage(_ isWide: Bool) throws {
    let bytes = zip(
      [
        Member(name: "x.npy", data: npy(3), isWide: isWide), Member(name: "y.npy", data: npy(3, 1)),
      ],
      isWide: isWide)
    let whole = try opened(bytes)
    #expect(whole.labels == [0, 1, 2])
    for n in 0..<bytes.count {
      let error = #expect(throws: Failure.self) { try opened(Array(bytes[..<n])) }
      #expect(error?.message.contains("x.npz") == true)
    }
    var survivors = 0
    for i in bytes.indices {
      for flip in [0x01, 0x80, 0xFF] as [UInt8] {
        var bad = bytes
        bad[i] ^= flip
        guard let data = try? opened(bad) else { continue }
        survivors += 1
        #expect(try data.batch([0, 1, 2]).array == whole.batch([0, 1, 2]).array)
      }
    }
    // What does not matter: dates, versions, attributes, the labels' name.
    #expect(survivors < bytes.count)
  }

  @Test func refusals() throws {
    let good = Member(name: "x.npy", data: npy(3))
    func changed(_ change: (inout Member) -> Void) -> [UInt8] {
      var member = good
      change(&member)
      return zip([member])
    }
    let bombs = [UInt8](repeating: 0, count: 64)
    let rows: [(bytes: [UInt8], kind: Failure.Kind, words: String)] = [
      (changed { $0.checksum = 1 }, .checksum, "x.npy"),
      (changed { $0.flags = 1 }, .unsupported, "encrypted"),
      (changed { $0.flags = 64 }, .unsupported, "encrypted"),
      (changed { $0.method = 12 }, .unsupported, "method"),
      (changed { $0.size = 5 }, .format, "two sizes"),
      (changed { $0.localName = "y.npy" }, .format, "differ"),
      (changed { $0.place = 1 }, .format, "no header"),
      (changed { $0.place = 1 << 30 }, .truncated, "beyond"),
      (changed { $0.name = "../x.npy" }, .format, "leads out"),
      (changed { $0.name = "/x.npy" }, .format, "leads out"),
      (changed { $0.name = "x.txt" }, .format, "only arrays"),
      (changed { $0.name = "" }, .format, "empty"),
      (changed { ($0.method, $0.data) = (8, bombs) }, .format, "x.npy"),
      (changed { ($0.method, $0.data, $0.size) = (8, bombs, 1 << 30) }, .limit, "cannot hold"),
      (
        changed { ($0.method, $0.data, $0.size, $0.isWide) = (8, bombs, 1 << 62, true) }, .limit,
        "cannot hold"
      ),
      (changed { ($0.method, $0.data, $0.size) = (8, [3, 0], 5) }, .format, "unpacks to 0 bytes"),
      (changed { $0.data = [] }, .truncated, "x.npy"),
      (zip([good, good]), .format, "twice"),
      (zip([good, Member(name: "y.npy", data: npy(3), place: 0)]), .format, "differ"),
      (zip([]), .format, "no arrays"),
      (zip([good]) + [0], .truncated, "without a directory"),
      ([1, 2, 3], .format, "no zip file"),
      ([], .truncated, "without a directory"),
    ]
    for row in rows {
      let error = #expect(throws: Failure.self) { try opened(row.bytes) }
      #expect(
        error?.kind == row.kind && error?.message.contains(row.words) == true,
        "\(row.words): \(error?.message ?? "")")
    }
  }

  /// A member inside another one's data.
  @Test func overlap() throws {
    let inner = zip([Member(name: "y.npy", data: npy(3))])
    let outer = Member(name: "x.npy", data: npy(3) + inner)
    let place = 30 + "x.npy".utf8.count + npy(3).count
    let bytes = zip([outer, Member(name: "y.npy", data: npy(3), place: place)])
    let error = #expect(throws: Failure.self) { try opened(bytes, #"{"samples": "y"}"#) }
    #expect(error?.message.contains("overlaps") == true)
  }
}
