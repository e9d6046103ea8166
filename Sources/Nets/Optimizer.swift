import CSGKernels
import SGTensors

/// A rule that turns gradients into new weights, over flat buffers. A value; its state is passed in
/// and out, so that a step can be dropped.
public protocol Optimizer: Sendable {
  /// The learning rate, before the schedule's factor.
  var learningRate: Float { get }
  /// What it keeps for each weight, such as `first_moment`.
  var slots: [String] { get }

  /// New weights and state.
  /// - Parameters:
  ///   - rate: the learning rate of this step.
  ///   - state: one flat tensor a slot, and how many steps have been made.
  /// - Returns: `finite` is false when a new weight is NaN or infinite.
  func step(
    weights: Tensor, gradient: Tensor, state: OptimizerState, rate: Float
  ) -> (weights: Tensor, state: OptimizerState, finite: Bool)
}

/// What an optimizer carries from step to step.
public struct OptimizerState: Sendable {
  /// One flat tensor of the weights' size for each of the optimizer's slots.
  public var slots: [Tensor]
  /// Steps made.
  public var steps: UInt64

  /// A state between two steps.
  public init(slots: [Tensor], steps: UInt64) {
    self.slots = slots
    self.steps = steps
  }

  /// All zeros, as before the first step.
  package init(for optimizer: some Optimizer, count: Int) {
    self.init(slots: optimizer.slots.map { _ in .zeros([count]) }, steps: 0)
  }
}

/// Adam (Kingma & Ba 2015), with AMSGrad (Reddi et al. 2018) and decoupled weight decay (Loshchilov
/// & Hutter 2019): a step takes rate · decay · w off each weight w, beside the gradient's part.
public struct Adam: Optimizer, Hashable {
  /// A constant of the rule, named as in the paper: the learning rate α, the decay β₁ of the first
  /// moment, ε, the weight decay.
  public var learningRate, beta1, epsilon, weightDecay: Float
  /// The decay β₂ of the second moment over the steps of the optimizer. The correction of the first
  /// steps takes the newest β₂, as PyTorch's does where it is changed.
  public var scheduledBeta2: ScheduledValue
  /// β₂ at the first step; setting it makes that the decay of all steps.
  public var beta2: Float {
    get { scheduledBeta2.start }
    set { scheduledBeta2 = ScheduledValue(newValue) }
  }
  /// Whether the largest second moment so far takes the place of the newest (AMSGrad).
  public var amsgrad: Bool

  /// Adam; the defaults are those of DCGAN (Radford et al. 2015).
  public init(
    learningRate: Float = 0.0002, beta1: Float = 0.5, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float = 0, amsgrad: Bool = false
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    scheduledBeta2 = ScheduledValue(beta2)
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.amsgrad = amsgrad
  }

  public var slots: [String] {
    ["first_moment", "second_moment"] + (amsgrad ? ["largest_second_moment"] : [])
  }

  public func step(
    weights: Tensor, gradient: Tensor, state: OptimizerState, rate: Float
  ) -> (weights: Tensor, state: OptimizerState, finite: Bool) {
    let t = Double(state.steps + 1)
    let beta2 = scheduledBeta2.value(at: state.steps)
    var p = sg_adam(
      rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
      correction1: Float(1 - power(Double(beta1), t)),
      correction2: Float(1 - power(Double(beta2), t)))
    return update(weights, gradient, state) { n, g, w, s, w2, s2 in
      sg_adam_step(
        &p, n, g, w, s[0], s[1], amsgrad ? s[2] : nil, w2, s2[0], s2[1], amsgrad ? s2[2] : nil)
    }
  }
}

/// Stochastic gradient descent, with momentum, optionally Nesterov's (Sutskever et al. 2013).
/// Weight decay is coupled: decay · w is added to the gradient.
public struct SGD: Optimizer, Hashable {
  /// A constant of the rule: the learning rate, the momentum, the weight decay.
  public var learningRate, momentum, weightDecay: Float
  /// Whether the momentum is Nesterov's.
  public var nesterov: Bool

  /// Gradient descent.
  public init(
    learningRate: Float = 0.01, momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.weightDecay = weightDecay
  }

  public var slots: [String] { momentum == 0 ? [] : ["momentum"] }

  public func step(
    weights: Tensor, gradient: Tensor, state: OptimizerState, rate: Float
  ) -> (weights: Tensor, state: OptimizerState, finite: Bool) {
    update(weights, gradient, state) { n, g, w, s, w2, s2 in
      sg_sgd_step(rate, momentum, nesterov ? 1 : 0, weightDecay, n, g, w, s.first, w2, s2.first)
    }
  }
}

/// RMSprop (Tieleman & Hinton 2012), optionally with momentum. Weight decay is coupled: decay · w
/// is added to the gradient.
public struct RMSprop: Optimizer, Hashable {
  /// A constant of the rule: the learning rate, the decay of the mean square, ε, the momentum, the
  /// weight decay.
  public var learningRate, decay, epsilon, momentum, weightDecay: Float

  /// RMSprop; the defaults are PyTorch's, with a smaller rate.
  public init(
    learningRate: Float = 0.001, decay: Float = 0.99, epsilon: Float = 1e-8, momentum: Float = 0,
    weightDecay: Float = 0
  ) {
    self.learningRate = learningRate
    self.decay = decay
    self.epsilon = epsilon
    self.momentum = momentum
    self.weightDecay = weightDecay
  }

  public var slots: [String] { ["mean_square"] + (momentum == 0 ? [] : ["momentum"]) }

  public func step(
    weights: Tensor, gradient: Tensor, state: OptimizerState, rate: Float
  ) -> (weights: Tensor, state: OptimizerState, finite: Bool) {
    update(weights, gradient, state) { n, g, w, s, w2, s2 in
      sg_rmsprop_step(
        rate, decay, epsilon, momentum, weightDecay, n, g, w, s[0], s.count > 1 ? s[1] : nil, w2,
        s2[0], s2.count > 1 ? s2[1] : nil)
    }
  }
}

/// Runs a kernel that reads old weights and slots and writes new ones.
private func update(
  _ weights: Tensor, _ gradient: Tensor, _ state: OptimizerState,
  _ kernel: (
    Int, UnsafePointer<Float>, UnsafePointer<Float>, [UnsafePointer<Float>],
    UnsafeMutablePointer<Float>, [UnsafeMutablePointer<Float>]
  ) -> Int32
) -> (weights: Tensor, state: OptimizerState, finite: Bool) {
  precondition(gradient.count == weights.count)
  let n = weights.count
  var targets: [UnsafeMutablePointer<Float>] = []
  let slots = state.slots.map { _ in
    Tensor(shape: [n]) { targets.append($0.baseAddress!) }
  }
  var finite = true
  let new = Tensor(shape: [n]) { w2 in
    let old = state.slots.map { $0.withElements { $0.baseAddress! } }
    gradient.withElements { g in
      weights.withElements { w in
        finite = kernel(n, g.baseAddress!, w.baseAddress!, old, w2.baseAddress!, targets) != 0
      }
    }
  }
  return (new, OptimizerState(slots: slots, steps: state.steps + 1), finite)
}

/// x to the power t, for x in 0...1 and whole t, by squaring.
private func power(_ x: Double, _ t: Double) -> Double {
  var (result, base, n) = (1.0, x, UInt64(t))
  while n > 0 {
    if n & 1 == 1 { result *= base }
    base *= base
    n >>= 1
  }
  return result
}
