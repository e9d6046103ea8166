/// The derivatives of y with respect to each tensor of `x`, weighted by `seed` (default: ones): Σ
/// seed ∂y/∂x.
///
/// Only paths from y to `x` are walked. Where y does not depend on an x the result is zero. What
/// led to y is given up on the way as far as nobody else holds it: `gradient(of: consume y, wrt:
/// x)` needs the least memory.
/// - Parameters:
///   - x: tensors made by `tracked()`, or anything computed from such.
///   - seed: of y's shape.
///   - recording: whether the results can be differentiated again.
public func gradient(
  of y: consuming Tensor, wrt x: [Tensor], seed: Tensor? = nil, recording: Bool = false
) -> [Tensor] {
  let seed = seed ?? .ones(y.shape)
  precondition(seed.shape == y.shape, "seed \(seed.shape) for a tensor of shape \(y.shape)")
  return zip(x, walk(from: consume y, to: x, seed: seed, recording: recording)).map {
    $1 ?? .zeros($0.shape)
  }
}

/// Reverse accumulation. The walk stops at `targets`: a target's own history is not entered, so
/// they are treated as independent of each other. Nothing recurses.
func walk(
  from y: consuming Tensor, to targets: [Tensor], seed: Tensor, recording: Bool
) -> [Tensor?] {
  guard let root = y.node else { return targets.map { _ in nil } }
  _ = consume y
  let targetIDs = targets.map { $0.node?.id ?? 0 }
  var ends = NodeNumbers()
  for id in targetIDs where id != 0 { ends[id] = 0 }

  // Every node that y depends on, in order of creation.
  var places = NodeNumbers()
  var nodes: [Node] = []
  var pending = [consume root]
  places[pending[0].id] = 0
  while let node = pending.popLast() {
    nodes.append(node)
    if ends[node.id] != nil { continue }
    for input in node.inputs {
      guard let next = input.node, places[next.id] == nil else { continue }
      places[next.id] = 0
      pending.append(next)
    }
  }
  nodes.sort { $0.id < $1.id }
  for (i, node) in nodes.enumerated() { places[node.id] = i }

  // Where the inputs of each are, and which of them lead to a target.
  let targetPlaces = targetIDs.map { places[$0] }
  var isTarget = [Bool](repeating: false, count: nodes.count)
  for case let i? in targetPlaces { isTarget[i] = true }
  var leads = isTarget
  var inputs: [Int?] = []
  var firstInput = [0]
  for (i, node) in nodes.enumerated() {
    if !isTarget[i] {
      for input in node.inputs {
        let j = input.node.flatMap { places[$0.id] }
        inputs.append(j)
        if let j, leads[j] { leads[i] = true }
      }
    }
    firstInput.append(inputs.count)
  }

  var gradients = [Tensor?](repeating: nil, count: nodes.count)
  gradients[nodes.count - 1] = recording ? seed : seed.detached
  while let node = nodes.popLast() {
    let i = nodes.count
    guard leads[i], !isTarget[i], let g = gradients[i], let op = node.op else { continue }
    gradients[i] = nil
    let wayBack = inputs[firstInput[i]..<firstInput[i + 1]]
    let needs = wayBack.map { $0.map { leads[$0] } ?? false }
    let parts =
      recording
      ? op.vjp(g, node.inputs, node.output, needs: needs)
      : op.vjp(g, node.inputs.map { $0.detached }, node.value, needs: needs)
    for ((part, isNeeded), place) in zip(zip(parts, needs), wayBack) where isNeeded {
      guard let part, let j = place else { continue }
      gradients[j] = gradients[j].map { $0 + part } ?? part
    }
  }
  return targetPlaces.map { $0.flatMap { gradients[$0] } }
}

/// Numbers of nodes by their ids. Ids of one graph lie close together, so a node's place is looked
/// for from its id's low bits on.
private struct NodeNumbers {
  private var ids = [UInt64](repeating: 0, count: 64)  // 0: free
  private var values = [Int](repeating: 0, count: 64)
  private var count = 0

  subscript(id: UInt64) -> Int? {
    get {
      let slot = slot(of: id)
      return ids[slot] == id && id != 0 ? values[slot] : nil
    }
    set {
      guard let newValue else { preconditionFailure("nothing is taken out") }
      var slot = slot(of: id)
      if ids[slot] == 0 {
        count += 1
        if 2 * count > ids.count {
          grow()
          slot = self.slot(of: id)
        }
        ids[slot] = id
      }
      values[slot] = newValue
    }
  }

  /// Where the id is, or the free slot that it would take.
  private func slot(of id: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: id) & (ids.count - 1)
    while ids[slot] != id && ids[slot] != 0 { slot = (slot + 1) & (ids.count - 1) }
    return slot
  }

  private mutating func grow() {
    let (oldIDs, oldValues) = (ids, values)
    ids = [UInt64](repeating: 0, count: 2 * oldIDs.count)
    values = [Int](repeating: 0, count: ids.count)
    for (id, value) in zip(oldIDs, oldValues) where id != 0 {
      let slot = slot(of: id)
      ids[slot] = id
      values[slot] = value
    }
  }
}
