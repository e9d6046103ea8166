import SGBasics
import SGNets

extension GAN: Exporting {
  /// The generator and the discriminator.
  public var networkNames: [String] { ["generator", "discriminator"] }

  /// The generator that makes samples, the averaged one if there is one, or the discriminator.
  public func trainedNetwork(_ name: String) throws(Failure) -> TrainedNetwork {
    if name == networkNames[0] {
      return try TrainedNetwork(
        name, generator.inference, from: .latents, to: .samples,
        standardization: standardization)
    }
    let d = state.discriminator
    return try TrainedNetwork(
      name,
      Inference(
        network: d.network, parameters: d.parameters.tensors, statistics: d.statistics.tensors,
        reference: nil), from: .samples, to: .logits, standardization: standardization)
  }
}
