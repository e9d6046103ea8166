/// The derivatives of y with respect to each tensor of `x`, weighted by `seed` (default: ones): Σ seed ∂y/∂x.
///
/// Only paths from y to `x` are walked. Where y does not depend on an x the result is zero. What led to y is given up on the way as far as
/// nobody else holds it: `gradient(of: consume y, wrt: x)` needs the least memory.
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

/// Reverse accumulation. The walk stops at `targets`: a target's own history is not entered, so they are treated as
/// independent of each other. Nothing recurses.
func walk(
  from y: consuming Tensor, to targets: [Tensor], seed: Tensor, recording: Bool
) -> [Tensor?] {
  guard let root = y.node else { return targets.map { _ in nil } }
  _ = consume y
  let targetIDs = Set(targets.compactMap { $0.node?.id })

  // Every node that y depends on, in order of creation.
  var nodes: [Node] = []
  var seen: Set<UInt64> = [root.id]
  var pending = [consume root]
  while let node = pending.popLast() {
    nodes.append(node)
    if targetIDs.contains(node.id) { continue }
    for input in node.inputs {
      if let next = input.node, seen.insert(next.id).inserted { pending.append(next) }
    }
  }
  nodes.sort { $0.id < $1.id }

  // Which of them lead to a target.
  var place: [UInt64: Int] = Dictionary(minimumCapacity: nodes.count)
  var leads = [Bool](repeating: false, count: nodes.count)
  for (i, node) in nodes.enumerated() {
    place[node.id] = i
    leads[i] =
      targetIDs.contains(node.id)
      || node.inputs.contains { $0.node.flatMap { place[$0.id] }.map { leads[$0] } ?? false }
  }

  var found: [UInt64: Tensor] = [:]
  var gradients = [Tensor?](repeating: nil, count: nodes.count)
  gradients[nodes.count - 1] = recording ? seed : seed.detached
  while let node = nodes.popLast() {
    let i = nodes.count
    guard leads[i], let g = gradients[i] else { continue }
    gradients[i] = nil
    if targetIDs.contains(node.id) {
      found[node.id] = g
      continue
    }
    guard let op = node.op else { continue }
    let needs = node.inputs.map { $0.node.flatMap { place[$0.id] }.map { leads[$0] } ?? false }
    let parts =
      recording
      ? op.vjp(g, node.inputs, node.output, needs: needs)
      : op.vjp(g, node.inputs.map(\.detached), node.value, needs: needs)
    for (k, part) in parts.enumerated() where needs[k] {
      guard let part, let id = node.inputs[k].node?.id, let j = place[id] else { continue }
      gradients[j] = gradients[j].map { $0 + part } ?? part
    }
  }
  return targets.map { $0.node.flatMap { found[$0.id] } }
}
