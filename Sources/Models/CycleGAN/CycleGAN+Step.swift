import SGBasics
import SGData
import SGNets
import SGTensors

/// One step under way: a copy of the state that becomes the model's if all goes well. As in the
/// authors' program both generators move first, and then the discriminators by the same fakes.
struct CycleGANStep {
  private(set) var state: CycleGAN.State
  private let settings: CycleGANSettings
  /// Passes so far, by which layers that draw differ.
  private var passes: UInt16 = 0

  init(_ state: CycleGAN.State, _ settings: CycleGANSettings) {
    (self.state, self.settings) = (state, settings)
  }

  /// A player's training pass.
  private mutating func pass(_ player: Int, _ x: Tensor, _ weights: [Tensor]) -> Tensor {
    passes += 1
    return state.players[player](
      x, parameters: weights, condition: nil, reference: nil,
      random: RandomKey(.layers, seed: settings.seed, use: passes, step: state.step)
    ).output
  }

  private func weights(_ player: Int) -> [Tensor] { state.players[player].parameters.tensors }

  private static func distance(_ x: Tensor, _ y: Tensor) -> Tensor { (x - y).absolute().mean() }

  mutating func play(inputs a: Tensor, samples b: Tensor) throws(Failure) -> StepReport {
    let factor = settings.learningRate.factor(at: state.step)
    var report = StepReport(
      step: state.step + 1, learningRate: Double(factor * settings.optimizer.rule.learningRate))
    let fakes = try moveGenerators(a, b, factor, &report)
    let cost = try moveDiscriminator(2, real: b, fake: fakes.b, factor)
    let backCost = try moveDiscriminator(3, real: a, fake: fakes.a, factor)
    report.figures.insert(("discriminator_cost", cost.cost + backCost.cost), at: 0)
    report.figures.append(
      (
        "discriminator_gradient_norm",
        (cost.norm * cost.norm + backCost.norm * backCost.norm).squareRoot()
      ))
    report.brief =
      "cost D \(report.discriminatorCost.fixed(3)) G \(report.generatorCost.fixed(3))"
    state.step += 1
    for player in state.players { try player.expectFiniteStatistics(step: state.step) }
    return report
  }

  /// - Returns: samples of the inputs and inputs of the samples, as constants.
  private mutating func moveGenerators(
    _ a: Tensor, _ b: Tensor, _ factor: Float, _ report: inout StepReport
  ) throws(Failure) -> (a: Tensor, b: Tensor) {
    let forth = weights(0).map { $0.tracked() }
    let back = weights(1).map { $0.tracked() }
    let fakeB = pass(0, a, forth)
    let fakeA = pass(1, b, back)
    let cycle =
      Self.distance(pass(1, fakeB, back), a) + Self.distance(pass(0, fakeA, forth), b)
    var cost = adversarial(2, fakeB, b) + adversarial(3, fakeA, a) + settings.cycle * cycle
    report.figures.append(("cycle_cost", Double(cycle.scalar)))
    let share = settings.cycle * settings.identity
    if share > 0 {
      let identity = Self.distance(pass(0, b, forth), b) + Self.distance(pass(1, a, back), a)
      report.figures.append(("identity_cost", Double(identity.scalar)))
      cost = cost + share * identity
    }
    report.figures.insert(("generator_cost", try finite(cost, "generators")), at: 0)
    let gradients = gradient(of: cost, wrt: forth + back)
    var squares = 0.0
    for (player, part) in [(0, gradients[..<forth.count]), (1, gradients[forth.count...])] {
      let norm = try state.players[player].descend(
        state.players[player].parameters.flatten(Array(part)), rate: factor,
        step: state.step + 1)
      squares += norm * norm
    }
    report.figures.append(("generator_gradient_norm", squares.squareRoot()))
    return (fakeA.detached, fakeB.detached)
  }

  /// What a discriminator makes a generator pay.
  private mutating func adversarial(_ player: Int, _ fake: Tensor, _ real: Tensor) -> Tensor {
    let onReal =
      settings.objective.pairedGenerator == nil
      ? nil : pass(player, real, weights(player)).detached
    return settings.objective.generatorCost(pass(player, fake, weights(player)), onReal: onReal)
  }

  private mutating func moveDiscriminator(
    _ player: Int, real: Tensor, fake: Tensor, _ factor: Float
  ) throws(Failure) -> (cost: Double, norm: Double) {
    let tracked = weights(player).map { $0.tracked() }
    let (onReal, onFake) = (pass(player, real, tracked), pass(player, fake, tracked))
    let cost = settings.objective.discriminator(onReal, onFake, LabelSmoothing())
    let value = try finite(cost, CycleGAN.names[player])
    let norm = try state.players[player].descend(
      state.players[player].parameters.flatten(gradient(of: cost, wrt: tracked)), rate: factor,
      step: state.step + 1)
    return (value, norm)
  }

  private func finite(_ cost: Tensor, _ player: String) throws(Failure) -> Double {
    let value = cost.scalar
    guard value.isFinite else {
      throw Failure(.diverged, "step \(state.step + 1): the cost of the \(player) is \(value)")
    }
    return Double(value)
  }
}
