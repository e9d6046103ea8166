import SGBasics
import SGData
import SGNets
import SGTensors

/// A network as it is used after training: what other programs' files are made of.
public struct TrainedNetwork: Sendable {
  /// What a network takes or makes.
  public enum Quantity: String, Sendable {
    /// Samples, in the data's own units.
    case samples
    /// Latents.
    case latents
    /// A discriminator's logits.
    case logits
  }

  /// Its name in the model.
  public let name: String
  /// What it takes and makes.
  public let input, output: Quantity
  package let network: Network
  /// Between standardized samples and conditions, which the network sees, and the data's units.
  package let standardization: Standardization
  /// Parameters and statistics as files hold them, such as `3.weight`.
  package let tensors: [String: Tensor]

  /// A network with its weights.
  /// - Parameters:
  ///   - name: its name in the model.
  ///   - inference: the network as it is used after training.
  ///   - head: layers without parameters behind those of the network.
  ///   - standardization: of the model.
  /// - Throws: `Failure` of kind configuration where the head does not fit.
  public init(
    _ name: String, _ inference: Inference, head: [any Layer] = [], from input: Quantity,
    to output: Quantity, standardization: Standardization
  ) throws(Failure) {
    (self.name, self.input, self.output) = (name, input, output)
    self.standardization = standardization
    let own = inference.network
    do throws(ConfigError) {
      network = try head.isEmpty ? own : own.appending(head, place: name)
    } catch {
      throw Failure(error)
    }
    var stored: [String: Tensor] = [:]
    for (rows, values) in [
      (own.parameterRows, inference.parameters), (own.stateRows, inference.statistics),
    ] {
      for (row, value) in zip(rows, values) { stored[row.name] = value }
    }
    tensors = own.exported(stored)
  }

  /// The error for a layer that a format cannot hold.
  package func failure(_ error: Inexpressible) -> Failure {
    let kind = LayerForm.name(of: error.layer)
    return Failure(
      .unsupported,
      "\(name).\(error.name): the layer \(kind) cannot be expressed in \(error.format):"
        + " \(error.reason)")
  }
}
