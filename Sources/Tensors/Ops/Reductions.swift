import CSGKernels

/// Sum over some axes, which go. The adjoint of `Broadcast`.
struct Sum: Op {
  /// Bit i: axis i.
  let axes: UInt32

  func shape(_ x: [Tensor]) -> Shape { x[0].shape.dropping(axes) }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_sum(x[0].pointer, y, Int32(x[0].rank), x[0].shape.array, axes)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g.reshaped(x[0].shape.keeping(axes)).broadcast(to: x[0].shape)]
  }
}

/// Maximum over some axes, which go; equal maxima share the derivative.
struct MaximumOver: Op {
  let axes: UInt32

  func shape(_ x: [Tensor]) -> Shape { x[0].shape.dropping(axes) }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_max(x[0].pointer, y, Int32(x[0].rank), x[0].shape.array, axes)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let kept = x[0].shape.keeping(axes)
    let mask = equal(x[0], y.reshaped(kept))
    let ties = Sum(axes: axes)(mask).reshaped(kept)
    return [mask * (g.reshaped(kept) / ties)]
  }
}

extension Shape {
  func dropping(_ axes: UInt32) -> Shape {
    Shape((0..<rank).filter { axes & (1 << UInt32($0)) == 0 }.map { self[$0] })
  }
  func keeping(_ axes: UInt32) -> Shape {
    Shape((0..<rank).map { axes & (1 << UInt32($0)) == 0 ? self[$0] : 1 })
  }
  func mask(_ axes: [Int]) -> UInt32 { axes.reduce(0) { $0 | 1 << UInt32(index(of: $1)) } }
  var allAxes: UInt32 { (1 << UInt32(rank)) - 1 }
}

extension Tensor {
  /// The sum of all elements, a scalar.
  public func sum() -> Tensor { Sum(axes: shape.allAxes)(self) }
  /// The sum over some axes, which go; negative axes count from the last.
  public func sum(_ axes: [Int]) -> Tensor {
    axes.isEmpty ? self : Sum(axes: shape.mask(axes))(self)
  }
  /// The mean of all elements, a scalar.
  public func mean() -> Tensor { sum() / Float(count) }
  /// The mean over some axes, which go.
  public func mean(_ axes: [Int]) -> Tensor {
    sum(axes) / Float(axes.reduce(1) { $0 * shape[$1] })
  }
  /// The largest element.
  public func max() -> Tensor { MaximumOver(axes: shape.allAxes)(self) }
  /// The largest over some axes, which go.
  public func max(_ axes: [Int]) -> Tensor { MaximumOver(axes: shape.mask(axes))(self) }
  /// The same with the given axes, of extent 1, put back after a reduction over them.
  public func restoring(_ axes: [Int], of original: Shape) -> Tensor {
    reshaped(original.keeping(original.mask(axes)))
  }
  /// Σ x², without history.
  package func sumOfSquares() -> Double {
    isSpare ? 0 : withElements { sg_sum_of_squares($0.baseAddress, $0.count) }
  }
}
