import SGNets
import SGTensors

/// The conditionals p(x_d | the elements before d) of all d in one pass, by hidden units that gain
/// one input with each element (Larochelle & Murray 2011, eqs. 4 and 5):
/// a_d = c + Σ_{e<d} x_e W_e, h_d = activation(ρ_d a_d), outputs_d = h_d V_d + b_d.
/// Indices count along the order. Samples become [elements, outputs].
struct NADELayer: Layer {
  /// The element at every place of the order.
  let order: [Int]
  let width: Int
  /// Outputs of each element.
  let outputs: Int
  let activation: Activation
  /// Whether ρ is learned (Uria et al. 2013); else it is 1.
  let isScaled: Bool

  /// The parameters, in order of declaration.
  struct Weights {
    let input, hiddenBias: Tensor
    let scale: Tensor?
    let output, bias: Tensor

    /// - Parameter next: gives the next declared parameter.
    init(isScaled: Bool, _ next: () -> Tensor) {
      input = next()
      hiddenBias = next()
      scale = isScaled ? next() : nil
      output = next()
      bias = next()
    }
  }

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let n = order.count
    try d.parameter("weight", [n, width], .glorot, fans: (n, width))
    try d.parameter("hidden_bias", [width], .zeros)
    if isScaled { try d.parameter("scale", [n], .constant(1)) }
    try d.parameter("output_weight", [n, width, outputs], .glorot, fans: (width, outputs))
    try d.parameter("output_bias", [n, outputs], isScaled ? .normal(1) : .zeros)
    d.cost(n, width, outputs + 1)
    return try d.shape([n, outputs])
  }

  /// The elements in their order, [elements, batch].
  func ordered(_ x: Tensor) -> Tensor {
    x.reshaped([x.shape[0], order.count]).permuted([1, 0]).gather(order.map { Int32($0) })
  }

  /// The hidden units that see the elements before place d.
  func hidden(_ sum: Tensor, _ scale: Tensor?, at d: Int) -> Tensor {
    activation(scale.map { sum * $0.slice(from: [d], [1]) } ?? sum)
  }

  /// [batch, elements, outputs]. Mixtures keep the sums a_d at every √elements-th place only; what
  /// lies between is computed again for the derivative.
  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let w = Weights(isScaled: isScaled) { c.parameter() }
    let (n, batch) = (order.count, x.shape[0])
    let x = ordered(x)
    if outputs == 1 && activation == .sigmoid && !isScaled {
      let logits = causalLogits(
        x, input: w.input, bias: w.hiddenBias, output: w.output.reshaped([n, width]))
      return logits.permuted([1, 0]).reshaped([batch, n, 1]) + w.bias
    }
    var sum = w.hiddenBias.reshaped([1, width]).broadcast(to: [batch, width])
    var parts: [Tensor] = []
    let length = max(1, Int(Double(n).squareRoot()))
    for first in stride(from: 0, to: n, by: length) {
      let piece = first..<min(first + length, n)
      let (k, size) = (outputs, piece.count)
      let inputs =
        [sum, x.rows(piece), w.input.rows(piece), w.output.rows(piece)]
        + (w.scale.map { [$0.rows(piece)] } ?? [])
      let result = recomputed(inputs, shape: [batch, size * k + width]) { inputs in
        var sum = inputs[0]
        let (x, input, output) = (inputs[1], inputs[2], inputs[3])
        let scale = inputs.count > 4 ? inputs[4] : nil
        var all: [Tensor] = []
        for d in 0..<size {
          all.append(
            matmul(hidden(sum, scale, at: d), output.rows(d..<d + 1).reshaped([width, k])))
          sum = sum + x.rows(d..<d + 1).reshaped([batch, 1]) * input.rows(d..<d + 1)
        }
        return .concatenate(all + [sum], axis: 1)
      }
      parts.append(result.slice(from: [0, 0], [batch, size * k]))
      sum = result.slice(from: [0, size * k], [batch, width])
    }
    return Tensor.concatenate(parts, axis: 1).reshaped([batch, n, outputs]) + w.bias
  }
}
