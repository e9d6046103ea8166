import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

@Suite struct StackedImagesTests {
  /// Four classes of 16 x 16 images: one brightness each, with a pixel that tells the sample.
  private func gray(_ count: Int = 120) throws -> Dataset {
    var bytes: [UInt8] = []
    for i in 0..<count {
      var image = [UInt8](repeating: UInt8(i % 4 * 80), count: 256)
      image[0] = UInt8(i)
      bytes += image
    }
    return try Dataset(
      bytes: bytes, count: count, shape: [16, 16, 1], range: ValueRange(0, 255),
      labels: (0..<count).map { Int32($0 % 4) }, source: "test")
  }

  @Test func channelsAreGrayImages() throws {
    let gray = try gray()
    let data = try gray.stacked(3, count: 5000, seed: 7)
    #expect(data.count == 5000 && data.shape == [16, 16, 3] && data.classes == 64)
    let x = try data.batch(Array(0..<5000)).array
    var drawn = [Int](repeating: 0, count: 120)
    for i in 0..<5000 {
      let image = x[i * 768..<(i + 1) * 768]
      let sources = (0..<3).map { Int(image[image.startIndex + $0]) }
      for c in 0..<3 {
        drawn[sources[c]] += 1
        for p in 1..<256 {
          #expect(image[image.startIndex + 3 * p + c] == Float(sources[c] % 4 * 80))
        }
      }
      #expect(data.labels[i] == Int32(sources.reduce(0) { $0 * 4 + $1 % 4 }))
    }
    // Uniform over the gray images: χ² of 119 degrees of freedom, 0.1 %.
    let chi = drawn.reduce(0.0) { $0 + (Double($1) - 125) * (Double($1) - 125) / 125 }
    #expect(chi < 173)
    #expect(try gray.stacked(3, count: 5000, seed: 7).labels == data.labels)
    #expect(try gray.stacked(3, count: 5000, seed: 8).labels != data.labels)
    let other = try data.batch([17], range: ValueRange(-1, 1)).array
    #expect(abs(other[0] - (x[17 * 768] / 127.5 - 1)) < 1e-6)
  }

  @Test func anUnknownDigitMakesAnUnknownNumber() throws {
    let gray = try gray().keepingLabels(60)
    let data = try gray.stacked(2, count: 1000)
    #expect(data.classes == 16)
    let unknown = data.labels.count { $0 < 0 }
    #expect((650...850).contains(unknown), "three quarters, found \(unknown)")
  }

  @Test func refusals() throws {
    #expect(throws: Failure.self) { try Dataset.ring(count: 10).stacked(3) }
    let gray = try gray()
    #expect(throws: Failure.self) { try gray.stacked(1) }
    #expect(throws: Failure.self) { try gray.stacked(5) }
    #expect(throws: Failure.self) { try gray.stacked(2, count: 0) }
    let colors = try gray.stacked(3, count: 10)
    let failure = try #require(throws: Failure.self) { try colors.stacked(2) }
    #expect(failure.kind == .mismatch && failure.message.contains("one channel"))
    let many = try Dataset(
      bytes: [UInt8](repeating: 0, count: 8), count: 2, shape: [2, 2, 1],
      range: ValueRange(0, 1), labels: [0, 1000], source: "test")
    let tooMany = try #require(throws: Failure.self) { try many.stacked(3) }
    #expect(tooMany.kind == .limit)
  }

  @Test func classesOfAClassifierAreModes() throws {
    // Modes 0, 0, 1, 3 of 4: p = 1/2, 1/4, 1/4. KL(p ‖ uniform) = log 4 - 3/2 log 2.
    let y = try modeCoverage(classes: [0, 3, 0, 1], modes: 4)
    #expect(y.modesFound == 3 && y.modes == 4 && y.count == 4 && y.highQuality == nil)
    #expect(y.histogram == [2, 1, 0, 1])
    #expect(abs(try #require(y.reverseKL) - 0.346_573_590_28) < 1e-9)
    #expect(throws: Failure.self) { try modeCoverage(classes: [], modes: 4) }
    #expect(throws: Failure.self) { try modeCoverage(classes: [4], modes: 4) }
    #expect(throws: Failure.self) { try modeCoverage(classes: [-1], modes: 4) }
  }

  /// The classifier of the gray images reads the stacked ones, and a model's samples are counted by
  /// it.
  @Test func evaluation() throws {
    let gray = try gray()
    let data = try gray.stacked(3, count: 800)
    let model = try GAN(
      Configuration(
        shape: [16, 16, 3], generator: .dcgan(width: 4), discriminator: .dcgan(width: 4)))
    var options = EvaluationOptions(for: data)
    #expect(options.count == 800)
    options.ridge = 0.01
    options.epochs = 40
    let e = try model.evaluate(against: data, options)
    guard case .classifier(let classifier) = e.extractor else {
      Issue.record("expected a classifier")
      return
    }
    #expect(classifier.classes == 4 && classifier.heldOutAccuracy == 1)
    #expect(e.comparison.features == 384 && e.score == nil)
    let real = try classifier.opinion(
      on: data.batch(Array(0..<800), range: ValueRange(-1, 1)), from: data)
    #expect(real.classes == data.labels)
    let modes = try #require(e.modes)
    #expect(modes.modes == 64 && modes.count == 800 && modes.histogram.reduce(0, +) == 800)
    let text = e.json.text(pretty: false)
    #expect(text.contains(#""modes":64"#) && text.utf8.count <= 4096)
    // A classifier of the stacked images themselves cannot read their channels.
    let wrong = try Classifier(shape: [16, 16, 3], range: ValueRange(-1, 1), classes: 64, steps: 1)
    #expect(throws: Failure.self) { try model.evaluate(against: data, with: .classifier(wrong)) }
  }
}
