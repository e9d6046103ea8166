import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private let mnist = getenv("SWIFTGAN_MNIST").map { String(cString: $0) } ?? ""

/// Stacked digits, three of MNIST as an image's channels: `make test-long MNIST=folder`.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil && access(mnist, R_OK) == 0), .serialized)
struct LongStackedTests {
  /// The DCGAN preset reaches at least 950 of the 1,000 numbers in 26,000 samples; DCGAN reaches 99
  /// in Lin et al. 2018 (table 2), packed by two or more all.
  @Test func modes() throws {
    let data = try Dataset.open(
      mnist, options: JSONObject(.object([("stack", .integer(3))]), path: ""))
    let classifier = try Classifier.trained(
      on: try #require(data.stackedFrom), range: ValueRange(-1, 1), epochs: 3)
    print("digits: the classifier is right on \(classifier.heldOutAccuracy ?? 0)")
    #expect(try #require(classifier.heldOutAccuracy) > 0.985)
    let model = try GAN(
      Configuration(
        shape: [28, 28, 3], generator: .dcgan(width: 32), discriminator: .dcgan(width: 32),
        average: 0.999))
    var trainer = try Trainer(model, data: data, batch: 64)
    try trainer.run(steps: 10_000, reportEvery: 10_000)
    let e = try model.evaluate(against: data, with: .classifier(classifier))
    print("stacked digits: \(e.json.text(pretty: false))")
    let modes = try #require(e.modes)
    #expect(modes.count == 26_000 && modes.modes == 1000)
    #expect(modes.modesFound >= 950)
  }
}
