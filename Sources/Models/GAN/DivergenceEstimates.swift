import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Estimates of divergences between data and model from log density ratios, each a mean with its
/// standard error. The error is that of sampling alone: a discriminator that is off its optimum
/// adds its own.
///
/// Log ratios beyond ±log(count) are taken as that: n samples of each side cannot show that one
/// density is more than n times the other, while a discriminator trained with label smoothing or
/// flipping leaves the range of its optimum at a few samples, whose ratios would outweigh all
/// others.
public struct DivergenceEstimates: Sendable {
  /// A mean over samples.
  public struct Estimate: Sendable {
    /// The mean, or its standard error.
    public var value, standardError: Double
    var json: JSON {
      .object([("value", .number(value)), ("standard_error", .number(standardError))])
    }
  }

  /// Samples of each side.
  public let count: Int
  /// The seed of the model's samples.
  public let seed: UInt64
  /// E_data log r.
  public let kl: Estimate
  /// −E_model log r.
  public let reverseKL: Estimate
  /// ½ E_data log(2r / (1 + r)) + ½ E_model log(2 / (1 + r)).
  public let jensenShannon: Estimate
  /// P_data(r > 1) − P_model(r > 1).
  public let totalVariation: Estimate
  /// E_data r − 1, which is E_model (r − 1)² where r is exact.
  public let pearson: Estimate

  /// Share of the 2 × `count` log ratios that were beyond ±log(count). Where it is not near 0, the
  /// estimates say little.
  public let limited: Double

  init(onData data: [Float], onModel model: [Float], seed: UInt64) {
    count = data.count
    self.seed = seed
    let limit = Float(log(Double(max(data.count, 2))))
    let beyond = (data + model).count { abs($0) > limit }
    limited = Double(beyond) / Double(max(data.count + model.count, 1))
    let (data, model) = (
      data.map { min(max($0, -limit), limit) }, model.map { min(max($0, -limit), limit) }
    )
    kl = Self.mean(data) { $0 }
    reverseKL = Self.mean(model) { -$0 }
    // log(2r / (1 + r)) = log 2 − softplus(−log r)
    let js = (
      Self.mean(data) { 0.6931471805599453 - Self.softplus(-$0) },
      Self.mean(model) { 0.6931471805599453 - Self.softplus($0) }
    )
    jensenShannon = Self.combined(js.0, 0.5, js.1, 0.5)
    totalVariation = Self.combined(
      Self.mean(data) { $0 > 0 ? 1 : 0 }, 1, Self.mean(model) { $0 > 0 ? 1 : 0 }, -1)
    pearson = Self.mean(data) { exp($0) - 1 }
  }

  /// Everything as JSON, as `swiftgan_model_divergences` gives it.
  public var json: JSON {
    .object([
      ("count", .integer(Int64(count))), ("seed", .integer(Int64(bitPattern: seed))),
      ("kl", kl.json), ("reverse_kl", reverseKL.json), ("jensen_shannon", jensenShannon.json),
      ("total_variation", totalVariation.json), ("pearson", pearson.json),
      ("limited", .number(limited)),
    ])
  }

  private static func softplus(_ x: Double) -> Double {
    max(x, 0) + log1p(exp(-abs(x)))
  }

  private static func mean(_ x: [Float], _ f: (Double) -> Double) -> Estimate {
    let n = Double(x.count)
    let values = x.map { f(Double($0)) }
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(n - 1, 1)
    return Estimate(value: mean, standardError: (variance / n).squareRoot())
  }

  /// a x + b y of independent estimates.
  private static func combined(
    _ x: Estimate, _ a: Double, _ y: Estimate, _ b: Double
  ) -> Estimate {
    let error =
      (a * a * x.standardError * x.standardError + b * b * y.standardError * y.standardError)
    return Estimate(value: a * x.value + b * y.value, standardError: error.squareRoot())
  }
}
