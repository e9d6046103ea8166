import SGNets
import SGTensors

/// The free energy of a restricted Boltzmann machine, F(v) = −log Σ_h exp(−E(v, h)): samples become
/// one number. Its statistics are the states of persistent chains, if there are any.
struct RBMLayer: Layer {
  let hidden: Int
  /// The standard deviation of normal visible units; nil: visible units are 0 or 1.
  let deviation: Float?
  /// Persistent chains; 0: none.
  let chains: Int

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.parameter("weight", [x.count, hidden], .normal(0.01))
    try d.parameter("visible_bias", [x.count], .zeros)
    try d.parameter("hidden_bias", [hidden], .zeros)
    if chains > 0 { try d.state("chains", [chains, x.count], initial: 0) }
    d.cost(x.count, hidden)
    return try d.shape([1])
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let rbm = RBM([c.parameter(), c.parameter(), c.parameter()], deviation: deviation)
    return rbm.freeEnergy(x.reshaped([x.shape[0], x.count / x.shape[0]])).reshaped([x.shape[0], 1])
  }
}
