import SGNets
import SGTensors

/// One invertible step of a flow, from data to latents.
enum FlowStep: Sendable {
  /// (x − offset) · factor.
  case fixed(offset: Float, factor: Float)
  /// The logit of α + (1 − 2α) x, from [0, 1] to the real numbers (Dinh et al. 2017, section 4.1).
  case logit(Float)
  /// Elements outside the mask move as a network says that sees those inside (Dinh et al. 2017,
  /// eq. 9; Dinh et al. 2015 without a factor).
  case coupling(Int, mask: Tensor, isAffine: Bool)
  /// Blocks of 2 × 2 pixels become channels.
  case squeeze
  /// The second half of the channels are latents already.
  case split
  /// x eˢ with a learned s for each element (Dinh et al. 2015, eq. 5).
  case scaling(Int)
  /// x W + b with a square W (Bell & Sejnowski 1995).
  case linear(Int)
}

/// The networks of a flow with some weights.
struct FlowNetworks {
  let networks: [Network]
  let weights: (Int) -> [Tensor]

  func callAsFunction(_ index: Int, _ x: Tensor) -> Tensor {
    networks[index](
      x, parameters: weights(index), state: [], isTraining: false,
      random: RandomKey(.layers, seed: 0)
    ).output
  }
}

/// A batch on its way through a flow.
struct FlowState {
  var x: Tensor
  /// What became latents on the way, [batch, any].
  var latents: [Tensor] = []
  /// log |det ∂ / ∂ data| so far, [batch].
  var logDeterminant: Tensor

  init(_ x: Tensor) {
    self.x = x
    logDeterminant = .zeros([x.shape[0]])
  }

  private var size: Float { Float(x.count / x.shape[0]) }

  /// Sums over all axes but the first.
  private static func sums(_ x: Tensor) -> Tensor { x.sum(Array(1..<x.rank)) }

  mutating func forward(_ step: FlowStep, _ networks: FlowNetworks) {
    switch step {
    case .fixed(let offset, let factor):
      x = factor * (x - offset)
      logDeterminant = logDeterminant + size * log(Tensor(factor).absolute())
    case .logit(let alpha):
      let p = (1 - 2 * alpha) * x + alpha
      x = log(p) - log(1 - p)
      let slopes = softplus(x) + softplus(-x) + log(Tensor(1 - 2 * alpha))
      logDeterminant = logDeterminant + Self.sums(slopes)
    case .coupling(let index, let mask, let isAffine):
      let (logScale, shift) = Self.coupling(networks(index, x * mask), 1 - mask, isAffine)
      guard let logScale else {
        x = x + shift
        break
      }
      x = x * exp(logScale) + shift
      logDeterminant = logDeterminant + Self.sums(logScale)
    case .squeeze:
      let (n, h, w, c) = (x.shape[0], x.shape[1] / 2, x.shape[2] / 2, x.shape[3])
      x = x.reshaped([n, h, 2, w, 2, c]).permuted([0, 1, 3, 2, 4, 5]).reshaped([n, h, w, 4 * c])
    case .split:
      let (first, second) = Self.halves(x)
      latents.append(second.reshaped([x.shape[0], second.count / x.shape[0]]))
      x = first
    case .scaling(let index):
      let logScale = networks.weights(index)[0]
      x = x * exp(logScale)
      logDeterminant = logDeterminant + logScale.sum()
    case .linear(let index):
      x = networks(index, x)
      logDeterminant = logDeterminant + SGTensors.logDeterminant(networks.weights(index)[0])
    }
  }

  /// Undoes `forward`. Determinants are left out, and splits take the last latents.
  mutating func backward(_ step: FlowStep, _ networks: FlowNetworks) {
    switch step {
    case .fixed(let offset, let factor): x = x / factor + offset
    case .logit(let alpha): x = (sigmoid(x) - alpha) / (1 - 2 * alpha)
    case .coupling(let index, let mask, let isAffine):
      let (logScale, shift) = Self.coupling(networks(index, x * mask), 1 - mask, isAffine)
      x = x - shift
      if let logScale { x = x * exp(-logScale) }
    case .squeeze:
      let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] / 4)
      x = x.reshaped([n, h, w, 2, 2, c]).permuted([0, 1, 3, 2, 4, 5])
        .reshaped([n, 2 * h, 2 * w, c])
    case .split: x = .concatenate([x, latents.removeLast().reshaped(x.shape)], axis: -1)
    case .scaling(let index): x = x * exp(-networks.weights(index)[0])
    case .linear(let index):
      let weights = networks.weights(index)
      x = matmul(x - weights[1], inverse(weights[0]))
    }
  }

  /// Log scales, kept within ±3 by 3 tanh(s / 3), and shifts of the elements that move.
  private static func coupling(
    _ output: Tensor, _ moving: Tensor, _ isAffine: Bool
  ) -> (logScale: Tensor?, shift: Tensor) {
    guard isAffine else { return (nil, output * moving) }
    let (scale, shift) = halves(output)
    return (3 * Activation.tanh(scale / 3) * moving, shift * moving)
  }

  /// The halves of the last axis.
  private static func halves(_ x: Tensor) -> (Tensor, Tensor) {
    var (half, start) = (x.shape, [Int](repeating: 0, count: x.rank))
    half[-1] /= 2
    let first = x.slice(from: start, half)
    start[x.rank - 1] = half[-1]
    return (first, x.slice(from: start, half))
  }
}

/// A learned logarithm of a factor for each element. `FlowStep.scaling` takes its weight.
struct LogScale: Layer {
  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    try d.parameter("log_scale", x.array, .zeros)
    d.cost(x.count)
    return x
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { x * exp(c.parameter()) }
}
