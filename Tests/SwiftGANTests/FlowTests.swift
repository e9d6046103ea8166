import SwiftGAN
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import SGBasics
@testable import SGData
@testable import SGModels
@testable import SGNets
@testable import SGTensors

@Suite struct FlowTests {
  private func model<Kind: FlowKind>(
    _ text: String, as kind: Kind.Type
  ) throws -> DescentModel<Flow<Kind>> {
    try DescentModel(configuration: JSON(parsing: text))
  }

  /// Gives every weight a random value, so that no coupling is the identity.
  private func stir(_ model: some SGModels.Model, deviation: Float = 0.3) throws {
    for (i, (name, value)) in model.tensors.enumerated() where !name.contains("optimizer") {
      let key = RandomKey(seed: 77, stream: 3, step: UInt64(i))
      let noise = key.normal([1, value.count], deviation: deviation).reshaped(value.shape)
      try model.setTensor(name, value + noise)
    }
  }

  private func networks<Kind: FlowKind>(_ model: DescentModel<Flow<Kind>>) -> FlowNetworks {
    FlowNetworks(networks: model.form.networks.map(\.network)) { model.inference($0).parameters }
  }

  private func noise(_ n: Int, _ size: Int) -> Tensor {
    RandomKey(seed: 6, stream: 2, step: 0).uniform([n, size])
  }

