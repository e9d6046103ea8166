/// The extents of a tensor's axes, outermost first; rank 0 (a scalar) to 6.
public struct Shape: Sendable, Hashable {
  /// The most axes a tensor can have.
  public static let maximumRank = 6

  private var extents = SIMD8<Int32>(repeating: 1)
  /// The number of axes.
  public let rank: Int

  /// A shape of these extents.
  /// - Precondition: at most six extents, each from 0 to 2³¹ − 1.
  public init(_ extents: some Collection<Int>) {
    precondition(extents.count <= Self.maximumRank, "rank \(extents.count) is above 6")
    rank = extents.count
    for (i, n) in extents.enumerated() { self.extents[i] = Int32(n) }
  }

  /// The extent of an axis; negative axes count from the last.
  public subscript(axis: Int) -> Int {
    get { Int(extents[index(of: axis)]) }
    set { extents[index(of: axis)] = Int32(newValue) }
  }

  /// The axis as an index from 0, where −1 means the last.
  package func index(of axis: Int) -> Int {
    let i = axis < 0 ? axis + rank : axis
    precondition(i >= 0 && i < rank, "axis \(axis) of shape \(self)")
    return i
  }

  /// Number of elements; 1 for a scalar.
  public var count: Int {
    var n = 1
    for axis in 0..<rank { n *= Int(extents[axis]) }
    return n
  }

  /// The extents as an array.
  public var array: [Int] { (0..<rank).map { Int(extents[$0]) } }

  /// Distance in elements between neighbors along each axis of a contiguous, row-major tensor.
  package var strides: [Int] {
    var s = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      s[axis] = s[axis + 1] * self[axis + 1]
    }
    return s
  }

  /// The shape with one more axis of the given extent in front.
  public func prepending(_ n: Int) -> Shape { Shape([n] + array) }

  /// The shape without its first axis: a sample's shape from a batch's.
  public func droppingFirst() -> Shape { Shape(array.dropFirst()) }

  /// The shape that two operands have together under NumPy's broadcasting rule, or nil if they do
  /// not fit.
  public func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    var (long, short) = rank >= other.rank ? (self, other) : (other, self)
    let offset = long.rank - short.rank
    for axis in 0..<short.rank {
      let (a, b) = (long[offset + axis], short[axis])
      if a != b && a != 1 && b != 1 { return nil }
      if a == 1 { long[offset + axis] = b }
    }
    return long
  }

  /// Strides with which a contiguous tensor of this shape is read as `target`: 0 along broadcast
  /// axes.
  func strides(broadcastTo target: Shape) -> [Int] {
    let own = strides
    let offset = target.rank - rank
    return (0..<target.rank).map { axis in
      axis < offset || (self[axis - offset] == 1 && target[axis] != 1) ? 0 : own[axis - offset]
    }
  }
}

extension Shape: ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extents as a literal: `[64, 28, 28, 1]`.
  public init(arrayLiteral extents: Int...) { self.init(extents) }
  /// The extents: `[64, 28, 28, 1]`.
  public var description: String { "\(array)" }
}
