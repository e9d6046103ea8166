import SGBasics
import SGNets
import SGTensors

extension Network {
  /// Layer by layer: name, layer, output shape, parameters, multiply-adds a sample.
  package var summary: JSON {
    func shape(_ s: Shape) -> JSON { .array(s.array.map { JSON($0) }) }
    let layers = layers.map { l in
      JSON.object([
        ("name", .string(l.name)), ("layer", .string(l.kind)), ("output", shape(l.output)),
        ("parameters", JSON(l.parameters)), ("multiply_adds", JSON(l.multiplyAdds)),
      ])
    }
    return .object([
      ("input", shape(input)), ("output", shape(output)), ("parameters", JSON(parameterCount)),
      ("multiply_adds", JSON(multiplyAdds)), ("layers", .array(layers)),
    ])
  }
}

extension LayerSummary {
  /// The layer's name in the configuration; of a layer of the user's own, its type.
  package var kind: String { LayerForm.name(of: layer) }
}
