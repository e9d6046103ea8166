import SGTestSupport
import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct PictureTests {
  private func size(ofPNG path: String) throws -> (width: Int, height: Int) {
    let bytes = try readBytes(path)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    func number(_ at: Int) -> Int { bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (number(16), number(20))
  }

  private func readBytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }

  @Test func grid() throws {
    let path = "/tmp/swiftgan-grid-\(getpid()).png"
    defer { unlink(path) }
    for channels in [1, 3, 4] {
      let images = RandomKey(seed: 1, stream: 1, step: 0).uniform(
        [7, 6, 5, channels], low: -2, high: 2)
      try ImageGrid(images, range: ValueRange(-1, 1), columns: 3).write(to: path)
      let found = try size(ofPNG: path)
      #expect(found.width >= 15 && found.width <= 15 + 4 * 4)
      #expect(found.height >= 18 && found.height <= 18 + 4 * 4)
    }
    #expect(throws: Failure.self) {
      try ImageGrid(.zeros([2, 4, 4, 2]), range: ValueRange(-1, 1), columns: 2)
    }
  }

  /// A GIF of pictures of one size; what its pixels are, the tests of the command compare with
  /// another decoder.
  @Test func film() throws {
    let paths = (0..<3).map { "/tmp/swiftgan-film-\(getpid())-\($0).png" }
    defer { for path in paths { unlink(path) } }
    for (path, side) in zip(paths, [4, 4, 5]) {
      try ImageGrid(.zeros([2, side, 4, 3]), range: ValueRange(-1, 1), columns: 2).write(to: path)
    }
    var film = GIFAnimation()
    let none = #expect(throws: Failure.self) {
      _ = try film.encoded(seconds: 1, lastSeconds: 1)
    }
    #expect(none?.kind == .argument)
    for path in paths[..<2] { try film.append(png: path) }
    let other = #expect(throws: Failure.self) { try film.append(png: paths[2]) }
    #expect(other?.kind == .mismatch && film.count == 2)
    let bytes = try film.encoded(seconds: 0.5, lastSeconds: 2)
    #expect(bytes.starts(with: Array("GIF89a".utf8)) && bytes.last == UInt8(ascii: ";"))
    // 14 by 8 pixels: two images of 4 x 4 with lines of 2 around them.
    #expect(Array(bytes[6..<10]) == [14, 0, 8, 0])
  }

  @Test func curve() throws {
    let path = "/tmp/swiftgan-curve-\(getpid()).png"
    defer { unlink(path) }
    let x = (0..<500).map(Double.init)
    for values in [x.map { 1 / ($0 + 1) }, x.map { _ in 0.7 }, x.map { $0 < 250 ? -1e9 : 1e9 }] {
      try CurvePlot(
        title: "Costs", xLabel: "step", yLabel: "cost", x: x, series: [("one", (0, 0, 0), values)]
      ).write(to: path)
      #expect(try size(ofPNG: path).width > 300)
    }
    try CurvePlot(title: "", xLabel: "", yLabel: "", x: [], series: []).write(to: path)
  }

  @Test("a smoothed curve forgets where it began") func smoothed() {
    let plot = CurvePlot(title: "", xLabel: "", yLabel: "", x: [], series: [])
    let falling = plot.smoothed([100] + [Double](repeating: 1, count: 999))
    #expect(falling[0] == 100 && abs(falling[9] - 10.9) < 1e-9 && falling[999] < 1.001)
    let gap = plot.smoothed([1, .nan, 3])
    #expect(gap[0] == 1 && gap[1].isNaN && gap[2] == 3)
  }
}
