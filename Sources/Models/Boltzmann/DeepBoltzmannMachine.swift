import SGBasics
import SGNets
import SGTensors

/// The deep Boltzmann machine with two hidden layers of units that are 0 or 1 (Salakhutdinov &
/// Hinton 2009). A step descends −(bound of log p(data)): data by the mean-field approximation of
/// the hidden layers, the model by persistent chains.
package struct DeepBoltzmannMachine: DescentFamily {
  package static let family = "dbm"
  package static let summary =
    "A deep Boltzmann machine with two hidden layers (Salakhutdinov & Hinton 2009)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    ValueRange(0, 1)
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var first = 500
    var second = 500
    /// Steps of Gibbs sampling in a step of training.
    var steps = 5
    var chains = 100
    var meanFieldSteps = 10
    /// Steps that each pair of layers is trained for by itself.
    var pretraining: UInt64 = 1000
    var samplingSteps = 200
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "dbm",
      Settings([
        Setting(
          "first_hidden", \.first, .int(in: 1...(1 << 16)), "Units of the first hidden layer."),
        Setting(
          "second_hidden", \.second, .int(in: 1...(1 << 16)), "Units of the second hidden layer."),
        Setting(
          "steps", \.steps, .int(in: 1...10_000), "Steps of Gibbs sampling in a step of training."),
        Setting(
          "persistent_chains", \.chains, .int(in: 1...100_000),
          "Chains that go on from step to step."),
        Setting(
          "mean_field_steps", \.meanFieldSteps, .int(in: 1...10_000),
          "Updates of the hidden layers' means for a batch."),
        Setting(
          "pretraining_steps", \.pretraining, .count(),
          "The first steps, in which the lower two layers are trained by themselves, and as many in"
            + " which the upper two are."),
        Setting(
          "sampling_steps", \.samplingSteps, .int(in: 1...10_000_000),
          "Steps of a chain before its state is a sample."),
      ]), "The layers, their means and their chains.")
  ])

  /// Images binarized, and few units and steps of pretraining, so that minutes are enough.
  package static func suggestion(for samples: SampleKind) -> JSON {
    guard !samples.isRealVector else { return [:] }
    let small: JSON = ["first_hidden": 200, "second_hidden": 200, "pretraining_steps": 100]
    return samples.isGrayImage ? ["data": ["binarize": "fixed"], "dbm": small] : ["dbm": small]
  }

  package let options: Options
  package var burnIn: Int { options.samplingSteps }
  /// Elements of a sample.
  private let size: Int
  private let network: Network

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    guard settings.range == ValueRange(0, 1) else {
      throw Failure(
        .configuration, "data.range: the units of \"dbm\" are 0 or 1; expected [0, 1]")
    }
    let (first, second, chains) = (options.first, options.second, options.chains)
    do throws(ConfigError) {
      size = try Network([Flatten()], input: Shape(settings.shape), place: "dbm").output.count
      network = try Network(
        [DBMLayer(visible: size, first: first, second: second, chains: chains)],
        input: Shape([size + second]), place: "dbm")
    } catch {
      throw Failure(error)
    }
    try Memory.reserve(
      floats: chains, copies: 4 * (size + first + second), for: "\(chains) persistent chains")
  }

  package var networks: [(name: String, network: Network)] { [("network", network)] }

  package var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "free_energy_bound": .nats, "chain_correlation": .ratio]
  }

  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let x = x.reshaped([x.shape[0], size])
    let words = pass.random(.chains).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    guard pass.step >= 2 * options.pretraining else {
      return DescentCost(pretraining(x, DBM(pass.weights(of: 0)), pass.step, seed))
    }
    let constant = DBM(pass.weights(of: 0).map(\.detached))
    let logits = constant.meanField(x, steps: options.meanFieldSteps)
    let start = chains(x, logits, pass, seed)
    var samples = start
    for step in 0..<options.steps { samples = constant.rbm.gibbs(samples, step: step, seed: seed) }
    let energy = (pass(0, DBM.joined(x, logits)).mean() - DBM.entropy(logits).mean())
    pass.setStatistics(of: 0, [samples])
    return DescentCost(
      energy - pass.apply(network, weightsOf: 0, samples).mean(),
      figures: [
        ("free_energy_bound", energy.detached),
        ("chain_correlation", RBM.correlation(start, samples)),
      ])
  }

  /// The persistent chains' states; first the first batch with g of its means.
  private func chains(
    _ x: Tensor, _ logits: Tensor, _ pass: DescentPass, _ seed: UInt64
  ) -> Tensor {
    guard pass.step == 2 * options.pretraining else { return pass.statistics(of: 0)[0] }
    let rows = (0..<options.chains).map { Int32($0 % x.shape[0]) }
    let means = sigmoid(logits).gather(rows)
    let noise = RandomKey(.chains, seed: seed, use: 2).uniform(means.shape)
    return .concatenate([x.gather(rows), (means - noise).step()], axis: 1)
  }

  /// The cost of the lower pair of layers, later of the upper one, whose data are the lower one's
  /// means.
  private func pretraining(_ x: Tensor, _ dbm: DBM, _ step: UInt64, _ seed: UInt64) -> Tensor {
    let lower = DBMPair(
      weight: dbm.weight, lowerBias: dbm.visibleBias, upperBias: dbm.firstBias, up: 2, down: 1)
    if step < options.pretraining { return lower.cost(x, steps: options.steps, seed: seed) }
    let upper = DBMPair(
      weight: dbm.secondWeight, lowerBias: dbm.firstBias.detached, upperBias: dbm.secondBias,
      up: 1, down: 2)
    return upper.cost(lower.upper(x).detached, steps: options.steps, seed: seed)
  }
}

