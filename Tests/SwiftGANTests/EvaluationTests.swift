import SwiftGAN
import Testing

@Suite struct EvaluationTests {
  /// Images of two classes that differ by where they are bright.
  private func images(_ count: Int, seed: UInt64) throws -> Dataset {
    let noise = RandomKey(seed: seed, stream: 9, step: 0).uniform(
      [count, 16, 16, 1], low: -1, high: 0)
    let labels = (0..<count).map { Int32($0 % 2) }
    let samples = noise.withElements { noise in
      Tensor(shape: [count, 16, 16, 1]) { y in
        for i in 0..<(count * 256) {
          let (sample, row) = (i / 256, i % 256 / 16)
          let isBright = (row < 8) == (labels[sample] == 0)
          y[i] = noise[i] + (isBright ? 1 : 0)
        }
      }
    }
    return try Dataset(samples, labels: labels)
  }

  private func ring(_ scale: Float) throws -> GAN {
    try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 2), generator: .layers([Scaling(factor: scale)]),
        discriminator: .mlp(width: 4)))
  }

  /// A generator that makes the ring's own samples would have all modes; one that makes a blob at 0
  /// has none of them.
  @Test func modes() throws {
    let data = try Dataset.ring(count: 3000)
    let blob = try ring(0.05).evaluate(against: data, with: .pixels, count: 1000)
    #expect(blob.modes?.modesFound == 0)
    #expect(blob.comparison.precisionRecall.recall == 0)
    let frechet = try #require(blob.comparison.frechet)
    // Means 0; covariances ½ I and 0.0025 I: 2 (√½ − 0.05)².
    #expect(abs(frechet.distance - 0.863) < 0.05)
    let grid = try Dataset.grid(count: 500)
    #expect(grid.mixture?.centers.shape == [25, 2])
  }

  @Test func classifierLearnsAndIsKept() throws {
    let data = try images(240, seed: 1)
    let classifier = try Classifier.trained(on: data, range: nil, epochs: 12)
    #expect(try #require(classifier.heldOutAccuracy) > 0.95)
    let again = try Classifier(classifier.snapshot())
    #expect(again.hash == classifier.hash && again.heldOutAccuracy == classifier.heldOutAccuracy)
    #expect(try Classifier.trained(on: data, range: nil, epochs: 12).hash == classifier.hash)
    let x = try data.batch([0, 1, 2])
    #expect(try again(x).features.array == classifier(x).features.array)
    #expect(try again(x).features.shape == [3, Classifier.featureCount])
    #expect(throws: Failure.self) { try Classifier(self.ring(1).snapshot()) }
    #expect(throws: Failure.self) { try GAN(classifier.snapshot()) }
    var torn = classifier.snapshot()
    torn.tensors.removeLast()
    #expect(throws: Failure.self) { try Classifier(torn) }
  }

  /// A conditional model's report knows how many fakes have their class; copies of real images are
  /// found.
  @Test func conditionalImages() throws {
    let data = try images(240, seed: 1)
    var c = Configuration(
      shape: [16, 16, 1], latent: Prior(size: 4), generator: .dcgan(width: 4),
      discriminator: .dcgan(width: 4))
    c.classes = 2
    c.labels = LabelSettings(.conditional)
    let model = try GAN(c)
    let classifier = try Classifier.trained(on: data, range: nil, epochs: 4)
    let e = try model.evaluate(against: data, with: .classifier(classifier), count: 200)
    #expect((0...1).contains(try #require(e.classAccuracy)))
    #expect(try #require(e.score).score >= 1)
    #expect(e.nearest.indices.count == 100 && e.nearest.indices.allSatisfy { $0 < 240 })
    #expect(e.realNearestDistance > 0)
    let text = e.json.text(pretty: false)
    for key in ["frechet_distance", "kernel_distance", "coverage", "hash", "class_accuracy"] {
      #expect(text.contains("\"\(key)\""))
    }
    #expect(text.utf8.count < 4096)
    // Equal seeds, equal reports.
    let same = try model.evaluate(against: data, with: .classifier(classifier), count: 200)
    #expect(same.comparison.kernel.distance == e.comparison.kernel.distance)
  }

  @Test func refusals() throws {
    let data = try Dataset.ring(count: 50)
    #expect(throws: Failure.self) { try ring(1).evaluate(against: data, with: .pixels, count: 51) }
    #expect(throws: Failure.self) { try ring(1).evaluate(against: data, with: .pixels, count: 6) }
    let unlabelled = try Dataset(data.batch(Array(0..<50)))
    #expect(throws: Failure.self) { try Classifier.trained(on: unlabelled, range: nil) }
    #expect(throws: Failure.self) {
      try ring(1).evaluate(against: images(20, seed: 1), with: .pixels)
    }
    // No more samples than features: singular, unless a ridge makes it regular.
    let x = RandomKey(seed: 1, stream: 9, step: 0).normal([20, 30])
    #expect(throws: Failure.self) { try FeatureComparison(real: x, fake: x) }
    #expect(
      try abs(#require(FeatureComparison(real: x, fake: x, ridge: 1).frechet).distance) < 1e-3)
  }
}
