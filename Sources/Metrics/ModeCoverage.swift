import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Which modes samples reach, and how evenly: of a mixture of Gaussians, or as a classifier tells
/// them apart.
public struct ModeCoverage: Sendable {
  /// Modes with at least one sample: within three deviations of their center, or taken for them by
  /// the classifier.
  public let modesFound: Int
  /// The number of modes.
  public let modes: Int
  /// The share of samples within three deviations of a center ("high quality"), 0...1; nil where a
  /// classifier tells the modes.
  public let highQuality: Double?
  /// KL(model ‖ uniform) of the modes that (high quality) samples belong to, in nats: 0 to log
  /// `modes`; nil where there is no such sample.
  public let reverseKL: Double?
  /// For each mode the (high quality) samples that belong to it.
  public let histogram: [Int]
  /// The number of samples.
  public let count: Int

  /// The most modes whose samples the report counts one by one.
  private static let mostCounted = 100

  /// Everything as JSON.
  public var json: JSON {
    var members: [(String, JSON)] = [
      ("modes_found", JSON(modesFound)), ("modes", JSON(modes)),
      ("high_quality", highQuality.map { .number($0) } ?? .null),
      ("reverse_kl", reverseKL.map { .number($0) } ?? .null),
    ]
    if modes <= Self.mostCounted {
      members.append(("histogram", .array(histogram.map { JSON($0) })))
    }
    return .object(members + [("count", JSON(count))])
  }
}

/// Mode coverage by the protocol of VEEGAN (Srivastava et al. 2017) and PacGAN (Lin et al. 2018),
/// there with 2,500 samples. Distances are Euclidean, within means ≤ 3 σ, and a sample belongs to
/// its nearest center, of equally near ones the first.
/// - Parameters:
///   - samples: [n, d]
///   - centers: [modes, d]
///   - deviation: σ of the mixture's components, above 0.
/// - Throws: `Failure` of kind argument (shape, NaN, σ) or mismatch (d).
public func modeCoverage(
  samples: Tensor, centers: Tensor, deviation: Double
) throws(Failure) -> ModeCoverage {
  try samples.expectFeatures("samples")
  try centers.expectFeatures("centers")
  try samples.expectSameFeatures("samples", as: centers, "centers")
  try deviation.expectPositive("deviation")
  let (n, modes, d) = (samples.shape[0], centers.shape[0], samples.shape[1])
  try Memory.check()
  try Memory.expectRoom(for: 16 * modes, "\(modes) modes")
  let limit = 9 * deviation * deviation
  var found = [Bool](repeating: false, count: modes)
  var histogram = [Int](repeating: 0, count: modes)
  samples.withElements { x in
    centers.withElements { c in
      for i in 0..<n {
        var (least, nearest) = (Double.infinity, 0)
        for m in 0..<modes {
          var square = 0.0
          for k in 0..<d {
            let difference = Double(x[i * d + k]) - Double(c[m * d + k])
            square += difference * difference
          }
          if square <= limit { found[m] = true }
          if square < least { (least, nearest) = (square, m) }
        }
        if least <= limit { histogram[nearest] += 1 }
      }
    }
  }
  let good = histogram.reduce(0, +)
  return ModeCoverage(
    modesFound: found.reduce(0) { $0 + ($1 ? 1 : 0) }, modes: modes,
    highQuality: Double(good) / Double(n),
    reverseKL: good == 0 ? nil : divergenceFromUniform(histogram), histogram: histogram, count: n)
}

/// Mode coverage where a classifier tells the modes apart, as for stacked digits (Metz et al. 2017,
/// section 3.3.1, and Lin et al. 2018, with 26,000 samples).
/// - Parameters:
///   - classes: of each sample, the mode that the classifier takes it for, 0..<modes.
///   - modes: how many there are, each as likely as the others in the data.
/// - Throws: `Failure` of kind argument: no sample, a class out of range.
public func modeCoverage(classes: [Int32], modes: Int) throws(Failure) -> ModeCoverage {
  try modes.expectPositive("modes")
  guard !classes.isEmpty else { throw Failure(.argument, "classes: expected at least one sample") }
  var histogram = [Int](repeating: 0, count: modes)
  for (i, label) in classes.enumerated() {
    guard label >= 0, label < modes else {
      throw Failure(.argument, "classes[\(i)]: expected 0...\(modes - 1), found \(label)")
    }
    histogram[Int(label)] += 1
  }
  return ModeCoverage(
    modesFound: histogram.count { $0 > 0 }, modes: modes, highQuality: nil,
    reverseKL: divergenceFromUniform(histogram), histogram: histogram, count: classes.count)
}

/// KL(histogram ‖ uniform), in nats; 0 log 0 is 0.
private func divergenceFromUniform(_ histogram: [Int]) -> Double {
  let total = Double(histogram.reduce(0, +))
  let sum = histogram.reduce(0.0) { sum, count in
    let p = Double(count) / total
    return count == 0 ? sum : sum + p * log(p * Double(histogram.count))
  }
  return max(sum, 0)
}