  /// Samples become latents and latents samples without a loss, and the Jacobian's determinant is
  /// that of all derivatives, one by one.
  private func expectExact<Kind: FlowKind>(_ text: String, as kind: Kind.Type) throws {
    let model = try model(text, as: kind)
    try stir(model, deviation: model.sampleShape.rank == 3 ? 0.1 : 0.2)
    let (flow, networks) = (model.form, networks(model))
    let (n, size) = (3, model.form.latentSize)
    let range = model.sampleRange ?? ValueRange(-2, 2)
    let x = RandomKey(seed: 5, stream: 1, step: 0).uniform(
      model.sampleShape.prepending(n), low: range.low, high: range.high
    ).tracked()
    let noise = noise(n, size)
    let (z, logDeterminant) = flow.latents(of: x, noise, networks)
    #expect(z.shape == [n, size])
    guard flow.likelihood == .exact else {
      let whole = flow.samples(of: z, networks).reshaped(x.shape)
      let again = flow.latents(of: whole, noise, networks).z
      for (a, b) in zip(again.array, z.array) { #expect(abs(a - b) < 1e-3 * max(1, abs(b))) }
      return
    }
    let drawn = try model.latents(n, seed: 3)
    let made = flow.samples(of: drawn, networks).reshaped(x.shape)
    let again = flow.latents(of: made, nil, networks).z
    for (a, b) in zip(again.array, drawn.array) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
    let back = flow.samples(of: z, networks)
    for (a, b) in zip(back.array, x.array) { #expect(abs(a - b) < 1e-4, "\(a) \(b)") }
    let encoded = try model.encode(x.detached, given: .none)
    for (a, b) in zip(encoded.array, z.array) { #expect(abs(a - b) < 1e-4 * max(1, abs(b))) }
    let decoded = try model.decode(encoded, given: .none, seed: 1)
    for (a, b) in zip(decoded.array, x.array) { #expect(abs(a - b) < 1e-4) }
    var rows = [[[Double]]](repeating: [], count: n)
    for k in 0..<size {
      let slope = gradient(of: z.slice(from: [0, k], [n, 1]), wrt: [x])[0].doubles
      for i in 0..<n { rows[i].append(Array(slope[i * size..<(i + 1) * size])) }
    }
    for i in 0..<n {
      let want = logDeterminantInDouble(rows[i])
      let found = Double(logDeterminant.array[i])
      #expect(abs(found - want) < 1e-3 * max(1, abs(want)), "\(found) \(want)")
    }
  }

  private func logDeterminantInDouble(_ matrix: [[Double]]) -> Double {
    var (a, sum) = (matrix, 0.0)
    for i in a.indices {
      let pivot = (i..<a.count).max { abs(a[$0][i]) < abs(a[$1][i]) } ?? i
      a.swapAt(i, pivot)
      sum += log(abs(a[i][i]))
      for k in i + 1..<a.count {
        let factor = a[k][i] / a[i][i]
        for j in i..<a.count { a[k][j] -= factor * a[i][j] }
      }
    }
    return sum
  }

  @Test(arguments: [
    #"{"data": {"shape": [5]}, "realnvp": {"width": 8, "couplings": 4}}"#,
    #"{"data": {"shape": [4], "range": [-3, 1]}, "realnvp": {"width": 8, "couplings": 2, "logit": 0.05}}"#,
    #"{"data": {"shape": [8, 4, 1]}, "realnvp": {"width": 4, "couplings": 2, "dequantize": null}}"#,
    #"{"data": {"shape": [4, 4, 2], "range": [0, 1]}, "realnvp": {"width": 4, "couplings": 1, "scales": 1, "dequantize": null, "logit": null}}"#,
    #"{"data": {"shape": [8, 8, 1]}, "realnvp": {"width": 4, "couplings": 1, "scales": 3}}"#,
  ]) func realNVP(_ text: String) throws { try expectExact(text, as: RealNVP.self) }

  @Test(arguments: [
    #"{"data": {"shape": [5]}, "nice": {"width": 8}}"#,
    #"{"data": {"shape": [4, 4, 1]}, "nice": {"width": 8, "dequantize": null}}"#,
    #"{"data": {"shape": [4, 2, 1]}, "nice": {"width": 8}}"#,
  ]) func nice(_ text: String) throws { try expectExact(text, as: NICE.self) }

  @Test func ica() throws { try expectExact(#"{"data": {"shape": [6]}}"#, as: ICA.self) }

  /// A learned density in the plane integrates to 1, and its mean logarithm comes near the data's
  /// entropy; samples look like the data.
  @Test func thePlane() throws {
    let model = try model(
      #"{"data": {"shape": [2]}, "realnvp": {"width": 32, "couplings": 6}, "average": 0.99}"#,
      as: RealNVP.self)
    let first = RandomKey(seed: 4, stream: 1, step: 0).normal([4000, 1])
    let second = RandomKey(seed: 4, stream: 2, step: 0).normal([4000, 1], deviation: 0.3)
    let data = try Dataset(
      .concatenate([first, 0.5 * first.squared() + second], axis: 1))
    var trainer = try Trainer(model, data: data, batch: 200)
    let start = try trainer.step()
    try trainer.run(steps: 1200, reportEvery: 1200)
    let (side, width) = (300, Float(0.05))
    var grid: [Float] = []
    for i in 0..<side * side {
      grid.append(Float(i % side) * width - 7.5)
      grid.append(Float(i / side) * width - 4)
    }
    let points = Tensor(grid, shape: [side * side, 2])
    let density = try model.logLikelihood(points, given: .none, options: .object([])).doubles
    let total = density.map(exp).reduce(0, +) * Double(width * width)
    #expect(abs(total - 1) < 0.01, "\(total)")
    let nats = try model.logLikelihood(
      data.batch(Array(0..<2000)), given: .none, options: .object([])
    ).doubles
    let mean = nats.reduce(0, +) / 2000
    let entropy: Double = 1 + log(2 * Double.pi) + log(0.3)
    #expect(mean > -entropy - 0.15 && mean < -entropy + 0.1, "\(mean) \(-entropy)")
    #expect(try #require(start["cost"]) > entropy + 0.5)
    let samples = try model.sample(4000, seed: 1, given: .none).doubles
    var square = 0.0
    for k in 0..<4000 {
      let x = samples[2 * k]
      let rest = samples[2 * k + 1] - 0.5 * x * x
      square += rest * rest / 4000
    }
    #expect(square.squareRoot() < 0.5, "\(square.squareRoot())")
  }

  /// Composed with a fixed factor of 2 a flow needs one bit an element less for samples that are
  /// half as large, and a model whose range is twice as wide one bit more.
  @Test func bitsPerDimension() throws {
    let text =
      #"{"data": {"shape": [8, 8, 1], "range": [0, 1]}, "realnvp": {"width": 4, "couplings": 1, "dequantize": null}}"#
    let small = try model(text, as: RealNVP.self)
    let large = try model(text.replacing("[0, 1]", with: "[0, 2]"), as: RealNVP.self)
    try stir(small, deviation: 0.05)
    try stir(large, deviation: 0.05)
    let x = RandomKey(seed: 5, stream: 1, step: 0).uniform([4, 8, 8, 1])
    func bits(_ nats: Tensor) -> [Double] { nats.doubles.map { -$0 / 64 / log(2) } }
    let one = bits(try small.logLikelihood(x, given: .none, options: .object([])))
    let two = bits(try large.logLikelihood(2 * x, given: .none, options: .object([])))
    var composed = small.form
    composed.steps.insert(.fixed(offset: 0, factor: 2), at: 0)
    let half = bits(composed.logDensity(of: 0.5 * x, nil, networks(small)))
    for i in 0..<4 {
      #expect(abs(two[i] - one[i] - 1) < 1e-5)
      #expect(abs(one[i] - half[i] - 1) < 1e-5)
    }
    let report = try small.train(on: [Batch(x)], reporting: true)
    let mean = one.reduce(0, +) / 4
    #expect(abs(try #require(report["bits_per_dimension"]) - mean) < 1e-4)
  }

  /// The noise of levels is added once, and there are as many bins as levels: the probabilities of
  /// all pairs of four levels sum to 1.
  @Test(arguments: ["null", "0.05"]) func levels(_ logit: String) throws {
    let model = try model(
      #"""
      {"data": {"shape": [2], "range": [-1, 2]},
       "realnvp": {"width": 8, "couplings": 2, "dequantize": 4, "logit": \#(logit)}}
      """#, as: RealNVP.self)
    if logit != "null" { try stir(model, deviation: 0.1) }
    var pairs: [Float] = []
    for i in 0..<16 { pairs += [Float(i % 4) - 1, Float(i / 4) - 1] }
    let x = Tensor(pairs, shape: [16, 2])
    let nats = try model.logLikelihood(
      x, given: .none, options: .object([("importance_samples", .integer(4000))]))
    #expect(model.likelihood == .bound)
    let sum = nats.doubles.map(exp).reduce(0, +)
    // Without a logit the standard normal density has the share (Φ(1) − Φ(0))² in [0, 1)².
    let want = logit == "null" ? 0.3413447 * 0.3413447 : 1
    #expect(abs(sum - want) < 0.02 * want, "\(sum)")
    let samples = try model.sample(200, seed: 1, given: .none).array
    #expect(Set(samples).isSubset(of: [-1, 0, 1, 2]) && Set(samples).count == 4)
    #expect(try model.reconstruct(x, given: .none).array == x.array)
    let failure = #expect(throws: Failure.self) {
      try model.logLikelihood(x + 0.5, given: .none, options: .object([]))
    }
    #expect(failure?.message.contains("within data.range [-1.0, 2.0]") == true)
    #expect(throws: Failure.self) { try model.train(on: [Batch(2 * x)], reporting: false) }
  }

  /// A step of SGD from given weights and data equals a computation in double precision with
  /// central differences.
  @Test(arguments: ["realnvp", "nice", "ica"]) func aStep(_ family: String) throws {
    let own = #", "\#(family)": {"width": 3, "depth": 1, "couplings": 2}"#
    let couplings = family == "ica" ? "" : own
    let model = try Families.create(
      JSON(
        parsing:
          #"{"family": "\#(family)", "data": {"shape": [3]}, "optimizer": {"sgd": {"learning_rate": 1}}\#(couplings)}"#
      ))
    try stir(model)
    let n = 4
    let x = RandomKey(seed: 2, stream: 1, step: 0).normal([n, 3])
    let data = x.doubles
    func cost(_ w: [[Double]]) -> Double {
      var total = 0.0
      for i in 0..<n {
        var (x, nats) = (Array(data[3 * i..<3 * i + 3]), 0.0)
        if family == "ica" {
          x = denseInDouble(x, w[0], w[1])
          let rows = (0..<3).map { Array(w[0][3 * $0..<3 * $0 + 3]) }
          nats += logDeterminantInDouble(rows)
        } else {
          for c in 0..<2 {
            let stays = (0..<3).map { ($0 % 2 == 0) == (c == 0) }
            let seen = (0..<3).map { stays[$0] ? x[$0] : 0 }
            let hidden = denseInDouble(seen, w[4 * c], w[4 * c + 1]).map { max(0, $0) }
            let out = denseInDouble(hidden, w[4 * c + 2], w[4 * c + 3])
            for k in 0..<3 where !stays[k] {
              if family == "nice" {
                x[k] += out[k]
              } else {
                let s = 3 * tanh(out[k] / 3)
                x[k] = x[k] * exp(s) + out[3 + k]
                nats += s
              }
            }
          }
          if family == "nice" {
            for k in 0..<3 {
              x[k] *= exp(w[8][k])
              nats += w[8][k]
            }
          }
        }
        for z in x {
          nats -=
            family == "realnvp"
            ? 0.5 * z * z + 0.5 * log(2 * Double.pi) : log1p(exp(z)) + log1p(exp(-z))
        }
        total -= nats
      }
      return total / Double(n)
    }
    try expectStep(of: model, on: x, descends: cost, floor: 1e-2)
  }

  /// Mixed sources are separated: what each learned component does to the sources is one of them,
  /// but for a tenth at most.
  @Test func sourcesAreSeparated() throws {
    let key = RandomKey(seed: 9, stream: 1, step: 0)
    let uniform = key.uniform([6000, 3], low: 1e-6, high: 1 - 1e-6)
    // Laplace: −sign(u − ½) log(1 − |2u − 1|).
    let centered = 2 * uniform - 1
    let sources = -(centered.sign()) * log(1 - centered.absolute())
    let mixing: [Float] = [1, 0.8, -0.3, 0.5, -1, 0.4, 0.2, 0.6, 1.2]
    let data = try Dataset(matmul(sources, Tensor(mixing, shape: [3, 3])))
    let model = try model(
      #"{"data": {"shape": [3]}, "standardize": false, "optimizer": {"adam": {"learning_rate": 0.02}}, "learning_rate": {"cosine": {"steps": 1200, "to": 0.01}}}"#,
      as: ICA.self)
    var trainer = try Trainer(model, data: data, batch: 500)
    try trainer.run(steps: 1200, reportEvery: 1200)
    let unmixing = model.inference(0).parameters[0]
    let total = matmul(Tensor(mixing, shape: [3, 3]), unmixing).array.map(abs)
    var found: Set<Int> = []
    for k in 0..<3 {
      let column = (0..<3).map { total[3 * $0 + k] }
      let largest = column.max() ?? 0
      found.insert(column.firstIndex(of: largest) ?? 0)
      #expect(column.reduce(0, +) - largest < 0.1 * largest, "\(column)")
    }
    #expect(found.count == 3)
  }
}
