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

  @Test func cropKeepsTheCentre() throws {
    try inTemporaryFolder { path in
      try write("\(path)/1.png", 5, 6, 1) { y, x, _ in 10 * y + x }
      #expect(try bytes(path, #"{"crop": [3, 2]}"#) == [12, 13, 22, 23, 32, 33])
      #expect(try bytes(path, #"{"crop": [1, 6]}"#) == [20, 21, 22, 23, 24, 25])
      let square = try bytes(path, #"{"crop": "square"}"#)
      #expect(square.count == 25 && square[0] == 0 && square[24] == 44)
    }
  }

  /// Halving averages with the triangle's weights 1/8, 3/8, 3/8, 1/8, renormalised at the border; doubling interpolates.
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
      // Transparency is dropped, whatever it hides.
      try write("\(path)/1.png", 1, 2, 4) { _, x, c in [1, 2, 3, 0][c] + x }
      #expect(try bytes(path, "{}") == [1, 2, 3, 2, 3, 4])
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
