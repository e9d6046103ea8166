import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// log Z.
extension RBM {
  /// The most units of a layer whose states are counted one by one.
  static let mostCounted = 20

  /// Whether the partition function can be counted out.
  var isCountable: Bool {
    hidden <= Self.mostCounted || (deviation == nil && visible <= Self.mostCounted)
  }

  /// log Z, the sum over all states of one layer. - Precondition: `isCountable`.
  func logPartition() throws(Failure) -> Double {
    let countsVisible = deviation == nil && visible < hidden
    let units = countsVisible ? visible : hidden
    let piece = 1 << min(units, 10)
    try Memory.reserve(floats: piece, copies: 4 * (visible + hidden), for: "states of a layer")
    var sum = LogSum()
    for first in stride(from: 0, to: 1 << units, by: piece) {
      let states = Tensor(shape: [piece, units]) { y in
        for i in 0..<piece {
          for k in 0..<units { y[i * units + k] = Float((first + i) >> k & 1) }
        }
      }
      let logs = countsVisible ? -freeEnergy(states) : hiddenWeight(states)
      try Memory.check()
      for value in logs.array { sum.add(Double(value)) }
    }
    return sum.value
  }

  /// log Σ_v or ∫ dv of exp(−E(v, h)), [batch].
  private func hiddenWeight(_ h: Tensor) -> Tensor {
    let (own, pull) = ((h * hiddenBias).sum([1]), matmul(h, weight, transposeB: true))
    guard let deviation else { return own + softplus(pull + visibleBias).sum([1]) }
    let squares = (pull * visibleBias / deviation + 0.5 * pull.squared()).sum([1])
    return own + squares + baseLogPartition(deviation)
  }

  private func baseLogPartition(_ deviation: Float) -> Float {
    Float(visible) * (0.9189385332046727 + log(Tensor(deviation)).scalar)  // ½ log 2π + log σ
  }

  /// The visible bias of the model without W and c whose marginals are near the model's: those of
  /// chains after some steps, with one more of each value than was counted.
  private func baseBias(
    chains: Int, steps: Int, seed: UInt64
  ) throws(Failure) -> Tensor {
    var v = base(chains, seed: seed)
    for step in 0..<steps {
      v = gibbs(v, step: step, seed: seed)
      try Memory.check()
    }
    guard deviation == nil else { return v.mean([0]) }
    let ones = v.sum([0]) + 1
    return log(ones) - log(Float(chains) + 2 - ones)
  }

  /// An estimate of log Z by annealed importance sampling from a model without W and c
  /// (Salakhutdinov & Murray 2008), and the standard deviation of log Z by the chains' weights.
  /// - Parameter burnIn: steps of the chains whose marginals that model has.
  func annealedLogPartition(
    chains: Int, temperatures: Int, burnIn: Int, seed: UInt64
  ) throws(Failure) -> (value: Double, deviation: Double) {
    try Memory.reserve(floats: chains, copies: 6 * (visible + hidden), for: "\(chains) chains")
    // Draws of their own: the marginals must not depend on what follows.
    let bias = try baseBias(chains: chains, steps: burnIn, seed: ~seed)
    var now = self
    now.visibleBias = bias
    var v = now.base(chains, seed: seed)
    var logs = [Double](repeating: 0, count: chains)
    for k in 1...temperatures {
      let (before, beta) = (
        Float(k - 1) / Float(temperatures), Float(k) / Float(temperatures)
      )
      let logits = hiddenLogits(v)
      let energy = now.visibleEnergy(v)
      now.visibleBias = bias + beta * (visibleBias - bias)
      let change =
        (softplus(beta * logits) - softplus(before * logits)).sum([1])
        + energy - now.visibleEnergy(v)
      v = now.gibbs(v, step: k, seed: seed, temperature: beta)
      try Memory.check()
      for (i, value) in change.array.enumerated() { logs[i] += Double(value) }
    }
    let free =
      deviation.map { Double(baseLogPartition($0)) }
      ?? softplus(bias).array.reduce(0) { $0 + Double($1) }
    var (sum, squares) = (LogSum(), LogSum())
    for value in logs {
      sum.add(value)
      squares.add(2 * value)
    }
    let count = Double(chains)
    let mean = sum.value - log(count)
    // Var(w) / n E(w)², the variance of log Ẑ by the delta method.
    let ratio = exp(squares.value - log(count) - 2 * mean) - 1
    return (
      free + Double(hidden) * log(2) + mean, (max(ratio, 0) / count).squareRoot()
    )
  }

  /// log Z, counted out where one layer has at most 20 units, else an estimate.
  /// - Parameters:
  ///   - options: `annealing_chains`, 100 by default, and `annealing_steps`, 1,000, of annealed
  ///     importance sampling.
  ///   - burnIn: steps of the chains whose marginals annealing begins with.
  func logPartition(
    _ options: inout JSONObject, burnIn: Int, seed: UInt64
  ) throws(Failure) -> (value: Double, deviation: Double) {
    let chains = try options.int("annealing_chains", in: 1...10_000, default: 100)
    let temperatures = try options.int("annealing_steps", in: 1...10_000_000, default: 1000)
    if isCountable { return (try logPartition(), 0) }
    return try annealedLogPartition(
      chains: chains, temperatures: temperatures, burnIn: burnIn, seed: seed)
  }

  /// What `mixing` says of log Z; arguments as for `logPartition(_:burnIn:seed:)`.
  func partitionFigures(
    _ options: inout JSONObject, burnIn: Int, seed: UInt64
  ) throws(Failure) -> [(String, JSON)] {
    let partition = try logPartition(&options, burnIn: burnIn, seed: seed)
    return [
      ("log_partition", .number(partition.value)),
      ("log_partition_deviation", .number(partition.deviation)),
    ]
  }
}
