import CSGKernels

/// log Σ eˣ along the last axis, which goes.
struct LogSumExp: Op {
  func shape(_ x: [Tensor]) -> Shape { Shape(x[0].shape.array.dropLast()) }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let columns = x[0].shape[-1]
    sg_log_sum_exp(x[0].pointer, y, x[0].count / Swift.max(columns, 1), columns)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g.restoring([-1], of: x[0].shape) * softmax(x[0])]
  }
}

/// eˣ / Σ eˣ along the last axis.
struct Softmax: Op {
  func shape(_ x: [Tensor]) -> Shape { x[0].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let columns = x[0].shape[-1]
    sg_softmax(x[0].pointer, y, x[0].count / Swift.max(columns, 1), columns)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [y * (g - (g * y).sum([-1]).restoring([-1], of: y.shape))]
  }
}

/// log Σ eˣ along the last axis, which goes; stable for any finite x.
public func logSumExp(_ x: Tensor) -> Tensor { LogSumExp()(x) }
/// eˣ / Σ eˣ along the last axis; stable for any finite x.
public func softmax(_ x: Tensor) -> Tensor { Softmax()(x) }
/// x − log Σ eˣ along the last axis.
public func logSoftmax(_ x: Tensor) -> Tensor {
  x - logSumExp(x).restoring([-1], of: x.shape)
}
