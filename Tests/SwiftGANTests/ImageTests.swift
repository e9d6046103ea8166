import SGTestSupport
import SGTensors
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Pictures of a folder, and how they become samples.
@Suite struct ImageTests {
  /// Pixel values as a function of row, column and channel.
  private func write(
    _ path: String, _ height: Int, _ width: Int, _ channels: Int, _ f: (Int, Int, Int) -> Int
  ) throws {
    var picture = try Picture(width: width, height: height, channels: channels, fill: 0)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          picture.pixels[(y * width + x) * channels + c] = UInt8(f(y, x, c))
        }
      }
    }
    try picture.write(to: path)
  }

  private func bytes(_ path: String, _ options: String) throws -> [Int] {
    let data = try Dataset.open(path, options)
    return try data.batch([0], range: ValueRange(0, 255)).array.map { Int($0.rounded()) }
  }

  @Test func cropKeepsTheCenter() throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", 5, 6, 1) { y, x, _ in 10 * y + x }
      #expect(try bytes(path, #"{"crop": [3, 2]}"#) == [12, 13, 22, 23, 32, 33])
      #expect(try bytes(path, #"{"crop": [1, 6]}"#) == [20, 21, 22, 23, 24, 25])
      let square = try bytes(path, #"{"crop": "square"}"#)
      #expect(square.count == 25 && square[0] == 0 && square[24] == 44)
    }
  }

  /// Halving averages with the triangle's weights 1/8, 3/8, 3/8, 1/8, renormalized at the border;
  /// doubling interpolates.
  @Test func resizing() throws {
    try inTemporaryFolder { path in
      let row = [0, 80, 160, 240, 16, 8]
      try write("\(path)/1.png", 1, 6, 1) { _, x, _ in row[x] }
      // (3·0 + 3·80 + 160) / 7, (80 + 3·160 + 3·240 + 16) / 8, (240 + 3·16 + 3·8) / 7
      let half = [400.0 / 7, 1296.0 / 8, 312.0 / 7]
      #expect(try bytes(path, #"{"resize": [1, 3]}"#) == half.map { Int($0.rounded()) })
      let double = try bytes(path, #"{"resize": [1, 12]}"#)
      #expect(Array(double.prefix(5)) == [0, 20, 60, 100, 140])
      #expect(try bytes(path, #"{"resize": [2, 6]}"#) == row + row)
      #expect(try bytes(path, #"{"resize": [1, 6]}"#) == row)
    }
  }

  /// A constant stays one whatever the sizes.
  @Test(arguments: [(3, 17), (17, 3), (64, 28), (28, 64), (7, 7)])
  func resizingKeepsConstants(_ from: Int, _ to: Int) throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", from, from + 1, 3) { _, _, c in 50 + 100 * c }
      let sample = try bytes(path, #"{"resize": \#(to)}"#)
      #expect(sample.count == to * to * 3)
      #expect(sample.indices.allSatisfy { sample[$0] == 50 + 100 * ($0 % 3) })
    }
  }

  @Test func channels() throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", 1, 2, 3) { _, x, c in x == 0 ? [255, 0, 0][c] : [10, 200, 30][c] }
      #expect(try bytes(path, #"{"channels": 1}"#) == [76, 124])
      #expect(try bytes(path, "{}") == [255, 0, 0, 10, 200, 30])
      try write("\(path)/1.png", 1, 2, 1) { _, x, _ in 100 + x }
      #expect(try bytes(path, #"{"channels": 3}"#) == [100, 100, 100, 101, 101, 101])
    }
  }

  /// Pixels and alpha become value · alpha + background · (1 − alpha).
  @Test func transparencyIsComposed() throws {
    try inTemporaryFolder { path in
      let alpha = [0, 255, 51]
      try write("\(path)/1.png", 1, 3, 4) { _, x, c in c == 3 ? alpha[x] : [10, 100, 250][c] }
      // A fifth of the color, four fifths of the background.
      #expect(try bytes(path, "{}") == [255, 255, 255, 10, 100, 250, 206, 224, 254])
      let black = [0, 0, 0, 10, 100, 250, 2, 20, 50]
      for option in [#""black""#, "[0, 0, 0]", ##""#000000""##] {
        #expect(try bytes(path, #"{"background": \#(option)}"#) == black)
      }
      let color = try bytes(path, ##"{"background": "#FF8000"}"##)
      #expect(color == [255, 128, 0, 10, 100, 250, 206, 122, 50])
      let data = try Dataset.open(path)
      #expect(data.skippedFiles.transparent == 1)
      for wrong in [#""whit""#, ##""#12345""##, ##""#12345g""##, "[1, 2]", "[1, 2, 256]", "1"] {
        let error = #expect(throws: Failure.self) {
          try bytes(path, #"{"background": \#(wrong)}"#)
        }
        #expect(error?.message.contains("background") == true && error?.kind == .configuration)
      }
    }
  }

  /// `size`: the middle square, resized, RGB if any picture is.
  @Test func sizeBringsPicturesTogether() throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", 20, 30, 1) { _, x, _ in x < 5 || x >= 25 ? 0 : 90 }
      let gray = try Dataset.open(path, #"{"size": 10}"#)
      #expect(gray.shape.array == [10, 10, 1])
      #expect(try bytes(path, #"{"size": 10}"#).allSatisfy { $0 == 90 })
      try write("\(path)/2.png", 40, 12, 3) { _, _, c in 60 * c }
      for memory in [0, 512] {
        let data = try Dataset.open(path, #"{"size": 10, "memory": \#(memory)}"#)
        #expect(data.shape.array == [10, 10, 3])
        let values = try data.batch([0, 1], range: ValueRange(0, 255)).array
        #expect(values.prefix(300).allSatisfy { abs($0 - 90) < 1e-3 })
        let color = values.suffix(300).enumerated()
        #expect(color.allSatisfy { abs($0.element - Float(60 * ($0.offset % 3))) < 1e-3 })
      }
      #expect(try Dataset.open(path, #"{"size": 10, "channels": 1}"#).shape.array == [10, 10, 1])
      for beside in ["crop", "resize"] {
        let error = #expect(throws: Failure.self) {
          try Dataset.open(path, #"{"size": 10, "\#(beside)": 8}"#)
        }
        #expect(error?.message.contains("size") == true)
      }
    }
  }

  /// Data of memory's shape is brought to a size by the same arithmetic as pictures of a folder
  /// are.
  @Test func sizeIsTheSameForArrays() throws {
    try inTemporaryFolder { path in
      func value(_ y: Int, _ x: Int) -> Int { (7 * x + 13 * y) % 256 }
      try FileIO.makeDirectory("\(path)/pictures")
      try write("\(path)/pictures/1.png", 12, 18, 1) { y, x, _ in value(y, x) }
      let expected = try bytes("\(path)/pictures", #"{"size": 5, "channels": 3}"#)
      var idx: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 12, 0, 0, 0, 18]
      for y in 0..<12 { for x in 0..<18 { idx.append(UInt8(value(y, x))) } }
      try SGTestSupport.write(idx, to: "\(path)/images-idx3-ubyte")
      for memory in [0, 512] {
        let options = #"{"size": 5, "channels": 3, "memory": \#(memory)}"#
        #expect(try bytes("\(path)/images-idx3-ubyte", options) == expected)
      }
    }
  }

  @Test func whatAFolderHoldsIsCounted() throws {
    try inTemporaryFolder { path in
      func message() -> String {
        #expect(throws: Failure.self) { try Dataset.open(path) }?.message ?? ""
      }
      #expect(message().contains("holds no files"))
      for i in 0..<3 { try SGTestSupport.write([1], to: "\(path)/\(i).webp") }
      try SGTestSupport.write([1], to: "\(path)/notes.txt")
      #expect(message().contains("3 .webp, 1 .txt; no PNG or JPEG"))
      #expect(message().contains("WebP is not read"))
      try SGTestSupport.write([1], to: "\(path)/r\u{E9}.txt")
      try write("\(path)/1.png", 2, 2, 1) { _, _, _ in 0 }
      #expect(try Dataset.open(path).skippedFiles.others == 5)
    }
  }

  @Test func aSingleFileIsNamedByItsKind() throws {
    try inTemporaryFolder { path in
      for (name, bytes, words) in [
        ("a.png", [0x89, 0x50, 0x4E, 0x47], "a PNG file"),
        ("a.jpg", [0xFF, 0xD8, 0xFF, 0xE0], "read from the folder that holds them"),
        ("a.zip", [0x50, 0x4B, 3, 4], "a ZIP archive"), ("a.docx", [1, 2, 3, 4], "(.docx)"),
        ("data_batch_1", [0x80, 2, 0x7D, 0x71], "binary version"),
        ("a.pkl", [0x80, 4, 0x95, 0], "a Python pickle"),
      ] as [(String, [UInt8], String)] {
        try SGTestSupport.write(bytes, to: "\(path)/\(name)")
        let error = #expect(throws: Failure.self) { try Dataset.open("\(path)/\(name)") }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("IDX: expected") == false)
      }
    }
  }

  /// Options are those of the format that was found, and the message says which they are.
  @Test func optionsAreThoseOfTheFormat() throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", 8, 8, 1) { _, _, _ in 0 }
      try SGTestSupport.write(Array("a,b\n1,2\n".utf8), to: "\(path)/x.csv")
      for (name, options, words) in [
        ("", #"{"coarse": true}"#, "unknown key of a folder of pictures"),
        ("", #"{"coarse": true}"#, "background, channels"),
        ("", #"{"resise": 8}"#, "did you mean \"resize\"?"),
        ("/x.csv", #"{"split": "test"}"#, "unknown key of a table"),
        ("/x.csv", #"{"zzzzzz": "test"}"#, "conditions"),
        ("/none", #"{"resise": 8}"#, "No such file"),
      ] {
        let error = #expect(throws: Failure.self) { try Dataset.open(path + name, options) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(path + name) == true)
      }
    }
  }

  /// Classes have the numbers that they have in all splits together, those of empty folders
  /// included.
  @Test func classesOfSplitsHaveOneNumbering() throws {
    try inTemporaryFolder { path in
      for (folder, names) in [("train", ["a", "b", "c"]), ("test", ["a", "c"])] {
        try FileIO.makeDirectory("\(path)/\(folder)")
        for name in names {
          try FileIO.makeDirectory("\(path)/\(folder)/\(name)")
          if name == "b" { continue }
          try write("\(path)/\(folder)/\(name)/1.png", 2, 2, 1) { _, _, _ in 0 }
        }
      }
      for split in ["train", "test"] {
        let data = try Dataset.open(path, #"{"split": "\#(split)"}"#)
        #expect(data.classNames == ["a", "b", "c"] && data.labels == [0, 2])
      }
      let data = try Dataset.open("\(path)/test", #"{"classes": ["c", "b", "a"]}"#)
      #expect(data.classNames == ["c", "b", "a"] && data.labels == [2, 0] && data.classes == 3)
      let error = #expect(throws: Failure.self) {
        try Dataset.open("\(path)/test", #"{"classes": ["a", "b"]}"#)
      }
      #expect(error?.kind == .mismatch && error?.message.contains("the class \"c\"") == true)
      #expect(throws: Failure.self) { try data.matchingClasses(["c", "b", "c"]) }
      // Without names of their own, classes are given them, if there are enough.
      let plain = try Dataset(Tensor([1, 2, 3], shape: [3, 1]), labels: [0, -1, 1])
      #expect(try plain.matchingClasses(["x", "y", "z"]).classes == 3)
      #expect(throws: Failure.self) { try plain.matchingClasses(["x"]) }
    }
  }

  @Test func splitsAreNotClasses() throws {
    try inTemporaryFolder { path in
      for (folder, value) in [("train", 1), ("test", 2)] {
        try FileIO.makeDirectory("\(path)/\(folder)")
        for name in ["cat", "dog"] {
          try FileIO.makeDirectory("\(path)/\(folder)/\(name)")
          try write("\(path)/\(folder)/\(name)/1.png", 2, 2, 1) { _, _, _ in value }
        }
      }
      #expect(try bytes(path, "{}")[0] == 1)
      #expect(try bytes(path, #"{"split": "test"}"#)[0] == 2)
      #expect(try Dataset.open(path).classNames == ["cat", "dog"])
      #expect(try Dataset.open(path).labels == [0, 1])
    }
  }
}
