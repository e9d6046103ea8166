import SGBasics
import SGNets
import SGPictures
import SGTensors

/// The generator's costs side by side as functions of D(G(z)) (Goodfellow 2016, figure 16), and how
/// noisy their gradients are for a given model.
///
/// D is σ(log ratio), the D that belongs to the density ratio which the discriminator tells: of the
/// costs from cross-entropy σ(ℓ); of f-GAN the same D as in a step's report. Of total variation,
/// which tells no ratio, and of other objectives it is σ(ℓ). Costs that see pairs have ℓ = 0 on the
/// real samples.
public struct CostComparison: Sendable {
  /// One cost over all points.
  public struct Curve: Sendable {
    /// The objective that the cost belongs to.
    public let objective: Objective
    /// J of one fake sample.
    public let cost: [Float]
    /// ∂J/∂D at each point.
    public let slope: [Float]
    /// The noise of the generator's whole gradient, over minibatches.
    public var gradient: GradientNoise?
  }

  /// The mean gradient and its fluctuation from minibatch to minibatch.
  public struct GradientNoise: Sendable {
    /// Norm of the mean over the minibatches.
    public let norm: Double
    /// Trace of the covariance of a minibatch's gradient.
    public let variance: Double
  }

  /// D(G(z)), evenly spaced inside (0, 1).
  public let outputs: [Float]
  /// One for each objective.
  public private(set) var curves: [Curve]

  /// The curves of some objectives.
  /// - Parameters:
  ///   - objectives: whose costs are compared.
  ///   - points: of D(G(z)), from 2 to 100,000.
  public init(_ objectives: [Objective] = Objective.crossEntropy, points: Int = 200) {
    let outputs = (0..<points).map { (Float($0) + 0.5) / Float(points) }
    self.outputs = outputs
    curves = objectives.map { objective in
      var (cost, slope): ([Float], [Float]) = ([], [])
      for d in outputs {
        let logRatio = (log(Tensor([d])) - log(Tensor([1 - d]))).tracked()
        let output = objective.divergence?.0.output(logRatio: logRatio) ?? logRatio
        let j = objective.generator(output)
        cost.append(j.scalar)
        // dD/dρ = D (1 − D) with ρ the log ratio.
        slope.append(gradient(of: j, wrt: [logRatio])[0].array[0] / (d * (1 - d)))
      }
      return Curve(objective: objective, cost: cost, slope: slope)
    }
  }

  /// Adds the noise of each cost's gradient for a model as it is now, which stays as it is.
  /// - Parameters:
  ///   - model: whose generator and discriminator are taken.
  ///   - batch: latents a minibatch, at least 2.
  ///   - batches: minibatches, at least 2.
  ///   - seed: of the latents.
  /// - Throws: `Failure` of kind argument or noMemory.
  public mutating func measure(
    _ model: GAN, batch: Int = 64, batches: Int = 16, seed: UInt64 = 1
  ) throws(Failure) {
    let gradients = try Memory.checked { () throws(Failure) in
      try model.generatorGradients(
        of: curves.map(\.objective), batch: batch, batches: batches, seed: seed)
    }
    for (i, noise) in gradients.enumerated() { curves[i].gradient = noise }
  }

  /// Everything as JSON, as `swiftgan_compare_costs` gives it.
  public var json: JSON {
    func list(_ x: [Float]) -> JSON { .array(x.map { .number($0) }) }
    return .object([
      ("discriminator_output", list(outputs)),
      (
        "costs",
        .array(
          curves.map { curve in
            var members: [(String, JSON)] = [
              ("objective", curve.objective.json), ("cost", list(curve.cost)),
              ("slope", list(curve.slope)),
            ]
            if let g = curve.gradient {
              members += [
                ("gradient_norm", .number(g.norm)), ("gradient_variance", .number(g.variance)),
              ]
            }
            return .object(members)
          })
      ),
    ])
  }

