import SGBasics
import SGData
import SGFormats
import SGModels
import SGNets
import SGTensors

extension Exporting {
  /// A network by name.
  /// - Parameter name: nil: the one that makes samples.
  /// - Throws: `Failure` of kind argument where the model has none of the name.
  func found(_ name: String?) throws(Failure) -> TrainedNetwork {
    let names = networkNames
    let name = name ?? names.first ?? ""
    guard names.contains(name) else {
      throw Failure(
        .argument,
        "network: expected one of \(names.joined(separator: ", ")), found \"\(name.shown)\"")
    }
    return try trainedNetwork(name)
  }

  /// Writes one network as an ONNX file: of a GAN `latents` [batch, size] to `samples` (the
  /// averaged generator if there is one), or `samples` to `logits`; where the model is conditional,
  /// `condition` [batch, classes + conditions] beside them, classes as one-hot; [batch] + the shape
  /// of the conditions where these are an image and there are no classes. Images are [batch,
  /// height, width, channels], the batch has any size. Where the model standardizes vectors, so
  /// does the file: its samples and conditions are in the data's own units.
  /// - Parameters:
  ///   - network: one of `networkNames`; nil: the one that makes samples.
  ///   - path: of the file.
  /// - Throws: `Failure` of kind unsupported, which names the layer, limit (2 GB), or io.
  public func exportONNX(_ network: String? = nil, to path: String) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let trained = try found(network)
      let weights = trained.network.parameterCount
      guard weights < 1 << 29 else {
        throw Failure(
          .limit, "\(trained.name): \(weights) weights are more than an ONNX file of 2 GB holds")
      }
      // Messages within messages, in arrays that double.
      try Memory.expectRoom(for: 40 * weights, "an ONNX file")
      let graph: OperatorGraph
      do throws(Inexpressible) {
        graph = try trained.operatorGraph()
      } catch {
        throw trained.failure(error)
      }
      try Memory.check()
      let bytes = ONNXFile.bytes(
        of: graph, named: trained.name,
        description:
          "The \(trained.name) of a model of the family \(Self.family) after \(step) steps.")
      try AtomicFile.write(to: path) { (file) throws(Failure) in try file.append(bytes) }
    }
  }
}

extension TrainedNetwork {
  /// The whole network: its input and, where it is conditioned, `condition`. Samples and conditions
  /// are in their own units.
  fileprivate func operatorGraph() throws(Inexpressible) -> OperatorGraph {
    var g = OperatorGraphBuilder(network, tensors: tensors)
    var x = g.input(input.rawValue, network.input)
    if input == .samples, let columns = standardization.samples {
      x = Self.standardized(x, columns, &g)
    }
    if network.conditionSize > 0 {
      let condition = g.conditionInput("condition")
      if let columns = standardization.conditions {
        let classes = network.conditionSize - columns.offset.count
        g.setCondition(Self.standardized(condition, columns, behind: classes, &g))
      }
    }
    x = g.channelsLast(try g.addNetwork(x))
    if output == .samples, let columns = standardization.samples {
      x = g.apply("Mul", x, [g.constant(Tensor(columns.factor))])
      x = g.apply("Add", x, [g.constant(Tensor(columns.offset))])
    }
    g.output(x, as: output.rawValue)
    return g.graph
  }

  /// - Parameter behind: columns in front that stay as they are.
  private static func standardized(
    _ x: GraphValue, _ columns: Standardization.Columns, behind count: Int = 0,
    _ g: inout OperatorGraphBuilder
  ) -> GraphValue {
    let offset = [Float](repeating: 0, count: count) + columns.offset
    let factor = [Float](repeating: 1, count: count) + columns.factor
    let centered = g.apply("Sub", x, [g.constant(Tensor(offset))])
    return g.apply("Div", centered, [g.constant(Tensor(factor))])
  }
}
