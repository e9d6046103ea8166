/// A composition of operations that keeps nothing but its inputs and its result: the derivative
/// computes it again. A long composition cut in such pieces needs the memory of its longest piece
/// (Chen et al. 2016).
struct Recomputed: FusedOp {
  /// The shape of the composition's result.
  let result: Shape
  let composition: @Sendable ([Tensor]) -> Tensor

  func shape(_ x: [Tensor]) -> Shape { result }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let value = composition(x.map(\.detached))
    precondition(value.shape == result, "expected shape \(result), found \(value.shape)")
    if value.isSpare { return }
    value.withElements { y.update(from: $0.baseAddress!, count: $0.count) }
  }

  func reference(_ x: [Tensor]) -> Tensor { composition(x) }
}

/// What a composition makes of its inputs, without keeping what it computes on the way; its
/// derivative computes it again.
/// - Parameters:
///   - shape: of the result.
///   - composition: a function of its inputs alone; tensors that it captures are constants.
package func recomputed(
  _ x: [Tensor], shape: Shape, _ composition: @escaping @Sendable ([Tensor]) -> Tensor
) -> Tensor {
  Recomputed(result: shape, composition: composition).apply(x)
}
