import SGBasics
import SGNets
import SGTensors

/// The restricted Boltzmann machine, trained by contrastive divergence (Hinton 2002), or by
/// persistent chains (Tieleman 2008). Both descend F(data) − F(samples), whose derivative is that
/// of −log p(data) where the samples are the model's.
package struct BoltzmannMachine: DescentFamily {
  package static let family = "rbm"
  package static let summary =
    "A restricted Boltzmann machine (Hinton 2002; Tieleman 2008)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    options.visible == .gaussian ? nil : ValueRange(0, 1)
  }

  package enum Visible: String, Sendable, CaseIterable {
    /// 0 or 1.
    case binary
    /// Normal, of one standard deviation.
    case gaussian
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var hidden = 500
    var visible = Visible.binary
    var deviation: Float = 1
    /// Steps of Gibbs sampling in a step of training.
    var steps = 1
    var chains = 0
    var samplingSteps = 200
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "rbm",
      Settings([
        Setting("hidden", \.hidden, .int(in: 1...(1 << 16)), "Hidden units."),
        Setting("visible", \.visible, .choice, "What visible units are: 0 or 1, or normal."),
        Setting(
          "deviation", \.deviation, .float(in: 1e-3...1e3),
          "The standard deviation of normal visible units."
        ).only(where: { $0.visible == .gaussian }, "rbm.visible \"gaussian\""),
        Setting(
          "steps", \.steps, .int(in: 1...10_000),
          "Steps of Gibbs sampling in a step of training: k of CD-k."),
        Setting(
          "persistent_chains", \.chains, .int(in: 0...100_000),
          "Chains that go on from step to step; 0: they begin at the data."),
        Setting(
          "sampling_steps", \.samplingSteps, .int(in: 1...10_000_000),
          "Steps of a chain before its state is a sample."),
      ]), "The units and their chains.")
  ])

  /// Real-valued vectors by normal distributions; images binarized.
  package static func suggestion(for samples: SampleKind) -> JSON {
    if samples.isRealVector { return ["rbm": ["visible": "gaussian"]] }
    return samples.isGrayImage ? ["data": ["binarize": "fixed"]] : [:]
  }

  package let options: Options
  package var unboundedSetting: String? {
    visible == .binary ? "rbm.visible \"gaussian\"" : nil
  }
  private var visible: Visible { options.visible }
  private var steps: Int { options.steps }
  package var burnIn: Int { options.samplingSteps }
  let layer: RBMLayer
  private let network: Network
  private let size: Int

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let (visible, hidden, chains) = (options.visible, options.hidden, options.chains)
    let deviation = visible == .gaussian ? options.deviation : nil
    if visible == .binary, settings.range != ValueRange(0, 1) {
      throw Failure(.configuration, "rbm.visible: \"binary\" goes with data.range [0, 1]")
    }
    layer = RBMLayer(hidden: hidden, deviation: deviation, chains: chains)
    do throws(ConfigError) {
      network = try Network([layer], input: Shape(settings.shape), place: "rbm")
    } catch {
      throw Failure(error)
    }
    size = network.input.count
    try Memory.reserve(
      floats: chains, copies: 4 * (size + hidden), for: "\(chains) persistent chains")
  }

  package var networks: [(name: String, network: Network)] { [("network", network)] }

  package var figureUnits: [String: FigureUnit] {
    ["cost": .nats, "free_energy": .nats, "chain_correlation": .ratio]
  }

  /// F(data) − F(samples). Persistent chains begin at the first batch.
  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let n = x.shape[0]
    let start: Tensor
    if layer.chains == 0 {
      start = x.reshaped([n, size])
    } else if pass.step == 0 {
      start = x.reshaped([n, size]).gather((0..<layer.chains).map { Int32($0 % n) })
    } else {
      start = pass.statistics(of: 0)[0]
    }
    let rbm = RBM(pass.weights(of: 0).map(\.detached), deviation: layer.deviation)
    let words = pass.random(.chains).words(2)
    let seed = UInt64(words[0]) << 32 | UInt64(words[1])
    var samples = start
    for step in 0..<steps { samples = rbm.gibbs(samples, step: step, seed: seed) }
    if layer.chains > 0 { pass.setStatistics(of: 0, [samples]) }
    let energy = pass(0, x).mean()
    let shape = network.input.prepending(samples.shape[0])
    return DescentCost(
      energy - pass.apply(network, weightsOf: 0, samples.reshaped(shape)).mean(),
      figures: [
        ("free_energy", energy.detached),
        ("chain_correlation", RBM.correlation(start, samples)),
      ])
  }
}

/// What a restricted Boltzmann machine is good for.
extension BoltzmannMachine: ChainFamily, CompletingFamily, LikelihoodFamily {
  package var isBinary: Bool { visible == .binary }
  package var domain: SampleDomain { isBinary ? .binary : .any }
  package var likelihood: LikelihoodKind {
    layer.hidden <= RBM.mostCounted || (isBinary && size <= RBM.mostCounted) ? .exact : .estimate
  }

  private func rbm(_ learned: Learned) -> RBM {
    RBM(learned.networks[0].parameters, deviation: layer.deviation)
  }

  package func start(_ count: Int, seed: UInt64, first: Int, _ learned: Learned) -> Tensor {
    rbm(learned).base(count, seed: seed, first: first)
  }

  package func advance(
    _ states: Tensor, step: Int, seed: UInt64, first: Int, _ learned: Learned
  ) -> Tensor {
    rbm(learned).gibbs(states, step: step, seed: seed, first: first)
  }

  package func chainFigures(
    _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> [(String, JSON)] {
    try rbm(learned).partitionFigures(&options, burnIn: burnIn, seed: seed)
  }

  /// −F(v) − log Z.
  /// - Parameter options: `annealing_chains`, 100 by default, `annealing_steps`, 1,000, and `seed`
  ///   of annealed importance sampling.
  package func logLikelihood(
    _ samples: Tensor, _ options: JSON, _ learned: Learned
  ) throws(Failure) -> Tensor {
    var o = try JSONObject(options, path: "")
    let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    let partition = try rbm(learned).logPartition(&o, burnIn: burnIn, seed: seed).value
    try o.finish()
    let network = learned.networks[0]
    let energies = try network.inChunks(samples) { x, _ in
      network(x, nil, RandomKey(.layers, seed: 0))
    }
    return (-energies - Float(partition)).reshaped([samples.shape[0]])
  }
}
