import SGTestSupport
@testable import SGTensors

/// One case of a row with its numbers drawn, and what the function and its derivatives should give
/// there, found by differencing the reference.
///
/// With h(x, u) = Σ u f(x), the first derivative is tested by ⟨∂h/∂x, v⟩, the second by the
/// derivative of ⟨∂h/∂x, w⟩ along (v, t), t being a direction of u.
struct OpTrial {
  let row: OpRow
  let x: [Values]
  /// Places of the inputs that have a derivative.
  let places: [Int]
  let y: Values
  let u, t: Values
  let v, w: [Values]
  let first: Difference
  let crossFirst: Difference
  let second: Difference

  /// A difference quotient and the error that rounding may have put into it.
  struct Difference {
    var value = 0.0
    var noise = 0.0
  }

  init(_ row: OpRow, _ inputs: [Input], _ numbers: inout Numbers) {
    self.row = row
    x = row.draw(inputs, &numbers)
    places = inputs.indices.filter { !inputs[$0].constant }
    y = row.reference(x)
    u = numbers.direction(y.shape)
    t = numbers.direction(y.shape)
    v = x.map { numbers.direction($0.shape) }
    w = x.map { numbers.direction($0.shape) }
    if row.piecewiseConstant {
      (first, crossFirst, second) = (.init(), .init(), .init())
      return
    }
    let line = Line(row: row, x: x, places: places, u: u, t: t)
    // Near a kink the function is smooth only for short steps; it is of low degree there, so they
    // lose nothing.
    let step = row.distance == nil ? 1e-3 : 2e-4
    let noise = zip(u.elements, y.elements).reduce(0) { $0 + abs($1.0 * $1.1) } * 2e-16
    first = Difference(value: line.first(v, step), noise: 4 * noise / step)
    crossFirst = Difference(value: line.first(w, step), noise: 4 * noise / step)
    second = Difference(value: line.mixed(v, w, 2 * step), noise: 2 * noise / (step * step))
  }

  /// h along lines through x.
  private struct Line {
    let row: OpRow
    let x: [Values]
    let places: [Int]
    let u, t: Values

    func h(_ moves: [(Double, [Values])], _ seed: Double) -> Double {
      var at = x
      for (step, direction) in moves {
        for place in places { at[place] = at[place].moved(step, direction[place]) }
      }
      return row.reference(at).dot(seed == 0 ? u : u.moved(seed, t))
    }

    /// Central, of fourth order.
    func first(_ v: [Values], _ step: Double) -> Double {
      func spread(_ e: Double) -> Double { h([(e, v)], 0) - h([(-e, v)], 0) }
      return (8 * spread(step) - spread(2 * step)) / (12 * step)
    }

    /// Along (v, t) and (w, 0), of fourth order.
    func mixed(_ v: [Values], _ w: [Values], _ step: Double) -> Double {
      func quotient(_ e: Double) -> Double {
        let ahead = h([(e, v), (e, w)], e) - h([(e, v), (-e, w)], e)
        let behind = h([(-e, v), (e, w)], -e) - h([(-e, v), (-e, w)], -e)
        return (ahead - behind) / (4 * e * e)
      }
      return (4 * quotient(step) - quotient(2 * step)) / 3
    }
  }
}

/// What the engine makes of a trial.
struct OpResult {
  var y: Tensor
  /// ∂h/∂x by differentiable input.
  var first: [Tensor]
  /// The derivatives of ⟨∂h/∂x, w⟩, by differentiable input and then by u.
  var second: [Tensor]
  /// Σ ⟨∂h/∂x, w⟩, whose history holds every operation of y and of its derivative.
  var projection: Tensor

  init(_ trial: OpTrial) {
    var x = trial.x.map { Tensor($0) }
    for place in trial.places { x[place] = x[place].tracked() }
    let wanted = trial.places.map { x[$0] }
    let u = Tensor(trial.u).tracked()
    y = trial.row.op(x)
    first = gradient(of: y, wrt: wanted, seed: u, recording: true)
    projection = zip(first, trial.places).reduce(Tensor(0)) {
      $0 + ($1.0 * Tensor(trial.w[$1.1])).sum()
    }
    second = gradient(of: projection, wrt: wanted + [u])
  }

  var all: [Tensor] { [y] + first + second }

  /// Every operation of y, of its derivative and of the projection.
  var nodes: [Node] {
    var pending = [y.node, projection.node].compactMap { $0 }
    var seen = Set(pending.map(\.id))
    var found: [Node] = []
    while let node = pending.popLast() {
      found.append(node)
      for input in node.inputs.compactMap(\.node) where seen.insert(input.id).inserted {
        pending.append(input)
      }
    }
    return found
  }
}
