import SGBasics
import SGData
import SGModels
import SGNets
import SGTensors

/// One of a GAN's two networks.
public enum NetworkRole: String, Sendable, CaseIterable {
  /// It makes samples.
  case generator
  /// It judges them.
  case discriminator
}

/// A network as it is used after training, layer by layer: what other programs' formats are made
/// of.
struct TrainedNetwork {
  let role: NetworkRole
  let layers: [any Layer]
  let input, output: Shape
  /// Numbers each sample is conditioned on; 0: none.
  let conditionSize: Int
  /// Between what the network sees or makes and the data's own units.
  let standardization: Standardization
  /// The parts of that by name.
  let inputs: [NetworkInput]
  private let weights: [String: Tensor]
  private let outputs: [String: Shape]

  init(
    _ role: NetworkRole, layers: [any Layer], network: Network, conditionSize: Int,
    standardization: Standardization, weights: [(rows: [Row], values: [Tensor])]
  ) {
    self.standardization = standardization
    (self.role, self.layers, self.conditionSize) = (role, layers, conditionSize)
    (input, output, inputs) = (network.input, network.output, network.inputs)
    var named: [String: Tensor] = [:]
    for (rows, values) in weights {
      for (row, value) in zip(rows, values) { named[row.name] = value }
    }
    for summary in network.layers {
      if let norm = summary.layer as? SpectralNorm, let w = named["\(summary.name).weight"],
        let u = named["\(summary.name).u"], let v = named["\(summary.name).v"]
      {
        named["\(summary.name).weight"] = norm.weight(w, u: u, v: v)
      }
      guard let norm = summary.layer as? WeightNorm, let v = named["\(summary.name).weight"],
        let gain = named["\(summary.name).gain"]
      else { continue }
      named["\(summary.name).weight"] = norm.weight(direction: v, gain: gain)
    }
    self.weights = named
    outputs = Dictionary(uniqueKeysWithValues: network.layers.map { ($0.name, $0.output) })
  }

  /// What the layer of a name, such as `3` or `3.0`, makes of a sample.
  func output(of layer: String) -> Shape { outputs[layer] ?? output }

  /// A layer's weight or running statistic; of weight and spectral normalization the normalized
  /// weight.
  func weight(_ layer: String, _ name: String) -> Tensor {
    guard let found = weightIfAny(layer, name) else {
      preconditionFailure("layer \(layer) has no \(name)")
    }
    return found
  }

  func weightIfAny(_ layer: String, _ name: String) -> Tensor? { weights["\(layer).\(name)"] }

  /// The error for a layer that a format cannot express.
  func refusal(of layer: any Layer, _ name: String, by format: String, _ why: String) -> Failure {
    let kind = LayerForm.name(of: layer)
    return Failure(
      .unsupported,
      "\(role.rawValue).\(name): the layer \(kind) cannot be expressed in \(format): \(why)")
  }
}

extension GAN {
  /// The generator that makes samples, the averaged one if there is one, or the discriminator.
  func trained(_ role: NetworkRole) throws(Failure) -> TrainedNetwork {
    let c = configuration
    do throws(ConfigError) {
      switch role {
      case .generator:
        let g = generator.inference
        return TrainedNetwork(
          role, layers: try c.generator.generatorLayers(c), network: g.network,
          conditionSize: c.generatorCondition, standardization: standardization,
          weights: [(g.network.parameterRows, g.parameters), (g.network.stateRows, g.statistics)])
      case .discriminator:
        let d = state.discriminator
        return TrainedNetwork(
          role, layers: try c.discriminator.discriminatorLayers(c), network: d.network,
          conditionSize: c.discriminatorCondition, standardization: standardization,
          weights: [
            (d.network.parameterRows, d.parameters.tensors),
            (d.network.stateRows, d.statistics.tensors),
          ])
      }
    } catch {
      throw Failure(error)
    }
  }
}
