import SwiftGAN
import Testing

@Suite struct JSONTests {
  @Test func roundTrip() throws {
    let text = #"{"a":[1,-2.5,true,null,"é\n\"\\"],"b":{"c":{}},"d":[]}"#
    let json = try JSON(parsing: text)
    #expect(try JSON(parsing: json.text(pretty: false)) == json)
    #expect(try JSON(parsing: json.text(pretty: true)) == json)
  }

  @Test func numbersKeepTheirValue() throws {
    let numbers: [Double] = [
      0.1, 1e-300, 1.7976931348623157e308, -.leastNonzeroMagnitude, 3, 1e21, 123_456_789.123,
    ]
    for value in numbers {
      let json = try JSON(parsing: JSON.object([("n", .number(value))]).text(pretty: false))
      #expect(json["n"]?.real == value)
    }
    for value in [Int64.max, .min, 0, -1] {
      let text = JSON.array([.integer(value)]).text(pretty: false)
      #expect(try JSON(parsing: text) == .array([.integer(value)]))
    }
  }

  /// Any change of a byte or cut gives a value or an error, never a trap.
  @Test func damagedText() {
    let text = Array(
      #"{"data": {"shape": [28, 28, 1], "range": [-1, 1.5e0]}, "x": "\u00e9\n", "y": [true, null]}"#
        .utf8)
    var errors = 0
    for i in text.indices {
      for byte in [0x00, 0x20, 0x22, 0x2C, 0x5B, 0x5C, 0x7B, 0x80, 0xFF] as [UInt8] {
        var damaged = text
        damaged[i] = byte
        let string = String(decoding: damaged, as: UTF8.self)
        do {
          _ = try Configuration(json: JSON(parsing: string))
        } catch {
          #expect(!error.message.isEmpty)
          errors += 1
        }
      }
      #expect(throws: Failure.self) {
        try JSON(parsing: String(decoding: text[..<i], as: UTF8.self))
      }
    }
    #expect(errors > text.count * 5)
  }

  /// A neighbor is offered; what is like nothing gets the list of what there is.
  @Test(arguments: [
    ("widht", "width"), ("wdth", "width"), ("Width", "width"), ("x", "y"),
    ("learning_rat", "learning_rate"), ("lr", nil), ("hinge", nil), ("zzzzzz", nil), ("", nil),
  ])
  func suggestions(_ word: String, _ expected: String?) {
    let known = ["width", "learning_rate", "latent"] + (word == "x" ? ["y"] : [])
    let found = JSONObject.suggestion(for: word, among: known)
    #expect(found == (expected.map { "; did you mean \"\($0)\"?" } ?? ""))
  }

  @Test func unknownKeysNameWhatThereIs() throws {
    var o = try JSONObject(JSON(parsing: #"{"zzzzzz": 1}"#), path: "")
    #expect(try o.int("size", in: 0...9, default: 3) == 3)
    #expect(try o.bool("flip", default: false) == false)
    let error = #expect(throws: Failure.self) { try o.finish("a folder") }
    #expect(error?.message == "zzzzzz: unknown key of a folder, whose options are flip, size")
  }
}
