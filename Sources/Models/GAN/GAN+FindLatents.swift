import SGBasics
import SGData
import SGNets
import SGTensors

/// How latents are looked for.
public struct LatentSearch: Sendable {
  /// Steps of Adam.
  public var steps = 300
  /// Adam's.
  public var learningRate: Float = 0.05
  /// Random starts for each sample.
  public var tries = 4
  /// How many of the latents that were found are wanted, at most `tries`.
  public var answers = 1
  /// Weight of ‖z‖² / size, which keeps a latent of a normal prior where samples come from. Larger:
  /// completions nearer to the usual; smaller: a closer match of what is known, and answers that
  /// differ more.
  public var prior: Float = 0.2
  /// The seed of the random starts.
  public var seed: UInt64 = 1

  /// The defaults.
  public init() {}

  package init(json: JSONObject) throws(Failure) {
    var o = json
    steps = try o.int("steps", in: 1...1_000_000, default: 300)
    learningRate = Float(try o.double("learning_rate", in: 1e-9...100, default: 0.05))
    answers = try o.int("answers", in: 1...1000, default: 1)
    tries = try o.int("tries", in: answers...1000, default: max(4, answers))
    prior = Float(try o.double("prior", in: 0...1e6, default: 0.2))
    seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
    try o.finish()
  }
}

/// Latents whose samples match.
public struct FoundLatents: Sendable {
  /// [count · answers, latent size]: for each sample its answers, the best first.
  public let latents: Tensor
  /// Mean squared difference over the known elements, for each latent; of standardized elements
  /// where the model standardizes its samples.
  public let errors: [Float]
}

extension GAN {
  /// Latents z for which G(z) matches given samples where they are known, by gradient descent on z
  /// (Yeh et al. 2017 without their discriminator's term).
  /// - Parameters:
  ///   - samples: [count] + sampleShape.
  ///   - mask: of the samples' shape, or of one sample for all: 1 where an element is known, 0
  ///     where not; nil: all are.
  ///   - given: labels and conditions, where the model is conditional.
  ///   - search: how they are looked for.
  /// - Throws: `Failure` of kind argument, mismatch, noMemory.
  public func findLatents(
    for samples: Tensor, mask: Tensor? = nil, given: Conditions = .none,
    _ search: LatentSearch = LatentSearch()
  ) throws(Failure) -> FoundLatents {
    try Memory.checked { () throws(Failure) in
      let known = try checked(samples, mask)
      let n = samples.shape[0]
      let given = state.standardization.standardized(
        try configuration.taken(given, count: n, by: .generator))
      let samples = state.standardization.standardized(samples)
      guard search.answers >= 1, search.tries >= search.answers, search.steps >= 1 else {
        throw Failure(.argument, "search: expected tries >= answers >= 1 and steps >= 1")
      }
      let generator = generator.inference
      let (floats, overflow) = n.multipliedReportingOverflow(by: search.tries)
      guard !overflow, floats <= Int(Int32.max) else {
        throw Failure(
          .limit, "search: \(n) samples and \(search.tries) tries are more than \(Int32.max) starts"
        )
      }
      try Memory.reserve(floats: floats, copies: 8 * (latentSize + 1), for: "the search's latents")
      try Memory.reserve(
        floats: max(64, search.tries),
        copies: 3 * (generator.network.floatsPerSample + sampleShape.count),
        for: "the search's passes")
      try Memory.reserve(floats: n, copies: sampleShape.count, for: "the search's masks")
      try Memory.expectRoom(for: 64 * n * search.tries, "the search's errors")
      var latents: [Tensor] = []
      var errors: [Float] = []
      let piece = max(1, 64 / search.tries)
      for first in stride(from: 0, to: n, by: piece) {
        let place = first..<min(first + piece, n)
        let found = try descend(
          to: samples.rows(place), known.rows(place), given.part(place), generator, search,
          first: first)
        latents.append(found.latents)
        errors += found.errors
      }
      return FoundLatents(latents: .concatenate(latents, axis: 0), errors: errors)
    }
  }

