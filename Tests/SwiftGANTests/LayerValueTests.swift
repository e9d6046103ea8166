import SwiftGAN
import Testing

@testable import SGBasics
@testable import SGData
@testable import SGExchange
@testable import SGFormats
@testable import SGMetrics
@testable import SGModels
@testable import SGPictures

/// What can be made in Swift can be read back from its JSON; what JSON would refuse is refused when
/// the model is made.
@Suite struct LayerValueTests {
  /// A layer with a sample that it takes, and the same layer with values that JSON refuses, each
  /// with the key that is named.
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var input: [Int]
    var valid: [any Layer]
    var invalid: [(layer: any Layer, key: String)] = []
    var testDescription: String { name }
  }

  static let initializers: [Initializer] = [
    .zeros, .glorot, .he, .constant(-0.25), .constant(0), .constant(1e6), .normal(0.02),
    .normal(0), .truncatedNormal(1000), .orthogonal(1.5),
  ]
  static let wrongInitializers: [Initializer] = [
    .constant(.nan), .constant(-.infinity), .constant(2e6), .normal(-1), .normal(.nan),
    .truncatedNormal(1001), .truncatedNormal(.infinity), .orthogonal(-0.5), .orthogonal(.nan),
  ]
  /// Outside every range of a small positive number.
  static let wrong: [Float] = [.nan, .infinity, -.infinity, -1, 1e30]

  static let rows: [Row] = [
    Row(
      name: "dense", input: [4],
      valid: [Dense(3), Dense(1, bias: false)] + initializers.map { Dense(2, initializer: $0) },
      invalid: [-1, 0, .min, .max, 1 << 24 + 1].map { (Dense($0), "dense.units") }
        + wrongInitializers.map { (Dense(2, initializer: $0), "initializer") }),
    Row(
      name: "conv", input: [8, 8, 2],
      valid: [
        Convolution(3, kernel: Size(3)),
        Convolution(
          3, kernel: Size(2, 4), stride: Size(2, 1), padding: .symmetric(Size(1, 2)), bias: false,
          initializer: .constant(0.5)), Convolution(1, kernel: Size(1), padding: .valid),
      ],
      invalid: [
        (Convolution(0, kernel: Size(3)), "conv.channels"),
        (Convolution(-4, kernel: Size(3)), "conv.channels"),
        (Convolution(.max, kernel: Size(3)), "conv.channels"),
        (Convolution(2, kernel: Size(0)), "conv.kernel"),
        (Convolution(2, kernel: Size(3, -1)), "conv.kernel"),
        (Convolution(2, kernel: Size(.max)), "conv.kernel"),
        (Convolution(2, kernel: Size(3), stride: Size(0)), "conv.stride"),
        (Convolution(2, kernel: Size(3), stride: Size(1, -2)), "conv.stride"),
        (Convolution(2, kernel: Size(3), padding: .symmetric(Size(-1))), "conv.padding"),
        (Convolution(2, kernel: Size(3), padding: .symmetric(Size(.max))), "conv.padding"),
      ]),
    Row(
      name: "conv_transpose", input: [4, 4, 2],
      valid: [
        TransposedConvolution(3, kernel: Size(4), stride: Size(2)),
        TransposedConvolution(
          3, kernel: Size(3), stride: Size(2), padding: .symmetric(Size(1)),
          outputPadding: Size(1), bias: false),
      ],
      invalid: [
        (TransposedConvolution(-1, kernel: Size(4)), "conv_transpose.channels"),
        (TransposedConvolution(1, kernel: Size(0)), "conv_transpose.kernel"),
        (TransposedConvolution(1, kernel: Size(4), stride: Size(0)), "conv_transpose.stride"),
        (
          TransposedConvolution(1, kernel: Size(4), padding: .symmetric(Size(-3))),
          "conv_transpose.padding"
        ),
        (
          TransposedConvolution(
            1, kernel: Size(4), stride: Size(2), padding: .valid, outputPadding: Size(-1)),
          "conv_transpose.output_padding"
        ),
      ]),
    Row(
      name: "embedding", input: [4], valid: [Embedding(classes: 5, size: 2)],
      invalid: [
        (Embedding(classes: 0, size: 2), "embedding.classes"),
        (Embedding(classes: -1, size: 2), "embedding.classes"),
        (Embedding(classes: 2, size: 0), "embedding.size"),
        (Embedding(classes: 2, size: .min), "embedding.size"),
      ]),
    Row(
      name: "batch_norm", input: [4], valid: [BatchNorm(), BatchNorm(epsilon: 1, momentum: 0)],
      invalid: ([0] + wrong).map { (BatchNorm(epsilon: $0), "batch_norm.epsilon") }
        + wrong.map { (BatchNorm(momentum: $0), "batch_norm.momentum") }),
    Row(
      name: "layer_norm", input: [4], valid: [LayerNorm(), LayerNorm(epsilon: 1e-12)],
      invalid: ([0] + wrong).map { (LayerNorm(epsilon: $0), "layer_norm.epsilon") }),
    Row(
      name: "reference_norm", input: [4],
      valid: ReferenceNorm.Form.allCases.map { ReferenceNorm($0) },
      invalid: ([0] + wrong).map {
        (ReferenceNorm(.sample, epsilon: $0), "reference_norm.epsilon")
      }),
    Row(
      name: "conditional_batch_norm", input: [4],
      valid: [ConditionalBatchNorm(epsilon: 0.5, momentum: 1)],
      invalid: wrong.map { (ConditionalBatchNorm(epsilon: $0), "conditional_batch_norm.epsilon") }
        + wrong.map { (ConditionalBatchNorm(momentum: $0), "conditional_batch_norm.momentum") }),
    Row(
      name: "condition", input: [4],
      valid: [ConditionInput(), ConditionInput(size: 3, initializer: .constant(1))],
      invalid: [
        (ConditionInput(size: -1), "condition.size"),
        (ConditionInput(size: .max), "condition.size"),
        (ConditionInput(size: 2, initializer: .normal(-1)), "initializer"),
      ]),
    Row(
      name: "projection", input: [4], valid: [Projection(), Projection(initializer: .he)],
      invalid: [(Projection(initializer: .constant(.nan)), "initializer")]),
    Row(name: "features", input: [4], valid: [Features()]),
    Row(
      name: "minibatch_deviation", input: [4], valid: [MinibatchDeviation()],
      invalid: ([0] + wrong).map {
        (MinibatchDeviation(epsilon: $0), "minibatch_deviation.epsilon")
      }),
    Row(
      name: "minibatch_discrimination", input: [4],
      valid: [MinibatchDiscrimination(kernels: 2, size: 1)],
      invalid: [-1, 0, .max].map {
        (MinibatchDiscrimination(kernels: $0), "minibatch_discrimination.kernels")
      }
        + [-1, 0, .max].map { (MinibatchDiscrimination(size: $0), "minibatch_discrimination.size") }
    ),
    Row(
      name: "weight_norm", input: [4],
      valid: [
        WeightNorm(Dense(2)), WeightNorm(Dense(2), trainsGain: false, takesFirstBatch: false),
      ],
      invalid: [(WeightNorm(Dense(-1)), "dense.units")]),
    Row(
      name: "spectral_norm", input: [4],
      valid: [SpectralNorm(Dense(2)), SpectralNorm(Dense(2, bias: false))],
      invalid: [(SpectralNorm(Dense(-1)), "dense.units")]),
    Row(
      name: "basis", input: [4],
      valid: [LearnedBasis(Size(4)), LearnedBasis(Size(2, 3), initializer: .he)],
      invalid: [
        (LearnedBasis(Size(0)), "basis.size"), (LearnedBasis(Size(2, -1)), "basis.size"),
        (LearnedBasis(Size(.max)), "basis.size"),
        (LearnedBasis(Size(2), initializer: .normal(-1)), "initializer"),
      ]),
    Row(
      name: "inner_product", input: [4], valid: [InnerProduct(), InnerProduct(initializer: .he)],
      invalid: [(InnerProduct(initializer: .constant(.nan)), "initializer")]),
    Row(name: "fir_upsample", input: [2, 2, 1], valid: [FilteredUpsample()]),
    Row(name: "fir_downsample", input: [4, 4, 1], valid: [FilteredDownsample()]),
    Row(name: "sum_pool", input: [2, 2, 3], valid: [SumPool()]),
    Row(name: "relu", input: [4], valid: [ActivationLayer.relu]),
    Row(name: "tanh", input: [4], valid: [ActivationLayer.tanh]),
    Row(name: "sigmoid", input: [4], valid: [ActivationLayer.sigmoid]),
    Row(name: "silu", input: [4], valid: [ActivationLayer.silu]),
    Row(name: "softplus", input: [4], valid: [ActivationLayer.softplus]),
    Row(
      name: "leaky_relu", input: [4], valid: [ActivationLayer.leakyReLU(slope: 1)],
      invalid: ([0] + wrong).map { (ActivationLayer.leakyReLU(slope: $0), "leaky_relu.slope") }),
    Row(
      name: "elu", input: [4], valid: [ActivationLayer.elu(alpha: 0)],
      invalid: wrong.map { (ActivationLayer.elu(alpha: $0), "elu.alpha") }),
    Row(
      name: "scale", input: [4], valid: [Scaling(factor: -1e6, offset: 1e6)],
      invalid: [.nan, .infinity, -2e6].map { (Scaling(factor: $0), "scale.factor") }
        + [.nan, .infinity, 2e6].map { (Scaling(factor: 1, offset: $0), "scale.offset") }),
    Row(
      name: "dropout", input: [4], valid: [Dropout(0), Dropout(0.999, sampling: true)],
      invalid: ([1, 0.9995] + wrong).map { (Dropout($0), "dropout.probability") }),
    Row(
      name: "gaussian_noise", input: [4],
      valid: [GaussianNoise(0), GaussianNoise(2, multiplicative: true, sampling: true)],
      invalid: wrong.map { (GaussianNoise($0), "gaussian_noise.deviation") }),
    Row(name: "flatten", input: [2, 2, 1], valid: [Flatten()]),
    Row(
      name: "reshape", input: [4], valid: [Reshaping([2, 2]), Reshaping([1, 4, 1])],
      invalid: [[], [-2, -2], [0], [1, 1, 1, 1, 1, 4]].map { (Reshaping($0), "expected") }),
    Row(
      name: "upsample", input: [2, 2, 1], valid: [Upsample(1), Upsample(3)],
      invalid: [0, -1, .min, .max].map { (Upsample($0), "upsample.factor") }),
    Row(
      name: "average_pool", input: [4, 4, 1], valid: [AveragePool(1), AveragePool(2)],
      invalid: [0, -1, .min, .max].map { (AveragePool($0), "average_pool.factor") }),
    Row(
      name: "residual", input: [4], valid: [Residual([Dense(4), ActivationLayer.relu])],
      invalid: [(Residual([Dense(-1)]), "dense.units")]),
    Row(
      name: "sequence", input: [4],
      valid: [Sequential([Dense(2), ActivationLayer.relu], key: "sequence")],
      invalid: [(Sequential([Dense(0)], key: "sequence"), "dense.units")]),
    Row(
      name: "skip", input: [4], valid: [Skip([Dense(3), ActivationLayer.relu]), Skip([])],
      invalid: [(Skip([Dense(0)]), "dense.units"), (Skip([Reshaping([2, 2])]), "layers[0]")]),
    Row(
      name: "input", input: [4], valid: [NamedInput("condition"), NamedInput("labels")],
      invalid: [(NamedInput("values"), "layers[0]"), (NamedInput(""), "layers[0]")]),
  ]

  @Test func everyLayerHasARow() {
    #expect(Set(Self.rows.map(\.name)) == Set(LayerForms.all.map(\.name)))
    for row in Self.rows {
      for layer in row.valid + row.invalid.map(\.layer) {
        #expect(LayerForm.name(of: layer) == row.name)
      }
    }
  }

  private static func configuration(_ layers: [any Layer], _ input: [Int]) -> Configuration {
    var c = Configuration(
      shape: input, latent: Prior(size: 4), generator: .mlp(width: 4),
      discriminator: .layers(layers))
    c.classes = 3
    c.labels = LabelSettings(.conditional)
    return c
  }

  /// A layer of the user's own, which JSON does not look into.
  struct Own: Layer {
    let inner: any Layer
    func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
      try inner.declare(x, &d)
    }
    func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor { inner(x, c) }
  }

  /// - Returns: the failure of making the model.
  private func failure(_ c: Configuration) -> Failure? {
    #expect(throws: Failure.self) { try GAN(c) }
  }

  @Test(arguments: rows) func layers(_ row: Row) throws {
    for layer in row.valid {
      let c = Self.configuration([layer], row.input)
      let again = try Configuration(json: JSON(parsing: c.json.text(pretty: true)))
      #expect(again == c && again.json.text(pretty: false) == c.json.text(pretty: false))
      try c.checkValues()
      try Self.configuration([Own(inner: layer)], row.input).checkValues()
    }
    for (layer, key) in row.invalid {
      let direct = failure(Self.configuration([layer], row.input))
      #expect(direct?.kind == .configuration, "\(layer)")
      #expect(direct?.message.contains("discriminator.layers[0]") == true)
      #expect(direct?.message.contains(key) == true, "\(direct?.message ?? "")")
      // The declaration refuses it, too.
      guard !(layer is Sequential) else { continue }
      let inside = failure(Self.configuration([Own(inner: layer), Dense(1)], row.input))
      #expect(inside?.message.contains("expected") == true, "\(inside?.message ?? "")")
      if key.hasSuffix(".channels") || key.hasSuffix(".factor") || key.hasSuffix(".units") {
        #expect(inside?.message.contains(key) == true, "\(inside?.message ?? "")")
      }
    }
  }

  /// Beside code of the user's own, everything else is checked.
  @Test func besideOwnCode() throws {
    struct OwnDense: WeightedLayer {
      var dense = Dense(4)
      var bias: Bool { dense.bias }
      var outputAxis: Int { dense.outputAxis }
      func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
        try dense.declare(x, &d)
      }
      func apply(_ x: Tensor, weight: Tensor, bias: Tensor?, activation: Activation) -> Tensor {
        dense.apply(x, weight: weight, bias: bias, activation: activation)
      }
    }
    try Self.configuration([WeightNorm(OwnDense(), trainsGain: false)], [4]).checkValues()
    let own = OwnCodeTests.configuration()
    try own.checkValues()
    _ = try GAN(own)
    var c = own
    c.schedule.discriminatorSteps = 0
    #expect(failure(c)?.message.contains("discriminator_steps") == true)
    c = own
    c.generator = .layers([OwnCodeTests.Weighted(), Dense(-1)])
    #expect(failure(c)?.message.contains("generator.layers[1].dense.units") == true)
  }
}
