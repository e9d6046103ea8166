import SGBasics

extension GAN {
  /// Both networks, layer by layer: name, layer, output shape, parameters, multiply-adds a sample.
  public var summary: JSON {
    .object(
      [
        ("step", JSON(step)), ("generator", networks.generator.summary),
        ("discriminator", networks.discriminator.summary),
      ] + state.others.map { ($0.name, $0.network.summary) })
  }
}
