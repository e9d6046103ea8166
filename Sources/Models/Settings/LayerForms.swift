import SGBasics
import SGNets
import SGTensors

/// A layer's form in JSON: `"relu"` or `{"conv": {"channels": 64, "kernel": 4}}`. One row a layer.
package struct LayerForm {
  let name: String
  /// The key that a bare value stands for: `{"dense": 128}` is `{"dense": {"units": 128}}`.
  let short: String?
  /// Reads the layer from its object; nil for an object without a needed key is thrown as an error.
  let decode: (inout JSONObject) throws(Failure) -> any Layer
  /// The complete object of a layer of this kind; nil for other layers.
  let encode: (any Layer) -> [(String, JSON)]?

  init(
    _ name: String, short: String? = nil,
    decode: @escaping (inout JSONObject) throws(Failure) -> any Layer,
    encode: @escaping (any Layer) -> [(String, JSON)]?
  ) {
    (self.name, self.short, self.decode, self.encode) = (name, short, decode, encode)
  }

  static let most = 1 << 24

  static var all: [LayerForm] {
    shaping + weighted + [weightNorm] + activations + conditional + minibatch + blocks + paths
  }

  private static var minibatch: [LayerForm] {
    [
      LayerForm("minibatch_deviation") { o throws(Failure) in
        MinibatchDeviation(epsilon: Float(try o.double("epsilon", in: 1e-30...1, default: 1e-8)))
      } encode: {
        ($0 as? MinibatchDeviation).map { [("epsilon", .number($0.epsilon))] }
      },
      LayerForm("minibatch_discrimination", short: "kernels") { o throws(Failure) in
        MinibatchDiscrimination(
          kernels: try o.int("kernels", in: 1...65_536, default: 100),
          size: try o.int("size", in: 1...65_536, default: 5),
          initializer: try o.initializer(default: .normal(0.05)))
      } encode: {
        guard let l = $0 as? MinibatchDiscrimination else { return nil }
        return [
          ("kernels", .integer(Int64(l.kernels))), ("size", .integer(Int64(l.size))),
          ("initializer", l.initializer.json),
        ]
      },
      LayerForm("reference_norm", short: "unite") { o throws(Failure) in
        let unite = try o.string("unite", oneOf: ["none", "sample", "batch"], default: "none")
        let form = ReferenceNorm.Form(rawValue: unite) ?? .reference
        return ReferenceNorm(
          form, epsilon: Float(try o.double("epsilon", in: 1e-12...1, default: 1e-5)))
      } encode: {
        guard let l = $0 as? ReferenceNorm else { return nil }
        return [
          ("unite", .string(l.form == .reference ? "none" : l.form.rawValue)),
          ("epsilon", .number(l.epsilon)),
        ]
      },
    ]
  }

  private static var conditional: [LayerForm] {
    [
      LayerForm("condition", short: "size") { o throws(Failure) in
        ConditionInput(
          size: try o.int("size", in: 0...most, default: 0),
          initializer: try o.initializer(default: .normal(1)))
      } encode: {
        guard let l = $0 as? ConditionInput else { return nil }
        return [("size", .integer(Int64(l.size))), ("initializer", l.initializer.json)]
      },
      LayerForm("conditional_batch_norm") { o throws(Failure) in
        ConditionalBatchNorm(
          epsilon: Float(try o.double("epsilon", in: 1e-12...1, default: 1e-5)),
          momentum: Float(try o.double("momentum", in: 0...1, default: 0.1)))
      } encode: {
        guard let l = $0 as? ConditionalBatchNorm else { return nil }
        return [("epsilon", .number(l.epsilon)), ("momentum", .number(l.momentum))]
      },
      LayerForm("projection") { o throws(Failure) in
        Projection(initializer: try o.initializer())
      } encode: {
        ($0 as? Projection).map { [("initializer", $0.initializer.json)] }
      },
      LayerForm("features") { _ throws(Failure) in
        Features()
      } encode: {
        $0 is Features ? [] : nil
      },
    ]
  }

  private static var weighted: [LayerForm] {
    [
      LayerForm("dense", short: "units") { o throws(Failure) in
        Dense(
          try o.int("units", in: 1...most), bias: try o.bool("bias", default: true),
          initializer: try o.initializer())
      } encode: {
        guard let l = $0 as? Dense else { return nil }
        return [
          ("units", .integer(Int64(l.units))), ("bias", .bool(l.bias)),
          ("initializer", l.initializer.json),
        ]
      },
      LayerForm("conv", short: "channels") { o throws(Failure) in
        Convolution(
          try o.int("channels", in: 1...most),
          kernel: try o.size("kernel", in: 1...256, default: 3),
          stride: try o.size("stride", in: 1...64, default: 1), padding: try o.padding(),
          bias: try o.bool("bias", default: true), initializer: try o.initializer())
      } encode: {
        guard let l = $0 as? Convolution else { return nil }
        return [
          ("channels", .integer(Int64(l.channels))), ("kernel", l.kernel.json),
          ("stride", l.stride.json), ("padding", l.padding.json), ("bias", .bool(l.bias)),
          ("initializer", l.initializer.json),
        ]
      },
      LayerForm("conv_transpose", short: "channels") { o throws(Failure) in
        TransposedConvolution(
          try o.int("channels", in: 1...most),
          kernel: try o.size("kernel", in: 1...256, default: 4),
          stride: try o.size("stride", in: 1...64, default: 2), padding: try o.padding(),
          outputPadding: try o.size("output_padding", in: 0...63, default: 0),
          bias: try o.bool("bias", default: true), initializer: try o.initializer())
      } encode: {
        guard let l = $0 as? TransposedConvolution else { return nil }
        return [
          ("channels", .integer(Int64(l.channels))), ("kernel", l.kernel.json),
          ("stride", l.stride.json), ("padding", l.padding.json),
          ("output_padding", l.outputPadding.json), ("bias", .bool(l.bias)),
          ("initializer", l.initializer.json),
        ]
      },
      LayerForm("batch_norm") { o throws(Failure) in
        BatchNorm(
          epsilon: Float(try o.double("epsilon", in: 1e-12...1, default: 1e-5)),
          momentum: Float(try o.double("momentum", in: 0...1, default: 0.1)))
      } encode: {
        guard let l = $0 as? BatchNorm else { return nil }
        return [("epsilon", .number(l.epsilon)), ("momentum", .number(l.momentum))]
      },
      LayerForm("layer_norm") { o throws(Failure) in
        LayerNorm(epsilon: Float(try o.double("epsilon", in: 1e-12...1, default: 1e-5)))
      } encode: {
        ($0 as? LayerNorm).map { [("epsilon", .number($0.epsilon))] }
      },
      LayerForm("embedding") { o throws(Failure) in
        Embedding(
          classes: try o.int("classes", in: 1...most), size: try o.int("size", in: 1...most),
          initializer: try o.initializer(default: .normal(1)))
      } encode: {
        guard let l = $0 as? Embedding else { return nil }
        return [
          ("classes", .integer(Int64(l.classes))), ("size", .integer(Int64(l.size))),
          ("initializer", l.initializer.json),
        ]
      },
    ]
  }

  private static var weightNorm: LayerForm {
    LayerForm("weight_norm") { o throws(Failure) in
      let trains = try o.bool("train_gain", default: true)
      let first = try o.bool("first_batch", default: true)
      let kinds = ["dense", "conv", "conv_transpose"].compactMap { kind in
        o.take(kind).map { (kind, $0) }
      }
      guard kinds.count == 1,
        let inner = try layer(.object(kinds), path: o.path) as? any WeightedLayer
      else {
        throw Failure(
          .configuration,
          "\(o.path): expected one of \"dense\", \"conv\", \"conv_transpose\", found \(kinds.count)"
        )
      }
      return WeightNorm(inner, trainsGain: trains, takesFirstBatch: first)
    } encode: {
      guard let l = $0 as? WeightNorm, case .object(let members) = json(l.layer) else { return nil }
      return members.map { ($0.key, $0.value) } + [
        ("train_gain", .bool(l.trainsGain)), ("first_batch", .bool(l.takesFirstBatch)),
      ]
    }
  }

  private static var activations: [LayerForm] {
    func plain(_ name: String, _ layer: ActivationLayer) -> LayerForm {
      LayerForm(name) { _ throws(Failure) in
        layer
      } encode: {
        $0 as? ActivationLayer == layer ? [] : nil
      }
    }
    return [
      plain("relu", .relu), plain("tanh", .tanh), plain("sigmoid", .sigmoid),
      plain("silu", .silu), plain("softplus", .softplus),
      LayerForm("leaky_relu", short: "slope") { o throws(Failure) in
        ActivationLayer.leakyReLU(
          slope: Float(try o.double("slope", in: 1e-6...1, default: 0.2)))
      } encode: {
        guard case .leakyReLU(let slope)? = $0 as? ActivationLayer else { return nil }
        return [("slope", .number(slope))]
      },
      LayerForm("elu", short: "alpha") { o throws(Failure) in
        ActivationLayer.elu(alpha: Float(try o.double("alpha", in: 0...100, default: 1)))
      } encode: {
        guard case .elu(let alpha)? = $0 as? ActivationLayer else { return nil }
        return [("alpha", .number(alpha))]
      },
      LayerForm("scale", short: "factor") { o throws(Failure) in
        Scaling(
          factor: Float(try o.double("factor", in: -1e6...1e6, default: 1)),
          offset: Float(try o.double("offset", in: -1e6...1e6, default: 0)))
      } encode: {
        guard let l = $0 as? Scaling else { return nil }
        return [("factor", .number(l.factor)), ("offset", .number(l.offset))]
      },
      LayerForm("dropout", short: "probability") { o throws(Failure) in
        Dropout(
          Float(try o.double("probability", in: 0...0.999, default: 0.5)),
          sampling: try o.bool("sampling", default: false))
      } encode: {
        guard let l = $0 as? Dropout else { return nil }
        return [("probability", .number(l.probability)), ("sampling", .bool(l.sampling))]
      },
      LayerForm("gaussian_noise", short: "deviation") { o throws(Failure) in
        GaussianNoise(
          Float(try o.double("deviation", in: 0...1e6, default: 0.1)),
          multiplicative: try o.bool("multiplicative", default: false),
          sampling: try o.bool("sampling", default: false))
      } encode: {
        guard let l = $0 as? GaussianNoise else { return nil }
        return [
          ("deviation", .number(l.deviation)), ("multiplicative", .bool(l.multiplicative)),
          ("sampling", .bool(l.sampling)),
        ]
      },
    ]
  }

  private static var shaping: [LayerForm] {
    [
      LayerForm("flatten") { _ throws(Failure) in
        Flatten()
      } encode: {
        $0 is Flatten ? [] : nil
      },
      LayerForm("reshape", short: "shape") { o throws(Failure) in
        Reshaping(try o.shape("shape"))
      } encode: {
        ($0 as? Reshaping).map { [("shape", .array($0.target.map { .integer(Int64($0)) }))] }
      },
      LayerForm("upsample", short: "factor") { o throws(Failure) in
        Upsample(try o.int("factor", in: 1...64, default: 2))
      } encode: {
        ($0 as? Upsample).map { [("factor", .integer(Int64($0.factor)))] }
      },
      LayerForm("average_pool", short: "factor") { o throws(Failure) in
        AveragePool(try o.int("factor", in: 1...64, default: 2))
      } encode: {
        ($0 as? AveragePool).map { [("factor", .integer(Int64($0.factor)))] }
      },
    ]
  }

  private static var blocks: [LayerForm] {
    [
      LayerForm("residual", short: "layers") { o throws(Failure) in
        Residual(try o.layers("layers"))
      } encode: {
        ($0 as? Residual).map { [("layers", .array($0.body.layers.map(LayerForm.json)))] }
      },
      LayerForm("sequence", short: "layers") { o throws(Failure) in
        Sequential(try o.layers("layers"), key: "sequence")
      } encode: {
        ($0 as? Sequential).map { [("layers", .array($0.layers.map(LayerForm.json)))] }
      },
    ]
  }
}
