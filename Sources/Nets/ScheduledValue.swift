#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A setting's value over the steps: constant, or from one value to another along a line or half a
/// cosine, and constant after that.
public struct ScheduledValue: Sendable, Hashable {
  /// The way from the first value to the last.
  public enum Course: String, Sendable, CaseIterable {
    /// The first value at every step.
    case constant
    /// A straight line.
    case linear
    /// Half a cosine (Loshchilov & Hutter 2017).
    case cosine
  }
  /// The way between the values.
  public var course: Course
  /// The value at the first step, and from the last of `steps` on.
  public var start, end: Float
  /// Steps until the end is reached, at least 1.
  public var steps: UInt64

  /// The same value at every step.
  public init(_ value: Float) {
    (course, start, end, steps) = (.constant, value, value, 1)
  }

  /// The value changes from one number to another.
  public init(_ course: Course, start: Float, end: Float, steps: UInt64) {
    (self.course, self.start, self.end, self.steps) = (course, start, end, steps)
  }

  /// - Parameter step: steps made before this one, from 0.
  public func value(at step: UInt64) -> Float {
    let progress = Double(min(step, steps)) / Double(max(steps, 1))
    switch course {
    case .constant: return start
    case .linear: return Float(Double(start) + (Double(end) - Double(start)) * progress)
    case .cosine:
      let wave = (1 + cos(Double.pi * progress)) / 2
      return Float(Double(end) + (Double(start) - Double(end)) * wave)
    }
  }

  /// The largest value at any step.
  package var largest: Float { course == .constant ? start : max(start, end) }
}

extension ScheduledValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The same value at every step.
  public init(floatLiteral value: Float) { self.init(value) }
  /// The same value at every step.
  public init(integerLiteral value: Int) { self.init(Float(value)) }
}
