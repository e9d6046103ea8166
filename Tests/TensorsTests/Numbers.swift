import SGTensors
import SGTestSupport

extension Numbers {
  /// Uniform on [-1, 1], and exactly what a tensor holds.
  mutating func direction(_ shape: [Int]) -> Values {
    Values(shape) { _ in Double(Float(uniform(-1, 1))) }
  }

  mutating func integers(_ shape: [Int]) -> Values {
    Values(shape) { _ in Double(below(7) - 3) }
  }
}

/// What numbers an input is made of.
enum Fill: Sendable {
  case uniform(Double, Double)
  /// Numbers of either sign with magnitudes on [from, to]: away from a kink at 0.
  case away(Double, Double)
  /// Multiples of a step, 10 on either side, moved by an offset.
  case grid(Double, offset: Double)
  /// Multiples of 1/16 that are all different.
  case distinct
  case among([Double])

  func draw(_ shape: [Int], _ numbers: inout Numbers) -> Values {
    switch self {
    case .uniform(let low, let high): Values(shape) { _ in numbers.uniform(low, high) }
    case .away(let from, let to):
      Values(shape) { _ in
        numbers.uniform(from, to) * (numbers.below(2) == 0 ? 1 : -1)
      }
    case .grid(let step, let offset):
      Values(shape) { _ in Double(numbers.below(21) - 10) * step + offset }
    case .distinct: distinct(shape, &numbers)
    case .among(let choices): Values(shape) { _ in choices[numbers.below(choices.count)] }
    }
  }

  private func distinct(_ shape: [Int], _ numbers: inout Numbers) -> Values {
    let count = shape.reduce(1, *)
    var order = (0..<count).map { Double($0 - count / 2) / 16 }
    for i in order.indices.dropFirst() { order.swapAt(i, numbers.below(i + 1)) }
    return Values(shape, order)
  }
}

extension Tensor {
  init(_ values: Values) { self.init(values.elements.map(Float.init), shape: Shape(values.shape)) }
}
