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

@testable import SGBasics
@testable import SGData
@testable import SGFormats
@testable import SGModels
@testable import SGTensors

/// WAV files as they are found, whole and damaged.
@Suite struct SoundTests {
  private func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func chunk(_ name: String, _ content: [UInt8], size: Int? = nil) -> [UInt8] {
    Array(name.utf8) + bytes(size ?? content.count, 4) + content
      + (content.count % 2 == 1 ? [0] : [])
  }

  /// A WAV file.
  /// - Parameters:
  ///   - kind: 1 for PCM, 3 for floating point.
  ///   - size: of the samples, as the file says.
  private func wav(
    kind: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int = 16, _ data: [UInt8],
    size: Int? = nil, before: [UInt8] = []
  ) -> [UInt8] {
    let frame = channels * bits / 8
    let format =
      bytes(kind, 2) + bytes(channels, 2) + bytes(rate, 4) + bytes(rate * frame, 4)
      + bytes(frame, 2) + bytes(bits, 2)
    let chunks = before + chunk("fmt ", format) + chunk("data", data, size: size)
    return Array("RIFF".utf8) + bytes(4 + chunks.count, 4) + Array("WAVE".utf8) + chunks
  }

  private func read(_ file: [UInt8]) throws -> SoundFile.Sound {
    var sound = SoundFile.Sound(samples: [], rate: 0)
    try inTemporaryFolder { folder in
      try FileIO.writeBytes(file, to: folder + "/a.wav")
      sound = try SoundFile.read(folder + "/a.wav")
    }
    return sound
  }