/// What a deep Boltzmann machine is good for.
extension DeepBoltzmannMachine: ChainFamily, CompletingFamily, LikelihoodFamily {
  package var isBinary: Bool { true }
  package var domain: SampleDomain { .binary }
  /// A bound where log Z is counted out; less an estimate of log Z it is none.
  package var likelihood: LikelihoodKind {
    min(options.first, size + options.second) <= RBM.mostCounted ? .bound : .estimate
  }

  private func dbm(_ learned: Learned) -> DBM { DBM(learned.networks[0].parameters) }

  package func start(_ count: Int, seed: UInt64, first: Int, _ learned: Learned) -> Tensor {
    dbm(learned).rbm.base(count, seed: seed, first: first)
  }

  package func advance(
    _ states: Tensor, step: Int, seed: UInt64, first: Int, _ learned: Learned
  ) -> Tensor {
    dbm(learned).rbm.gibbs(states, step: step, seed: seed, first: first)
  }

  package func chainFigures(
    _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> [(String, JSON)] {
    try dbm(learned).rbm.partitionFigures(&options, burnIn: burnIn, seed: seed)
  }

  /// The mean-field bound of log Σ exp(−E(v, h, g)), less log Z.
  /// - Parameter options: `mean_field_steps`, 100 by default; `annealing_chains`, 100,
  ///   `annealing_steps`, 1,000, and `seed` of annealed importance sampling.
  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    var o = try JSONObject(options, path: "")
    let steps = try o.int("mean_field_steps", in: 1...10_000, default: 100)
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    let dbm = dbm(learned)
    let partition = try dbm.rbm.logPartition(&o, burnIn: burnIn, seed: seed).value
    try o.finish()
    let bounds = try learned.networks[0].inChunks(samples, output: [1]) { x, _ in
      let n = x.shape[0]
      let v = x.reshaped([n, size])
      let logits = dbm.meanField(v, steps: steps)
      let energy = dbm.rbm.freeEnergy(DBM.joined(v, logits))
      return (DBM.entropy(logits) - energy).reshaped([n, 1])
    }
    return (bounds - Float(partition)).reshaped([samples.shape[0]])
  }
}
