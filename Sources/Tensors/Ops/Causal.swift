import CSGKernels

/// The logits of sigmoid units that gain one input at each place: a₀ = c, h_d = σ(a_d),
/// y_d = h_d · v_d, a_{d+1} = a_d + x_d w_d (Larochelle & Murray 2011, eqs. 4 and 5).
/// Inputs x [places, batch], w [places, width], c [width], v [places, width]; y is [places, batch].
struct CausalLogits: FusedOp {
  func shape(_ x: [Tensor]) -> Shape {
    let (places, width) = (x[0].shape[0], x[2].count)
    precondition(
      x[0].rank == 2 && x[1].shape == [places, width] && x[3].shape == x[1].shape,
      "causal logits of \(x.map(\.shape))")
    return x[0].shape
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_causal(
      x[0].shape[0], x[0].shape[1], x[2].count, x[0].pointer, x[1].pointer, x[2].pointer,
      x[3].pointer, y)
  }

  func reference(_ x: [Tensor]) -> Tensor {
    let (places, batch, width) = (x[0].shape[0], x[0].shape[1], x[2].count)
    var sum = x[2].reshaped([1, width]).broadcast(to: [batch, width])
    var logits: [Tensor] = []
    for d in 0..<places {
      logits.append((sigmoid(sum) * x[3].rows(d..<d + 1)).sum([1]).reshaped([1, batch]))
      sum = sum + x[0].rows(d..<d + 1).reshaped([batch, 1]) * x[1].rows(d..<d + 1)
    }
    return logits.isEmpty ? .zeros([0, batch]) : .concatenate(logits, axis: 0)
  }

  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let all = CausalGradient(needsInput: needs[0]).apply([g] + x)
    var start = 0
    return zip(x, needs).enumerated().map { i, part in
      let (x, isNeeded) = part
      if i == 0 && !isNeeded { return nil }
      defer { start += x.count }
      return isNeeded ? all.slice(from: [start], [x.count]).reshaped(x.shape) : nil
    }
  }
}

/// The derivatives of Σ g y of `CausalLogits`, flat and one after another: of x, where it is
/// needed, w, c, v. Inputs g [places, batch], then those of `CausalLogits`.
struct CausalGradient: FusedOp {
  let needsInput: Bool

  func shape(_ x: [Tensor]) -> Shape {
    [(needsInput ? x[1].count : 0) + x[2].count + x[3].count + x[4].count]
  }

  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    let dw = y + (needsInput ? x[1].count : 0)
    let dc = dw + x[2].count
    sg_causal_gradient(
      x[1].shape[0], x[1].shape[1], x[3].count, x[0].pointer, x[1].pointer, x[2].pointer,
      x[3].pointer, x[4].pointer, needsInput ? y : nil, dw, dc, dc + x[3].count)
  }

  func reference(_ x: [Tensor]) -> Tensor {
    let inputs = x[1...].map { $0.isTracked ? $0 : $0.tracked() }
    let wanted = needsInput ? inputs : Array(inputs[1...])
    let parts = gradient(
      of: CausalLogits().reference(inputs), wrt: wanted, seed: x[0], recording: true)
    return .concatenate(parts.map { $0.reshaped([$0.count]) }, axis: 0)
  }
}

/// The logits of sigmoid units that gain one input at each place, [places, batch].
/// - Parameters:
///   - x: what is gained, [places, batch].
///   - input: the weights that it comes with, [places, width].
///   - bias: of the units before the first place, [width].
///   - output: the weights from the units to each place's logit, [places, width].
package func causalLogits(
  _ x: Tensor, input: Tensor, bias: Tensor, output: Tensor
) -> Tensor {
  CausalLogits().apply([x, input, bias, output])
}
