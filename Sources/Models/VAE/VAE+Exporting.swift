import SGBasics
import SGData
import SGNets
import SGTensors

/// The encoder and the decoder for other programs, as `encode` and `decode` use them.
extension VAE: ExportingFamily {
  package var networkNames: [String] { ["decoder", "encoder"] }

  package func trainedNetwork(
    _ name: String, _ learned: Learned, _ standardization: Standardization
  ) throws(Failure) -> TrainedNetwork {
    if name == "encoder" {
      return try TrainedNetwork(
        name, learned.networks[0], head: [Flatten(), Leading(latentSize)], from: .samples,
        to: .latents, standardization: standardization)
    }
    let head: [any Layer] =
      decoder == .bernoulli
      ? [ActivationLayer.sigmoid]
      : options.deviation == nil ? [Leading(learned.sampleShape[-1])] : []
    return try TrainedNetwork(
      name, learned.networks[1], head: head, from: .latents, to: .samples,
      standardization: standardization)
  }
}

/// The first elements of the last axis: means in front of log variances.
private struct Leading: ExportableLayer {
  let count: Int
  init(_ count: Int) { self.count = count }

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.shape(x.array.dropLast() + [count])
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    var shape = x.shape
    shape[-1] = count
    return x.slice(from: [Int](repeating: 0, count: x.rank), shape)
  }

  func addOperators(_ x: GraphValue, to g: inout OperatorGraphBuilder) -> GraphValue {
    let bounds = [[0], [count], [x.channelsFirst ? 1 : x.shape.rank]].map { g.integers($0) }
    return g.apply("Slice", x, bounds, to: g.outputShape)
  }

  func addForms(to m: inout TorchForms) {}
}
