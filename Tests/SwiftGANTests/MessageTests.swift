import SGTestSupport
import SGNets
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Messages quote names and contents of files that anybody may have made.
@Suite struct MessageTests {
  @Test func controlCharactersAreEscaped() {
    let failure = Failure(.format, "a\nb\tc\rd\u{1B}[31m\0e\u{7F}\u{85}\u{202E}\u{2028}\u{2066}é界")
    #expect(
      failure.message
        == #"a\nb\tc\rd\x1b[31m\0e\x7f\x85\u{202e}\u{2028}\u{2066}é界"#)
    #expect(Failure(ConfigError("a\n", "b")).message == #"a\n: b"#)
    #expect(Failure(.format, "plain").message == "plain")
  }

  /// Combining characters make one character of the user's, however many there are.
  @Test(arguments: ["x", "é", "\u{1F600}", "\u{301}", "\n"])
  func longTextsAreCut(_ text: String) {
    let long = "begin" + String(repeating: text, count: 500_000) + "end"
    #expect(long.shown.unicodeScalars.count == 200)
    let scalars = long.shown.unicodeScalars
    #expect(scalars.starts(with: "begin".unicodeScalars))
    #expect(scalars.suffix(3).elementsEqual("end".unicodeScalars))
    let message = Failure(.format, long).message
    #expect(message.unicodeScalars.count <= 2 * 4000)
    #expect(message.unicodeScalars.starts(with: "begin".unicodeScalars))
  }

  @Test func shortTextsStay() {
    for text in ["", "generator", String(repeating: "界", count: 200)] {
      #expect(text.shown == text)
      #expect(Failure(.format, text).message == text)
    }
  }

  /// Each is answered with a message that is short, whatever it is given.
  @Test func outsideTextIsShort() throws {
    let long = String(repeating: "x", count: 100_000)
    let configuration = #"{"data": {"shape": [2]}"#
    let answers: [() throws -> Void] = [
      { _ = try Configuration(json: JSON(parsing: "\(configuration), \"\(long)\": 1}")) },
      {
        _ = try Configuration(
          json: JSON(parsing: "\(configuration), \"objective\": \"\(long)\"}"))
      },
      {
        _ = try Configuration(
          json: JSON(parsing: "\(configuration), \"generator\": {\"layers\": [\"\(long)\"]}}"))
      },
      { _ = try Configuration(json: JSON(parsing: "\(configuration), \"seed\": \"\(long)\"}")) },
      { _ = try Dataset.open(long) },
      { _ = try Dataset.open("/tmp/\(long).npz") },
      { _ = try Checkpoint.read(long) },
      { try FileIO.writeText("", to: long) },
      {
        var json = JSON.object([])
        try json.set("a[\(long)", to: .null)
      },
      {
        try inTemporaryFolder { folder in
          try write(Array("\(long),b\n1,\(long)\n".utf8), to: folder + "/a.csv")
          _ = try Dataset.open(folder + "/a.csv")
        }
      },
    ]
    for (i, answer) in answers.enumerated() {
      let failure = #expect(throws: Failure.self) { try answer() }
      #expect((failure?.message.utf8.count ?? .max) < 600, "answer \(i)")
    }
  }

  @Test(arguments: [
    ([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], "PNG"), ([0xFF, 0xD8, 0xFF, 0xE0], "JPEG"),
    (Array("PK\u{3}\u{4}".utf8), "ZIP"),
  ])
  func otherFilesAreNamed(_ bytes: [UInt8], _ name: String) throws {
    try inTemporaryFolder { folder in
      try write(bytes + [UInt8](repeating: 7, count: 40), to: folder + "/file")
      let failure = #expect(throws: Failure.self) { try Dataset.open(folder + "/file") }
      #expect(failure?.kind == .format && failure?.message.contains(name) == true)
    }
  }
}
