#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// log Σ eᵃ of numbers one after another, in double precision and without overflow.
package struct LogSum: Sendable {
  private var largest = -Double.infinity
  /// Σ e^(a − largest).
  private var sum = 0.0

  package init() {}

  package var value: Double { largest + log(sum) }

  package mutating func add(_ a: Double) {
    if a <= largest {
      sum += exp(a - largest)
    } else {
      sum = 1 + (sum > 0 ? sum * exp(largest - a) : 0)
      largest = a
    }
  }
}
