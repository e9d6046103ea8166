import CSGKernels
import Foundation
import Testing

/// Floats between two guard zones. The zones hold NaN, so that a number read from outside shows in
/// a result, and must be as they were at the end, so that one written outside shows too.
final class Guarded {
  static let zone = 64
  static let mark: UInt32 = 0x7FC0_ABCD
  let count: Int
  private let base: UnsafeMutablePointer<Float>

  init(_ count: Int, _ value: () -> Float = { Float(bitPattern: Guarded.mark) }) {
    self.count = count
    base = .allocate(capacity: count + 2 * Self.zone)
    base.initialize(repeating: Float(bitPattern: Self.mark), count: count + 2 * Self.zone)
    for i in 0..<count { self[i] = value() }
  }

  deinit { base.deallocate() }

  var start: UnsafeMutablePointer<Float> { base + Self.zone }
  var bits: [UInt32] { (0..<count).map { self[$0].bitPattern } }
  subscript(i: Int) -> Float {
    get { start[i] }
    set { start[i] = newValue }
  }

  var intact: Bool {
    (0..<Self.zone).allSatisfy {
      base[$0].bitPattern == Self.mark && start[count + $0].bitPattern == Self.mark
    }
  }
}

/// What an epilogue should do, in double precision.
struct ReferenceEpilogue {
  var kind = SG_IDENTITY
  var slope: Float = 0.2
  var bias: Guarded?

  static let kinds = [SG_IDENTITY, SG_RELU, SG_LEAKY_RELU, SG_TANH, SG_SIGMOID]

  func callAsFunction(_ x: Double, _ column: Int) -> Double {
    let v = x + (bias.map { Double($0[column]) } ?? 0)
    switch kind {
    case SG_RELU: return v < 0 ? 0 : v
    case SG_LEAKY_RELU: return v < 0 ? v * Double(slope) : v
    case SG_TANH: return tanh(v)
    case SG_SIGMOID: return 1 / (1 + exp(-v))
    default: return v
    }
  }

  var c: sg_epilogue {
    sg_epilogue(
      bias: bias.map { UnsafePointer($0.start) },
      activation: sg_activation(kind: kind, slope: slope))
  }
}