  /// The costs, and below them their slopes, over D(G(z)).
  public func plots() -> (costs: CurvePlot, slopes: CurvePlot) {
    let colors: [CurvePlot.Color] = [
      (31, 119, 180), (255, 127, 14), (44, 160, 44), (214, 39, 40), (148, 103, 189),
      (140, 86, 75), (227, 119, 194), (127, 127, 127), (188, 189, 34), (23, 190, 207),
    ]
    func plot(
      _ title: String, _ range: ClosedRange<Double>, _ y: (Curve) -> [Float]
    ) -> CurvePlot {
      CurvePlot(
        title: title, xLabel: "D(G(z))", yLabel: "", x: outputs.map(Double.init),
        series: curves.enumerated().map { i, curve in
          (curve.objective.label, colors[i % colors.count], y(curve).map(Double.init))
        }, range: range, isSmoothed: false)
    }
    return (plot("J(G)", -10...3) { $0.cost }, plot("dJ(G)/dD", -10...1) { $0.slope })
  }
}

extension Objective {
  /// A short name that tells objectives apart.
  package var label: String {
    guard let (divergence, form) = divergence else { return name }
    return divergence.rawValue + (form == .nonSaturating ? " (non_saturating)" : "")
  }
}

extension GAN {
  /// Mean and fluctuation of the generator's gradient under each of several costs, from the same
  /// minibatches of latents.
  fileprivate func generatorGradients(
    of objectives: [Objective], batch: Int, batches: Int, seed: UInt64
  ) throws(Failure) -> [CostComparison.GradientNoise] {
    guard batch >= 2, batches >= 2 else {
      throw Failure(
        .argument,
        "batch, batches: expected at least 2 of each, found \(batch) and \(batches)")
    }
    if let paired = objectives.first(where: { $0.pairedGenerator != nil }) {
      throw Failure(
        .unsupported,
        "the generator's cost of \(paired.name) sees real samples, which the comparison has none of"
      )
    }
    let (g, d) = (state.generator, state.discriminator)
    let given = try inTurn(batch)
    let reference = try inferringDiscriminator().reference
    guard configuration.conditions == 0 else {
      throw Failure(.unsupported, "the model is conditioned on real numbers, which nobody gave")
    }
    try Memory.reserve(
      floats: batch, copies: 3 * (g.network.floatsPerSample + d.network.floatsPerSample),
      for: "the generator's gradient on \(batch) samples")
    let count = g.parameters.count
    var sums = [Tensor](repeating: .zeros([count]), count: objectives.count)
    var squares = [Double](repeating: 0, count: objectives.count)
    for i in 0..<batches {
      var key = RandomStream.estimates.key(seed)
      key.step = UInt64(i)
      let weights = g.parameters.tensors.map { $0.tracked() }
      let fake = g.network(
        configuration.latent.draw(batch, key), parameters: weights, state: g.statistics.tensors,
        isTraining: true, random: RandomStream.samplingLayers.key(seed &+ UInt64(i)),
        condition: configuration.generatorCondition(given.labels, nil),
        reference: referenceLatents
      ).output
      let output = d.network(
        fake, parameters: d.parameters.tensors, state: d.statistics.tensors, isTraining: true,
        random: RandomStream.samplingLayers.key(~(seed &+ UInt64(i))),
        condition: configuration.discriminatorCondition(given.labels, nil),
        reference: reference
      ).output
      let logits = DiscriminatorOutput(output, mode: configuration.labels.mode).logits
      for (k, objective) in objectives.enumerated() {
        let gradient = g.parameters.flatten(
          gradient(of: objective.generator(logits), wrt: weights))
        sums[k] = sums[k] + gradient
        squares[k] += gradient.sumOfSquares()
      }
      try Memory.check()
    }
    let n = Double(batches)
    return objectives.indices.map { k in
      let ofMean = sums[k].sumOfSquares() / (n * n)
      return CostComparison.GradientNoise(
        norm: ofMean.squareRoot(), variance: max(squares[k] - n * ofMean, 0) / (n - 1))
    }
  }
}
