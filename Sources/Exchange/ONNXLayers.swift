import SGBasics
import SGData
import SGFormats
import SGModels
import SGNets
import SGTensors

/// Puts a network's layers into a graph. Inputs and outputs are laid out as everywhere in this
/// library (NHWC); between convolutions images have their channels first, as ONNX wants them.
struct ONNXLayers {
  var graph = ONNXGraph()
  let network: TrainedNetwork
  private var condition: String?

  /// A value in the graph.
  struct Value {
    var name: String
    /// A sample's shape, channels last whatever the layout.
    var shape: Shape
    var channelsFirst = false
  }

  init(_ network: TrainedNetwork) { self.network = network }

  /// The whole network: its input and, where it is conditioned, `condition`. Samples and conditions
  /// are in their own units.
  mutating func build(input: String, output: String) throws(Failure) {
    var x = Value(name: graph.input(input, network.input.array), shape: network.input)
    if network.role == .discriminator, let columns = network.standardization.samples {
      x.name = standardized(x.name, columns)
    }
    if network.conditionSize > 0 {
      if let image = network.inputs.imageCondition {
        // As people have images; within, a sample's numbers one after another.
        condition = graph.node(
          "Reshape",
          [graph.input("condition", image), graph.integers([0, network.conditionSize])])
      } else {
        condition = graph.input("condition", [network.conditionSize])
      }
      if let columns = network.standardization.conditions {
        let classes = network.conditionSize - columns.offset.count
        condition = standardized(condition ?? "", columns, behind: classes)
      }
    }
    x = try walk(network.layers, prefix: "", x)
    x = channelsLast(x)
    if network.role == .generator, let columns = network.standardization.samples {
      x = apply("Mul", x, [graph.constant("factor", Tensor(columns.factor))])
      x = apply("Add", x, [graph.constant("offset", Tensor(columns.offset))])
    }
    graph.output(x.name, as: output, x.shape.array)
  }

  /// - Parameter behind: columns in front that stay as they are.
  private mutating func standardized(
    _ x: String, _ columns: Standardization.Columns, behind count: Int = 0
  ) -> String {
    let offset = [Float](repeating: 0, count: count) + columns.offset
    let factor = [Float](repeating: 1, count: count) + columns.factor
    let centered = graph.node("Sub", [x, graph.constant("offset", Tensor(offset))])
    return graph.node("Div", [centered, graph.constant("factor", Tensor(factor))])
  }

  // MARK: Layout

  func isImage(_ x: Value) -> Bool { x.shape.rank == 3 }

  mutating func channelsFirst(_ x: Value) -> Value {
    guard isImage(x), !x.channelsFirst else { return x }
    return Value(
      name: graph.node("Transpose", [x.name], [("perm", .ints([0, 3, 1, 2]))]), shape: x.shape,
      channelsFirst: true)
  }

  mutating func channelsLast(_ x: Value) -> Value {
    guard x.channelsFirst else { return x }
    return Value(
      name: graph.node("Transpose", [x.name], [("perm", .ints([0, 2, 3, 1]))]), shape: x.shape)
  }

  /// An operator on a value that keeps its layout.
  private mutating func apply(
    _ op: String, _ x: Value, _ more: [String] = [],
    _ attributes: [(String, ONNXGraph.Attribute)] = [], to shape: Shape? = nil
  ) -> Value {
    Value(
      name: graph.node(op, [x.name] + more, attributes), shape: shape ?? x.shape,
      channelsFirst: x.channelsFirst)
  }

  private mutating func reshape(_ x: Value, to shape: Shape) -> Value {
    let whole = channelsLast(x)
    let target = graph.integers([0] + shape.array)
    return Value(name: graph.node("Reshape", [whole.name, target]), shape: shape)
  }

  // MARK: Layers

  private mutating func walk(
    _ layers: [any Layer], prefix: String, _ input: Value
  ) throws(Failure) -> Value {
    var x = input
    for (i, layer) in layers.enumerated() { x = try put(layer, "\(prefix)\(i)", x) }
    return x
  }

