import CSGKernels

/// One element of each row, y[i] = x[i, column[i]]. The adjoint of `PlaceColumn`.
struct PickColumn: Op {
  let column: [Int32]
  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      x[0].rank == 2 && x[0].shape[0] == column.count
        && column.allSatisfy { $0 >= 0 && $0 < x[0].shape[1] },
      "\(column.count) columns of \(x[0].shape)")
    return [column.count]
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let (from, columns) = (x[0].pointer, x[0].shape[1])
    for (i, k) in column.enumerated() { y[i] = from[i * columns + Int(k)] }
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [PlaceColumn(column: column, columns: x[0].shape[1])(g)]
  }
}

/// A matrix with one element in each row, y[i, column[i]] = x[i], and 0 elsewhere. The adjoint of
/// `PickColumn`.
struct PlaceColumn: Op {
  let column: [Int32]
  let columns: Int
  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      x[0].shape == [column.count] && column.allSatisfy { $0 >= 0 && $0 < columns },
      "\(column.count) columns of \(columns) for \(x[0].shape)")
    return [column.count, columns]
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_fill(0, y, column.count * columns)
    for (i, k) in column.enumerated() { y[i * columns + Int(k)] = x[0].pointer[i] }
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [PickColumn(column: column)(g)]
  }
}

extension Tensor {
  /// One element of each row of a matrix: the result's element i is [i, column[i]].
  package func picking(_ column: [Int32]) -> Tensor { PickColumn(column: column)(self) }
}
