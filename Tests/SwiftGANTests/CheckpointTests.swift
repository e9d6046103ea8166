import SGTestSupport
import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// Snapshots that are whole as files but not what a model needs. Damaged files are in Tests/C.
@Suite struct CheckpointTests {
  private func model(average: Float = 0.9) throws -> GAN {
    let model = try GAN(
      Configuration(
        shape: [16, 16, 1], latent: Prior(size: 3), generator: .dcgan(width: 2),
        discriminator: .dcgan(width: 2), average: average))
    _ = try model.train(on: [RandomKey(seed: 1, stream: 1, step: 0).uniform([4, 16, 16, 1])])
    return model
  }

  @Test func roundTrip() throws {
    let model = try model()
    let again = try GAN(model.snapshot())
    #expect(again.configuration == model.configuration)
    #expect(again.step == 1 && again.samplesSeen == model.samplesSeen)
    #expect(again.tensors.map(\.name) == model.tensors.map(\.name))
    for (a, b) in zip(again.tensors, model.tensors) { #expect(a.value.array == b.value.array) }
  }

  @Test(arguments: [Float(0), 0.9]) func generatorAlone(_ average: Float) throws {
    let model = try model(average: average)
    let want = try model.sample(70, seed: 4).array
    let latents = try model.latents(2, seed: 5)
    try inTemporaryFolder { folder in
      let (path, damaged) = (folder + "/model.safetensors", folder + "/damaged.safetensors")
      try Checkpoint.write(model.snapshot(), to: path)
      let generator = try Generator(checkpoint: path)
      #expect(generator.configuration == model.configuration)
      #expect(generator.sampleShape == model.sampleShape && generator.latentSize == 3)
      #expect(try generator.sample(70, seed: 4).array == want)
      #expect(
        try generator.sample(latents: latents).array == model.sample(latents: latents).array)

      // Only what it needs is read: the other tensors may be damaged, its own may not.
      let bytes = try FileIO.readBytes(path, limit: 1 << 20)
      for tensor in try SafetensorsFile(path).tensors {
        var changed = bytes
        changed[tensor.bytes.upperBound - 1] ^= 1
        try write(changed, to: damaged)
        let isOptimizer = tensor.name.hasPrefix("generator.optimizer.")
        if tensor.name.hasPrefix(average > 0 ? "generator_average." : "generator."), !isOptimizer {
          let failure = #expect(throws: Failure.self) { try Generator(checkpoint: damaged) }
          #expect(failure?.kind == .checksum && failure?.message.contains(tensor.name) == true)
        } else {
          #expect(try Generator(checkpoint: damaged).sample(70, seed: 4).array == want)
        }
        #expect(throws: Failure.self) { try GAN(Checkpoint.read(damaged)) }
      }
    }
  }

  @Test(arguments: [
    ("step", "-1"), ("step", "281474976710656"), ("step", "9223372036854775808"), ("step", "x"),
    ("draws", ""), ("samples_seen", "99999999999999999999"), ("generator.optimizer.steps", "1.5"),
  ])
  func wrongNumbers(_ key: String, _ text: String) throws {
    var snapshot = try model().snapshot()
    snapshot.texts[key] = text
    try expect(.format, key, snapshot)
    snapshot.texts[key] = nil
    try expect(.format, key, snapshot)
  }

  @Test func otherKindsAndVersions() throws {
    var snapshot = try model().snapshot()
    snapshot.texts["swiftgan.format"] = "2"
    snapshot.texts["swiftgan.version"] = "9.9.9"
    try expect(.unsupported, "9.9.9", snapshot)
    for text in ["x", "-1", "", "1.0", " 1", "18446744073709551616"] {
      snapshot.texts["swiftgan.format"] = text
      try expect(.format, "swiftgan.format: expected a whole number", snapshot)
    }
    // Checkpoints from before the key was introduced.
    snapshot.texts["swiftgan.format"] = nil
    _ = try GAN(snapshot)
    snapshot = try model().snapshot()
    snapshot.texts["swiftgan.model"] = "vae"
    try expect(.mismatch, "gan", snapshot)
    snapshot.texts["swiftgan.model"] = nil
    try expect(.mismatch, "gan", snapshot)
    snapshot = try model().snapshot()
    snapshot.texts["configuration"] = nil
    try expect(.mismatch, "configuration", snapshot)
    snapshot.texts["configuration"] = #"{"data": {"shape": [2]}}"#
    try expect(.mismatch, "generator", snapshot)
    snapshot.texts["configuration"] = "{"
    try expect(.format, "line 1", snapshot)
  }

  @Test func wrongTensors() throws {
    let whole = try model().snapshot()
    for i in whole.tensors.indices {
      let name = whole.tensors[i].name
      var snapshot = whole
      snapshot.tensors.remove(at: i)
      try expect(.mismatch, name, snapshot)
      snapshot.tensors.append((name, .zeros([7])))
      try expect(.mismatch, "[7]", snapshot)
      snapshot = whole
      snapshot.tensors[i].value = Tensor(repeating: .nan, shape: snapshot.tensors[i].value.shape)
      try expect(.format, name, snapshot)
    }
    var snapshot = whole
    snapshot.tensors.append(("generator.99.weight", .zeros([1])))
    try expect(.mismatch, "generator.99.weight", snapshot)
  }

  /// The optimizer's state of another rule, an average where none is kept.
  @Test func anotherConfiguration() throws {
    var snapshot = try model().snapshot()
    var other = try model().configuration
    other.average = 0
    snapshot.texts["configuration"] = other.json.text(pretty: false)
    try expect(.mismatch, "generator_average", snapshot)
    snapshot = try model().snapshot()
    other = try model().configuration
    other.generatorOptimizer = OptimizerSettings(RMSprop())
    snapshot.texts["configuration"] = other.json.text(pretty: false)
    try expect(.mismatch, "generator.optimizer", snapshot)
  }

  private func expect(_ kind: Failure.Kind, _ words: String, _ snapshot: Snapshot) throws {
    do {
      _ = try GAN(snapshot)
      Issue.record("accepted, expected \(kind)")
    } catch {
      #expect(error.kind == kind, "\(error.message)")
      #expect(error.message.contains(words), "\(error.message)")
    }
  }
}
