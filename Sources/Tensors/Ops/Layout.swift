import CSGKernels

/// The same elements under another shape; shares memory.
struct Reshape: Op {
  let target: Shape
  func shape(_ x: [Tensor]) -> Shape { target }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    y.update(from: x[0].pointer, count: x[0].count)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g.reshaped(x[0].shape)]
  }
}

/// Repetition along axes of extent 1 or missing in front. The adjoint of `Sum`.
struct Broadcast: Op {
  let target: Shape
  func shape(_ x: [Tensor]) -> Shape { target }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_copy_from(
      x[0].pointer, x[0].shape.strides(broadcastTo: target), y, Int32(target.rank), target.array)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g.summed(to: x[0].shape)]
  }
}

/// Axis i of the output is axis order[i] of the input. Its adjoint is the inverse permutation.
struct Permute: Op {
  let order: [Int]
  func shape(_ x: [Tensor]) -> Shape { Shape(order.map { x[0].shape[$0] }) }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let strides = x[0].shape.strides
    sg_copy_from(
      x[0].pointer, order.map { strides[$0] }, y, Int32(order.count), shape(x).array)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return [g.permuted(inverse)]
  }
}

/// A block of the input. The adjoint of `Pad`.
struct Slice: Op {
  let start: [Int]
  let size: Shape
  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      start.count == x[0].rank && size.rank == x[0].rank
        && start.indices.allSatisfy { start[$0] >= 0 && start[$0] + size[$0] <= x[0].shape[$0] },
      "slice \(start) \(size) of \(x[0].shape)")
    return size
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let strides = x[0].shape.strides
    let first = zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    sg_copy_from(x[0].pointer + first, strides, y, Int32(size.rank), size.array)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Pad(start: start, target: x[0].shape)(g)]
  }
}

/// The input as a block of a larger tensor, zero elsewhere. The adjoint of `Slice`.
struct Pad: Op {
  let start: [Int]
  let target: Shape
  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      start.count == target.rank && target.rank == x[0].rank
        && start.indices.allSatisfy { start[$0] >= 0 && start[$0] + x[0].shape[$0] <= target[$0] },
      "pad \(x[0].shape) at \(start) to \(target)")
    return target
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let strides = target.strides
    let first = zip(start, strides).reduce(0) { $0 + $1.0 * $1.1 }
    sg_fill(0, y, target.count)
    sg_copy_to(x[0].pointer, y + first, strides, Int32(target.rank), x[0].shape.array)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Slice(start: start, size: x[0].shape)(g)]
  }
}

/// The inputs one after another along an axis. Its adjoint slices.
struct Concatenate: Op {
  let axis: Int
  func shape(_ x: [Tensor]) -> Shape {
    var shape = x[0].shape
    shape[axis] = x.reduce(0) { $0 + $1.shape[axis] }
    for part in x {
      var same = shape
      same[axis] = part.shape[axis]
      precondition(same == part.shape, "concatenate \(x.map(\.shape)) along axis \(axis)")
    }
    return shape
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let strides = shape(x).strides
    var place = y
    for part in x {
      sg_copy_to(part.pointer, place, strides, Int32(part.rank), part.shape.array)
      place += part.shape[axis] * strides[axis]
    }
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    var start = [Int](repeating: 0, count: g.rank)
    return zip(x, needs).map { part, needed in
      defer { start[axis] += part.shape[axis] }
      return needed ? Slice(start: start, size: part.shape)(g) : nil
    }
  }
}

extension Tensor {
  /// The same elements under another shape of the same count.
  public func reshaped(_ target: Shape) -> Tensor {
    if target == shape { return self }
    precondition(target.count == count, "reshape \(shape) to \(target)")
    return Reshape(target: target).record([self], shape: target, storage: storage, offset: offset)
  }

  /// Repeated along axes of extent 1, and along new axes in front.
  public func broadcast(to target: Shape) -> Tensor {
    if target == shape { return self }
    precondition(shape.broadcast(with: target) == target, "broadcast \(shape) to \(target)")
    return Broadcast(target: target)(self)
  }

  /// Axis i of the result is axis order[i] of this tensor.
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(0..<rank), "permutation \(order) of \(shape)")
    return Permute(order: order)(self)
  }

  /// The block that starts at `start` and has the shape `size`.
  public func slice(from start: [Int], _ size: Shape) -> Tensor {
    Slice(start: start, size: size)(self)
  }

  /// Rows `range` of the first axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    var (start, size) = ([Int](repeating: 0, count: rank), shape)
    start[0] = range.lowerBound
    size[0] = range.count
    return slice(from: start, size)
  }

  /// This tensor as the block at `start` of a larger one, zero elsewhere.
  public func padded(at start: [Int], in target: Shape) -> Tensor {
    Pad(start: start, target: target)(self)
  }

  /// Several tensors one after another along an axis; they agree in the other axes.
  public static func concatenate(_ parts: [Tensor], axis: Int) -> Tensor {
    Concatenate(axis: parts[0].shape.index(of: axis)).apply(parts)
  }
}
