import SGBasics
import SGData
import SGNets
import SGTensors

/// A further discriminator by name, beside `discriminator`.
public struct NamedDiscriminator: Sendable {
  /// What its tensors and figures begin with: small letters, digits and underscores.
  public var name: String
  /// Its network.
  public var network: NetworkDescription

  /// A discriminator of a name.
  public init(_ name: String, _ network: NetworkDescription) {
    (self.name, self.network) = (name, network)
  }
}

extension Configuration {
  /// The most discriminators beside the first.
  private static let mostOthers = 15

  /// The networks of the further discriminators, checked as the first one's.
  func otherNetworks() throws(Failure) -> [(name: String, network: Network)] {
    guard !discriminators.isEmpty else { return [] }
    func refuse(_ text: String) -> Failure { Failure(.configuration, "discriminators\(text)") }
    guard discriminators.count <= Self.mostOthers else {
      throw refuse(": expected at most \(Self.mostOthers), found \(discriminators.count)")
    }
    guard !labels.classifies, tricks.replayCapacity == 0, featureMatching.weight == 0 else {
      throw refuse(
        ": goes with labels.mode \"none\" and \"conditional\", and neither with replay nor with"
          + " feature_matching, which are of one discriminator")
    }
    var networks: [(name: String, network: Network)] = []
    for other in discriminators {
      let name = other.name
      guard Self.isPlayer(name) else {
        throw refuse(
          ".\(name.shown): expected a name of at most 64 small letters, digits and underscores that no"
            + " other player has")
      }
      do throws(ConfigError) {
        let d = try Network(
          other.network.discriminatorLayers(self), input: packedShape,
          place: "discriminators.\(name)", conditionSize: discriminatorCondition,
          inputs: inputs(of: discriminatorCondition))
        guard d.output.count == 1 || d.output.isMap else {
          throw ConfigError(
            "discriminators.\(name)",
            "expected one logit a sample, or an image of them with one channel, found an output of"
              + " shape \(d.output)")
        }
        guard !d.needsReference, !d.needsFirstBatch else {
          throw ConfigError(
            "discriminators.\(name)",
            "reference_norm and weight_norm with first_batch are for the discriminator alone")
        }
        networks.append((name, d))
      } catch {
        throw Failure(error)
      }
    }
    return networks
  }

  /// Whether a further player may have this name.
  private static func isPlayer(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
      } && !takenNames.contains(name)
  }

  /// Names that other players and their tensors have.
  private static let takenNames = ["generator", "discriminator", "generator_average", "replay"]

  /// The JSON Schema of a further player's name.
  static var playerNameSchema: JSON {
    [
      "pattern": "^[a-z0-9_]{1,64}$",
      "not": ["enum": .array(takenNames.map { .string($0) })],
    ]
  }

  /// The member `discriminators`.
  var discriminatorsJSON: JSON { .object(discriminators.map { ($0.name, $0.network.json) }) }
}

extension JSONObject {
  /// {"name": network, …}.
  mutating func discriminators(default preset: JSON) throws(Failure) -> [NamedDiscriminator] {
    var o = try object("discriminators", default: [])
    guard case .object(let members)? = take("discriminators") else { return [] }
    var result: [NamedDiscriminator] = []
    for (name, _) in members {
      result.append(NamedDiscriminator(name, try o.network(name, default: preset)))
    }
    return result
  }
}

/// The updates of further discriminators, each a game of its own with the same samples; the
/// generator descends the mean of its costs (Durugkar et al. 2017).
extension GameStep {
  /// Plays with a further discriminator in the place of the first one.
  private mutating func with<R>(
    other i: Int, _ body: (inout GameStep) throws(Failure) -> R
  ) throws(Failure) -> R {
    swap(&state.discriminator, &state.others[i])
    defer { swap(&state.discriminator, &state.others[i]) }
    return try body(&self)
  }

  /// Every further discriminator's update, with figures of its own in the report.
  /// - Returns: their outputs for the fakes, and their logits for the real samples before that.
  mutating func otherUpdates(
    _ real: Batch, _ fake: Fakes
  ) throws(Failure) -> [(onFake: DiscriminatorOutput, onReal: Tensor?)] {
    var outputs: [(onFake: DiscriminatorOutput, onReal: Tensor?)] = []
    for i in state.others.indices {
      let kept = (report, seen, keptOnReal)
      let name = state.others[i].name
      do throws(Failure) {
        let onFake = try with(other: i) { (step) throws(Failure) in
          try step.singleUpdate(real, fake)
        }
        outputs.append((onFake, seen?.onReal))
      } catch {
        throw Failure(error.kind, "\(name): \(error.message)")
      }
      let figures = [
        ("\(name)_cost", report.discriminatorCost),
        ("\(name)_gradient_norm", report.discriminatorGradientNorm),
      ]
      (report, seen, keptOnReal) = kept
      report.others[name] = figures
    }
    return outputs
  }

  /// The generator's costs by the further discriminators.
  /// - Parameter outputs: where updates are simultaneous, what `otherUpdates` gave.
  mutating func otherCosts(
    _ fake: Fakes, _ real: Batch,
    _ outputs: [(onFake: DiscriminatorOutput, onReal: Tensor?)]
  ) throws(Failure) -> [Tensor] {
    var costs: [Tensor] = []
    for i in state.others.indices {
      if i < outputs.count {
        costs.append(
          game.objective.generatorCost(outputs[i].onFake.logits, onReal: outputs[i].onReal))
        continue
      }
      costs.append(
        try with(other: i) { (step) throws(Failure) in
          let onFake = step.discriminate(fake)
          let onReal = step.needsRealLogits ? step.answer(to: real).logits : nil
          return step.game.objective.generatorCost(onFake.logits, onReal: onReal)
        })
    }
    return costs
  }
}