  private mutating func put(
    _ layer: any Layer, _ name: String, _ x: Value
  ) throws(Failure) -> Value {
    let y = network.output(of: name)
    func refusal(_ why: String) -> Failure {
      network.refusal(of: layer, name, by: "ONNX", why)
    }
    if layer is BatchNorm || layer is ConditionalBatchNorm, x.shape.rank != 1, !isImage(x) {
      throw refusal("it normalizes vectors and images there, not samples of shape \(x.shape)")
    }
    switch layer {
    case let l as Residual:
      var f = try walk(l.body.layers, prefix: name + ".", x)
      f = x.channelsFirst ? channelsFirst(f) : channelsLast(f)
      return apply("Add", x, [f.name])
    case let l as Skip:
      var f = try walk(l.body.layers, prefix: name + ".", x)
      f = x.channelsFirst ? channelsFirst(f) : channelsLast(f)
      let axis = x.channelsFirst ? 1 : x.shape.rank
      return apply("Concat", x, [f.name], [("axis", .int(axis))], to: y)
    case let l as NamedInput: return namedInput(l, y)
    case let l as Sequential: return try walk(l.layers, prefix: name + ".", x)
    case is Flatten, is Reshaping: return reshape(x, to: y)
    case is Features: return x
    case let l as ActivationLayer: return activation(l, x)
    case let l as Scaling:
      let scaled = apply("Mul", x, [graph.constant(l.factor)])
      return apply("Add", scaled, [graph.constant(l.offset)])
    case let l as Dropout:
      if l.sampling { throw refusal("it draws random numbers when samples are made") }
      return x
    case let l as GaussianNoise:
      if l.sampling { throw refusal("it draws random numbers when samples are made") }
      return x
    case let l as Upsample:
      let scales = graph.constant(
        "scales", Tensor([1, 1, Float(l.factor), Float(l.factor)]))
      return apply(
        "Resize", channelsFirst(x), ["", scales],
        [
          ("mode", .string("nearest")), ("nearest_mode", .string("floor")),
          ("coordinate_transformation_mode", .string("asymmetric")),
        ], to: y)
    case let l as AveragePool:
      let sides: ONNXGraph.Attribute = .ints([l.factor, l.factor])
      return apply(
        "AveragePool", channelsFirst(x), [], [("kernel_shape", sides), ("strides", sides)], to: y)
    case let l as WeightNorm: return try put(l.layer, name, x)
    case is Dense: return dense(name, x, y)
    case let l as Convolution: return convolution(l, name, x, y)
    case let l as TransposedConvolution: return transposed(l, name, x, y)
    case let l as BatchNorm:
      return batchNorm(
        name, x, l.epsilon, network.weight(name, "weight"), network.weight(name, "bias"))
    case let l as LayerNorm:
      let parts = ["weight", "bias"].map { graph.constant(name, network.weight(name, $0)) }
      return apply(
        "LayerNormalization", channelsLast(x), parts,
        [("axis", .int(1)), ("epsilon", .float(l.epsilon))])
    case let l as Embedding:
      let (low, high) = (graph.constant(0), graph.constant(Float(l.classes - 1)))
      let index = graph.node(
        "Cast", [graph.node("Clip", [x.name, low, high])], [("to", .int(7))])
      let table = graph.constant(name, network.weight(name, "weight"))
      return Value(name: graph.node("Gather", [table, index], [("axis", .int(0))]), shape: y)
    case let l as ConditionInput: return conditionInput(l, name, x, y)
    case let l as ConditionalBatchNorm: return conditionalBatchNorm(l, name, x)
    case is Projection: return projection(name, x, y)
    case is MinibatchDeviation, is MinibatchDiscrimination:
      throw refusal("what it gives a sample depends on the whole minibatch")
    case is ReferenceNorm: throw refusal("it needs a reference batch")
    default: throw refusal("it is a layer of your own")
    }
  }

  private mutating func activation(_ layer: ActivationLayer, _ x: Value) -> Value {
    switch layer {
    case .relu: apply("Relu", x)
    case .tanh: apply("Tanh", x)
    case .sigmoid: apply("Sigmoid", x)
    case .softplus: apply("Softplus", x)
    case .silu: apply("Mul", x, [apply("Sigmoid", x).name])
    case .leakyReLU(let slope): apply("LeakyRelu", x, [], [("alpha", .float(slope))])
    case .elu(let alpha): apply("Elu", x, [], [("alpha", .float(alpha))])
    }
  }

