import SwiftGAN
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@testable import SGBasics
@testable import SGPictures
@testable import SGTensors

@Suite struct SpectrogramTests {
  /// The strongest row of each column is the one of the tone's frequency, and rows go upward.
  @Test(arguments: [8, 20, 50]) func tones(_ bin: Int) throws {
    let size = 2048
    let tone = (0..<size).map { sin(2 * Float.pi * Float(bin) * Float($0) / 256) }
    let found = try Spectrogram(Tensor(tone + tone, shape: [2, size]))
    let shape = found.decibels.shape.array
    #expect(shape == [2, 128, 256, 1])
    #expect(found.picture.width == 2 * 256 + 6 && found.picture.height == 128 + 4)
    let values = found.decibels.array
    for i in 0..<2 {
      for column in stride(from: 0, to: 256, by: 17) {
        let strongest = (0..<128).max {
          values[(i * 128 + $0) * 256 + column] < values[(i * 128 + $1) * 256 + column]
        }
        #expect(strongest == 127 - bin)
      }
    }
    #expect(values.max() == 0 && (values.min() ?? 0) >= -80)
  }

  /// Half the amplitude is 6.02 decibels less; silence is black; 16 elements are enough.
  @Test func levels() throws {
    let tone = (0..<512).map { sin(2 * Float.pi * Float($0) / 8) }
    let found = try Spectrogram(Tensor(tone + tone.map { $0 / 2 }, shape: [2, 512])).decibels
    let half = found.array.count / 2
    let second = found.array[half...].max() ?? 0
    #expect(abs(second + 6.0206) < 0.01)
    #expect(try Spectrogram(Tensor.zeros([1, 16])).decibels.array.allSatisfy { $0 == -80 })
    #expect(throws: Failure.self) { try Spectrogram(Tensor.zeros([1, 15])) }
  }
}