  @Test func whatIsWrittenComesBack() throws {
    let x = (0..<3000).map { Float(sin(0.1 * Double($0))) } + [1, -1, 0, 1.5, -7]
    try inTemporaryFolder { folder in
      try SoundFile.write(.init(samples: x, rate: 8000), to: folder + "/x.wav")
      let y = try SoundFile.read(folder + "/x.wav")
      #expect(y.rate == 8000 && y.samples.count == x.count)
      for (a, b) in zip(x, y.samples) { #expect(abs(min(max(a, -1), 1) - b) < 1e-4) }
    }
  }

  /// 8, 16, 24 and 32 bits, floating point of 32 and 64, an extensible header, other chunks.
  @Test func codings() throws {
    #expect(try read(wav(bits: 8, [128, 0, 255, 64])).samples == [0, -1, 127 / 128, -0.5])
    #expect(try read(wav(bytes(-16384, 2) + bytes(32767, 2))).samples == [-0.5, 32767 / 32768])
    let fine = try read(wav(bits: 24, bytes(1, 3) + bytes(-(1 << 22), 3))).samples
    #expect(fine == [0x1p-23, -0.5])
    #expect(try read(wav(bits: 32, bytes(1 << 30, 4))).samples == [0.5])
    #expect(try read(wav(kind: 3, bits: 32, bytes(0x3E80_0000, 4))).samples == [0.25])
    let double = bytes(Int(bitPattern: UInt(0.125.bitPattern)), 8)
    #expect(try read(wav(kind: 3, bits: 64, double)).samples == [0.125])
    // Two channels become their mean.
    let stereo = try read(wav(channels: 2, bytes(16384, 2) + bytes(-8192, 2))).samples
    #expect(stereo == [0.125])
    let odd = chunk("LIST", [1, 2, 3])
    #expect(try read(wav(bytes(16384, 2), before: odd)).samples == [0.5])
    #expect(try read(wav([])).samples.isEmpty)
  }

  /// Files that lie, end early or are something else: an error with the name.
  @Test func damaged() throws {
    let data = bytes(1000, 2) + bytes(-1000, 2)
    func failure(_ file: [UInt8]) -> Failure? {
      #expect(throws: Failure.self) { try read(file) }
    }
    #expect(failure(wav(data, size: 1 << 30))?.kind == .truncated)
    #expect(failure(wav(data, size: 3))?.kind == .format)
    #expect(failure(wav(kind: 2, bits: 4, data))?.kind == .unsupported)
    #expect(failure(wav(kind: 6, bits: 8, data))?.message.contains("coding 6") == true)
    #expect(failure(wav(bits: 12, data))?.kind != nil)
    #expect(failure(wav(rate: 0, data))?.kind == .format)
    #expect(failure(wav(channels: 65, bits: 8, [UInt8](repeating: 0, count: 65)))?.kind == .limit)
    #expect(failure(wav(kind: 3, bits: 32, bytes(0x7FC0_0000, 4)))?.kind == .argument)
    #expect(failure([0xFF, 0xFB, 0x90, 0x64])?.kind == .truncated)
    #expect(failure(Array("ID3".utf8) + [UInt8](repeating: 0, count: 40))?.kind == .format)
    let whole = wav(data)
    for count in 0..<whole.count {
      #expect(throws: Failure.self) { try read(Array(whole[..<count])) }
    }
    for i in whole.indices {
      for value in [0, 1, 127, 128, 255] as [UInt8] {
        var other = whole
        other[i] = value
        _ = try? read(other)
      }
    }
  }

  /// What both rates can hold comes through, what the lower one cannot does not.
  @Test func resampling() {
    func tone(_ frequency: Double, _ rate: Int, _ count: Int) -> SoundFile.Sound {
      let x = (0..<count).map { Float(sin(2 * Double.pi * frequency * Double($0) / Double(rate))) }
      return SoundFile.Sound(samples: x, rate: rate)
    }
    for (from, to) in [(16000, 8000), (8000, 11025), (44100, 8000)] {
      let low = tone(440, from, from / 4).resampled(to: to)
      let wanted = tone(440, to, to / 4).samples
      #expect(low.rate == to && abs(low.samples.count - wanted.count) <= 1)
      for i in 200..<wanted.count - 200 { #expect(abs(low.samples[i] - wanted[i]) < 5e-3) }
    }
    let high = tone(6000, 16000, 4000).resampled(to: 8000).samples
    for x in high[200..<1800] { #expect(abs(x) < 5e-3) }
  }

  @Test func folders() throws {
    func sound(_ count: Int, _ rate: Int = 8000, _ value: Int = 3000) -> [UInt8] {
      wav(rate: rate, (0..<count).flatMap { _ in bytes(value, 2) })
    }
    try inTemporaryFolder { folder in
      for name in ["high", "low"] {
        try FileIO.makeDirectory("\(folder)/\(name)")
        try FileIO.writeBytes(sound(250), to: "\(folder)/\(name)/a.wav")
      }
      try FileIO.writeBytes(sound(90), to: "\(folder)/low/b.wav")
      try FileIO.writeText("a", to: "\(folder)/low/notes.txt")
      func open(_ options: String) throws -> Dataset {
        try Dataset.open(folder, options: JSON(parsing: options))
      }
      let data = try open(#"{"window": 100}"#)
      #expect(data.count == 4 && data.shape == [100] && data.labels == [0, 0, 1, 1])
      #expect(data.classNames == ["high", "low"] && data.sampleRate == 8000)
      #expect(data.skippedFiles.others == 1)
      #expect(try open(#"{"window": 100, "hop": 50, "limit": 5}"#).count == 5)
      #expect(throws: Failure.self) { try open("{}") }  // no file of a second
      #expect(throws: Failure.self) { try open(#"{"window": 100, "size": 4}"#) }
      try FileIO.writeBytes(sound(250, 16000), to: "\(folder)/low/c.wav")
      let failure = #expect(throws: Failure.self) { try open(#"{"window": 100}"#) }
      #expect(failure?.message.contains("option rate") == true, "\(failure?.message ?? "")")
      #expect(try open(#"{"window": 100, "rate": 8000}"#).count == 5)
      let model = try Families.create(
        JSON(parsing: #"{"family": "wavenet", "data": {"shape": [100], "sample_rate": 16000}}"#))
      #expect(throws: Failure.self) { try Trainer(model, data: data, batch: 2) }
    }
  }
}
