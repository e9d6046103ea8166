import SGBasics
import SGNets
import SGTensors

/// The masked autoencoder for distribution estimation (Germain et al. 2015): one network gives
/// p(x_d | the elements before d in an order) for all d, because its masks cut every connection
/// from an element to those at its place or before. With several orders, which share their weights,
/// the model is the mixture of all of them in equal parts, so its likelihood stays exact.
package struct MADE: DescentFamily {
  package static let family = "made"
  package static let summary =
    "A masked autoencoder for distribution estimation (Germain et al. 2015)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    options.output == .gaussian ? nil : ValueRange(0, 1)
  }

  /// p(x_d | …).
  package enum Output: String, Sendable, CaseIterable {
    /// 1 with a probability; the network gives logits.
    case bernoulli
    /// Normal; the network gives means and log variances.
    case gaussian
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var width = 500
    var depth = 1
    var orders = 1
    var output = Output.bernoulli
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "made",
      Settings([
        Setting("width", \.width, .int(in: 1...(1 << 16)), "Units of a hidden layer."),
        Setting("depth", \.depth, .int(in: 1...16), "Hidden layers."),
        Setting(
          "orders", \.orders, .int(in: 1...1000),
          "Orders of the elements; the model is the mixture of all."),
        Setting("output", \.output, .choice, "The distribution of an element given others."),
      ]), "The masked network.")
  ])

  /// Real-valued vectors by normal distributions; images binarized.
  package static func suggestion(for samples: SampleKind) -> JSON {
    if samples.isRealVector { return ["made": ["output": "gaussian"]] }
    return samples.isGrayImage ? ["data": ["binarize": "fixed"]] : [:]
  }

  package let options: Options
  package var unboundedSetting: String? {
    output == .bernoulli ? "made.output \"gaussian\"" : nil
  }
  let size: Int
  var output: Output { options.output }
  /// The place of every element, from 0, in each order.
  let places: [[Int]]
  /// The network with the masks of each order; parameters are those of all.
  let forms: [Network]

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let (width, depth, output) = (options.width, options.depth, options.output)
    let orders = options.orders
    if output == .bernoulli, settings.range != ValueRange(0, 1) {
      throw Failure(.configuration, "made.output: \"bernoulli\" goes with data.range [0, 1]")
    }
    let count = settings.shape.reduce((1, false)) { product, n in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: n)
      return (value, product.1 || overflow)
    }
    guard !count.1, count.0 <= 1 << 16 else {
      throw Failure(.limit, "data.shape: MADE has a place for each of at most \(1 << 16) elements")
    }
    let size = count.0
    let (inner, outer) = (max(size, width), output == .gaussian ? 2 * size : size)
    let (first, _) = inner.multipliedReportingOverflow(by: max(inner, outer))
    try Memory.reserve(floats: first, copies: (depth + 1) * orders, for: "MADE's masks")
    self.size = size
    var places = [Array(0..<size)]
    for i in 1..<max(orders, 1) {
      let key = RandomKey(.orders, seed: settings.seed, step: UInt64(i))
      places.append(key.draw(size, of: size))
    }
    self.places = places
    var forms: [Network] = []
    do throws(ConfigError) {
      for order in places {
        let layers = Self.layers(order, width: width, depth: depth, outputs: outer / size)
        forms.append(
          try Network(
            [Flatten()] + layers, input: Shape(settings.shape), place: "made"))
      }
    } catch {
      throw Failure(error)
    }
    self.forms = forms
  }

  /// Dense layers with masks for an order. Hidden units take the degrees 1 … size − 1 in turn, so
  /// that each is met as often.
  private static func layers(
    _ places: [Int], width: Int, depth: Int, outputs: Int
  ) -> [any Layer] {
    let hidden = (0..<width).map { 1 + $0 % max(places.count - 1, 1) }
    func mask(_ from: [Int], _ to: [Int], _ connects: (Int, Int) -> Bool) -> Tensor {
      Tensor(shape: [from.count, to.count]) { y in
        for (i, a) in from.enumerated() {
          for (j, b) in to.enumerated() { y[i * to.count + j] = connects(a, b) ? 1 : 0 }
        }
      }
    }
    let inputs = places.map { $0 + 1 }
    var layers: [any Layer] = [
      MaskedDense(mask: mask(inputs, hidden) { $0 <= $1 }), ActivationLayer.relu,
    ]
    for _ in 1..<depth {
      layers += [MaskedDense(mask: mask(hidden, hidden) { $0 <= $1 }), ActivationLayer.relu]
    }
    let ends = (0..<outputs).flatMap { _ in inputs }
    return layers + [MaskedDense(mask: mask(hidden, ends) { $0 < $1 })]
  }

  package var networks: [(name: String, network: Network)] { [("network", forms[0])] }

  package var figureUnits: [String: FigureUnit] { ["cost": .nats] }

  /// The order of a step is the next of all.
  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let order = Int(pass.step % UInt64(forms.count))
    return DescentCost(-logDensity(of: x, pass.apply(forms[order], weightsOf: 0, x)).mean())
  }

  /// log p(x) of each sample under one order, [batch], in nats, from the network's output.
  func logDensity(of x: Tensor, _ output: Tensor) -> Tensor {
    let n = x.shape[0]
    let x = x.reshaped([n, size])
    switch self.output {
    case .bernoulli: return (x * output - softplus(output)).sum([1])
    case .gaussian:
      let (mean, logVariance) = parts(output)
      let squares = (x - mean).squared() * exp(-logVariance)
      let constant = Float(0.9189385332046727)  // ½ log 2π
      return (-0.5 * (squares + logVariance)).sum([1]) - Float(size) * constant
    }
  }

  /// Means and log variances, which are kept within ±20.
  func parts(_ output: Tensor) -> (mean: Tensor, logVariance: Tensor) {
    let n = output.shape[0]
    return (
      output.slice(from: [0, 0], [n, size]),
      output.slice(from: [0, size], [n, size]).clamped(-20, 20)
    )
  }
}
