import SwiftGAN
import Testing

@Suite struct LatentTests {
  private func model(_ prior: Prior = Prior(size: 3), seed: UInt64 = 1) throws -> GAN {
    try GAN(
      Configuration(
        shape: [8], latent: prior,
        generator: .layers([Dense(32), ActivationLayer.tanh, Dense(8)]),
        discriminator: .mlp(width: 4), seed: seed))
  }

  private func length(_ x: ArraySlice<Float>) -> Float {
    x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test func paths() {
    let (a, b) = (Tensor([3, 0, 0]), Tensor([0, 3, 0]))
    let arc = Latents.between(a, b, steps: 5).array
    for i in 0..<5 { #expect(abs(length(arc[(3 * i)..<(3 * i + 3)]) - 3) < 1e-5) }
    let half = Float(0.5).squareRoot()
    #expect(abs(arc[6] - 3 * half) < 1e-5 && abs(arc[7] - 3 * half) < 1e-5)
    let line = Latents.between(a, b, steps: 3, path: .linear).array
    #expect(line == [3, 0, 0, 1.5, 1.5, 0, 0, 3, 0])
    // No arc is singled out between opposite points, nor from 0: the line.
    #expect(Latents.between(a, -a, steps: 3).array == [3, 0, 0, 0, 0, 0, -3, 0, 0])
    #expect(Latents.between(.zeros([3]), b, steps: 2).array == [0, 0, 0, 0, 3, 0])
  }

  @Test func arithmetic() {
    let x = Tensor([1, 2, 3, 4, 10, 20], shape: [3, 2])
    let sum = Latents.sum([
      (latents: x.rows(0..<2), sign: 1), (latents: x.rows(2..<3), sign: -1),
      (latents: x.rows(1..<3), sign: 1),
    ])
    #expect(sum.shape == [1, 2] && sum.array == [2 - 10 + 6.5, 3 - 20 + 12])
  }

  /// The generator's own samples are found again, and so is each alone.
  @Test(arguments: Prior.Distribution.allCases)
  func findsItsOwnSamples(_ distribution: Prior.Distribution) throws {
    let model = try model(Prior(size: 3, distribution: distribution))
    let samples = try model.sample(20, seed: 5)
    var search = LatentSearch()
    search.prior = 1e-6
    search.steps = 400
    let found = try model.findLatents(for: samples, search)
    #expect(found.latents.shape == [20, 3] && found.errors.count == 20)
    #expect(found.errors.allSatisfy { $0 < 1e-3 }, "\(found.errors)")
    if distribution == .uniform { #expect(found.latents.array.allSatisfy { abs($0) <= 1 }) }
    let made = try model.sample(latents: found.latents).array
    for (a, b) in zip(made, samples.array) { #expect(abs(a - b) < 0.2) }
    let again = try model.findLatents(for: samples, search)
    #expect(again.latents.array == found.latents.array)
  }

  /// What is known stays to the bit; with little known, answers differ, the best first.
  @Test func completes() throws {
    let model = try model()
    let samples = try model.sample(3, seed: 6)
    let mask = Tensor([1, 0, 0, 0, 0, 0, 0, 0])
    var search = LatentSearch()
    (search.answers, search.tries) = (3, 6)
    search.prior = 0.001  // a strong one draws all answers to the most usual
    let found = try model.findLatents(for: samples, mask: mask, search)
    for i in 0..<3 {
      let errors = found.errors[(3 * i)..<(3 * i + 3)]
      #expect(Array(errors) == errors.sorted())
    }
    let filled = try model.complete(samples, mask: mask, search)
    #expect(filled.shape == [9, 8])
    let (f, s) = (filled.array, samples.array)
    for i in 0..<9 { #expect(f[8 * i] == s[8 * (i / 3)]) }
    let spread = (1..<8).map { abs(f[$0] - f[8 + $0]) }.max()!
    #expect(spread > 0.05, "one known number leaves room for different answers")
    // Knowing nearly everything, the rest is right.
    let most = Tensor([1, 1, 1, 1, 1, 1, 1, 0])
    search.answers = 1
    search.prior = 1e-4
    let right = try model.complete(samples, mask: most, search).array
    for i in 0..<3 { #expect(abs(right[8 * i + 7] - s[8 * i + 7]) < 0.3) }
  }

  @Test func refusals() throws {
    let model = try model()
    let x = try model.sample(2, seed: 1)
    for mask in [Tensor.ones([7]), Tensor.ones([3, 8]), Tensor.zeros([8]), 0.5 * Tensor.ones([8])] {
      #expect(throws: Failure.self) { try model.findLatents(for: x, mask: mask) }
    }
    #expect(throws: Failure.self) { try model.findLatents(for: Tensor.ones([2, 7])) }
    #expect(throws: Failure.self) { try model.findLatents(for: x / 0) }
  }
}
