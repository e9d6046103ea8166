import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGBasics
@testable import SGModels
@testable import SGTensors

/// All states of n binary variables, [2ⁿ, n]; variable k is bit k of a state's number.
func states(_ n: Int) -> Tensor {
  Tensor(
    (0..<(1 << n)).flatMap { state in (0..<n).map { Float(state >> $0 & 1) } },
    shape: [1 << n, n])
}

/// The probability of each state of n binary variables under a model.
func probabilities(of model: some HasLikelihood, _ n: Int) throws -> [Double] {
  let x = states(n).reshaped(model.sampleShape.prepending(1 << n))
  return try model.logLikelihood(x, given: .none, options: .object([])).doubles.map(exp)
}

/// How often each state of n binary variables is among samples.
func counts(of samples: Tensor, _ n: Int) -> [Double] {
  let x = samples.array
  var counts = [Double](repeating: 0, count: 1 << n)
  for i in 0..<samples.shape[0] {
    var state = 0
    for k in 0..<n where x[n * i + k] > 0.5 { state |= 1 << k }
    counts[state] += 1
  }
  return counts
}

/// Samples have given probabilities, by a χ² test: at most its mean and five standard deviations.
func expectFrequencies(of samples: Tensor, _ probabilities: [Double]) {
  let total = Double(samples.shape[0])
  let found = counts(of: samples, samples.count / samples.shape[0])
  var (square, freedom) = (0.0, -1.0)
  var (restFound, restWanted) = (0.0, 0.0)
  for (count, p) in zip(found, probabilities) {
    let want = p * total
    if want < 5 {
      restFound += count
      restWanted += want
      continue
    }
    square += (count - want) * (count - want) / want
    freedom += 1
  }
  if restWanted >= 5 {
    square += (restFound - restWanted) * (restFound - restWanted) / restWanted
    freedom += 1
  }
  #expect(freedom >= 3)
  #expect(square < freedom + 5 * (2 * freedom).squareRoot(), "\(square) of \(freedom)")
}
