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

/// Tables of numbers.
@Suite struct CSVTests {
  private func opened(_ text: String, _ options: String = "{}") throws -> Dataset {
    var data: Dataset?
    try inTemporaryFolder { folder in
      try write(Array(text.utf8), to: "\(folder)/x.csv")
      data = try Dataset.open("\(folder)/x.csv", options)
    }
    return try #require(data)
  }

  private func values(_ data: Dataset) throws -> [Float] {
    try data.batch(Array(0..<data.count)).array
  }

  @Test(arguments: ["\n", "\r\n"], [false, true])
  func lines(_ end: String, _ isEnded: Bool) throws {
    let text = ["a,\"b\",\"c \"\"d\"\"\"", "1,-2.5,+3e2", "\"4\", .5 ,6.", "-0,1E-3,\t7"]
    let data = try opened(text.joined(separator: end) + (isEnded ? end : ""))
    #expect(data.shape.array == [3])
    #expect(try values(data) == [1, -2.5, 300, 4, 0.5, 6, 0, 0.001, 7])
    #expect(try values(data)[6].sign == .minus)
    #expect(data.labels.isEmpty && data.conditions == nil && data.range == nil)
  }

  @Test func columns() throws {
    let text = "\u{FEFF}size,x,class,y,w\n10,1,2,3,4\n20,5,-1,6,7\n30,8,0.0,9,10\n"
    let data = try opened(text, #"{"labels": "class", "conditions": ["w", "size"]}"#)
    #expect(try values(data) == [1, 3, 5, 6, 8, 9])
    #expect(data.labels == [2, -1, 0])
    #expect(data.conditions?.array == [4, 10, 7, 20, 10, 30])
    let few = try opened(text, #"{"labels": "class", "limit": 2}"#)
    #expect(few.count == 2 && few.labels == [2, -1] && few.shape.array == [4])
  }

  @Test(arguments: [
    "a,b\n1,2\n\n3,4\n\n\n", "\n  \na,b\r\n1,2\r\n\t\r\n3,4", "a;b\n1;2\n3;4\n",
    "a\tb\n1\t2\n \n3\t4\n", "\"a,x\";\"b,x\"\n1;2\n3;4\n",
  ])
  func blankLinesAndSeparators(_ text: String) throws {
    let data = try opened(text)
    #expect(data.count == 2 && data.shape.array == [2])
    #expect(try values(data) == [1, 2, 3, 4])
  }

  @Test func decimalCommas() throws {
    #expect(try values(opened("a;b\n1,5;2\n-0,25;1e2\n")) == [1.5, 2, -0.25, 100])
    #expect(try values(opened("a;b\n1.5;2\n")) == [1.5, 2])
    let digits = "1234567890123456789,0125"
    #expect(try values(opened("a;b\n\(digits);1\n"))[0] == 1_234_567_939_550_609_408)
  }

  @Test func classesMayHaveNames() throws {
    let text = "x,kind\n1,dog\n2,cat\n3, \"a \"\"b\"\"\"\n4,-1\n5,cat\n"
    let data = try opened(text, #"{"labels": "kind"}"#)
    #expect(data.classNames == ["a \"b\"", "cat", "dog"] && data.labels == [2, 1, 0, -1, 1])
    let other = try opened(text, #"{"labels": "kind", "classes": ["cat", "dog", "a \"b\""]}"#)
    #expect(other.labels == [1, 0, 2, -1, 0])
    #expect(try opened("x,k\n1,10\n2,3\n", #"{"labels": "k"}"#).labels == [10, 3])
    for wrong in ["x,k\n1,\n2,cat\n", "x,k\n1,0.5\n2,cat\n"] {
      let error = #expect(throws: Failure.self) { try opened(wrong, #"{"labels": "k"}"#) }
      #expect(error?.message.contains("line 2") == true)
    }
  }

  /// Every number is the nearest one, as the standard library reads it: short ones, long ones, all
  /// exponents.
  @Test func numbersAreTheNearest() throws {
    var written = [
      "9007199254740993", "0.1", "1e22", "1e23", "123456789012345678901234567890", "1e-45",
      "3.4028234e38", "0.00000000000000000000000000000000001e35", "5e-324", "1e-400",
      "0000000000000000000000001", "1.0000000000000000000000000001",
    ]
    var state: UInt64 = 1
    for i in 0..<3000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let float = Float(bitPattern: UInt32(state >> 32) & 0x7FFF_FFFF)
      if float.isFinite { written.append("\(float)") }
      written.append("\(state >> 40).\(state >> 52 & 0xFFFF)e\(i % 60 - 40)")
    }
    let expected = written.map { Float(Double($0) ?? .nan) }
    #expect(try values(opened("x\n" + written.joined(separator: "\n"))) == expected)
  }

  /// Lines across the pieces in which a file is read.
  @Test func largeFile() throws {
    let rows = 200_000
    let text = (0..<rows).map { "\($0),\($0 % 7)" }.joined(separator: "\n")
    let data = try opened("x,label\n\(text)", #"{"labels": "label"}"#)
    #expect(data.count == rows)
    #expect(try values(data) == (0..<rows).map(Float.init))
    #expect(data.labels == (0..<rows).map { Int32($0 % 7) })
  }

  @Test(arguments: [
    ("", "empty"), ("a,b\n", "nothing after"),
    ("1,2\n3,4\n", "line 1, byte 0: expected the columns' names"),
    ("a,b\n1\n", "line 2, byte 4: 1 fields for 2 columns"),
    ("a,b\n1,2\n1,2,3\n", "line 3, byte 8: more fields"), ("a,b\n1,2,\n", "more fields"),
    ("a,b\n1,\n", "byte 6: column \"b\": expected a number, found nothing"),
    ("a\n1\n\n\"\"\n", "line 4, byte 6: column \"a\": expected a number, found nothing"),
    ("\n \na\n", "nothing after"), ("a;b\n1,5;2\n1;2.5\n", "line 3, byte 12: column \"b\""),
    ("a;b\n1.5;2\n1;2,5\n", "found \"2,5\""), ("a;b\n1.000,5;2\n", "1.000,5"),
    ("a\tb\n1\t\n", "found nothing"), ("a\tb\n1\n", "1 fields for 2"),
    ("a\tb\n1,5\t2\n", "1,5"),
    ("a,b\n1,nan\n", "found \"nan\""), ("a,b\n1,inf\n", "found \"inf\""), ("a\n1e999\n", "1e999"),
    ("a\n1e39\n", "1e39"), ("a\n0x1p3\n", "0x1p3"), ("a\n1_0\n", "1_0"), ("a\n1e\n", "1e"),
    ("a\n.\n", "\".\""), ("a\n--1\n", "--1"), ("a\n1 2\n", "1 2"), ("a\n1,5\n", "more fields"),
    ("a\n\"1\n", "expected a number"), ("a\n\"1\"2\n", "expected a number"),
    ("a,a\n1,2\n", "the column \"a\" twice"), ("a,\n1,2\n", "column 2 has no name"),
    ("a,\"b\n1,2\n", "a quoted name"), ("a\r1\r", "nothing after"),
    ("a\n1\0\n", "expected a number"),
    ("a\nÄ\n", "found \"Ä\""),
  ])
  func refusals(_ text: String, _ words: String) throws {
    let error = #expect(throws: Failure.self) { try opened(text) }
    #expect(error?.message.contains("x.csv") == true && error?.message.contains(words) == true)
  }

  @Test(arguments: [
    (#"{"labels": "clas"}"#, "labels: ", "did you mean \"class\""),
    (#"{"conditions": ["class", "class"]}"#, "conditions[1]", "used already"),
    (#"{"labels": "class", "conditions": ["class"]}"#, "conditions[0]", "used already"),
    (#"{"labels": "class", "conditions": ["x"]}"#, "no column is left", "beside labels"),
    (#"{"conditions": [1]}"#, "conditions[0]", "expected a string"),
    (#"{"labels": "x"}"#, "line 2, byte 10: column \"x\": expected a class", "found \"0.5\""),
  ])
  func refusedColumns(_ options: String, _ words: String, _ more: String) throws {
    let error = #expect(throws: Failure.self) { try opened("class,x\n0,0.5\n", options) }
    #expect(error?.message.contains(words) == true && error?.message.contains(more) == true)
  }

  @Test func limits() throws {
    let wide = (0...70_000).map { "c\($0)" }.joined(separator: ",")
    #expect(throws: Failure.self) { try opened(wide + "\n1") }
    let long = String(repeating: "1", count: 20 << 20)
    let error = #expect(throws: Failure.self) { try opened("x\n" + long) }
    #expect(error?.kind == .limit && error?.message.contains("line 2") == true)
  }
}
