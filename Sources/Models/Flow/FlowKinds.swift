import SGBasics
import SGNets
import SGTensors

/// A kind of flow: its name, its settings, its steps.
package protocol FlowKind: Sendable {
  static var family: String { get }
  static var summary: String { get }
  /// The keys that the kind has.
  static var settings: [Setting<FlowOptions>] { get }
  static func defaults(shape: [Int]) -> FlowOptions
  /// Settings of its own that fit images or binary samples better than the defaults.
  static func suggestion(for samples: SampleKind) -> [(key: String, value: JSON)]
  /// Adds the kind's steps.
  static func build(_ flow: inout FlowBuilder, _ options: FlowOptions) throws(Failure)
}

extension FlowKind {
  package static func suggestion(for samples: SampleKind) -> [(key: String, value: JSON)] { [] }
}

/// Real NVP (Dinh et al. 2017): affine couplings; of images with checkerboard and channel masks on
/// several scales.
package enum RealNVP: FlowKind {
  package static let family = "realnvp"
  package static let summary = "Real NVP, a flow of affine couplings (Dinh et al. 2017)."
  package static let settings = [
    FlowOptions.couplings, FlowOptions.width, FlowOptions.depth, FlowOptions.scales,
    FlowOptions.dequantize, FlowOptions.logit,
  ]

  package static func defaults(shape: [Int]) -> FlowOptions {
    var options = FlowOptions(shape: shape)
    options.couplings = options.isImage ? 3 : 6
    options.depth = options.isImage ? 1 : 2
    options.alpha = options.isImage ? 0.05 : nil
    return options
  }

  /// Narrow networks, whose steps are many in minutes.
  package static func suggestion(for samples: SampleKind) -> [(key: String, value: JSON)] {
    samples.isImage ? [("width", 16)] : []
  }

  package static func build(
    _ flow: inout FlowBuilder, _ options: FlowOptions
  ) throws(Failure) {
    let (couplings, width, depth) = (options.couplings, options.width, options.depth)
    let (isImage, scales) = (options.isImage, options.scales)
    try flow.preprocess()
    guard isImage else {
      try flow.flatten()
      return try flow.couple(couplings, .alternating, isAffine: true, width, depth)
    }
    let (height, side) = (flow.shape[0], 1 << scales)
    guard height % side == 0, flow.shape[1] % side == 0 else {
      throw Failure(
        .configuration,
        "data.shape: checkerboard masks on \(scales) scales need sides that \(side) divides, found"
          + " \(height) x \(flow.shape[1]) (realnvp.scales)")
    }
    for scale in 1...scales {
      let isLast = scale == scales
      try flow.couple(couplings + (isLast ? 1 : 0), .checkerboard, isAffine: true, width, depth)
      if isLast { break }
      flow.add(.squeeze)
      flow.shape = [flow.shape[0] / 2, flow.shape[1] / 2, 4 * flow.shape[2]]
      try flow.couple(couplings, .channels, isAffine: true, width, depth)
      flow.add(.split)
      flow.shape[2] /= 2
    }
  }
}

/// NICE (Dinh et al. 2015): additive couplings of every second element, then a factor for each.
package enum NICE: FlowKind {
  package static let family = "nice"
  package static let summary = "NICE, a flow of additive couplings (Dinh et al. 2015)."
  package static let settings = [
    FlowOptions.couplings, FlowOptions.width, FlowOptions.depth, FlowOptions.prior,
    FlowOptions.dequantize, FlowOptions.logit,
  ]

  package static func defaults(shape: [Int]) -> FlowOptions {
    var options = FlowOptions(shape: shape)
    (options.couplings, options.width, options.depth) = (4, 256, 2)
    options.prior = .logistic
    return options
  }

  package static func build(
    _ flow: inout FlowBuilder, _ options: FlowOptions
  ) throws(Failure) {
    try flow.preprocess()
    try flow.flatten()
    let (couplings, width, depth) = (options.couplings, options.width, options.depth)
    try flow.couple(couplings, .alternating, isAffine: false, width, depth)
    flow.add(.scaling(try flow.network("scale", [LogScale()])))
  }
}

/// Independent component analysis by maximum likelihood, which is Bell & Sejnowski's (1995)
/// principle of most information: sources x W + b that are independent under the prior.
package enum ICA: FlowKind {
  package static let family = "ica"
  package static let summary =
    "Independent component analysis by maximum likelihood (Bell & Sejnowski 1995)."
  package static let settings = [
    FlowOptions.prior, FlowOptions.dequantize, FlowOptions.logit,
  ]

  package static func defaults(shape: [Int]) -> FlowOptions {
    var options = FlowOptions(shape: shape)
    options.prior = .logistic
    options.levels = nil
    return options
  }

  package static func build(
    _ flow: inout FlowBuilder, _ options: FlowOptions
  ) throws(Failure) {
    try flow.preprocess()
    try flow.flatten()
    guard flow.shape[0] <= 1024 else {
      throw Failure(
        .limit, "data.shape: ica takes at most 1024 elements, found \(flow.shape[0])")
    }
    let layer = Dense(flow.shape[0], initializer: .orthogonal(1))
    flow.add(.linear(try flow.network("unmixing", [layer])))
  }
}

