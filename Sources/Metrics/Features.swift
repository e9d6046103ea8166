import SGBasics
import SGTensors

extension Tensor {
  /// That this is a set of feature vectors, [count, d], finite, of at least `least` vectors.
  /// - Throws: `Failure` of kind argument that says what was found.
  func expectFeatures(_ name: String, atLeast least: Int = 1) throws(Failure) {
    guard rank == 2, shape[1] >= 1 else {
      throw Failure(.argument, "\(name): expected shape [count, features], found \(shape)")
    }
    guard shape[0] >= least else {
      throw Failure(
        .argument, "\(name): expected at least \(least) samples, found \(shape[0])")
    }
    try expectFiniteSamples(name)
  }

  /// That both are sets of feature vectors of one length.
  /// - Throws: `Failure` of kind argument, or mismatch where the lengths differ.
  package static func expectFeatures(
    real: Tensor, fake: Tensor, atLeast least: Int = 1
  ) throws(Failure) {
    try real.expectFeatures("real", atLeast: least)
    try fake.expectFeatures("fake", atLeast: least)
    try fake.expectSameFeatures("fake", as: real, "real")
  }

  /// - Throws: `Failure` of kind mismatch where the vectors of two sets differ in length.
  func expectSameFeatures(_ name: String, as other: Tensor, _ otherName: String) throws(Failure) {
    guard shape[1] == other.shape[1] else {
      throw Failure(
        .mismatch,
        "\(name) has \(shape[1]) features a sample, \(otherName) has \(other.shape[1])")
    }
  }
}

extension Int {
  /// - Throws: `Failure` of kind argument for a number below 1.
  func expectPositive(_ name: String) throws(Failure) {
    guard self >= 1 else { throw Failure(.argument, "\(name): expected at least 1, found \(self)") }
  }
}

extension Double {
  /// - Throws: `Failure` of kind argument for a number that is not finite, or not above 0.
  func expectPositive(_ name: String) throws(Failure) {
    guard self > 0, isFinite else {
      throw Failure(.argument, "\(name): expected a positive number, found \(self)")
    }
  }
}

/// Mean and deviation of a metric's values over subsets or splits; the deviation is that of the
/// values as they are (divided by their number, as NumPy's `std`).
func meanAndDeviation(_ x: [Double]) -> (mean: Double, deviation: Double) {
  let mean = x.reduce(0, +) / Double(x.count)
  let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
  return (mean, variance.squareRoot())
}
