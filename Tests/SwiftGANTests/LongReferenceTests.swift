import SGNets
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

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

private let fashion = "/usr/share/datasets/fashion-mnist"

/// DCGAN-28 in batches of eight with three kinds of normalization in the generator: `make
/// test-long`.
@Suite(.enabled(if: getenv("SWIFTGAN_LONG") != nil && access(fashion, R_OK) == 0), .serialized)
struct LongReferenceTests {
  /// The preset's generator of width 16, with another normalization.
  private func generator(_ norm: any Layer) -> NetworkDescription {
    .layers([
      Reshaping([1, 1, 100]),
      TransposedConvolution(
        32, kernel: Size(7), padding: .valid, bias: false, initializer: .normal(0.02)), norm,
      ActivationLayer.relu,
      TransposedConvolution(
        16, kernel: Size(4), stride: Size(2), padding: .symmetric(Size(1)), bias: false,
        initializer: .normal(0.02)), norm, ActivationLayer.relu,
      TransposedConvolution(
        1, kernel: Size(4), stride: Size(2), padding: .symmetric(Size(1)), bias: false,
        initializer: .normal(0.02)), ActivationLayer.tanh,
    ])
  }

  /// Variance over companions of what the generator, as it runs in training, makes of one fixed
  /// latent in batches of eight; mean over pixels.
  private func fluctuation(_ model: GAN) throws -> Double {
    let player = model.state.generator
    let fixed = try model.latents(1, seed: 99)
    let trials = 32
    var images: [Tensor] = []
    for trial in 0..<trials {
      let companions = try model.latents(7, seed: UInt64(1000 + trial))
      let y = player.network(
        .concatenate([fixed, companions], axis: 0), parameters: player.parameters.tensors,
        state: player.statistics.tensors, isTraining: true,
        random: RandomKey(seed: 0, stream: 0, step: 0), reference: model.referenceLatents
      ).output
      images.append(y.rows(0..<1))
    }
    let all = Tensor.concatenate(images, axis: 0)
    let first = images[0].array
    // Exact zeros where nothing depends on companions, whatever rounding the mean has.
    if images.allSatisfy({ $0.array == first }) { return 0 }
    return all.totalVariance / Double(all.shape.droppingFirst().count)
  }

  @Test func batchesOfEight() throws {
    let data = try Dataset.open(fashion)
    let classifier = try Classifier.trained(on: data, range: ValueRange(-1, 1), epochs: 4)
    var fluctuations: [Double] = []
    for (name, norm) in [
      ("batch norm", BatchNorm() as any Layer), ("reference batch norm", ReferenceNorm(.reference)),
      ("virtual batch norm", ReferenceNorm(.sample)),
    ] {
      let model = try GAN(
        Configuration(
          shape: [28, 28, 1], generator: generator(norm), discriminator: .dcgan(width: 16)))
      var trainer = try Trainer(model, data: data, batch: 8)
      let steps: UInt64 = 6000
      try trainer.run(steps: steps, reportEvery: steps)
      let distance = try #require(
        model.evaluate(against: data, with: .classifier(classifier)).comparison.frechet)
      fluctuations.append(try fluctuation(model))
      print(
        "batches of 8, \(name): variance over companions \(fluctuations.last!), Fréchet distance"
          + " \(distance.distance)")
      #expect(distance.distance.isFinite)
    }
    #expect(fluctuations[0] > 1e-4)
    #expect(fluctuations[1...] == [0, 0])
  }
}
