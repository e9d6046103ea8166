import SGBasics
import SGNets
import SGTensors

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
  /// The place of the discriminator's network; nil: there is none.
  private(set) var discriminator: Int?

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

  /// The discriminator of samples of a shape, where there is a game.
  mutating func discriminator(_ shape: [Int]) throws(Failure) {
    let game = options.adversarial
    guard game.weight > 0 else {
      guard game.likelihoodWeight > 0 else {
        throw Failure(
          .configuration,
          "\(family).adversarial: weight and likelihood_weight are both 0; nothing would be learned"
        )
      }
      return
    }
    let place = "\(family).adversarial.discriminator"
    let network: Network
    do throws(ConfigError) {
      let context = PlainContext(
        shape: shape, latent: Prior(size: 1), discriminatorOutputs: 1)
      network = try Network(
        game.discriminator.discriminatorLayers(context), input: Shape(shape), place: place)
    } catch {
      throw Failure(error)
    }
    guard !network.needsReference, !network.needsFirstBatch else {
      throw Failure(
        .configuration, "\(place): reference_norm and weight_norm with first_batch are for GANs")
    }
    discriminator = networks.count
    networks.append(("discriminator", network))
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
