import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGTensors

/// `data.binarize`: how samples in [0, 1] become 0 or 1.
@Suite struct BinarizationTests {
  private func settings(_ way: String, seed: Int = 1) throws -> ModelSettings {
    var o = try JSONObject(
      JSON(
        parsing: #"{"data": {"shape": [500], "binarize": "\#(way)"}, "seed": \#(seed)}"#), path: "")
    return try ModelSettings(&o, keys: []) { _ in ValueRange(0, 1) }
  }

  private let gray = RandomKey(seed: 3, stream: 1, step: 0).uniform([8, 500])

  private func step(_ i: UInt64) -> RandomKey { RandomKey(.binarization, seed: 1, step: i) }

  /// Once for each sample: wherever it stands, at every step, in training and judging.
  @Test func fixedIsOneDraw() throws {
    let fixed = try settings("fixed")
    let drawn = fixed.binarized(gray, step(0))
    #expect(drawn.array.allSatisfy { $0 == 0 || $0 == 1 })
    #expect(fixed.binarized(gray, step(7)).array == drawn.array)
    #expect(fixed.binarizedForJudging(gray).array == drawn.array)
    let order: [Int32] = [5, 2, 2]
    #expect(fixed.binarized(gray.gather(order), step(1)).array == drawn.gather(order).array)
    #expect(try settings("fixed", seed: 2).binarized(gray, step(0)).array != drawn.array)
    // What is 0 or 1 stays so.
    #expect(fixed.binarized(drawn, step(0)).array == drawn.array)
  }

  /// The value is the probability: means of 400 draws of 1 are within 4.5 deviations.
  @Test(arguments: ["fixed", "dynamic"]) func probabilities(_ way: String) throws {
    let settings = try settings(way)
    for value in [0.1, 0.5, 0.9] as [Float] {
      // Samples differ in their first element, so that each has a draw of its own.
      let x = Tensor(
        (0..<200_000).map { $0 % 500 == 0 ? Float($0) / 200_000 : value }, shape: [400, 500])
      let y = settings.binarized(x, step(0))
      let places = y.mean([0]).array.dropFirst()
      let deviation = (value * (1 - value) / 400).squareRoot()
      #expect(places.allSatisfy { abs($0 - value) < 4.5 * deviation })
      let samples = (0..<400).map { i in y.array[(500 * i)..<(500 * i + 500)].reduce(0, +) / 500 }
      #expect(
        samples.allSatisfy { abs($0 - value) < 4.5 * (value * (1 - value) / 500).squareRoot() })
    }
  }

  @Test func thresholdAndDynamic() throws {
    let above = gray.array.map { $0 > 0.5 ? Float(1) : 0 }
    #expect(try settings("threshold").binarized(gray, step(0)).array == above)
    let dynamic = try settings("dynamic")
    let first = dynamic.binarized(gray, step(0)).array
    #expect(dynamic.binarized(gray, step(1)).array != first && first != above)
    // A sample is judged by one draw, so that its likelihood does not depend on when.
    #expect(
      dynamic.binarizedForJudging(gray).array
        == (try settings("fixed")).binarized(gray, step(0)).array)
  }

  /// Likelihoods of gray samples are those of their draw; values outside [0, 1] are refused.
  @Test(arguments: ["fixed", "dynamic", "threshold"]) func likelihoods(_ way: String) throws {
    let model = try Families.create(
      JSON(parsing: #"{"family": "made", "data": {"shape": [500], "binarize": "\#(way)"}}"#))
    let judge = try #require(model as? any HasLikelihood)
    let found = try judge.logLikelihood(gray, given: .none, options: .object([])).array
    let drawn = try settings(way).binarizedForJudging(gray)
    let want = try judge.logLikelihood(drawn, given: .none, options: .object([])).array
    #expect(found == want)
    #expect(throws: Failure.self) {
      try judge.logLikelihood(2 * gray, given: .none, options: .object([]))
    }
  }
}
