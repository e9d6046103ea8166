import SGBasics
import SGNets

/// The layers that JSON knows.
enum LayerForms {
  /// All of them.
  static let all: [LayerForm] =
    shaping + weighted + [weightNorm, spectralNorm] + activations + noise + conditional + minibatch
    + blocks

  /// The largest number of units, channels or classes.
  private static let most = 1 << 24

  private static let shaping = [
    LayerForm("flatten", Flatten(), "A sample's elements as one vector."),
    LayerForm(
      "reshape", short: "shape", Reshaping([1]), "A sample's elements under another shape.",
      [Setting("shape", \.target, .shape(), "The new shape, of as many elements.").required]),
    LayerForm(
      "upsample", short: "factor", Upsample(2), "Each pixel becomes a square of equal pixels.",
      [Setting("factor", \.factor, .int(in: 1...64), "The square's side.")]),
    LayerForm(
      "average_pool", short: "factor", AveragePool(2), "Means over squares of pixels.",
      [Setting("factor", \.factor, .int(in: 1...64), "The square's side.")]),
    LayerForm(
      "fir_upsample", FilteredUpsample(),
      "Twice the sides, by the filter [1, 3, 3, 1] along both axes (Karras et al. 2020)."),
    LayerForm(
      "fir_downsample", FilteredDownsample(),
      "Half the sides, which are even, by the filter [1, 3, 3, 1] along both axes."),
    LayerForm("sum_pool", SumPool(), "The sum over all pixels, a vector of the channels."),
  ]

  private static let weighted = [
    LayerForm(
      "dense", short: "units", Dense(1), "x w + b of a vector x.",
      [
        Setting("units", \.units, .int(in: 1...most), "Outputs of a sample.").required,
        Setting("bias", \.bias, .bool, "Whether b is added."),
        Setting("initializer", \.initializer, .initializer, "The first weights."),
      ]),
    LayerForm(
      "conv", short: "channels",
      Convolution(1, kernel: Size(3), stride: Size(1), padding: .same),
      "Convolution of an image.",
      [
        Setting("channels", \.channels, .int(in: 1...most), "Channels of the output.").required,
        Setting("kernel", \.kernel, .size(in: 1...256), "Pixels that one output pixel sees."),
        Setting("stride", \.stride, .size(in: 1...64), "Pixels from one position to the next."),
        Setting("padding", \.padding, .padding, paddingSummary),
        Setting(
          "groups", \.groups, .int(in: 1...most),
          "Groups of channels that are convolved apart; it divides both counts of channels."
        ).written { $0.groups != 1 },
        Setting("bias", \.bias, .bool, "Whether a bias is added to each channel."),
        Setting("initializer", \.initializer, .initializer, "The first weights."),
      ]),
    LayerForm(
      "conv_transpose", short: "channels",
      TransposedConvolution(1, kernel: Size(4), stride: Size(2), padding: .same),
      "Transposed convolution of an image, which enlarges it by the stride.",
      [
        Setting("channels", \.channels, .int(in: 1...most), "Channels of the output.").required,
        Setting("kernel", \.kernel, .size(in: 1...256), "Output pixels that see one input pixel."),
        Setting("stride", \.stride, .size(in: 1...64), "How many times larger the output is."),
        Setting("padding", \.padding, .padding, "What is cut off the output: as for conv."),
        Setting(
          "output_padding", \.outputPadding, .size(in: 0...63),
          "Rows and columns added behind the output."),
        Setting("bias", \.bias, .bool, "Whether a bias is added to each channel."),
        Setting("initializer", \.initializer, .initializer, "The first weights."),
      ]),
    LayerForm(
      "batch_norm", BatchNorm(), "Batch normalization by channel (Ioffe & Szegedy 2015).",
      [epsilon(\.epsilon), momentum(\.momentum)]),
    LayerForm(
      "layer_norm", LayerNorm(), "Normalization over all of a sample (Ba et al. 2016).",
      [epsilon(\.epsilon)]),
    LayerForm(
      "embedding", Embedding(classes: 1, size: 1), "A vector for a class index.",
      [
        Setting("classes", \.classes, .int(in: 1...most), "Indices from 0.").required,
        Setting("size", \.size, .int(in: 1...most), "Numbers of a vector.").required,
        Setting("initializer", \.initializer, .initializer, "The first vectors."),
      ]),
    LayerForm(
      "basis", short: "size", LearnedBasis(Size(4)),
      "A learned image, whose channels are multiplied by the input's numbers (Huang et al. 2024).",
      [
        Setting("size", \.size, .size(in: 1...65_536), "The image's sides."),
        Setting("initializer", \.initializer, .initializer, "The first image."),
      ]),
  ]

