import SGNets
import SGTensors
import Testing

@Suite struct LayerTests {
  private let random = RandomKey(seed: 1, stream: 0x4000, step: 0)

  @Test func shapes() throws {
    let image: Shape = [9, 7, 3]
    let rows: [(any Layer, Shape, Shape)] = [
      (Dense(5), [4], [5]), (Flatten(), image, [189]), (Reshaping([3, 63]), image, [3, 63]),
      (Upsample(2), image, [18, 14, 3]), (AveragePool(2), image, [4, 3, 3]),
      (Convolution(8, kernel: Size(3)), image, [9, 7, 8]),
      (Convolution(8, kernel: Size(4), stride: Size(2)), image, [5, 4, 8]),
      (Convolution(8, kernel: Size(2, 5), padding: .valid), image, [8, 3, 8]),
      (
        Convolution(8, kernel: Size(3), stride: Size(2), padding: .symmetric(Size(1))), image,
        [5, 4, 8]
      ),
      (TransposedConvolution(8, kernel: Size(4), stride: Size(2)), image, [18, 14, 8]),
      (
        TransposedConvolution(
          8, kernel: Size(3), stride: Size(2), padding: .symmetric(Size(1)),
          outputPadding: Size(1, 0)), image, [18, 13, 8]
      ),
      (BatchNorm(), image, image), (LayerNorm(), image, image), (Dropout(0.5), image, image),
      (ActivationLayer.silu, image, image), (Scaling(factor: 2, offset: 1), image, image),
      (
        Residual([Convolution(3, kernel: Size(3)), BatchNorm(), ActivationLayer.relu]), image, image
      ),
      (Sequential([Flatten(), Dense(2)]), image, [2]),
      (Embedding(classes: 10, size: 4), [3], [3, 4]),
    ]
    for (layer, input, expected) in rows {
      let network = try Network([layer], input: input, place: "test")
      #expect(network.output == expected, "\(type(of: layer))")
      let parameters = Parameters(rows: network.parameterRows, random: random)
      let state = Parameters(rows: network.stateRows, random: random)
      for isTraining in [true, false] {
        let y = network(
          random.uniform(input.prepending(2)), parameters: parameters.tensors, state: state.tensors,
          isTraining: isTraining, random: random
        ).output
        #expect(y.shape == expected.prepending(2), "\(type(of: layer)) ran to another shape")
        #expect(y.isFinite)
      }
    }
  }

  /// A layer that cannot take its input says where it stands and names the shape.
  @Test func layersThatDoNotFit() {
    let image: Shape = [4, 4, 3]
    let rows: [([any Layer], Shape, String)] = [
      ([Dense(5)], image, "test.layers[0]"), ([Flatten(), Upsample(2)], image, "test.layers[1]"),
      ([Reshaping([5])], image, "test.layers[0]"), ([AveragePool(5)], image, "test.layers[0]"),
      ([Convolution(8, kernel: Size(5), padding: .valid)], image, "test.layers[0]"),
      ([Flatten(), Residual([Dense(5)])], image, "test.layers[1]"),
      ([Residual([Flatten(), Dense(5)])], image, "test.layers[0]"),
      ([Embedding(classes: 3, size: 2)], image, "test.layers[0]"),
    ]
    for (layers, input, place) in rows {
      #expect {
        try Network(layers, input: input, place: "test")
      } throws: { error in
        let error = error as! ConfigError
        return error.path.hasPrefix(place) && error.message.contains("[")
      }
    }
  }

  @Test func dropoutScalesWhatItKeeps() throws {
    let network = try Network([Dropout(0.25)], input: [1000], place: "test")
    let x = Tensor.ones([40, 1000])
    func run(_ isTraining: Bool, _ key: RandomKey) -> [Float] {
      network(x, parameters: [], state: [], isTraining: isTraining, random: key).output.array
    }
    let y = run(true, random)
    #expect(Set(y) == [0, 1 / 0.75])
    let kept = Double(y.count { $0 != 0 }) / 40_000
    #expect(abs(kept - 0.75) < 5 * (0.75 * 0.25 / 40_000).squareRoot())
    #expect(run(false, random).allSatisfy { $0 == 1 })
    #expect(run(true, random) == y)
    #expect(run(true, RandomKey(seed: 1, stream: 0x4000, step: 1)) != y)
  }

  @Test func noiseHasItsDeviation() throws {
    let x = Tensor(repeating: 3, shape: [40, 1000])
    func run(_ layer: GaussianNoise, training: Bool = true) throws -> [Double] {
      let network = try Network([layer], input: [1000], place: "test")
      return network(x, parameters: [], state: [], isTraining: training, random: random).output
        .array.map { Double($0) - 3 }
    }
    for (layer, deviation) in [
      (GaussianNoise(0.5), 0.5), (GaussianNoise(0.5, multiplicative: true), 1.5),
    ] {
      let noise = try run(layer)
      let mean = noise.reduce(0, +) / 40_000
      let variance = noise.reduce(0) { $0 + $1 * $1 } / 40_000
      #expect(abs(mean) < 5 * deviation / 200)
      #expect(abs(variance.squareRoot() / deviation - 1) < 5 / 80_000.0.squareRoot())
      #expect(try run(layer, training: false).allSatisfy { $0 == 0 })
    }
    let always = GaussianNoise(0.5, sampling: true)
    #expect(try run(always, training: false) == run(always))
  }

  @Test func embeddingPicksRows() throws {
    let network = try Network([Embedding(classes: 3, size: 2)], input: [2], place: "test")
    let table = Tensor([1, 2, 3, 4, 5, 6]).reshaped([3, 2]).tracked()
    let index = Tensor([2, 0, 0, 7]).reshaped([2, 2])
    let y = network(index, parameters: [table], state: [], isTraining: true, random: random).output
    #expect(y.shape == [2, 2, 2])
    #expect(y.array == [5, 6, 1, 2, 1, 2, 5, 6])
    #expect(gradient(of: y.sum(), wrt: [table])[0].array == [2, 2, 0, 0, 2, 2])
  }

  @Test func poolingAndUpsampling() throws {
    let x = Tensor((0..<16).map { Float($0) }).reshaped([1, 4, 4, 1])
    func run(_ layer: any Layer) throws -> [Float] {
      try Network([layer], input: [4, 4, 1], place: "test")(
        x, parameters: [], state: [], isTraining: false, random: random
      ).output.array
    }
    #expect(try run(AveragePool(2)) == [2.5, 4.5, 10.5, 12.5])
    #expect(try run(AveragePool(3)) == [5])
    #expect(try Array(run(Upsample(2))[..<16]) == [0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3])
  }
}
