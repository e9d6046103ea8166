import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// A discriminator with a layer that sees the whole batch judges the samples of a call as one
/// batch.
@Suite struct WholeBatchTests {
  private func model(_ layer: any Layer, mode: LabelSettings.Mode = .none) throws -> GAN {
    var c = Configuration(
      shape: [2], latent: Prior(size: 2), generator: .mlp(width: 4),
      discriminator: .layers([
        Dense(6), ActivationLayer.tanh, layer, Dense(mode == .none ? 1 : 3),
      ]))
    if mode != .none {
      c.classes = 3
      c.labels = LabelSettings(mode)
    }
    return try GAN(c)
  }

  /// The whole of the samples through the network, without cutting.
  private func whole(_ model: GAN, _ x: Tensor) throws -> Tensor {
    let d = try model.inferringDiscriminator()
    return d(x, nil, RandomStream.samplingLayers.key(0))
  }

  @Test(arguments: [63, 64, 65, 200]) func oneBatch(_ n: Int) throws {
    let x = RandomKey(seed: 2, stream: 9, step: 0).normal([n, 2])
    for layer in [
      MinibatchDeviation(), MinibatchDiscrimination(kernels: 3, size: 2, initializer: .normal(1)),
      Residual([OwnDeviation()]),
    ] as [any Layer] {
      let model = try model(layer)
      let want = try whole(model, x).array
      #expect(try model.discriminate(x).array == want)
      #expect(try model.logDensityRatio(x).array == want)
      let tracked = x.tracked()
      let slopes = gradient(of: try whole(model, tracked).sum(), wrt: [tracked])[0].array
      #expect(try model.logDensityRatioGradient(x).array == slopes)
      let classifying = try self.model(layer, mode: .semiSupervised)
      #expect(try classifying.classify(x).array == whole(classifying, x).array)
    }
  }

  /// A layer of the user's own says so in its declaration.
  struct OwnDeviation: Layer {
    func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
      d.seesWholeBatch()
      return x
    }
    func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x - x.mean([0]) }
  }

  /// Too many for memory is an error that says what takes it.
  @Test func tooMany() throws {
    let model = try model(MinibatchDiscrimination(kernels: 65_536, size: 1))
    let failure = #expect(throws: Failure.self) {
      try model.discriminate(.zeros([5000, 2]))
    }
    #expect(failure?.kind == .noMemory)
    #expect(failure?.message.contains("5000 samples as one batch") == true)
  }

  /// Divergences take more samples than a batch of training, and judge them in batches.
  @Test func divergencesInBatches() throws {
    let model = try model(MinibatchDiscrimination(kernels: 100, size: 5))
    let data = try Dataset.ring(count: 3000)
    let estimates = try model.divergences(from: data)
    #expect(estimates.count == 3000 && estimates.kl.value.isFinite)
    let x = try data.batch(Array(0..<130))
    let judged = try model.inBatches(x, .none) { (x, given) throws(Failure) in
      #expect((43...44).contains(x.shape[0]))
      return try model.logDensityRatio(x, given: given)
    }
    #expect(judged.count == 130)
    #expect(Array(judged[43..<86]) == (try model.logDensityRatio(x.rows(43..<86)).array))
  }
}
