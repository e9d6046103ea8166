import SGTensors
import SwiftGAN
import Testing

@testable import SGModels
@testable import SGNets

/// The preset dcgan for images of all sizes.
@Suite struct PresetTests {
  private func networks(
    _ height: Int, _ width: Int
  ) throws -> (generator: Network, discriminator: Network) {
    try GAN(
      Configuration(
        shape: [height, width, 3], latent: Prior(size: 3), generator: .dcgan(width: 2),
        discriminator: .dcgan(width: 2))
    ).networks
  }

  /// The generator makes exactly the data's shape, and the discriminator one logit of it.
  @Test(arguments: [
    (8, 8), (9, 9), (15, 17), (20, 20), (48, 48), (60, 100), (100, 60), (8, 512), (127, 129),
    (255, 33), (256, 256), (512, 512),
  ])
  func imagesOfAllSizes(_ height: Int, _ width: Int) throws {
    let (generator, discriminator) = try networks(height, width)
    #expect(generator.output.array == [height, width, 3])
    #expect(discriminator.input.array == [height, width, 3])
    #expect(discriminator.output.array == [1])
  }

  @Test func everySideFrom8To512() throws {
    for side in stride(from: 8, through: 512, by: 7) {
      #expect(try networks(side, 520 - side).generator.output.array == [side, 520 - side, 3])
    }
  }

  @Test(arguments: [(7, 8), (8, 7), (513, 16), (1, 1)])
  func otherSizesAreRefused(_ height: Int, _ width: Int) {
    let error = #expect(throws: Failure.self) { try networks(height, width) }
    #expect(error?.message.contains("8 to 512") == true)
  }

  /// The sides of the first version keep its networks: maps halve by 4 x 4 and channels double.
  @Test(arguments: [(16, 4, 2), (28, 7, 2), (32, 4, 3), (64, 4, 4), (128, 4, 5)])
  func earlierSidesKeepTheirNetworks(_ side: Int, _ base: Int, _ doublings: Int) throws {
    let (generator, discriminator) = try networks(side, side)
    let up = generator.parameterRows.filter { $0.shape.rank == 4 }.map(\.shape.array)
    let down = discriminator.parameterRows.filter { $0.shape.rank == 4 }.map(\.shape.array)
    #expect(up.count == doublings + 1 && down.count == doublings + 1)
    for (i, kernel) in down.enumerated() {
      let isLast = i == doublings
      let side = isLast ? base : 4
      let (from, to) = (i == 0 ? 3 : 2 << (i - 1), isLast ? 1 : 2 << i)
      #expect(kernel.sorted() == [side, side, from, to].sorted())
    }
    for (i, kernel) in up.enumerated() {
      let side = i == 0 ? base : 4
      let to = i == doublings ? 3 : 2 << (doublings - 1 - i)
      let from = i == 0 ? 3 : 2 << (doublings - i)
      #expect(kernel.sorted() == [side, side, from, to].sorted())
    }
  }

  /// A step on an odd shape, forward and back.
  @Test func anOddShapeTrains() throws {
    let gan = try GAN(
      Configuration(
        shape: [13, 22, 1], latent: Prior(size: 3), generator: .dcgan(width: 2),
        discriminator: .dcgan(width: 2)))
    let images = Tensor((0..<8 * 13 * 22).map { Float($0 % 7) / 7 }, shape: [8, 13, 22, 1])
    var trainer = try Trainer(gan, data: Dataset(images), batch: 4)
    try trainer.run(steps: 2)
    #expect(try gan.sample(2, seed: 1).shape.array == [2, 13, 22, 1])
  }
}
