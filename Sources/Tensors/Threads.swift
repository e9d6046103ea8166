import CSGKernels

/// The threads that kernels run on, for the whole process. Results do not depend on their number.
public enum Threads {
  /// How many there are.
  public static var count: Int { Int(sg_threads()) }

  /// Changes their number.
  /// - Parameter n: 1 to 256, or 0 for as many as there are cores.
  /// - Returns: false where n is out of range.
  @discardableResult public static func set(_ n: Int) -> Bool {
    (0...256).contains(n) && sg_threads_set(Int32(n)) == 0
  }
}

/// The instruction set that kernels use: "baseline", "avx2" or "avx512".
package var instructionSet: String { String(cString: sg_isa_name(sg_isa_current())) }
