import SGBasics
import SGTensors

/// How well Markov chains mix, by one statistic of their states.
public struct Mixing: Sendable {
  /// The autocorrelation at lags 0, 1, …, up to where it is noise.
  public let autocorrelation: [Double]
  /// Steps in which a chain makes one independent sample: 1 + 2 Σ autocorrelations.
  public let time: Double
  /// The independent samples that all steps of all chains are worth.
  public let effectiveSamples: Double

  /// Lags beyond this one are not looked at.
  private static let mostLags = 5000

  /// - Parameter traces: the statistic at each step, of at least one chain; all of one length of at
  ///   least 2.
  ///
  /// Deviations are from the mean of all chains, so that chains which stay apart count as
  /// correlated. The sum of correlations ends where a pair of neighboring lags is no longer
  /// positive (Geyer 1992, section 3.3).
  public init(_ traces: [[Double]]) {
    let length = traces[0].count
    let total = Double(length * traces.count)
    let mean = traces.reduce(0) { $0 + $1.reduce(0, +) } / total
    func covariance(_ lag: Int) -> Double {
      traces.reduce(0) { sum, x in
        (0..<length - lag).reduce(sum) { $0 + (x[$1] - mean) * (x[$1 + lag] - mean) }
      } / total
    }
    let variance = covariance(0)
    var (correlations, time) = ([1.0], -1.0)
    if variance > 0 {
      for lag in stride(from: 0, to: min(length - 1, Self.mostLags), by: 2) {
        let pair = (covariance(lag) / variance, covariance(lag + 1) / variance)
        guard pair.0 + pair.1 > 0 else { break }
        if lag > 0 { correlations.append(pair.0) }
        correlations.append(pair.1)
        time += 2 * (pair.0 + pair.1)
      }
    }
    self.time = max(time, 1)
    autocorrelation = correlations
    effectiveSamples = total / self.time
  }
}

/// A family whose models sample by Markov chains. A chain's state is a vector: the elements of a
/// sample, then those of hidden units, if the next state depends on them, too.
public protocol ChainFamily: SamplingFamily {
  /// The states of chains after one more step.
  /// - Parameters:
  ///   - states: [count, elements].
  ///   - step: from 0; draws depend on it, on the seed and on a chain's number.
  ///   - first: the number of the first of these chains.
  func advance(
    _ states: Tensor, step: Int, seed: UInt64, first: Int, _ learned: Learned
  ) -> Tensor
  /// Where chains start, [count, elements].
  func start(_ count: Int, seed: UInt64, first: Int, _ learned: Learned) -> Tensor
  /// Steps before the first sample.
  var burnIn: Int { get }
  /// Figures of `mixing` besides those of the chains.
  func chainFigures(
    _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> [(String, JSON)]
}

extension ChainFamily {
  /// As the state of a Markov chain.
  public var samplingProcedure: SamplingProcedure { .chain }

  /// Each sample is the end of a chain of its own.
  public func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    try learned.inPieces(count) { (place) throws(Failure) in
      var x = start(place.count, seed: seed, first: place.lowerBound, learned)
      for step in 0..<burnIn {
        x = advance(x, step: step, seed: seed, first: place.lowerBound, learned)
        try Memory.check()
      }
      return learned.elements(of: x)
    }
  }

  /// Chains whose known elements stay as they are (Bengio et al. 2014, section 3.4).
  /// - Parameter options: `steps` of a chain; by default those before a sample.
  public func complete(
    _ samples: Tensor, mask: Tensor, _ options: inout JSONObject, seed: UInt64, _ learned: Learned
  ) throws(Failure) -> Tensor {
    let steps = try options.int("steps", in: 1...10_000_000, default: burnIn)
    return try learned.inPieces(samples.shape[0]) { (place) throws(Failure) in
      var x = start(place.count, seed: seed, first: place.lowerBound, learned)
      // Hidden units are unknown.
      func padded(_ y: Tensor) -> Tensor {
        y.rows(place).reshaped([place.count, y.count / y.shape[0]]).padded(at: [0, 0], in: x.shape)
      }
      let (known, values) = (padded(mask), padded(samples))
      func clamped(_ x: Tensor) -> Tensor { select(known, values, x) }
      x = clamped(x)
      for step in 0..<steps {
        x = clamped(advance(x, step: step, seed: seed, first: place.lowerBound, learned))
        try Memory.check()
      }
      return learned.elements(of: x)
    }
  }
}

extension Learned {
  /// The samples that chains are at, [count, size], of their states.
  fileprivate func elements(of states: Tensor) -> Tensor {
    let size = sampleShape.count
    guard states.shape[1] > size else { return states }
    return states.slice(from: [0, 0], [states.shape[0], size])
  }

  /// Samples made piece by piece, [count] + sampleShape.
  fileprivate func inPieces(
    _ count: Int, _ body: (Range<Int>) throws(Failure) -> Tensor
  ) throws(Failure) -> Tensor {
    let (most, size) = (100, sampleShape.count)
    let floats = networks.reduce(size) { $0 + $1.network.floatsPerSample }
    try Memory.reserve(floats: min(count, most), copies: 3 * floats, for: "a step of the chains")
    return try Tensor(shape: sampleShape.prepending(count)) { (y) throws(Failure) in
      for first in stride(from: 0, to: count, by: most) {
        let piece = try body(first..<min(first + most, count))
        try Memory.check()
        piece.withElements {
          _ = UnsafeMutableBufferPointer(rebasing: y[(first * size)...]).update(from: $0)
        }
      }
    }
  }
}

extension DescentModel: HasChains where Family: ChainFamily {
  public func mixing(options: JSON) throws(Failure) -> JSON {
    try using { (learned) throws(Failure) in
      var o = try JSONObject(options, path: "")
      let chains = try o.int("chains", in: 1...10_000, default: 20)
      let steps = try o.int("steps", in: 10...100_000, default: 1000)
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      let more = try form.chainFigures(&o, seed: seed, learned)
      try o.finish()
      try expectCount(chains)
      try Memory.expectRoom(for: 32 * chains * steps, "what \(chains) chains do in \(steps) steps")
      // A random direction: what is slow in any part of the samples is slow in it.
      let direction = RandomKey(.chains, seed: seed, use: 2).normal([sampleShape.count, 1])
      var x = form.start(chains, seed: seed, first: 0, learned)
      var traces = [[Double]](repeating: [], count: chains)
      for step in 0..<form.burnIn + steps {
        x = form.advance(x, step: step, seed: seed, first: 0, learned)
        try Memory.check()
        guard step >= form.burnIn else { continue }
        let values = matmul(learned.elements(of: x), direction).array
        for i in 0..<chains { traces[i].append(Double(values[i])) }
      }
      let mixing = Mixing(traces)
      return .object(
        [
          ("chains", JSON(chains)), ("steps", JSON(steps)), ("burn_in", JSON(form.burnIn)),
          ("autocorrelation_time", .number(mixing.time)),
          ("effective_samples", .number(mixing.effectiveSamples)),
          ("autocorrelation", .array(mixing.autocorrelation.prefix(100).map { .number($0) })),
        ] + more)
    }
  }
}
