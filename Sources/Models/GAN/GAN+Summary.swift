import SGBasics
import SGNets
import SGTensors

extension GAN {
  /// Both networks, layer by layer: name, layer, output shape, parameters, multiply-adds a sample.
  public var summary: JSON {
    func network(_ n: Network) -> JSON {
      .object([
        ("input", shape(n.input)), ("output", shape(n.output)),
        ("parameters", JSON(n.parameterCount)), ("multiply_adds", JSON(n.multiplyAdds)),
        (
          "layers",
          .array(
            n.layers.map { l in
              .object([
                ("name", .string(l.name)), ("layer", .string(l.kind)),
                ("output", shape(l.output)), ("parameters", JSON(l.parameters)),
                ("multiply_adds", JSON(l.multiplyAdds)),
              ])
            })
        ),
      ])
    }
    func shape(_ s: Shape) -> JSON { .array(s.array.map { JSON($0) }) }
    return .object([
      ("step", .integer(Int64(step))), ("generator", network(networks.generator)),
      ("discriminator", network(networks.discriminator)),
    ])
  }
}

extension LayerSummary {
  /// The layer's name in the configuration; of a layer of the user's own, its type.
  package var kind: String {
    LayerForm.name(of: layer)
  }
}
