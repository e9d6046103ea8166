import SGTestSupport
import SGTensors
import Testing

/// One input of a row: its shape, and where its numbers come from.
struct Input: Sendable {
  var shape: [Int]
  var fill = Fill.uniform(-2, 2)
  /// The function has no derivative in this one.
  var constant = false
}

/// How near a result must be to its reference.
enum Tolerance: Sendable {
  case exact
  /// Relative to each element.
  case element(Double)
  /// Relative to the largest element, for sums whose terms cancel.
  case overall(Double)
}

/// In which inputs a function is linear.
enum Linearity: Sendable {
  case none
  /// In all inputs together: f(x + z) = f(x) + f(z).
  case together
  /// In each of the first `count` inputs while the others stay.
  case each(Int)
}

/// One row of the op table: a function built from tensor operations, and what it should compute.
struct OpRow: Sendable, CustomTestStringConvertible {
  var name: String
  /// The op types that the function must reach.
  var covers: [String]
  /// Lists of inputs to try.
  var cases: [[Input]]
  var tolerance = Tolerance.element(1e-6)
  /// The tolerance of derivatives, relative to the magnitudes of the terms of a projection.
  var derivative = 2e-5
  /// The derivative is 0 wherever it exists, so there is nothing to difference.
  var piecewiseConstant = false
  var linear = Linearity.none
  /// Whether sums of small whole numbers come out exactly.
  var exactOnIntegers = true
  /// Inputs are drawn anew until this, the distance to the nearest kink, is 0.02.
  var distance: (@Sendable ([Values]) -> Double)?
  var op: @Sendable ([Tensor]) -> Tensor
  /// Plain loops in double precision.
  var reference: @Sendable ([Values]) -> Values

  var testDescription: String { name }

  /// The inputs of a case, rounded to what a tensor can hold.
  func draw(_ inputs: [Input], _ numbers: inout Numbers) -> [Values] {
    while true {
      let x = inputs.map { $0.fill.draw($0.shape, &numbers).map { Double(Float($0)) } }
      if let distance, distance(x) < 0.02 { continue }
      return x
    }
  }
}