  private mutating func dense(_ name: String, _ x: Value, _ y: Shape) -> Value {
    var parts = [graph.constant(name, network.weight(name, "weight"))]
    if let bias = network.weightIfAny(name, "bias") { parts.append(graph.constant(name, bias)) }
    return apply("Gemm", x, parts, to: y)
  }

  /// Output and kernel channels first.
  private mutating func filters(_ name: String) -> [String] {
    let weight = network.weight(name, "weight").permuted([3, 2, 0, 1])
    var parts = [graph.constant(name, weight)]
    if let bias = network.weightIfAny(name, "bias") { parts.append(graph.constant(name, bias)) }
    return parts
  }

  private mutating func convolution(
    _ l: Convolution, _ name: String, _ x: Value, _ y: Shape
  ) -> Value {
    let g = l.geometry(x.shape)
    func below(_ n: Int, _ out: Int, _ kernel: Int, _ stride: Int, _ before: Int) -> Int {
      max(0, (out - 1) * stride + kernel - n - before)
    }
    let bottom = below(x.shape[0], y[0], l.kernel.height, l.stride.height, g.padding.top)
    let right = below(x.shape[1], y[1], l.kernel.width, l.stride.width, g.padding.left)
    return apply(
      "Conv", channelsFirst(x), filters(name),
      [
        ("kernel_shape", .ints([l.kernel.height, l.kernel.width])),
        ("strides", .ints([l.stride.height, l.stride.width])),
        ("pads", .ints([g.padding.top, g.padding.left, bottom, right])),
      ], to: y)
  }

  private mutating func transposed(
    _ l: TransposedConvolution, _ name: String, _ x: Value, _ y: Shape
  ) -> Value {
    let g = l.geometry(x.shape)
    /// What is cut off behind, or added there where it is negative.
    func rest(_ n: Int, _ out: Int, _ kernel: Int, _ stride: Int, _ before: Int) -> Int {
      (n - 1) * stride + kernel - out - before
    }
    let bottom = rest(x.shape[0], y[0], l.kernel.height, l.stride.height, g.padding.top)
    let right = rest(x.shape[1], y[1], l.kernel.width, l.stride.width, g.padding.left)
    return apply(
      "ConvTranspose", channelsFirst(x), filters(name),
      [
        ("kernel_shape", .ints([l.kernel.height, l.kernel.width])),
        ("strides", .ints([l.stride.height, l.stride.width])),
        ("pads", .ints([g.padding.top, g.padding.left, max(0, bottom), max(0, right)])),
        ("output_padding", .ints([max(0, -bottom), max(0, -right)])),
      ], to: y)
  }

  private mutating func batchNorm(
    _ name: String, _ x: Value, _ epsilon: Float, _ scale: Tensor, _ offset: Tensor
  ) -> Value {
    let parts = [
      scale, offset, network.weight(name, "running_mean"), network.weight(name, "running_var"),
    ].map { graph.constant(name, $0) }
    return apply("BatchNormalization", channelsFirst(x), parts, [("epsilon", .float(epsilon))])
  }

  // MARK: Conditions

  /// The condition times a table, [batch, columns].
  private mutating func conditioned(_ name: String, _ table: String) -> String {
    graph.node("MatMul", [condition ?? "", graph.constant(name, network.weight(name, table))])
  }

  /// [batch, channels] beside an image with channels first.
  private mutating func planes(_ value: String, _ channels: Int) -> String {
    graph.node("Reshape", [value, graph.integers([0, channels, 1, 1])])
  }

