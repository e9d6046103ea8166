import SGTensors
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGModels

/// What tells data sets apart, and what a trainer takes of small ones.
@Suite struct FingerprintTests {
  private func data(
    _ count: Int = 90, labels: Int32 = 3, last: Float = 0.5
  ) throws -> Dataset {
    var values = (0..<count * 4).map { Float($0 % 13) / 13 }
    values[count * 4 - 1] = last
    return try Dataset(
      Tensor(values, shape: [count, 4]), labels: (0..<Int32(count)).map { $0 % labels })
  }

  @Test func tellsDataApart() throws {
    let first = try data(60).fingerprint()
    #expect(try first == data(60).fingerprint())
    #expect(try first.difference(from: data(60).fingerprint()) == nil)
    #expect(
      try first.difference(from: data(61).fingerprint()) == "61 samples instead of 60")
    #expect(
      try first.difference(from: data(60, labels: 4).fingerprint()) == "4 classes instead of 3")
    #expect(
      try first.difference(from: data(60, last: 0.25).fingerprint())
        == "other values in its samples or labels")
    #expect(
      try first.difference(from: Dataset.open("ring").fingerprint())?.hasPrefix("samples of shape")
        == true)
  }

  @Test func readsWhatItWrites() throws {
    let first = try data().fingerprint()
    var o = try JSONObject(JSON(parsing: first.json.text(pretty: true)), path: "data")
    #expect(try DataFingerprint(&o) == first)
    var wrong = try JSONObject(JSON(parsing: "{\"count\": 3}"), path: "data")
    #expect(throws: Failure.self) { try DataFingerprint(&wrong) }
  }

  @Test func batchIsAtMostTheSamples() throws {
    func model() throws -> GAN {
      try GAN(
        Configuration(
          shape: [4], latent: Prior(size: 2), generator: .mlp(width: 4),
          discriminator: .mlp(width: 4)))
    }
    #expect(try Trainer(model(), data: data(20)).batch == 20)
    #expect(try Trainer(model(), data: data(90)).batch == 64)
    #expect(throws: Failure.self) { try Trainer(model(), data: data(20), batch: 21) }
  }
}
