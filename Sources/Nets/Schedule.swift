#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The learning rate's factor as a function of steps made.
public enum Schedule: Sendable, Hashable {
  /// 1 at every step.
  case constant
  /// The factor falls from 1 to `to` along a line over `steps`, then stays.
  case linear(steps: UInt64, to: Float)
  /// The factor falls from 1 to `to` along half a cosine over `steps`, then stays (Loshchilov &
  /// Hutter 2017).
  case cosine(steps: UInt64, to: Float)
  /// Multiplied by `factor` after every `every` steps.
  case step(every: UInt64, factor: Float)

  /// - Parameter step: steps made before this one, from 0.
  package func factor(at step: UInt64) -> Float {
    switch self {
    case .constant: return 1
    case .linear(let steps, let to): return 1 + (to - 1) * progress(step, steps)
    case .cosine(let steps, let to):
      let wave = Float(cos(Double.pi * Double(progress(step, steps))))
      return to + (1 - to) * (1 + wave) / 2
    case .step(let every, let factor):
      var result: Float = 1
      for _ in 0..<min(step / every, 1000) { result *= factor }
      return result
    }
  }

  /// The share of a moving average that stays after so many samples; 0 where its half-life is 0.
  package static func decay(halfLife: Float, after samples: Int) -> Float {
    halfLife > 0 ? Float(exp2(-Double(samples) / Double(halfLife))) : 0
  }

  private func progress(_ step: UInt64, _ steps: UInt64) -> Float {
    Float(Double(min(step, steps)) / Double(steps))
  }
}