  /// A part of the condition, a sample's elements one after another, in its shape.
  private mutating func namedInput(_ l: NamedInput, _ y: Shape) -> Value {
    guard let part = network.inputs.first(where: { $0.name == l.name }) else {
      return Value(name: condition ?? "", shape: y)
    }
    var name = condition ?? ""
    if y.count < network.conditionSize {
      let bounds = [[part.offset], [part.offset + y.count], [1]].map { graph.integers($0) }
      name = graph.node("Slice", [name] + bounds)
    }
    if y.rank > 1 { name = graph.node("Reshape", [name, graph.integers([0] + y.array)]) }
    return Value(name: name, shape: y)
  }

  private mutating func conditionInput(
    _ l: ConditionInput, _ name: String, _ x: Value, _ y: Shape
  ) -> Value {
    if let image = network.inputs.imageCondition, isImage(x), l.size == 0 {
      let beside = channelsFirst(namedInput(NamedInput("condition"), Shape(image)))
      return apply("Concat", channelsFirst(x), [beside.name], [("axis", .int(1))], to: y)
    }
    let given = l.size > 0 ? conditioned(name, "weight") : condition ?? ""
    guard isImage(x) else { return apply("Concat", x, [given], [("axis", .int(1))], to: y) }
    let whole = graph.integers([1, 1, x.shape[0], x.shape[1]])
    let wide = graph.node("Expand", [planes(given, y[2] - x.shape[2]), whole])
    return apply("Concat", channelsFirst(x), [wide], [("axis", .int(1))], to: y)
  }

  private mutating func conditionalBatchNorm(
    _ l: ConditionalBatchNorm, _ name: String, _ x: Value
  ) -> Value {
    let channels = x.shape[-1]
    var y = batchNorm(name, x, l.epsilon, .ones([channels]), .zeros([channels]))
    for (op, common, table) in [
      ("Mul", "weight", "condition_weight"), ("Add", "bias", "condition_bias"),
    ] {
      let own = graph.constant(name, network.weight(name, common))
      var factor = graph.node("Add", [conditioned(name, table), own])
      if isImage(x) { factor = planes(factor, channels) }
      y = apply(op, y, [factor])
    }
    return y
  }

  private mutating func projection(_ name: String, _ x: Value, _ y: Shape) -> Value {
    let logit = dense(name, reshape(x, to: [x.shape.count]), y)
    var pooled = channelsFirst(x)
    if isImage(x) {
      pooled = apply(
        "ReduceSum", pooled, [graph.integers([2, 3])], [("keepdims", .int(0))],
        to: [x.shape[-1]])
    }
    let product = apply("Mul", pooled, [conditioned(name, "condition_weight")])
    let inner = graph.node(
      "ReduceSum", [product.name, graph.integers([1])], [("keepdims", .int(1))])
    return apply("Add", logit, [inner])
  }
}

extension GAN {
  /// Writes one network as an ONNX file: `latents` [batch, size] to `samples` (the averaged
  /// generator if there is one), or `samples` to `logits`; where the model is conditional,
  /// `condition` [batch, classes + conditions] beside them, classes as one-hot; [batch] + the shape
  /// of the conditions where these are an image and there are no classes. Images are [batch,
  /// height, width, channels], the batch has any size. Where the model standardizes vectors, so
  /// does the file: its samples and conditions are in the data's own units.
  /// - Throws: `Failure` of kind unsupported, which names the layer, limit (2 GB), or io.
  public func exportONNX(_ role: NetworkRole, to path: String) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      let network = try trained(role)
      let parameters = role == .generator ? networks.generator : networks.discriminator
      guard parameters.parameterCount < 1 << 29 else {
        throw Failure(
          .limit,
          "\(role.rawValue): \(parameters.parameterCount) weights are more than an ONNX file of 2 GB holds"
        )
      }
      // Messages within messages, in arrays that double.
      try Memory.expectRoom(for: 40 * parameters.parameterCount, "an ONNX file")
      var layers = ONNXLayers(network)
      switch role {
      case .generator: try layers.build(input: "latents", output: "samples")
      case .discriminator: try layers.build(input: "samples", output: "logits")
      }
      try Memory.check()
      let bytes = layers.graph.model(
        named: role.rawValue, description: "The \(role.rawValue) of a GAN after \(step) steps.")
      try AtomicFile.write(to: path) { (file) throws(Failure) in try file.append(bytes) }
    }
  }
}
