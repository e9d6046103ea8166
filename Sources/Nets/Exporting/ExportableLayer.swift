import SGTensors

/// A layer that says how other programs' files hold it, or why they cannot. Every layer that a
/// configuration names is one.
public protocol ExportableLayer: Layer {
  /// Adds the layer, as it works after training, to a graph of ONNX operators.
  /// - Parameter x: a batch.
  /// - Returns: what the layer makes of it.
  /// - Throws: `Inexpressible`, from `OperatorGraphBuilder.refusal(_:)`.
  func addOperators(
    _ x: GraphValue, to g: inout OperatorGraphBuilder
  ) throws(Inexpressible) -> GraphValue

  /// Says how the layer's parameters and statistics lie in the module of `torch.nn` that does the
  /// same; nothing for a layer that has none.
  /// - Throws: `Inexpressible`, from `TorchForms.refusal(_:)`.
  func addForms(to m: inout TorchForms) throws(Inexpressible)

  /// The layer's tensors by name as files hold them: by default as they are. A layer that computes
  /// a weight of several tensors gives the weight.
  func exported(_ tensors: [String: Tensor]) -> [String: Tensor]
}

extension ExportableLayer {
  /// The tensors as they are.
  public func exported(_ tensors: [String: Tensor]) -> [String: Tensor] { tensors }
}

/// Why a format cannot hold a layer.
public struct Inexpressible: Error {
  /// The layer.
  public let layer: any Layer
  /// Its place in the network, such as `3` or `3.0`.
  public let name: String
  /// The format, such as `ONNX`.
  public let format: String
  /// The reason.
  public let reason: String
}
