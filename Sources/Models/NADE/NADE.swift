import SGBasics
import SGNets
import SGTensors

/// The neural autoregressive distribution estimator: p(x) = Π p(x_d | the elements before d in an
/// order), with weights that all conditionals share. For elements that are 0 or 1 (Larochelle &
/// Murray 2011), or for real ones with mixtures of normal distributions (RNADE, Uria et al. 2013).
package struct NADE: DescentFamily {
  package static let family = "nade"
  package static let summary =
    "A neural autoregressive distribution estimator (Larochelle & Murray 2011; Uria et al. 2013)."

  package static func range(shape: [Int], _ options: Options) -> ValueRange? {
    options.output == .mixture ? nil : ValueRange(0, 1)
  }

  /// p(x_d | …).
  package enum Output: String, Sendable, CaseIterable {
    /// 1 with a probability; hidden units are sigmoid.
    case bernoulli
    /// A mixture of normal distributions; hidden units are rectified.
    case mixture
  }

  /// The family's own settings.
  package struct Options: Sendable {
    var width = 500
    var output = Output.bernoulli
    /// Normal distributions of a mixture.
    var components = 10
    /// The order as JSON gives it.
    var order = JSON.null
  }

  package static func defaults(shape: [Int]) -> Options { Options() }
  package static let settings = Settings<Options>([
    .group(
      "nade",
      Settings([
        Setting("width", \.width, .int(in: 1...(1 << 16)), "Hidden units."),
        Setting("output", \.output, .choice, "The distribution of an element given others."),
        Setting(
          "components", \.components, .int(in: 1...1000), "Normal distributions of a mixture."
        ).only(where: { $0.output == .mixture }, "nade.output \"mixture\""),
        Setting(
          "order", \.order, .order,
          "The order of the elements: null for as they are, \"reversed\", the seed of a random one,"
            + " or a permutation of their indices."),
      ]), "The network.")
  ])

  /// Real-valued vectors by normal distributions; images binarized.
  package static func suggestion(for samples: SampleKind) -> JSON {
    if samples.isRealVector { return ["nade": ["output": "mixture"]] }
    return samples.isGrayImage ? ["data": ["binarize": "fixed"]] : [:]
  }

  package let options: Options
  package var unboundedSetting: String? {
    output == .bernoulli ? "nade.output \"mixture\"" : nil
  }
  var output: Output { options.output }
  var components: Int { options.components }
  let layer: NADELayer
  private let network: Network

  package init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    let (output, components) = (options.output, options.components)
    let count = settings.shape.reduce((1, false)) { product, n in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: n)
      return (value, product.1 || overflow)
    }
    guard !count.1, count.0 <= 1 << 16 else {
      throw Failure(.limit, "data.shape: NADE has a place for each of at most \(1 << 16) elements")
    }
    let order = try Self.order(options.order, of: count.0)
    if output == .bernoulli, settings.range != ValueRange(0, 1) {
      throw Failure(.configuration, "nade.output: \"bernoulli\" goes with data.range [0, 1]")
    }
    layer = NADELayer(
      order: order, width: options.width, outputs: output == .mixture ? 3 * components : 1,
      activation: output == .mixture ? .relu : .sigmoid, isScaled: output == .mixture)
    do throws(ConfigError) {
      network = try Network([layer], input: Shape(settings.shape), place: "nade")
    } catch {
      throw Failure(error)
    }
  }

  /// The element at every place: as they are, the last first, in random order by a seed, or a
  /// permutation of their indices.
  private static func order(_ setting: JSON, of count: Int) throws(Failure) -> [Int] {
    switch setting {
    case .null: return Array(0..<count)
    case .string("reversed"): return (0..<count).reversed()
    case .integer(let seed) where seed >= 0:
      return RandomKey(.orders, seed: UInt64(seed)).draw(count, of: count)
    case .array(let items):
      var seen = [Bool](repeating: false, count: count)
      var order: [Int] = []
      for (i, item) in items.enumerated() {
        let element = try item.int(in: 0...(count - 1), path: "nade.order[\(i)]")
        guard !seen[element] else {
          throw Failure(
            .configuration,
            "nade.order: expected a permutation of 0...\(count - 1), found \(element) twice")
        }
        seen[element] = true
        order.append(element)
      }
      guard order.count == count else {
        throw Failure(
          .configuration,
          "nade.order: expected a permutation of 0...\(count - 1), found \(order.count) elements")
      }
      return order
    default:
      throw Failure(
        .configuration,
        "nade.order: expected null, \"reversed\", a seed or a permutation of 0...\(count - 1),"
          + " found \(setting.kindName)")
    }
  }

  package var networks: [(name: String, network: Network)] { [("network", network)] }

  package var figureUnits: [String: FigureUnit] { ["cost": .nats] }

  package func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    DescentCost(-logDensity(of: x, pass(0, x)).mean())
  }

  /// log p(x) of each sample, [batch], in nats, from the network's output.
  func logDensity(of x: Tensor, _ output: Tensor) -> Tensor {
    let (n, size) = (x.shape[0], layer.order.count)
    let x = layer.ordered(x).permuted([1, 0])
    switch self.output {
    case .bernoulli:
      let logits = output.reshaped([n, size])
      return (x * logits - softplus(logits)).sum([1])
    case .mixture:
      let (logits, mean, logDeviation) = parts(output)
      let scaled = (x.reshaped([n, size, 1]) - mean) * exp(-logDeviation)
      let constant = Float(0.9189385332046727)  // ½ log 2π
      let each = logSoftmax(logits) - logDeviation - 0.5 * scaled.squared() - constant
      return logSumExp(each).sum([1])
    }
  }

  /// The logit of each component's share, its mean, and the logarithm of its standard deviation,
  /// which is kept within ±7.
  /// - Parameter output: […, 3 components].
  func parts(_ output: Tensor) -> (logits: Tensor, mean: Tensor, logDeviation: Tensor) {
    var size = output.shape
    size[-1] = components
    func part(_ i: Int) -> Tensor {
      var start = [Int](repeating: 0, count: output.rank)
      start[output.rank - 1] = i * components
      return output.slice(from: start, size)
    }
    return (part(0), part(1), part(2).clamped(-7, 7))
  }
}

extension ValueForm<JSON> {
  /// An order of a sample's elements, which is checked where their number is known.
  fileprivate static var order: ValueForm {
    ValueForm(
      schema: [
        (
          "anyOf",
          [
            ["type": "null"], ["const": "reversed"], orderIndex,
            ["type": "array", "items": orderIndex],
          ]
        )
      ]
    ) { o, key throws(Failure) in
      o.take(key) ?? .null
    } write: {
      $0
    }
  }
}

/// The schema of an element's index.
private var orderIndex: JSON { ["type": "integer", "minimum": 0] }
