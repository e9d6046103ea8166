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
