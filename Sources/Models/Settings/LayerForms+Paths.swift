import SGBasics
import SGNets

extension LayerForm {
  /// Layers through which values take another way than from one layer to the next.
  static var paths: [LayerForm] {
    [
      LayerForm("input", short: "name") { o throws(Failure) in
        NamedInput(try o.string("name"))
      } encode: {
        ($0 as? NamedInput).map { [("name", .string($0.name))] }
      },
      LayerForm("skip", short: "layers") { o throws(Failure) in
        Skip(try o.layers("layers"))
      } encode: {
        ($0 as? Skip).map { [("layers", .array($0.body.layers.map(LayerForm.json)))] }
      },
    ]
  }
}
