import SGNets
import SGTensors
import Testing

/// Operations, layers and optimizers against PyTorch in float64 (`Vectors/ops.json`).
@Suite struct OperationVectorTests {
  private let stored: Stored

  init() throws { stored = try VectorFile.load(Stored.self, "ops") }

  @Test func convolutions() {
    #expect(stored.convolutions.count == 7)
    for v in stored.convolutions {
      let (x, w) = (v.inputs["x"]!.tensor.tracked(), v.inputs["weight"]!.tensor.tracked())
      let geometry = ConvolutionGeometry(
        input: (x.shape[1], x.shape[2]), output: (v.outputShape[1], v.outputShape[2]),
        kernel: (w.shape[0], w.shape[1]), stride: (v.stride![0], v.stride![1]),
        padding: (v.before![0], v.before![1]))
      v.check(convolution(x, w, geometry), ["x": x, "weight": w])
    }
  }

  @Test func transposedConvolutions() throws {
    #expect(stored.transposedConvolutions.count == 5)
    for v in stored.transposedConvolutions {
      let (x, w) = (v.inputs["x"]!.tensor.tracked(), v.inputs["weight"]!.tensor.tracked())
      let layer = TransposedConvolution(
        w.shape[2], kernel: Size(w.shape[0], w.shape[1]), stride: Size(v.stride![0], v.stride![1]),
        padding: .symmetric(Size(v.padding![0], v.padding![1])),
        outputPadding: Size(v.outputPadding![0], v.outputPadding![1]), bias: false)
      let network = try Network([layer], input: x.shape.droppingFirst(), place: "test")
      let y = network(x, parameters: [w], state: [], isTraining: true, random: unused).output
      v.check(y, ["x": x, "weight": w])
    }
  }

  @Test func normalizations() throws {
    #expect(stored.batchNorm.count == 4)
    for v in stored.batchNorm + stored.layerNorm {
      let x = v.inputs["x"]!.tensor.tracked()
      let (w, b) = (v.inputs["weight"]!.tensor.tracked(), v.inputs["bias"]!.tensor.tracked())
      let epsilon = Float(v.epsilon!)
      let layer: any Layer =
        v.momentum.map { BatchNorm(epsilon: epsilon, momentum: Float($0)) }
        ?? LayerNorm(epsilon: epsilon)
      let network = try Network([layer], input: x.shape.droppingFirst(), place: "test")
      let state: [Tensor] = v.momentum == nil ? [] : [.zeros(b.shape), .ones(b.shape)]
      let (y, after, _) = network(
        x, parameters: [w, b], state: state, isTraining: true, random: unused)
      // A mean of 100 is known to half a unit in the last place, 4e-6, which is 7e-6 of these
      // values' deviation.
      v.check(
        y, ["x": x, "weight": w, "bias": b], tolerance: v.name == "mean_far_from_zero" ? 1e-5 : 2e-6
      )
      if let mean = v.runningMean, let variance = v.runningVar {
        expectClose(after[0], mean, "running mean of \(v.name)")
        expectClose(after[1], variance, "running variance of \(v.name)")
      }
    }
  }

  @Test func activations() {
    let functions: [String: (Tensor) -> Tensor] = [
      "relu": relu, "leaky_relu": { leakyReLU($0, slope: 0.2) }, "tanh": SGTensors.tanh,
      "sigmoid": sigmoid, "elu": { elu($0) }, "silu": silu, "softplus": softplus,
    ]
    #expect(Set(stored.activations.map(\.name)) == Set(functions.keys))
    for v in stored.activations {
      let x = Tensor(v.x.map { Float($0) }).tracked()
      let y = functions[v.name]!(x)
      expectClose(y, v.output, v.name)
      let first = gradient(of: y.sum(), wrt: [x], recording: true)[0]
      expectClose(first, v.derivative, "derivative of \(v.name)")
      let second = gradient(of: first.sum(), wrt: [x])[0]
      expectClose(second, v.secondDerivative, "second derivative of \(v.name)")
    }
  }

