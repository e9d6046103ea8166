import CSGKernels

/// Activations that kernels apply on the way out. Each has a derivative that is a function of its
/// output, so a fused kernel need not keep what went in.
public enum Activation: Sendable, Hashable {
  /// x.
  case identity
  /// max(x, 0).
  case relu
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// x where positive, else slope · x. - Precondition: slope > 0.
  case leakyReLU(slope: Float)

  var kernel: sg_activation {
    switch self {
    case .identity: sg_activation(kind: SG_IDENTITY, slope: 0)
    case .relu: sg_activation(kind: SG_RELU, slope: 0)
    case .tanh: sg_activation(kind: SG_TANH, slope: 0)
    case .sigmoid: sg_activation(kind: SG_SIGMOID, slope: 0)
    case .leakyReLU(let slope): sg_activation(kind: SG_LEAKY_RELU, slope: slope)
    }
  }

  /// Applies it, elementwise.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .identity: x
    case .relu: ReLU()(x)
    case .tanh: Tanh()(x)
    case .sigmoid: Sigmoid()(x)
    case .leakyReLU(let slope): LeakyReLU(slope: slope)(x)
    }
  }

  /// g times the derivative at the input whose output is y.
  func pullback(_ g: Tensor, _ y: Tensor) -> Tensor {
    self == .identity ? g : ActivationGradient(activation: self)(g, y)
  }
}

/// g · activation′, as a function of g and the activation's output y.
struct ActivationGradient: FusedOp {
  let activation: Activation

  func shape(_ x: [Tensor]) -> Shape { x[0].shape }
  func forward(_ x: [Tensor], into y: UnsafeMutablePointer<Float>) {
    sg_activation_gradient(activation.kernel, x[0].pointer, x[1].pointer, y, x[0].count)
  }
  func reference(_ x: [Tensor]) -> Tensor {
    let (g, y) = (x[0], x[1])
    switch activation {
    case .identity: return g
    case .relu: return g * y.step()
    case .leakyReLU(let slope): return g * ((1 - slope) * y.step() + slope)
    case .tanh: return g * (1 - y.squared())
    case .sigmoid: return g * (y * (1 - y))
    }
  }
}

struct Tanh: ElementwiseOp {
  static let kernel = SG_TANH_OF
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Activation.tanh.pullback(g, y)]
  }
}

struct Sigmoid: ElementwiseOp {
  static let kernel = SG_SIGMOID_OF
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Activation.sigmoid.pullback(g, y)]
  }
}

/// log(1 + eˣ), without overflow.
struct Softplus: ElementwiseOp {
  static let kernel = SG_SOFTPLUS_OF
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * sigmoid(x[0])]
  }
}

struct ReLU: ElementwiseOp {
  static let kernel = SG_RELU_OF
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Activation.relu.pullback(g, y)]
  }
}

struct LeakyReLU: ElementwiseOp {
  static let kernel = SG_LEAKY_RELU_OF
  let slope: Float
  var constants: (a: Float, b: Float) { (slope, 0) }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [Activation.leakyReLU(slope: slope).pullback(g, y)]
  }
}

/// x where positive, else α (eˣ − 1) (Clevert et al. 2016).
struct ELU: ElementwiseOp {
  static let kernel = SG_ELU_OF
  let alpha: Float
  var constants: (a: Float, b: Float) { (alpha, 0) }
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    [g * select(x[0].step(), .ones(y.shape), y + alpha)]
  }
}

/// x σ(x).
struct SiLU: ElementwiseOp {
  static let kernel = SG_SILU_OF
  func vjp(_ g: Tensor, _ x: [Tensor], _ y: Tensor, needs: [Bool]) -> [Tensor?] {
    let s = sigmoid(x[0])
    return [g * (s + y * (1 - s))]
  }
}

/// max(x, 0), elementwise; derivative 0 at 0.
public func relu(_ x: Tensor) -> Tensor { ReLU()(x) }
/// x where positive, else slope · x (Maas et al. 2013). - Precondition: slope > 0.
public func leakyReLU(_ x: Tensor, slope: Float) -> Tensor { LeakyReLU(slope: slope)(x) }
/// Exponential linear unit (Clevert et al. 2016).
public func elu(_ x: Tensor, alpha: Float = 1) -> Tensor { ELU(alpha: alpha)(x) }
/// x σ(x) (Elfwing et al. 2018).
public func silu(_ x: Tensor) -> Tensor { SiLU()(x) }
/// Hyperbolic tangent, elementwise.
public func tanh(_ x: Tensor) -> Tensor { Tanh()(x) }
/// 1/(1 + e⁻ˣ), elementwise.
public func sigmoid(_ x: Tensor) -> Tensor { Sigmoid()(x) }
/// log(1 + eˣ), elementwise, finite for every finite x.
public func softplus(_ x: Tensor) -> Tensor { Softplus()(x) }
