import SGBasics
import SGNets
import SGTensors

/// A kind of flow: its name, its settings, its steps.
package protocol FlowKind: Sendable {
  static var family: String { get }
  /// Reads the kind's keys and adds its steps.
  static func build(_ flow: inout FlowBuilder) throws(Failure)
}

/// Real NVP (Dinh et al. 2017): affine couplings; of images with checkerboard and channel masks on
/// several scales.
package enum RealNVP: FlowKind {
  package static let family = "realnvp"

  package static func build(_ flow: inout FlowBuilder) throws(Failure) {
    let isImage = flow.shape.count == 3
    let couplings = try flow.int("couplings", in: 1...64, default: isImage ? 3 : 6)
    let width = try flow.int("width", in: 1...(1 << 14), default: 64)
    let depth = try flow.int("depth", in: 1...16, default: isImage ? 1 : 2)
    let scales = isImage ? try flow.int("scales", in: 1...16, default: 2) : 1
    try flow.preprocess(isImage: isImage)
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

  package static func build(_ flow: inout FlowBuilder) throws(Failure) {
    let isImage = flow.shape.count == 3
    let couplings = try flow.int("couplings", in: 1...64, default: 4)
    let width = try flow.int("width", in: 1...(1 << 14), default: 256)
    let depth = try flow.int("depth", in: 1...16, default: 2)
    try flow.prior(default: .logistic)
    try flow.preprocess(isImage: isImage)
    try flow.flatten()
    try flow.couple(couplings, .alternating, isAffine: false, width, depth)
    flow.add(.scaling(try flow.network("scale", [LogScale()])))
  }
}

/// Independent component analysis by maximum likelihood, which is Bell & Sejnowski's (1995)
/// principle of most information: sources x W + b that are independent under the prior.
package enum ICA: FlowKind {
  package static let family = "ica"

  package static func build(_ flow: inout FlowBuilder) throws(Failure) {
    try flow.prior(default: .logistic)
    try flow.preprocess(isImage: false)
    try flow.flatten()
    guard flow.shape[0] <= 1024 else {
      throw Failure(
        .limit, "data.shape: ica takes at most 1024 elements, found \(flow.shape[0])")
    }
    let layer = Dense(flow.shape[0], initialiser: .orthogonal(1))
    flow.add(.linear(try flow.network("unmixing", [layer])))
  }
}

/// Steps and networks as a kind adds them, and the settings that it read.
package struct FlowBuilder {
  enum Mask { case alternating, checkerboard, channels }

  var own: JSONObject
  let family: String
  let range: ValueRange?
  /// Of a sample after the steps so far.
  var shape: [Int]
  private(set) var steps: [FlowStep] = []
  private(set) var networks: [(name: String, network: Network)] = []
  private(set) var members: [(String, JSON)] = []
  private(set) var prior = FlowPrior.normal
  private(set) var levels: Int?
  private(set) var takesRange = false

  init(_ own: JSONObject, family: String, shape: [Int], range: ValueRange?) {
    (self.own, self.family, self.shape, self.range) = (own, family, shape, range)
  }

  mutating func add(_ step: FlowStep) { steps.append(step) }

  mutating func int(
    _ key: String, in range: ClosedRange<Int>, default value: Int
  ) throws(Failure) -> Int {
    let found = try own.int(key, in: range, default: value)
    members.append((key, JSON(found)))
    return found
  }

  mutating func prior(default value: FlowPrior) throws(Failure) {
    prior = try own.choice("prior", default: value)
    members.append(("prior", .string(prior.rawValue)))
  }

  /// Levels of samples that are made continuous by noise (Uria et al. 2013), and α of the logit;
  /// either can be null.
  mutating func preprocess(isImage: Bool) throws(Failure) {
    levels = isImage ? 256 : nil
    if let value = own.take("dequantize") {
      levels = value == .null ? nil : try own.int("dequantize", in: 2...65536)
    }
    var alpha = isImage && family == RealNVP.family ? 0.05 : nil
    if let value = own.take("logit") {
      alpha = value == .null ? nil : try own.double("logit", in: 1e-6...0.49)
    }
    members += [
      ("dequantize", levels.map { JSON($0) } ?? .null),
      ("logit", alpha.map { .number($0) } ?? .null),
    ]
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
    if let alpha { add(.logit(Float(alpha))) }
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
        layers.append(Dense(outputs, initialiser: .zeros))
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
        layers += [relu, Convolution(outputs, kernel: Size(3), initialiser: .zeros)]
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
