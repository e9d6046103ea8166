import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private let fashion = "/usr/share/datasets/fashion-mnist"

/// On Debian's dataset-fashion-mnist, minutes each: `make test-long`.
@Suite(
  .enabled(if: getenv("SWIFTGAN_LONG") != nil && access(fashion, R_OK) == 0), .serialized)
struct LongFashionTests {
  /// A classifier that is right on at least 91 of 100 images it was not trained on takes at least
  /// 90 of 100 samples for the class they were asked to be; and the model's completions of covered
  /// lower halves beat the mean image and the nearest training image.
  @Test func classesAndCompletion() throws {
    let data = try Dataset.open(fashion)
    let test = try Dataset.open(
      fashion, options: JSONObject(.object([("split", .string("test"))]), path: ""))
    var c = Configuration(
      shape: [28, 28, 1], generator: .dcgan(width: 32), discriminator: .dcgan(width: 32),
      average: 0.999)
    c.classes = 10
    c.labels = LabelSettings(.conditional)
    let model = try GAN(c)
    var trainer = try Trainer(model, data: data, batch: 64)
    try trainer.run(steps: 12_000, reportEvery: 12_000)

    let classifier = try Classifier.trained(on: data, range: ValueRange(-1, 1))
    let accuracy = try classifier.accuracy(on: test, Array(0..<test.count))
    let e = try model.evaluate(against: data, with: .classifier(classifier))
    print("fashion: classifier \(accuracy) on the test set, samples \(e.classAccuracy ?? 0)")
    print(e.json.text(pretty: false))
    #expect(accuracy >= 0.91)
    #expect(try #require(e.classAccuracy) >= 0.9)

    // The lower halves of test images.
    let n = 100
    let index = Array(0..<n)
    let real = try test.batch(index, range: ValueRange(-1, 1))
    let mask = Tensor((0..<784).map { $0 < 392 ? 1 : 0 }, shape: [28, 28, 1])
    var search = LatentSearch()
    (search.answers, search.tries) = (2, 6)
    let filled = try model.complete(real, mask: mask, given: test.conditions(index), search).array
    let train = try data.batch(Array(0..<10_000), range: ValueRange(-1, 1))
    let mean = train.mean([0]).array
    let upper = { (t: Tensor) in
      t.reshaped([t.shape[0], 784]).slice(from: [0, 0], [t.shape[0], 392])
    }
    let neighbors = try nearestNeighbors(of: upper(real), in: upper(train)).indices
    let (x, t) = (real.array, train.array)
    var errors = (ours: 0.0, mean: 0.0, neighbor: 0.0, between: 0.0)
    for i in 0..<n {
      for k in 392..<784 {
        let want = Double(x[784 * i + k])
        func square(_ value: Float) -> Double { (Double(value) - want) * (Double(value) - want) }
        let (first, second) = (filled[1568 * i + k], filled[1568 * i + 784 + k])
        errors.ours += square(first)
        errors.mean += square(mean[k])
        errors.neighbor += square(t[784 * neighbors[i] + k])
        errors.between += Double((first - second) * (first - second))
      }
    }
    print("completion, squared errors: \(errors)")
    #expect(errors.ours < errors.mean)
    #expect(errors.ours < errors.neighbor)
    #expect(errors.between > 0.02 * errors.ours, "the answers differ")
  }
}
