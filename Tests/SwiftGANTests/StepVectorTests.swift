import Foundation
import SwiftGAN
import Testing

/// Whole training steps against PyTorch in float64 (`Vectors/steps.json`): three of them, from
/// given weights, data and latents, parameter by parameter.
@Suite struct StepVectorTests {
  static let names = [
    "mlp", "mlp_simultaneous", "mlp_minimax", "mlp_two_discriminator_steps", "dcgan28",
    "dcgan28_simultaneous", "dcgan28_smoothed", "layers", "dcgan64", "dcgan64_simultaneous",
  ]

  /// The root mean square of an error, relative to the tensor's own.
  static let tolerance = 1e-4
  /// The same relative to what the three steps changed: it holds the updates themselves to account.
  static let changeTolerance = 2e-2

  @Test func formula() throws {
    let known = try VectorFile.load(Steps.self, "steps").formula
    let recipe = Recipe(tag: known.tag, shape: [4], scale: known.scale, offset: known.offset)
    for (made, expected) in zip(recipe.tensor.array, known.values) {
      #expect(abs(Double(made) - expected) < 1e-9)
    }
  }

  @Test func everyCaseIsRun() throws {
    #expect(try VectorFile.load(Steps.self, "steps").cases.map(\.name) == Self.names)
  }

  @Test(arguments: names) func threeSteps(_ name: String) throws {
    let file = try VectorFile.load(Steps.self, "steps")
    let v = try #require(file.cases.first { $0.name == name })
    let model = try GAN(Configuration(json: JSON(parsing: Steps.configuration(of: name))))
    for t in v.tensors {
      let value = Recipe(tag: t.tag, shape: t.shape, scale: t.scale, offset: t.offset).tensor
      try model.setTensor(t.name, value)
      let averaged = t.name.replacingOccurrences(of: "generator.", with: "generator_average.")
      if v.expected.tensors[averaged] != nil { try model.setTensor(averaged, value) }
    }
    for step in 0..<file.steps {
      let x = v.data.tensor(step, [v.batch] + model.sampleShape.array)
      let z = v.latents.tensor(step, [v.batch, model.latentSize])
      let report = try model.train(on: [x], latents: z)
      check(report, v.expected.reports[step], step)
    }
    let tensors = Dictionary(uniqueKeysWithValues: model.tensors.map { ($0.name, $0.value) })
    for (tensor, expected) in v.expected.tensors.sorted(by: { $0.key < $1.key }) {
      let errors = expected.errors(of: try #require(tensors[tensor], "\(tensor)").array)
      #expect(errors.sampled <= Self.tolerance, "samples of \(tensor)")
      #expect(errors.whole <= Self.tolerance, "the whole of \(tensor)")
      #expect(errors.ofChange <= Self.changeTolerance, "the change of \(tensor)")
    }
  }

  private func check(_ report: StepReport, _ expected: [String: Double], _ step: Int) {
    let figures = [
      "discriminator_cost": report.discriminatorCost, "generator_cost": report.generatorCost,
      "real_output": report.balance!.realOutput, "fake_output": report.balance!.fakeOutput,
      "discriminator_gradient_norm": report.discriminatorGradientNorm,
      "generator_gradient_norm": report.generatorGradientNorm,
    ]
    #expect(Set(figures.keys) == Set(expected.keys))
    for (key, value) in figures {
      let error = abs(value / expected[key]! - 1)
      #expect(error <= Self.tolerance, "\(key) of step \(step): \(value), not \(expected[key]!)")
    }
  }
}

private struct Steps: Decodable {
  var steps: Int
  var formula: Formula
  var cases: [Case]

  struct Formula: Decodable {
    var tag: UInt32
    var scale, offset: Double
    var values: [Double]
  }

  struct Case: Decodable {
    var name: String
    var batch: Int
    var data, latents: Source
    var tensors: [Named]
    var expected: Expected
  }

  /// A recipe for one batch a step.
  struct Source: Decodable {
    var tag: UInt32
    var scale: Double
    var offset: Double?

    func tensor(_ step: Int, _ shape: [Int]) -> Tensor {
      Recipe(tag: tag + UInt32(step), shape: shape, scale: scale, offset: offset ?? 0).tensor
    }
  }

  struct Named: Decodable {
    var name: String
    var shape: [Int]
    var tag: UInt32
    var scale, offset: Double
  }

  struct Expected: Decodable {
    var reports: [[String: Double]]
    var tensors: [String: TensorDigest]
  }

  /// The configuration of a case, as text.
  static func configuration(of name: String) throws -> String {
    let url = Bundle.module.bundleURL.appendingPathComponent("Vectors/steps.json")
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any]
    let cases = try #require(file?["cases"] as? [[String: Any]])
    let found = try #require(cases.first { $0["name"] as? String == name }?["config"])
    return String(decoding: try JSONSerialization.data(withJSONObject: found), as: UTF8.self)
  }
}

/// What is stored of a tensor.
private struct TensorDigest: Decodable {
  var values, projections: [Double]
  var sum, sumOfSquares, change: Double

  /// Root mean squares of the error, relative to the tensor's own and to that of its change: over
  /// the samples, and over all elements as far as sums under eight sets of signs show it.
  func errors(of actual: [Float]) -> (sampled: Double, whole: Double, ofChange: Double) {
    let (n, norm) = (actual.count, sumOfSquares.squareRoot())
    let stride = { (k: Int) in n <= 64 ? k : k * (n - 1) / 63 }
    let sampled = rms(values.indices.map { Double(actual[stride($0)]) - values[$0] })
    var (sums, total, squares) = ([Double](repeating: 0, count: projections.count), 0.0, 0.0)
    for (i, a) in actual.enumerated() {
      let (bits, x) = (VectorFile.mix(UInt32(i)), Double(a))
      for k in sums.indices { sums[k] += (bits >> UInt32(k)) & 1 == 0 ? x : -x }
      total += x
      squares += x * x
    }
    let projected = rms(zip(sums, projections).map { $0 - $1 })
    let bound = max(
      abs(total - sum) / Double(n).squareRoot(), abs(squares - sumOfSquares) / (2 * norm))
    return (
      sampled * Double(n).squareRoot() / norm, max(projected, bound) / norm, projected / change
    )
  }

  private func rms(_ x: [Double]) -> Double {
    (x.reduce(0) { $0 + $1 * $1 } / Double(x.count)).squareRoot()
  }
}
