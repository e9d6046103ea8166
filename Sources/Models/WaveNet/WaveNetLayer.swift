import SGNets
import SGTensors

/// WaveNet (van den Oord et al. 2016, section 2): gated convolutions along time that see nothing
/// later, whose dilations double from layer to layer, with residual and skip connections. Samples
/// [time] of levels' numbers become [time, levels], the logits of each element's level given those
/// before it.
struct WaveNetLayer: Layer {
  let levels: Int
  /// Features of the residual connections, of the skip connections, and between the last layers.
  let width, skip, head: Int
  /// Taps of a convolution.
  let taps: Int
  /// The dilation of each layer.
  let dilations: [Int]
  /// Classes that samples are conditioned on; 0: none.
  let classes: Int

  /// The parameters of a layer.
  struct Weights {
    /// [taps, width, 2 width]
    let weight, bias: Tensor
    /// What a class adds before the gate, [classes, 2 width].
    let condition: Tensor?
    /// To the next layer, [width, width]; nil: there is none.
    let residual, residualBias: Tensor?
    /// [width, skip]
    let skip: Tensor
  }

  /// All parameters.
  struct All {
    /// The features of a level, and in the last row those of the beginning, [levels + 1, width].
    let table: Tensor
    let layers: [Weights]
    let skipBias, head, headBias, output, outputBias: Tensor
  }

  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else { throw d.error("expected a vector of samples, found \(x)") }
    let pairs = 2 * width
    try d.parameter("table", [levels + 1, width], .normal(0.5))
    for layer in dilations.indices {
      func name(_ part: String) -> String { "\(layer).\(part)" }
      try d.parameter(
        name("weight"), [taps, width, pairs], .glorot, fans: (taps * width, pairs))
      try d.parameter(name("bias"), [pairs], .zeros)
      if classes > 0 { try d.parameter(name("condition"), [classes, pairs], .zeros) }
      if layer < dilations.count - 1 {
        try d.parameter(name("residual_weight"), [width, width], .glorot, fans: (width, width))
        try d.parameter(name("residual_bias"), [width], .zeros)
      }
      try d.parameter(name("skip_weight"), [width, skip], .glorot, fans: (width, skip))
    }
    try d.parameter("skip_bias", [skip], .zeros)
    try d.parameter("head_weight", [skip, head], .he, fans: (skip, head))
    try d.parameter("head_bias", [head], .zeros)
    try d.parameter("output_weight", [head, levels], .glorot, fans: (head, levels))
    try d.parameter("output_bias", [levels], .zeros)
    d.cost(x[0], dilations.count, width, taps * pairs + width + skip)
    d.cost(x[0], head, skip + levels)
    let kept = try d.shape([dilations.count, 8 * width + 2 * skip])
    d.keeps(try d.shape([x[0], kept.count + 2 * head + levels]).count)
    return try d.shape([x[0], levels])
  }

  /// - Parameter next: gives the next declared parameter.
  func weights(_ next: () -> Tensor) -> All {
    let table = next()
    let layers = dilations.indices.map { layer in
      let (weight, bias) = (next(), next())
      let condition = classes > 0 ? next() : nil
      let isLast = layer == dilations.count - 1
      let (residual, residualBias) = isLast ? (nil, nil) : (next(), next())
      return Weights(
        weight: weight, bias: bias, condition: condition, residual: residual,
        residualBias: residualBias, skip: next())
    }
    return All(
      table: table, layers: layers, skipBias: next(), head: next(), headBias: next(),
      output: next(), outputBias: next())
  }

  /// The rows of the table that elements are seen as: each as the level before it.
  private func rows(_ numbers: Tensor) -> [Int32] {
    let time = numbers.shape[1]
    return numbers.withElements { n in
      n.indices.map { $0 % time == 0 ? Int32(levels) : Int32(n[$0 - 1]) }
    }
  }

  /// [rows, levels] of the sum of skip connections, [rows, skip].
  func finish(_ sum: Tensor, _ w: All) -> Tensor {
    let seen = Activation.relu(sum + w.skipBias)
    return dense(
      dense(seen, w.head, bias: w.headBias, activation: .relu), w.output, bias: w.outputBias)
  }

  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    let w = weights { c.parameter() }
    let (n, time) = (x.shape[0], x.shape[1])
    let flat: Shape = [n * time, width]
    var features = w.table.gather(rows(x)).reshaped([n, time, width])
    var sum: Tensor?
    for (layer, dilation) in zip(w.layers, dilations) {
      var pairs = causalConvolution(
        features, layer.weight, bias: layer.bias, dilation: dilation)
      if let table = layer.condition, let condition = c.condition {
        pairs = pairs + matmul(condition, table).reshaped([n, 1, 2 * width])
      }
      let unit = gated(pairs).reshaped(flat)
      let skipped = matmul(unit, layer.skip)
      sum = sum.map { $0 + skipped } ?? skipped
      guard let residual = layer.residual else { break }
      features =
        features + dense(unit, residual, bias: layer.residualBias).reshaped([n, time, width])
    }
    return finish(sum ?? .zeros([n * time, skip]), w).reshaped([n, time, levels])
  }
}

