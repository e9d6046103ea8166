import CSGKernels

/// Rows of a table by index, y[i] = x[index[i]]. The adjoint of `ScatterAdd`.
struct Gather: Op {
  let index: [Int32]
  func shape(_ x: [Tensor]) -> Shape {
    precondition(index.allSatisfy { $0 >= 0 && $0 < x[0].shape[0] }, "an index is out of range")
    return x[0].shape.droppingFirst().prepending(index.count)
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_gather_rows(
      x[0].pointer, x[0].shape.droppingFirst().count, index, index.count, y)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [ScatterAdd(index: index, rows: x[0].shape[0])(g)]
  }
}

/// Rows summed into a table by index, y[index[i]] += x[i]. The adjoint of `Gather`.
struct ScatterAdd: Op {
  let index: [Int32]
  let rows: Int
  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      index.count == x[0].shape[0] && index.allSatisfy { $0 >= 0 && $0 < rows },
      "an index is out of range")
    return x[0].shape.droppingFirst().prepending(rows)
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_scatter_add_rows(
      x[0].pointer, x[0].shape.droppingFirst().count, index, index.count, y, rows)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Gather(index: index)(g)]
  }
}

extension Tensor {
  /// Rows of the first axis by index: the result's row i is row index[i].
  public func gather(_ index: [Int32]) -> Tensor { Gather(index: index)(self) }

  /// A table of `rows` rows; row index[i] has this tensor's row i added, in the order of i.
  public func scatterAdd(_ index: [Int32], rows: Int) -> Tensor {
    ScatterAdd(index: index, rows: rows)(self)
  }
}
