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

/// Mirrored and shifted images.
@Suite struct AugmentationTests {
  private static let (height, width, channels) = (5, 4, 2)

  /// Images whose every element differs from all others.
  private func images(_ count: Int) -> Tensor {
    let n = count * Self.height * Self.width * Self.channels
    return Tensor(
      (0..<n).map { Float($0) / 4096 - 0.5 },
      shape: [count, Self.height, Self.width, Self.channels])
  }

  /// What moving and mirroring makes of an image, written another way: the padded image, cut out.
  private func expected(_ x: [Float], _ isMirrored: Bool, _ down: Int, _ right: Int) -> [Float] {
    let (h, w, c) = (Self.height, Self.width, Self.channels)
    func row(_ y: Int) -> [[Float]] {
      let pixels = (0..<w).map { Array(x[((y * w + $0) * c)..<((y * w + $0 + 1) * c)]) }
      return isMirrored ? pixels.reversed() : pixels
    }
    return (0..<h).flatMap { y -> [Float] in
      let pixels = row(Swift.min(Swift.max(y - down, 0), h - 1))
      let padded =
        Array(repeating: pixels[0], count: w) + pixels + Array(repeating: pixels[w - 1], count: w)
      return padded[(w - right)..<(2 * w - right)].flatMap { $0 }
    }
  }

  /// Each image is one of those that mirroring and moving can make, all of them about equally
  /// often.
  @Test(arguments: [(true, 0), (false, 1), (true, 2)])
  func drawsUniformly(_ flip: Bool, _ shift: Int) throws {
    let n = 2000
    let x = images(n)
    let y = Augmentation(flip: flip, shift: shift)(x, at: 77, seed: 3, .augmentation)
    let size = x.count / n
    let (from, to) = (x.array, y.array)
    var counts: [[Int]: Int] = [:]
    for i in 0..<n {
      let (a, b) = (Array(from[i * size..<(i + 1) * size]), Array(to[i * size..<(i + 1) * size]))
      for mirrored in flip ? [0, 1] : [0] {
        for down in -shift...shift {
          for right in -shift...shift where expected(a, mirrored == 1, down, right) == b {
            // On a mirrored image the move to the right is one to the left of the original.
            counts[[mirrored, down, right], default: 0] += 1
          }
        }
      }
    }
    let kinds = (flip ? 2 : 1) * (2 * shift + 1) * (2 * shift + 1)
    #expect(counts.count == kinds && counts.values.reduce(0, +) == n)
    let mean = Double(n) / Double(kinds)
    let chi = counts.values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) / mean }
    // The 99.9 % quantile by Wilson and Hilferty.
    let k = Double(kinds - 1)
    let cube = 1 - 2 / (9 * k) + 3.09 * (2 / (9 * k)).squareRoot()
    #expect(chi < k * cube * cube * cube)
  }

  /// Each draw belongs to a place in training, whatever the batches.
  @Test func dependsOnThePlaceAlone() {
    let x = images(12)
    let augmentation = Augmentation(flip: true, shift: 2)
    let all = augmentation(x, at: 100, seed: 5, .augmentation).array
    let size = all.count / 12
    for i in 0..<12 {
      let one = Tensor(
        x.array[i * size..<(i + 1) * size], shape: [1, Self.height, Self.width, Self.channels])
      #expect(
        augmentation(one, at: 100 + UInt64(i), seed: 5, .augmentation).array
          == Array(all[i * size..<(i + 1) * size]))
    }
    #expect(augmentation(x, at: 100, seed: 6, .augmentation).array != all)
    #expect(augmentation(x, at: 101, seed: 5, .augmentation).array != all)
    #expect(augmentation(x, at: 100, seed: 5, .labelledAugmentation).array != all)
  }

  /// Another epoch shows other images; reading and evaluating show the stored ones.
  @Test func trainingOnly() throws {
    let plain = try Dataset(images(16))
    let data = try plain.augmented(Augmentation(flip: true, shift: 1))
    let all = Array(0..<16)
    #expect(try data.batch(all).array == plain.batch(all).array)
    #expect(try data.deviation() == plain.deviation())
    #expect(data.json.text(pretty: false).contains(#""flip":true,"shift":1"#))
    func sorted(_ batch: Batch) -> [[Float]] {
      let values = batch.samples.array
      let size = values.count / 16
      return all.map { Array(values[$0 * size..<($0 + 1) * size]) }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    func epoch(_ data: Dataset, _ number: UInt64) throws -> [[Float]] {
      var batches = Minibatches(of: data, size: 16, range: nil, seed: 1, labelled: [])
      return sorted(try batches.at(16 * number))
    }
    #expect(try epoch(plain, 0) == epoch(plain, 1))
    #expect(try epoch(data, 0) != epoch(data, 1))
    #expect(try epoch(data, 0) != epoch(plain, 0))
    #expect(try epoch(data, 3) == epoch(data, 3))
  }

  @Test(arguments: [true, false])
  func resumesExactly(_ isSemiSupervised: Bool) throws {
    let n = 24
    let values = Tensor(
      (0..<n * 64).map { Float(($0 * 37) % 101) / 50.5 - 1 }, shape: [n, 8, 8, 1])
    let data = try Dataset(values, labels: (0..<n).map { Int32($0 % 3) - 1 })
      .augmented(Augmentation(flip: true, shift: 2))
    let labels = isSemiSupervised ? #", "labels": {"mode": "semi_supervised"}"# : ""
    let text = """
      {"data": {"shape": [8, 8, 1], "classes": 2}, "latent": {"size": 4}, "generator": {"preset": "mlp", "width": 8},
       "discriminator": {"preset": "mlp", "width": 8}\(labels)}
      """
    func trained(_ parts: [UInt64], _ data: Dataset) throws -> [[Float]] {
      var model = try GAN(Configuration(json: JSON(parsing: text)))
      for steps in parts {
        var trainer = try Trainer(model, data: data, batch: 7)
        try trainer.run(steps: steps)
        model = try GAN(model.snapshot())
      }
      return model.snapshot().tensors.map(\.value.array)
    }
    #expect(try trained([9], data) == trained([2, 4, 3], data))
    #expect(try trained([9], data) != trained([9], data.augmented(Augmentation())))
  }

  @Test func refusals() throws {
    let data = try Dataset(images(2))
    #expect(throws: Failure.self) { try data.augmented(Augmentation(shift: 4)) }
    #expect(throws: Failure.self) {
      try Dataset(Tensor([1, 2], shape: [1, 2])).augmented(Augmentation(flip: true))
    }
    try inTemporaryFolder { folder in
      try FileIO.writeText("a\n1\n", to: "\(folder)/x.csv")
      for options in [#"{"flip": true}"#, #"{"shift": 1}"#, #"{"flip": 1}"#, #"{"shift": -1}"#] {
        #expect(throws: Failure.self) { try Dataset.open("\(folder)/x.csv", options) }
      }
    }
  }
}