/// A WaveNet that makes sound element by element. Each layer has a queue of the features that its
/// taps will see, so that an element costs the same whatever the receptive field (Le Paine et al.
/// 2016, "Fast Wavenet Generation Algorithm").
struct WaveNetQueues {
  private let layer: WaveNetLayer
  private let weights: WaveNetLayer.All
  /// The kernel of each layer as a matrix, [taps · width, 2 width].
  private let kernels: [Tensor]
  /// What is added before each layer's gate in any case, [count, 2 width].
  private let offsets: [Tensor]
  /// The last features of each layer, in turn, [count, width] each.
  private var queues: [[Tensor]]
  private let count: Int
  private var time = 0

  init(_ layer: WaveNetLayer, _ parameters: [Tensor], count: Int, condition: Tensor?) {
    (self.layer, self.count) = (layer, count)
    var rest = parameters.makeIterator()
    let none = Tensor(0)
    let weights = layer.weights { rest.next() ?? none }
    let (taps, width) = (layer.taps, layer.width)
    self.weights = weights
    kernels = weights.layers.map { $0.weight.reshaped([taps * width, 2 * width]) }
    offsets = weights.layers.map { w in
      let bias = w.bias.reshaped([1, 2 * width]).broadcast(to: [count, 2 * width])
      guard let table = w.condition, let condition else { return bias }
      return bias + matmul(condition, table)
    }
    let zero = Tensor.zeros([count, width])
    queues = layer.dilations.map { [Tensor](repeating: zero, count: $0 * (taps - 1)) }
  }

  /// The logits of the next element, [count, levels].
  /// - Parameter last: the numbers of the levels before it, one for each sample.
  mutating func logits(after last: [Float]) -> Tensor {
    let rows =
      time == 0
      ? [Int32](repeating: Int32(layer.levels), count: count) : last.map { Int32($0) }
    var features = weights.table.gather(rows)
    var sum: Tensor?
    for (i, w) in weights.layers.enumerated() {
      let (dilation, length) = (layer.dilations[i], queues[i].count)
      // The oldest features stand where the newest go.
      var seen = (0..<layer.taps - 1).map { queues[i][(time + $0 * dilation) % length] }
      seen.append(features)
      if length > 0 { queues[i][time % length] = features }
      let inputs = seen.count == 1 ? features : Tensor.concatenate(seen, axis: 1)
      let unit = gated(matmul(inputs, kernels[i]) + offsets[i])
      let skipped = matmul(unit, w.skip)
      sum = sum.map { $0 + skipped } ?? skipped
      guard let residual = w.residual else { break }
      features = features + dense(unit, residual, bias: w.residualBias)
    }
    time += 1
    return layer.finish(sum ?? .zeros([count, layer.skip]), weights)
  }
}