/// Steps and networks as a kind adds them.
package struct FlowBuilder {
  enum Mask { case alternating, checkerboard, channels }

  let options: FlowOptions
  let family: String
  let range: ValueRange?
  /// The shape of a sample after the steps so far.
  var shape: [Int]
  private(set) var steps: [FlowStep] = []
  private(set) var networks: [(name: String, network: Network)] = []
  private(set) var takesRange = false

  init(_ options: FlowOptions, family: String, shape: [Int], range: ValueRange?) {
    (self.options, self.family, self.shape, self.range) = (options, family, shape, range)
  }

  mutating func add(_ step: FlowStep) { steps.append(step) }

  /// Levels of samples that are made continuous by noise (Uria et al. 2013), and α of the logit;
  /// either can be null.
  mutating func preprocess() throws(Failure) {
    let (levels, alpha) = (options.levels, options.alpha)
    guard levels != nil || alpha != nil else { return }
    guard let range else {
      throw Failure(
        .configuration, "\(family): dequantize and logit need data.range, which is null")
    }
    takesRange = true
    if let levels {
      add(.fixed(offset: 0, factor: 1 / Float(levels)))
    } else {
      add(.fixed(offset: range.low, factor: 1 / (range.high - range.low)))
    }
    if let alpha { add(.logit(alpha)) }
  }

  /// What follows takes vectors.
  mutating func flatten() throws(Failure) {
    do throws(ConfigError) {
      shape = [try Network([Flatten()], input: Shape(shape), place: family).output.count]
    } catch {
      throw Failure(error)
    }
  }

  mutating func network(_ name: String, _ layers: [any Layer]) throws(Failure) -> Int {
    do throws(ConfigError) {
      networks.append((name, try Network(layers, input: Shape(shape), place: family)))
    } catch {
      throw Failure(error)
    }
    return networks.count - 1
  }

  /// Couplings one after another, whose masks change places. They begin as the identity.
  mutating func couple(
    _ count: Int, _ mask: Mask, isAffine: Bool, _ width: Int, _ depth: Int
  ) throws(Failure) {
    guard shape != [1] else {
      throw Failure(.configuration, "data.shape: a coupling needs at least 2 elements, found 1")
    }
    let outputs = (isAffine ? 2 : 1) * (shape.last ?? 1)
    let area = mask == .checkerboard ? shape.prefix(2) : shape.suffix(1)
    try Memory.reserve(
      floats: area.reduce(count) { $0.multipliedReportingOverflow(by: $1).partialValue }, copies: 2,
      for: "\(count) masks")
    for i in 0..<count {
      var layers: [any Layer] = []
      if mask == .alternating {
        for _ in 0..<depth { layers += [Dense(width), ActivationLayer.relu] }
        layers.append(Dense(outputs, initializer: .zeros))
      } else {
        let relu = ActivationLayer.relu
        layers = [Convolution(width, kernel: Size(3))]
        for _ in 0..<depth {
          layers.append(
            Residual([
              relu, Convolution(width, kernel: Size(3)), relu,
              Convolution(width, kernel: Size(3)),
            ]))
        }
        layers += [relu, Convolution(outputs, kernel: Size(3), initializer: .zeros)]
      }
      let index = try network("coupling_\(networks.count)", layers)
      add(.coupling(index, mask: tensor(mask, isSecond: i % 2 == 1), isAffine: isAffine))
    }
  }

  /// 1 where elements stay, else 0: of every second element, pixel, or of half the channels.
  private func tensor(_ mask: Mask, isSecond: Bool) -> Tensor {
    func values(_ extents: [Int], _ isFirst: (Int) -> Bool) -> Tensor {
      Tensor(shape: Shape(extents)) { y in
        for i in y.indices { y[i] = isFirst(i) != isSecond ? 1 : 0 }
      }
    }
    switch mask {
    case .alternating: return values(shape) { $0 % 2 == 0 }
    case .channels: return values([1, 1, shape[2]]) { $0 < shape[2] / 2 }
    case .checkerboard:
      let width = shape[1]
      return values([shape[0], width, 1]) { ($0 / width + $0 % width) % 2 == 0 }
    }
  }
}