  /// Samples whose unknown elements are filled by the generator: known ones stay as they are.
  /// Arguments and errors as for `findLatents(for:mask:given:_:)`.
  /// - Returns: [count · answers] + sampleShape: for each sample its answers, the best first.
  public func complete(
    _ samples: Tensor, mask: Tensor, given: Conditions = .none,
    _ search: LatentSearch = LatentSearch()
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      let found = try findLatents(for: samples, mask: mask, given: given, search)
      try Memory.reserve(
        floats: 4 * found.errors.count, copies: sampleShape.count, for: "the completed samples")
      let index = Self.repeated(samples.shape[0], search.answers)
      let known = try checked(samples, mask).gather(index)
      let taken = try configuration.taken(given, count: samples.shape[0], by: .generator)
      let made = try sample(latents: found.latents, given: taken.gathered(index), seed: search.seed)
      return select(known, samples.gather(index), made)
    }
  }

  /// 0, 0, …, 1, 1, …: each index as often as there are answers.
  private static func repeated(_ count: Int, _ times: Int) -> [Int32] {
    (0..<(count * times)).map { Int32($0 / times) }
  }

  /// The mask for every sample, after checks.
  private func checked(_ samples: Tensor, _ mask: Tensor?) throws(Failure) -> Tensor {
    try expect(samples)
    try samples.expectFiniteSamples("samples")
    guard let mask else { return .ones(samples.shape) }
    guard mask.shape == samples.shape || mask.shape == sampleShape else {
      throw Failure(
        .mismatch, "mask: expected shape \(sampleShape) or \(samples.shape), found \(mask.shape)")
    }
    let all = mask.shape == samples.shape ? mask : mask.broadcast(to: samples.shape)
    let size = sampleShape.count
    try Memory.check()
    let bad = all.withElements { $0.firstIndex { $0 != 0 && $0 != 1 } }
    if let bad {
      throw Failure(
        .argument, "mask: expected 0 or 1, found another value at element \(bad % size)")
    }
    let sums = all.reshaped([samples.shape[0], size]).sum([1])
    try Memory.check()
    if let empty = sums.array.firstIndex(of: 0) {
      throw Failure(.argument, "mask: sample \(empty) has no known element")
    }
    return all
  }

  /// Adam over the latents of some samples and all their tries at once; the samples are independent
  /// of each other.
  private func descend(
    to samples: Tensor, _ known: Tensor, _ given: Conditions, _ generator: Inference,
    _ search: LatentSearch, first: Int
  ) throws(Failure) -> (latents: Tensor, errors: [Float]) {
    let (n, size, tries) = (samples.shape[0], sampleShape.count, search.tries)
    let index = Self.repeated(n, tries)
    let target = samples.reshaped([n, size]).gather(index)
    let mask = known.reshaped([n, size]).gather(index)
    let weight = mask * mask.sum([1]).reciprocal().reshaped([n * tries, 1])
    let given = given.gathered(index)
    let condition = configuration.generatorCondition(given.labels, given.values)
    let random = RandomStream.samplingLayers.key(search.seed).from(first * tries)
    func differences(_ z: Tensor) -> Tensor {
      let made = generator(z, condition, random).reshaped([n * tries, size])
      return ((made - target).squared() * weight).sum([1])
    }
    let prior = configuration.latent
    let normal = prior.distribution == .normal ? search.prior / Float(latentSize) : 0
    let bound: Float = prior.distribution == .uniform ? 1 : 2
    var z = prior.draw(n * tries, RandomStream.estimates.key(search.seed).from(first * tries))
    let adam = Adam(learningRate: search.learningRate, beta1: 0.9)
    var state = OptimizerState(for: adam, count: z.count)
    for step in 0..<search.steps {
      let x = z.tracked()
      let cost = differences(x).sum() + normal * x.squared().sum()
      let factor = Schedule.cosine(steps: UInt64(search.steps), to: 0.05).factor(at: UInt64(step))
      let moved = adam.step(
        weights: z.reshaped([z.count]),
        gradient: gradient(of: cost, wrt: [x])[0].reshaped([z.count]), state: state,
        rate: search.learningRate * factor)
      try Memory.check()
      guard moved.finite else { break }
      state = moved.state
      z = moved.weights.reshaped(z.shape)
      if prior.distribution != .normal { z = z.clamped(-bound, bound) }
    }
    let found = differences(z)
    try Memory.check()
    let errors = found.array
    var best: [Int32] = []
    for i in 0..<n {
      best += (i * tries..<(i + 1) * tries).sorted { errors[$0] < errors[$1] }
        .prefix(search.answers).map { Int32($0) }
    }
    return (z.gather(best), best.map { errors[Int($0)] })
  }
}

extension Conditions {
  /// Those of samples by index.
  fileprivate func gathered(_ index: [Int32]) -> Conditions {
    Conditions(
      labels: labels.isEmpty ? [] : index.map { labels[Int($0)] }, values: values?.gather(index))
  }
}
