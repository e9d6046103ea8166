import CSGKernels

/// A contiguous, row-major array of `Float` with up to six axes; images are NHWC.
///
/// A value: operations make new tensors and compute at once. A tensor that descends from a
/// `tracked()` one remembers how it was made, so that `gradient(of:wrt:)` can differentiate it, to
/// any order.
public struct Tensor: Sendable {
  /// The extents of its axes.
  public let shape: Shape
  let storage: Storage
  let offset: Int
  /// How it was made; nil for a constant.
  let node: Node?

  init(shape: Shape, storage: Storage, offset: Int = 0, node: Node? = nil) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
    self.node = node
  }

  /// A new tensor whose elements `fill` writes, all of them. Where there is no memory for them
  /// `fill` is not called.
  public init<E: Error>(
    shape: Shape, fill: (UnsafeMutableBufferPointer<Float>) throws(E) -> Void
  ) throws(E) {
    let count = shape.count
    let storage = Storage(count: count)
    if !storage.isSpare {
      try fill(UnsafeMutableBufferPointer(start: storage.base, count: count))
    }
    self.init(shape: shape, storage: storage)
  }

  /// Elements row by row.
  /// - Precondition: as many values as the shape has elements.
  public init(_ values: some Collection<Float>, shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
    self.init(shape: shape) { _ = $0.initialize(from: values) }
  }

  /// A vector.
  public init(_ values: [Float]) { self.init(values, shape: [values.count]) }

  /// A scalar: rank 0.
  public init(_ value: Float) { self.init(repeating: value, shape: []) }

  /// The same value everywhere.
  public init(repeating value: Float, shape: Shape) {
    self.init(shape: shape) { sg_fill(value, $0.baseAddress, $0.count) }
  }

  /// All 0.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }
  /// All 1.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// The number of elements.
  public var count: Int { shape.count }
  /// The number of axes.
  public var rank: Int { shape.rank }

  var pointer: UnsafePointer<Float> { UnsafePointer(storage.base + offset) }

  /// Whether there was no memory for the elements: they are of no use, and whoever computes with
  /// them is about to say so.
  package var isSpare: Bool { storage.isSpare }

  /// Reads the elements in place.
  public func withElements<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
    try withExtendedLifetime(storage) {
      try body(
        UnsafeBufferPointer(start: isSpare ? Storage.zeros(count) : pointer, count: count))
    }
  }

  /// The elements, row by row.
  public var array: [Float] { withElements(Array.init) }

  /// The only element. - Precondition: there is one.
  public var scalar: Float {
    precondition(count == 1, "scalar of a tensor of shape \(shape)")
    return withElements { $0[0] }
  }

  /// A part of a flat tensor with a shape of its own, sharing memory.
  package func view(from start: Int, shape: Shape) -> Tensor {
    precondition(node == nil && start >= 0 && start + shape.count <= count)
    return Tensor(shape: shape, storage: storage, offset: isSpare ? 0 : offset + start)
  }

  /// Whether every element is neither NaN nor infinite.
  public var isFinite: Bool {
    isSpare || withElements { sg_all_finite($0.baseAddress, $0.count) != 0 }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first elements.
  public var description: String {
    let values = withElements { $0.prefix(8).map { "\($0)" } }
    return "Tensor\(shape)(\(values.joined(separator: ", "))\(count > 8 ? ", …" : ""))"
  }
}
