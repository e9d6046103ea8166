import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Paths through the latent space and sums of its points.
public enum Latents {
  /// The way between two latents.
  public enum Path: String, Sendable, CaseIterable {
    /// The straight line.
    case linear
    /// The arc over the angle between the two, so that the length stays that of the prior's samples
    /// (White 2016).
    case spherical
  }

  /// Points from one latent to another, both included.
  /// - Parameters:
  ///   - from: [size].
  ///   - to: [size].
  ///   - steps: at least 2.
  ///   - path: the way between them.
  /// - Returns: [steps, size].
  public static func between(
    _ from: Tensor, _ to: Tensor, steps: Int, path: Path = .spherical
  ) -> Tensor {
    let (a, b) = (from.array.map(Double.init), to.array.map(Double.init))
    let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    let angle = lengths > 0 ? acos(min(max(product / lengths, -1), 1)) : 0
    // Along the same direction, or opposite ones, between which no arc is singled out, the line
    // serves.
    let isArc = path == .spherical && sin(angle) > 1e-6
    return Tensor(shape: [steps, a.count]) { y in
      for i in 0..<steps {
        let t = Double(i) / Double(max(steps - 1, 1))
        let u = isArc ? sin((1 - t) * angle) / sin(angle) : 1 - t
        let v = isArc ? sin(t * angle) / sin(angle) : t
        for k in a.indices { y[i * a.count + k] = Float(u * a[k] + v * b[k]) }
      }
    }
  }

  /// The mean of the latents to add less the mean of those to take away, plus those of `rest`:
  /// DCGAN's vector arithmetic (Radford et al. 2015, section 6.3.2), as in mean(smiling women) −
  /// mean(women) + mean(men).
  /// - Parameter groups: [count, size] each, with the sign that its mean gets.
  /// - Returns: [1, size].
  public static func sum(_ groups: [(latents: Tensor, sign: Float)]) -> Tensor {
    var total: Tensor?
    for (latents, sign) in groups {
      let mean = sign * latents.mean([0])
      total = total.map { $0 + mean } ?? mean
    }
    let sum = total ?? .zeros([0])
    return sum.reshaped([1, sum.count])
  }
}
