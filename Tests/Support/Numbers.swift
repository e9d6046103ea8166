/// Repeatable numbers (SplitMix64).
package struct Numbers {
  package var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func word() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform on [-0.5, 0.5).
  package mutating func float() -> Float { Float(word() >> 40) / Float(1 << 24) - 0.5 }
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(word() >> 11) / Double(1 << 53)
  }
  package mutating func below(_ n: Int) -> Int { Int(word() % UInt64(n)) }
  package mutating func pick<T>(_ of: [T]) -> T { of[below(of.count)] }
}
