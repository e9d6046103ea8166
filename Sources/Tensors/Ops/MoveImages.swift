import CSGKernels

/// How an image is moved: mirrored left to right where that is asked for, then by whole pixels.
package struct ImageMove: Sendable, Hashable {
  /// Pixels; negative ones go up and to the left.
  package var down, right: Int32
  /// Whether left and right change places first.
  package var isMirrored: Bool

  package init(down: Int32 = 0, right: Int32 = 0, isMirrored: Bool = false) {
    (self.down, self.right, self.isMirrored) = (down, right, isMirrored)
  }

  /// The move whose matrix is the transposed one: with M the mirror and S(r) the move to the right,
  /// (S(r) M)ᵀ = M S(−r) = S(r) M.
  var adjoint: ImageMove {
    ImageMove(down: -down, right: isMirrored ? right : -right, isMirrored: isMirrored)
  }
}

/// Images [count, height, width, channels], each moved in its own way; pixels from outside are 0.
/// The adjoint is of the same kind.
struct MoveImages: Op {
  let moves: [ImageMove]

  func shape(_ x: [Tensor]) -> Shape {
    precondition(
      x[0].rank == 4 && x[0].shape[0] == moves.count, "\(moves.count) moves of \(x[0].shape)")
    return x[0].shape
  }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let shape = x[0].shape
    let numbers: [Int32] = moves.flatMap { [$0.down, $0.right, $0.isMirrored ? 1 : 0] }
    sg_move_images(shape[0], shape[1], shape[2], shape[3], numbers, x[0].pointer, y)
  }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [MoveImages(moves: moves.map(\.adjoint))(g)]
  }
}

extension Tensor {
  /// Images [count, height, width, channels], each mirrored and moved; pixels from outside are 0.
  package func moved(_ moves: [ImageMove]) -> Tensor { MoveImages(moves: moves)(self) }
}