  private static let paddingSummary =
    "Zeros around the image: \"same\" (as many as keep the size, divided by the stride), \"valid\""
    + " (none), or a number on each side."

  private static func epsilon<L: Layer>(
    _ path: any WritableKeyPath<L, Float> & Sendable
  ) -> Setting<L> {
    Setting("epsilon", path, .float(in: 1e-12...1), "What is added to the variance.")
  }

  private static func momentum<L: Layer>(
    _ path: any WritableKeyPath<L, Float> & Sendable
  ) -> Setting<L> {
    Setting(
      "momentum", path, .float(in: 0...1), "Weight of a batch in the running statistics.")
  }

  private static let weightNorm = LayerForm(
    "weight_norm", WeightNorm(Dense(1)),
    "Weights of a length that is learned apart from their direction (Salimans & Kingma 2016).",
    [ownLayer()] + normalized.map(wrapped) + [
      Setting("train_gain", \.trainsGain, .bool, "Whether the length is trained."),
      Setting(
        "first_batch", \.takesFirstBatch, .bool,
        "Whether the first batch decides gains and biases."),
    ],
    rules: [("oneOf", .array(normalized.map { ["required": [.string($0)]] }))],
    needsObject: true)

  private static let spectralNorm = LayerForm(
    "spectral_norm", SpectralNorm(Dense(1)),
    "A weight divided by its largest singular value (Miyato et al. 2018).",
    [ownLayer()] + normalized.map(wrapped),
    rules: [("oneOf", .array(normalized.map { ["required": [.string($0)]] }))],
    needsObject: true)

  /// The layers that weight and spectral normalization take, one of them.
  private static let normalized = ["dense", "conv", "conv_transpose"]

  /// A layer of the user's own that is normalized, which JSON only names.
  private static func ownLayer<Norm: NormalizedLayer>() -> Setting<Norm> {
    Setting(JSON.codeKey) { (_, o) throws(Failure) in
      if let code = o.take(JSON.codeKey) { throw code.isCode(o.path, what: "layer") }
    } write: {
      LayerForm.json($0.layer)[JSON.codeKey]
    } schema: { _ in
      .null
    }
  }

  /// The key of a normalization that holds its layer.
  private static func wrapped<Norm: NormalizedLayer>(_ kind: String) -> Setting<Norm> {
    let kinds = normalized
    return Setting(kind) { (norm, o) throws(Failure) in
      guard let given = o.take(kind) else {
        guard kind == kinds.last, !kinds.contains(where: o.has) else { return }
        throw Failure(
          .configuration,
          "\(o.path): expected one of \"dense\", \"conv\", \"conv_transpose\", found 0")
      }
      let count = kinds.count { o.has($0) }
      guard count == 1,
        let inner = try LayerForm.layer(.object([(kind, given)]), path: o.path)
          as? any WeightedLayer
      else {
        throw Failure(
          .configuration,
          "\(o.path): expected one of \"dense\", \"conv\", \"conv_transpose\", found \(count)")
      }
      norm.layer = inner
    } write: {
      LayerForm.json($0.layer)[kind]
    } schema: { _ in
      weighted.first { $0.name == kind }?.valueSchema ?? true
    }
  }

  private static let activations = [
    LayerForm("relu", .relu, "max(x, 0)."),
    LayerForm("tanh", .tanh, "The hyperbolic tangent."),
    LayerForm("sigmoid", .sigmoid, "1 / (1 + exp(-x))."),
    LayerForm("silu", .silu, "x times the sigmoid of x."),
    LayerForm("softplus", .softplus, "log(1 + exp(x))."),
    LayerForm(
      "leaky_relu", short: "slope", .leakyReLU(), "x, or slope times x where x is negative.",
      [Setting("slope", \.slope, .float(in: 1e-6...1), "The slope below 0.")]),
    LayerForm(
      "elu", short: "alpha", .elu(), "x, or alpha (exp(x) - 1) where x is negative.",
      [Setting("alpha", \.alpha, .float(in: 0...100), "Minus the limit on the left.")]),
    LayerForm(
      "scale", short: "factor", Scaling(factor: 1), "factor x + offset.",
      [
        Setting("factor", \.factor, .float(in: -1e6...1e6), "What x is multiplied by."),
        Setting("offset", \.offset, .float(in: -1e6...1e6), "What is added."),
      ]),
  ]