  @Test func optimizers() {
    #expect(stored.optimizers.count == 8)
    for v in stored.optimizers {
      let optimizer = v.optimizer
      var weights = v.parameter.tensor
      var state = OptimizerState(for: optimizer, count: weights.count)
      for (t, (recipe, expected)) in zip(v.gradients, v.after).enumerated() {
        let next = optimizer.step(
          weights: weights, gradient: recipe.tensor, state: state, rate: optimizer.learningRate)
        #expect(next.finite)
        (weights, state) = (next.weights, next.state)
        expectClose(weights, expected, "\(v.name) after update \(t)")
      }
    }
  }

  @Test func schedules() {
    #expect(stored.schedules.count == 4)
    for v in stored.schedules {
      let a = v.attributes
      let schedule: Schedule =
        switch v.name {
        case "constant": .constant
        case "linear": .linear(steps: UInt64(a["over"]!), to: Float(a["to"]!))
        case "cosine": .cosine(steps: UInt64(a["over"]!), to: Float(a["to"]!))
        default: .step(every: UInt64(a["every"]!), factor: Float(a["factor"]!))
        }
      for (t, expected) in v.factors.enumerated() {
        let factor = Double(schedule.factor(at: UInt64(t)))
        #expect(abs(factor - expected) < 1e-6, "\(v.name) at step \(t): \(factor), not \(expected)")
      }
    }
  }

  private let unused = RandomKey(seed: 1, stream: 0, step: 0)
}

/// Relative to the largest expected magnitude; 2e-6 is float32's rounding in sums of some dozens of
/// terms.
private func expectClose(
  _ actual: Tensor, _ expected: [Double], _ what: String, tolerance: Double = 2e-6
) {
  guard actual.count == expected.count else {
    Issue.record("\(what): \(actual.count) elements, not \(expected.count)")
    return
  }
  let scale = expected.lazy.map(abs).max() ?? 0
  for (i, (a, e)) in zip(actual.array, expected).enumerated() {
    let error = abs(Double(a) - e)
    #expect(error <= tolerance * scale + 1e-30, "\(what), element \(i): \(a), not \(e)")
  }
}

private struct Stored: Decodable {
  var convolutions, transposedConvolutions, batchNorm, layerNorm: [Differentiated]
  var activations: [Function]
  var optimizers: [Trajectory]
  var schedules: [Factors]
}

private struct Differentiated: Decodable {
  var name: String
  var inputs: [String: Recipe]
  var stride, before, padding, outputPadding: [Int]?
  var epsilon, momentum: Double?
  var runningMean, runningVar: [Double]?
  var outputShape: [Int]
  var output: [Double]
  var cotangent: Recipe
  var gradients: [String: [Double]]

  /// The output, and the gradient by every input.
  func check(_ y: Tensor, _ inputs: [String: Tensor], tolerance: Double = 2e-6) {
    #expect(y.shape == Shape(outputShape), "\(name)")
    expectClose(y, output, name, tolerance: tolerance)
    #expect(Set(inputs.keys) == Set(gradients.keys))
    let names = inputs.keys.sorted()
    let derivatives = gradient(of: y, wrt: names.map { inputs[$0]! }, seed: cotangent.tensor)
    for (input, derivative) in zip(names, derivatives) {
      expectClose(
        derivative, gradients[input]!, "\(name): gradient by \(input)", tolerance: tolerance)
    }
  }
}

private struct Function: Decodable {
  var name: String
  var x, output, derivative, secondDerivative: [Double]
}

private struct Trajectory: Decodable {
  var name: String
  var attributes: [String: Double]
  var parameter: Recipe
  var gradients: [Recipe]
  var after: [[Double]]

  var optimizer: any Optimizer {
    func value(_ key: String, _ other: Double = 0) -> Float { Float(attributes[key] ?? other) }
    let rate = value("lr")
    if name.hasPrefix("sgd") {
      return SGD(learningRate: rate, momentum: value("momentum"), nesterov: value("nesterov") != 0)
    }
    if name.hasPrefix("rmsprop") {
      return RMSprop(
        learningRate: rate, decay: value("alpha"), epsilon: value("eps"),
        momentum: value("momentum"))
    }
    return Adam(
      learningRate: rate, beta1: value("beta1"), beta2: value("beta2"), epsilon: value("eps"),
      weightDecay: value("weight_decay"), amsgrad: value("amsgrad") != 0)
  }
}

private struct Factors: Decodable {
  var name: String
  var attributes: [String: Double]
  var factors: [Double]
}
