import SGNets
import SGTensors

/// A dense layer some of whose connections are cut: x (w ∘ m) + b (Germain et al. 2015, eq. 8).
struct MaskedDense: Layer {
  /// 1 where an input reaches a unit, else 0: [inputs, units].
  let mask: Tensor

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    let (inputs, units) = (mask.shape[0], mask.shape[1])
    guard x == [inputs] else { throw d.error("expected a vector of \(inputs), found \(x)") }
    try d.parameter("weight", [inputs, units], .glorot, fans: (inputs, units))
    try d.parameter("bias", [units], .zeros)
    d.cost(inputs, units)
    return [units]
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let weight = c.parameter() * mask
    return dense(x, weight, bias: c.parameter(), activation: .identity)
  }
}
