import CSGKernels

/// An operation on tensors: a value that computes an output and states its derivative.
///
/// The derivative is written with tensor operations, so it can be differentiated in turn. There is
/// no default: an operation without a derivative does not compile.
public protocol Op: Sendable {
  /// The output's shape. - Precondition: the inputs fit; layers check that before.
  func shape(_ x: [Tensor]) -> Shape
  /// Writes every element of the output.
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>)
  /// The vector-Jacobian product: for each input, Σ g ∂y/∂x, or nil where it is zero everywhere or
  /// not needed.
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?]
}

/// An operation whose kernel stands for a composition of other operations. The composition gives
/// its derivative, where the operation does not state a faster one, and the oracle of its test.
public protocol FusedOp: Op {
  /// The composition that the kernel stands for.
  func reference(_ x: [Tensor]) -> Tensor
}

extension FusedOp {
  /// The derivative of the composition.
  public func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let recording = g.isTracked || x.contains(where: \.isTracked)
    // Each input has a derivative of its own, so two inputs that are one tensor become two nodes.
    var inputs: [Tensor] = []
    for (tensor, isNeeded) in zip(x, needs) {
      let isRepeated = inputs.contains { $0.node === tensor.node }
      let input = isRepeated ? tensor.aliased : tensor
      inputs.append(isNeeded && !input.isTracked ? input.tracked() : input)
    }
    let wanted = inputs.indices.filter { needs[$0] }
    let found = walk(
      from: reference(inputs), to: wanted.map { inputs[$0] }, seed: g, recording: recording)
    var result = [Tensor?](repeating: nil, count: x.count)
    for (i, gradient) in zip(wanted, found) { result[i] = gradient }
    return result
  }
}

/// How a tensor was made: one step of the computation's graph.
final class Node: @unchecked Sendable {
  /// In order of creation, which is a topological order.
  let id: UInt64
  let op: (any Op)?
  fileprivate(set) var inputs: [Tensor]
  private let shape: Shape
  private let storage: Storage
  private let offset: Int

  init(op: (any Op)?, inputs: [Tensor], shape: Shape, storage: Storage, offset: Int) {
    id = sg_next_id()
    self.op = op
    self.inputs = inputs
    self.shape = shape
    self.storage = storage
    self.offset = offset
  }

  var output: Tensor { Tensor(shape: shape, storage: storage, offset: offset, node: self) }
  var value: Tensor { Tensor(shape: shape, storage: storage, offset: offset) }

  /// Iterative: a long chain of nodes would overflow the stack if each released the one before it.
  deinit {
    var pending = inputs
    inputs = []
    while let tensor = pending.popLast() {
      guard var node = tensor.node else { continue }
      _ = consume tensor
      if isKnownUniquelyReferenced(&node) {
        pending.append(contentsOf: node.inputs)
        node.inputs = []
      }
    }
  }
}

extension Op {
  /// Applies the operation.
  public func callAsFunction(_ x: Tensor...) -> Tensor { apply(x) }

  /// Applies the operation to a list of inputs.
  public func apply(_ x: [Tensor]) -> Tensor {
    let shape = shape(x)
    let storage = Storage(count: shape.count)
    if !storage.isSpare { forward(x, into: storage.base) }
    return record(x, shape: shape, storage: storage, offset: 0)
  }

  /// The output as a tensor that remembers this operation if any input is tracked.
  func record(_ x: [Tensor], shape: Shape, storage: Storage, offset: Int) -> Tensor {
    guard x.contains(where: \.isTracked) else {
      return Tensor(shape: shape, storage: storage, offset: offset)
    }
    let node = Node(op: self, inputs: x, shape: shape, storage: storage, offset: offset)
    return Tensor(shape: shape, storage: storage, offset: offset, node: node)
  }
}

extension Tensor {
  /// Whether it descends from a `tracked()` tensor.
  public var isTracked: Bool { node != nil }

  /// The same values as a starting point of differentiation: pass it as `wrt` to `gradient`.
  public func tracked() -> Tensor {
    let node = Node(op: nil, inputs: [], shape: shape, storage: storage, offset: offset)
    return Tensor(shape: shape, storage: storage, offset: offset, node: node)
  }

  /// The same tensor under a node of its own, which leads back to this one; a constant stays as it
  /// is.
  var aliased: Tensor {
    Reshape(target: shape).record([self], shape: shape, storage: storage, offset: offset)
  }

  /// The same values as a constant.
  public var detached: Tensor { Tensor(shape: shape, storage: storage, offset: offset) }
}
