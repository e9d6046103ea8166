import SGBasics
import SGTensors

/// How a network's numbers tell the distribution of an element that has levels.
enum LevelOutput: String, Sendable, CaseIterable {
  /// A logit for each level; of two levels one logit in all.
  case softmax
  /// A mixture of logistic distributions, of which each level takes its part (Salimans et al.
  /// 2017).
  case logisticMixture = "logistic_mixture"
}

/// The distribution of an element that takes one of some levels, equally far apart, from the
/// numbers that a network gives for it.
struct LevelDistribution: Sendable {
  /// How many levels there are, at least 2.
  let levels: Int
  /// Values of the first and of the last level.
  let range: ValueRange
  let output: LevelOutput
  /// Logistic distributions of a mixture.
  let components: Int

  /// Numbers that a network gives for an element.
  var outputs: Int {
    switch output {
    case .softmax: levels == 2 ? 1 : levels
    case .logisticMixture: 3 * components
    }
  }

  /// The numbers 0, 1, … of the levels nearest to values, as constants.
  func numbers(_ x: Tensor) -> Tensor {
    let scale = Float(levels - 1) / (range.high - range.low)
    return Tensor(shape: x.shape) { y in
      x.withElements {
        for (i, x) in $0.enumerated() {
          y[i] = min(max(((x - range.low) * scale).rounded(), 0), Float(levels - 1))
        }
      }
    }
  }

  /// The value of a level.
  func value(_ number: Float) -> Float {
    range.low + (range.high - range.low) * (number / Float(levels - 1))
  }

  /// What networks see of levels: from −1 to 1.
  func scaled(_ numbers: Tensor) -> Tensor { 2 / Float(levels - 1) * numbers - 1 }
  func scaled(_ number: Float) -> Float { 2 / Float(levels - 1) * number - 1 }

  /// log P of each element's level.
  /// - Parameters:
  ///   - numbers: of the levels, of any shape; a constant.
  ///   - outputs: a network's numbers, the shape of the elements and `outputs`.
  func logProbability(of numbers: Tensor, _ outputs: Tensor) -> Tensor {
    switch output {
    case .logisticMixture: return logMixture(of: numbers, outputs)
    case .softmax where levels == 2:
      let logits = outputs.reshaped(numbers.shape)
      return numbers * logits - softplus(logits)
    case .softmax:
      let chosen = outputs.reshaped([numbers.count, levels]).picking(
        numbers.array.map { Int32($0) })
      return chosen.reshaped(numbers.shape) - logSumExp(outputs).reshaped(numbers.shape)
    }
  }

  /// Salimans et al. 2017, section 2.1: a level's probability is what a mixture of logistic
  /// distributions has between the middles to its neighbors, the first and the last level have the
  /// tails. σ(a) − σ(b) = σ(a) σ(−b) (1 − e^(b − a)), whose logarithm no cancellation spoils.
  private func logMixture(of numbers: Tensor, _ outputs: Tensor) -> Tensor {
    let (logits, mean, logDeviation) = parts(outputs)
    let x = scaled(numbers).reshaped(Shape(numbers.shape.array + [1]))
    let isFirst = Tensor(mapping: x) { $0 < -1 + 0.5 * halfStep ? 1 : 0 }
    let isLast = Tensor(mapping: x) { $0 > 1 - 0.5 * halfStep ? 1 : 0 }
    let slope = exp(-logDeviation)
    let centered = x - mean
    let (upper, lower) = (slope * (centered + halfStep), slope * (centered - halfStep))
    // log(1 − e^−d) with d = upper − lower, by tanh(d / 2), which is exact for small d.
    let half = tanh(halfStep * slope)
    let between = log(half) - log(1 + half) + 0.6931471805599453  // log 2
    let each =
      (1 - isFirst) * ((1 - isLast) * between - softplus(lower)) - (1 - isLast) * softplus(-upper)
    return logSumExp(each + logSoftmax(logits))
  }

  /// Half the distance of two levels, where all are from −1 to 1.
  private var halfStep: Float { 1 / Float(levels - 1) }

  /// The logit of each component's share, its mean, and the logarithm of its scale, which is kept
  /// within ±7: […, components] each.
  private func parts(
    _ outputs: Tensor
  ) -> (logits: Tensor, mean: Tensor, logDeviation: Tensor) {
    var size = outputs.shape
    size[-1] = components
    func part(_ i: Int) -> Tensor {
      var start = [Int](repeating: 0, count: outputs.rank)
      start[outputs.rank - 1] = i * components
      return outputs.slice(from: start, size)
    }
    return (part(0), part(1), part(2).clamped(-7, 7))
  }

  /// The level of each row that a uniform number draws.
  /// - Parameters:
  ///   - outputs: a network's numbers, [count, outputs].
  ///   - uniform: in [0, 1), one for each row.
  ///   - second: another one for each row, which mixtures take.
  func draw(_ outputs: Tensor, _ uniform: [Float], _ second: [Float]) -> [Float] {
    switch output {
    case .softmax where levels == 2:
      return zip(sigmoid(outputs).array, uniform).map { $0 > $1 ? 1 : 0 }
    case .softmax:
      let shares = softmax(outputs).array
      return uniform.indices.map { Float(Self.pick(shares, levels, row: $0, uniform[$0])) }
    case .logisticMixture:
      let (logits, mean, logDeviation) = parts(outputs)
      let (shares, means, deviations) = (
        softmax(logits).array, mean.array, exp(logDeviation).array
      )
      let u = Tensor(second).clamped(0x1p-25, 1 - 0x1p-24)
      let logistic = (log(u) - log(1 - u)).array
      return uniform.indices.map { i in
        let k = i * components + Self.pick(shares, components, row: i, uniform[i])
        let x = means[k] + deviations[k] * logistic[i]
        let number = ((x + 1) * 0.5 * Float(levels - 1)).rounded()
        return min(max(number, 0), Float(levels - 1))
      }
    }
  }

  /// The first of a row's shares at which their sum is above a number.
  private static func pick(_ shares: [Float], _ count: Int, row: Int, _ number: Float) -> Int {
    var (k, left) = (0, number)
    while k < count - 1, left >= shares[row * count + k] {
      left -= shares[row * count + k]
      k += 1
    }
    return k
  }
}

extension Tensor {
  /// A function of each element, without history.
  fileprivate init(mapping x: Tensor, _ function: (Float) -> Float) {
    self.init(shape: x.shape) { y in
      x.withElements { for (i, x) in $0.enumerated() { y[i] = function(x) } }
    }
  }
}
