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

/// What a run writes and is told: keys set by paths, growing files, animations, event files'
/// encoding.
@Suite struct RunFileTests {
  @Test func pathsSetMembers() throws {
    var json = try JSON(parsing: #"{"a": {"b": [1, {"c": 2}]}, "d": "e"}"#)
    try json.set("a.b[1].c", to: .integer(3))
    try json.set("x.y", to: .string("z"))
    try json.set("d", to: .null)
    #expect(json.text(pretty: false) == #"{"a":{"b":[1,{"c":3}]},"d":null,"x":{"y":"z"}}"#)
    let before = json
    for path in [
      "", ".", "a.", "a..b", "a[", "a[]", "a[-1]", "a.b[2]", "a.b.c", "x[0]", "x.y.w", "a]",
    ] {
      #expect(throws: Failure.self, "\(path)") { try json.set(path, to: .null) }
      #expect(json == before)
    }
    let deep = Array(repeating: "a", count: 100_000).joined(separator: ".")
    #expect(throws: Failure.self) { try json.set(deep, to: .null) }
  }

  @Test func argumentsAreJSONElseStrings() {
    #expect(JSON(argument: "5") == .integer(5))
    #expect(JSON(argument: "0.5") == .number(0.5))
    #expect(JSON(argument: "true") == .bool(true))
    #expect(JSON(argument: #"{"a": [1]}"#) == .object([("a", .array([.integer(1)]))]))
    for text in ["minimax", "1, 2", "1], [2", "", "nan", "\"", "{"] {
      #expect(JSON(argument: text) == .string(text))
    }
  }

  @Test func growingFilesGrowByWholeFlushes() throws {
    let path = "/tmp/swiftgan-growing-\(getpid())"
    defer { unlink(path) }
    let file = try GrowingFile(path)
    file.append(line: "one")
    #expect(try FileIO.readText(path) == "")
    try file.flush()
    file.append(line: "two")
    try file.flush()
    let other = try GrowingFile(path)
    other.append(line: "three")
    try other.flush()
    #expect(try FileIO.readText(path) == "one\ntwo\nthree\n")
    #expect(throws: Failure.self) { try GrowingFile("/dev/full") }
    #expect(throws: Failure.self) { try GrowingFile("/") }
  }

  @Test func animationsRefuseWhatIsNoPicture() throws {
    func png(_ side: Int) throws -> [UInt8] {
      try Picture(width: side, height: side, channels: 1, fill: 7).png()
    }
    var animation = Animation()
    #expect(throws: Failure.self) { try animation.encoded(seconds: 1, lastSeconds: 1) }
    let good = try png(4)
    for end in 0..<good.count - 12 {
      #expect(throws: Failure.self) { try animation.append(png: Array(good[..<end])) }
    }
    #expect(animation.count == 0)
    try animation.append(png: good)
    #expect(throws: Failure.self) { try animation.append(png: try png(5)) }
    // A chunk that claims more than there is.
    var lies = good
    lies[8] = 0xFF
    #expect(throws: Failure.self) { try animation.append(png: lies) }
    #expect(animation.count == 1)
  }

  /// Against examples of protobuf.dev's "Encoding" and RFC 3720.
  @Test func encodings() {
    var message = ProtobufWriter()
    message.integer(1, 150)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    message = ProtobufWriter()
    message.string(2, "testing")
    #expect(message.bytes == [0x12, 0x07] + Array("testing".utf8))
    message = ProtobufWriter()
    message.message(3) { $0.integer(1, 150) }
    #expect(message.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    message = ProtobufWriter()
    message.integer(1, -2)
    #expect(message.bytes == [0x08, 0xFE] + Array(repeating: 0xFF, count: 8) + [0x01])
    message = ProtobufWriter()
    message.float(1, 1)
    message.double(2, 1)
    #expect(message.bytes == [0x0D, 0, 0, 0x80, 0x3F, 0x11, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  @Test func thinningKeepsExtremes() {
    let x = (0..<1000).map(Double.init)
    var y = x.map { _ in 1.0 }
    y[500] = 9
    y[700] = .nan
    let thin = ThinnedSeries(x: x, y: y, points: 10)
    #expect(thin.x.count == 10 && thin.x.first == 0 && thin.x.last == 999)
    #expect(thin.greatest.max() == 9 && thin.least.allSatisfy { $0 == 1 })
    #expect(thin.mean[7] == 1)
    let short = ThinnedSeries(x: [1, 2], y: [3, .nan], points: 10)
    #expect(short.mean[0] == 3 && short.mean[1].isNaN)
    #expect(ThinnedSeries(x: [], y: [], points: 10).x.isEmpty)
  }
}
