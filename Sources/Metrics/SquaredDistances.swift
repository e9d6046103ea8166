import SGBasics
import SGTensors

/// Squared Euclidean distances between the vectors of two sets, a block at a time: the one place
/// that walks all pairs.
///
/// Beyond a few features they come from products of matrices, |x|² + |y|² − 2 x·y in float32, with
/// an error of about 1e-6 of |x|² + |y|² (about the common center); they are never negative. Equal
/// vectors have bit-equal distances to others.
struct SquaredDistances {
  let rows, columns: PointSet

  init(_ rows: PointSet, _ columns: PointSet) { (self.rows, self.columns) = (rows, columns) }

  /// Distances of some vectors of the first set to some of the second, row-major, in `rows.unit`.
  struct Block {
    let rows, columns: Range<Int>
    let values: UnsafeMutablePointer<Float>

    /// The distances of one vector (its index in the set) to those of `columns`.
    func row(_ i: Int) -> UnsafeMutablePointer<Float> {
      values + (i - rows.lowerBound) * columns.count
    }
  }

  /// Up to here squares of differences are summed one by one, which is as fast and keeps near pairs
  /// exact.
  private static let fewFeatures = 16
  private static let blockRows = 256, blockColumns = 4096

  /// Calls `body` with one block after the other; those of the same rows follow each other.
  /// - Throws: `Failure` of kind noMemory.
  func forEachBlock(_ body: (Block) -> Void) throws(Failure) {
    let buffer = try Buffer(
      count: min(Self.blockRows, rows.count) * min(Self.blockColumns, columns.count)
        * MemoryLayout<Float>.stride, for: "a block of distances")
    guard let scratch = buffer.bytes.bindMemory(to: Float.self).baseAddress else { return }
    defer { withExtendedLifetime(buffer) {} }
    for r in Self.ranges(of: rows.count, by: Self.blockRows) {
      // The factor −2 is exact.
      let left = rows.size > Self.fewFeatures ? rows.slice(r) * Tensor(-2) : rows.slice(r)
      for c in Self.ranges(of: columns.count, by: Self.blockColumns) {
        let block = Block(rows: r, columns: c, values: scratch)
        if rows.size > Self.fewFeatures {
          try fillByProduct(block, left)
        } else {
          try fillDirectly(block)
        }
        body(block)
      }
    }
  }

  private static func ranges(of count: Int, by size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  private func fillByProduct(_ block: Block, _ left: Tensor) throws(Failure) {
    let product = matmul(left, columns.slice(block.columns), transposeB: true)
    try Memory.check()
    let n = block.columns.count
    product.withElements { product in
      columns.squares.withUnsafeBufferPointer { squares in
        let y = squares.baseAddress! + block.columns.lowerBound
        for i in block.rows {
          let to = block.row(i)
          let from = product.baseAddress! + (to - block.values)
          let x = rows.squares[i]
          for j in 0..<n {
            let value = (x + y[j]) + from[j]
            to[j] = value > 0 ? value : 0
          }
        }
      }
    }
  }

  private func fillDirectly(_ block: Block) throws(Failure) {
    let (n, d) = (block.columns.count, rows.size)
    let turned = columns.slice(block.columns).permuted([1, 0])
    try Memory.check()
    rows.values.withElements { x in
      turned.withElements { y in
        for i in block.rows {
          let to = block.row(i)
          to.update(repeating: 0, count: n)
          for k in 0..<d {
            let (value, from) = (x[i * d + k], y.baseAddress! + k * n)
            for j in 0..<n {
              let difference = value - from[j]
              to[j] += difference * difference
            }
          }
        }
      }
    }
  }
}
