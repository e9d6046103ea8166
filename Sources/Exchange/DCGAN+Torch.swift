import SGBasics
import SGModels

extension Configuration {
  /// The DCGAN preset that has the layers of PyTorch's DCGAN example, found out from the shapes of
  /// its tensors.
  /// - Parameters:
  ///   - generator: a safetensors file of the generator.
  ///   - discriminator: one of the discriminator; nil: it is as wide as the generator.
  /// - Throws: `Failure` of kind mismatch where they are no such networks.
  public init(torchGenerator generator: String, discriminator: String? = nil) throws(Failure) {
    let g = try TorchModules(generator, prefix: "").convolutions
    guard let first = g.first, let last = g.last, g.count >= 2, first[2] == first[3],
      (2...6).contains(g.count)
    else {
      throw Failure(
        .mismatch, "\(generator): expected the convolutions of a DCGAN generator, found \(g)")
    }
    var width = last[0]
    if let discriminator {
      let d = try TorchModules(discriminator, prefix: "").convolutions
      guard let front = d.first else {
        throw Failure(.mismatch, "\(discriminator): expected convolutions, found none")
      }
      width = front[0]
    }
    let side = first[2] << (g.count - 1)
    self.init(
      shape: [side, side, last[1]], latent: Prior(size: first[0]),
      generator: .dcgan(width: last[0]),
      discriminator: .dcgan(width: width))
  }
}