  private static let noise = [
    LayerForm(
      "dropout", short: "probability", Dropout(0.5), "Zeros with a probability, in training.",
      [
        Setting("probability", \.probability, .float(in: 0...0.999), "That of a zero."),
        Setting("sampling", \.sampling, .bool, "Whether also when samples are made."),
      ]),
    LayerForm(
      "gaussian_noise", short: "deviation", GaussianNoise(0.1),
      "Normal noise on each element, in training.",
      [
        Setting("deviation", \.deviation, .float(in: 0...1e6), "Its standard deviation."),
        Setting(
          "multiplicative", \.multiplicative, .bool, "Whether 1 + noise multiplies the element."),
        Setting("sampling", \.sampling, .bool, "Whether also when samples are made."),
      ]),
  ]

  private static let conditional = [
    LayerForm(
      "condition", short: "size", ConditionInput(), "The condition beside the input.",
      [
        Setting(
          "size", \.size, .int(in: 0...most),
          "Numbers of a learned embedding of the condition; 0: the condition itself."),
        Setting("initializer", \.initializer, .initializer, "The embedding's first weights."),
      ]),
    LayerForm(
      "conditional_batch_norm", ConditionalBatchNorm(),
      "Batch normalization whose scale and offset depend on the condition.",
      [epsilon(\.epsilon), momentum(\.momentum)]),
    LayerForm(
      "projection", Projection(),
      "A discriminator's last layer: a logit, and the inner product of features and condition"
        + " (Miyato & Koyama 2018).",
      [Setting("initializer", \.initializer, .initializer, "The first weights.")]),
    LayerForm(
      "inner_product", InnerProduct(),
      "A discriminator's last layer: the inner product of features and an embedding of the condition"
        + " (Huang et al. 2024).",
      [Setting("initializer", \.initializer, .initializer, "The first embedding.")]),
    LayerForm("features", Features(), "Marks the features that feature matching compares."),
  ]

  private static let minibatch = [
    LayerForm(
      "minibatch_deviation", MinibatchDeviation(),
      "One more channel: the minibatch's mean deviation (Karras et al. 2018).",
      [Setting("epsilon", \.epsilon, .float(in: 1e-30...1), "What is added to the variance.")]),
    LayerForm(
      "minibatch_discrimination", short: "kernels", MinibatchDiscrimination(),
      "Closeness to the minibatch's other samples (Salimans et al. 2016).",
      [
        Setting("kernels", \.kernels, .int(in: 1...65_536), "Numbers added to a sample."),
        Setting("size", \.size, .int(in: 1...65_536), "Numbers that one of them compares."),
        Setting("initializer", \.initializer, .initializer, "The first weights."),
      ]),
    LayerForm(
      "reference_norm", short: "unite", ReferenceNorm(.reference),
      "Normalization by a fixed reference batch (Salimans et al. 2016).",
      [
        Setting(
          "unite", \.united, .choice,
          "What the reference batch is united with: nothing, each sample (virtual batch norm), or"
            + " the batch."), epsilon(\.epsilon),
      ]),
  ]

  private static let blocks = [
    LayerForm(
      "residual", short: "layers", Residual([]), "x + f(x), f a list of layers.",
      [
        Setting("layers", \.body.layers, .layers, "f, the first layer applied first.").required,
        Setting(
          "shortcut", \.shortcut.layers, .layers,
          "What takes the place of x, where f changes the shape; []: x."
        ).written { !$0.shortcut.layers.isEmpty },
      ]),
    LayerForm(
      "sequence", short: "layers", Sequential([], key: "sequence"), "Layers one after another.",
      [Setting("layers", \.layers, .layers, "The first is applied first.").required]),
    LayerForm(
      "skip", short: "layers", Skip([]),
      "The input beside what the layers make of it, channel by channel; nested, a U-Net"
        + " (Ronneberger et al. 2015).",
      [Setting("layers", \.body.layers, .layers, "The first is applied first.").required]),
    LayerForm(
      "input", short: "name", NamedInput(""),
      "What the network is given under a name, in place of the layer's input.",
      [
        Setting(
          "name", \.name, .string,
          "\"condition\" (all of it), \"labels\" (classes as one-hot) or \"values\" (the numbers)."
        ).required
      ]),
  ]
}

extension ReferenceNorm {
  /// The JSON names of what the reference batch is united with.
  fileprivate enum United: String, Sendable, CaseIterable {
    case none, sample, batch
  }

  fileprivate var united: United {
    get { United(rawValue: form.rawValue) ?? .none }
    set { form = Form(rawValue: newValue.rawValue) ?? .reference }
  }
}
