import CSGKernels

/// tanh(a) σ(b), where the last axis is a, then b (van den Oord et al. 2016, "Conditional Image
/// Generation with PixelCNN Decoders", eq. 2).
struct Gate: FusedOp {
  func shape(_ x: [Tensor]) -> Shape {
    var shape = x[0].shape
    precondition(shape[-1] % 2 == 0, "gate of \(shape)")
    shape[-1] /= 2
    return shape
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let width = x[0].shape[-1] / 2
    sg_gate(x[0].pointer, y, x[0].count / Swift.max(2 * width, 1), width)
  }

  func reference(_ x: [Tensor]) -> Tensor {
    let (a, b) = Self.halves(x[0])
    return tanh(a) * sigmoid(b)
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [GateGradient()(g, x[0])]
  }

  /// The halves of the last axis.
  static func halves(_ x: Tensor) -> (Tensor, Tensor) {
    var (half, start) = (x.shape, [Int](repeating: 0, count: x.rank))
    half[-1] /= 2
    let first = x.slice(from: start, half)
    start[x.rank - 1] = half[-1]
    return (first, x.slice(from: start, half))
  }
}

/// The derivative of Σ g y of `Gate`, from g and its input x.
struct GateGradient: FusedOp {
  func shape(_ x: [Tensor]) -> Shape { x[1].shape }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let width = x[0].shape[-1]
    sg_gate_gradient(
      x[0].pointer, x[1].pointer, y, x[0].count / Swift.max(width, 1), width)
  }

  func reference(_ x: [Tensor]) -> Tensor {
    let (a, b) = Gate.halves(x[1])
    let (value, gate) = (tanh(a), sigmoid(b))
    let slope = x[0] * gate
    return .concatenate([slope * (1 - value.squared()), slope * value * (1 - gate)], axis: -1)
  }
}

/// tanh(a) σ(b) of the halves a, b of the last axis.
package func gated(_ x: Tensor) -> Tensor { Gate()(x) }
