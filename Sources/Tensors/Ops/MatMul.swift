import CSGKernels

/// op(A) op(B), with an epilogue: activation(product + bias), bias the third input if there is one.
struct MatMul: FusedOp {
  let transposeA, transposeB: Bool
  var activation = Activation.identity

  private func sizes(_ x: [Tensor]) -> (m: Int, n: Int, k: Int) {
    let (a, b) = (x[0].shape, x[1].shape)
    precondition(
      a.rank == 2 && b.rank == 2 && a[transposeA ? 0 : 1] == b[transposeB ? 1 : 0],
      "matrix product of \(a)\(transposeA ? "ᵀ" : "") and \(b)\(transposeB ? "ᵀ" : "")")
    return (a[transposeA ? 1 : 0], b[transposeB ? 0 : 1], a[transposeA ? 0 : 1])
  }

  func shape(_ x: [Tensor]) -> Shape {
    let s = sizes(x)
    return [s.m, s.n]
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let s = sizes(x)
    activation.withEpilogue(bias: x.count > 2 ? x[2] : nil) {
      sg_matmul(
        transposeA ? 1 : 0, transposeB ? 1 : 0, s.m, s.n, s.k, x[0].pointer, x[0].shape[1],
        x[1].pointer, x[1].shape[1], y, s.n, $0)
    }
  }

  func reference(_ x: [Tensor]) -> Tensor {
    let product = MatMul(transposeA: transposeA, transposeB: transposeB)(x[0], x[1])
    return activation(x.count > 2 ? product + x[2] : product)
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let d = activation.pullback(g, y)
    var result: [Tensor?] = [nil, nil]
    if needs[0] {
      result[0] =
        transposeA
        ? MatMul(transposeA: transposeB, transposeB: true)(x[1], d)
        : MatMul(transposeA: false, transposeB: !transposeB)(d, x[1])
    }
    if needs[1] {
      result[1] =
        transposeB
        ? MatMul(transposeA: true, transposeB: transposeA)(d, x[0])
        : MatMul(transposeA: !transposeA, transposeB: false)(x[0], d)
    }
    if x.count > 2 { result.append(needs[2] ? d.sum([0]) : nil) }
    return result
  }
}

extension Activation {
  /// Calls a kernel with this activation and a bias by column as its epilogue.
  func withEpilogue(bias: Tensor?, _ body: (UnsafePointer<sg_epilogue>?) -> Void) {
    if bias == nil && self == .identity { return body(nil) }
    var epilogue = sg_epilogue(bias: bias?.pointer, activation: kernel)
    withExtendedLifetime(bias) { body(&epilogue) }
  }
}

/// The product of two matrices, either transposed on the way.
public func matmul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  MatMul(transposeA: transposeA, transposeB: transposeB)(a, b)
}

/// activation(x w + bias), in one pass. x is [rows, in], w [in, out], bias [out] or none.
public func dense(
  _ x: Tensor, _ w: Tensor, bias: Tensor?, activation: Activation = .identity
) -> Tensor {
  let op = MatMul(transposeA: false, transposeB: false, activation: activation)
  return op.apply(bias.map { [x, w, $0] } ?? [x, w])
}
