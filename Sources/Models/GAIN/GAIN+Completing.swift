import SGBasics
import SGData
import SGNets
import SGTensors

extension GAIN: Completing {
  /// Where completed elements come from.
  private enum Method: String, CaseIterable {
    /// The generator.
    case gain
    /// The same network without the adversarial cost.
    case leastSquares = "least_squares"
    /// The mean of each element's known values in training.
    case mean
  }

  /// Unknown elements by the generator, or by what it is compared with. NaN is unknown, too.
  /// - Parameter options: `method`: "gain" (default), "least_squares" or "mean"; `answers`; `seed`.
  func complete(
    _ samples: Tensor, mask: Tensor, given: Conditions, options: JSON
  ) throws(Failure) -> Tensor {
    try Memory.checked { () throws(Failure) in
      var o = try JSONObject(options, path: "")
      let answers = try o.int("answers", in: 1...1000, default: 1)
      let seed = UInt64(try o.int("seed", in: 0...Int.max, default: 1))
      let method = try o.choice("method", default: Method.gain)
      try o.finish()
      guard samples.rank >= 1, samples.shape[0] >= 1, samples.shape.droppingFirst() == sampleShape
      else {
        throw Failure(
          .mismatch, "samples: expected [count] + \(sampleShape), found \(samples.shape)")
      }
      let count = samples.shape[0]
      let (all, overflow) = count.multipliedReportingOverflow(by: answers)
      try Memory.reserve(
        floats: overflow || all > Int(Int32.max) ? .max : all, copies: 8 * sampleShape.count,
        for: "\(count) samples of \(answers) answers")
      let unknown = try unknown(samples, mask)
      let index = (0..<all).map { Int32($0 / answers) }
      let x = PartlyKnown(unknown.gather(index), state.standardization)
      let made = try answer(x, method, seed)
      let restored = state.standardization.restored(
        made.reshaped([all, settings.count])
      ).reshaped(x.mask.shape)
      // Known elements are given back as they came.
      return select(x.mask, select(x.mask, samples.gather(index), restored), restored)
    }
  }

  /// The samples with NaN in the places of all unknown elements.
  /// - Throws: `Failure` of kind mismatch (the mask's shape) or argument (its values, infinity,
  ///   nothing known).
  private func unknown(_ samples: Tensor, _ mask: Tensor) throws(Failure) -> Tensor {
    guard mask.shape == samples.shape || mask.shape == sampleShape else {
      throw Failure(
        .mismatch, "mask: expected shape \(sampleShape) or \(samples.shape), found \(mask.shape)")
    }
    let bad = mask.withElements { $0.firstIndex { $0 != 0 && $0 != 1 } }
    if let bad {
      throw Failure(
        .argument,
        "mask: expected 0 or 1, found another value at element \(bad % sampleShape.count)")
    }
    let known = mask.broadcast(to: samples.shape)
    let result = Tensor(shape: samples.shape) { y in
      samples.withElements { x in
        known.withElements { m in for i in y.indices { y[i] = m[i] == 1 ? x[i] : .nan } }
      }
    }
    try result.expectKnownSamples("samples")
    return result
  }

  /// Elements for all places, as the networks see them.
  private func answer(
    _ x: PartlyKnown, _ method: Method, _ seed: UInt64
  ) throws(Failure) -> Tensor {
    guard method != .mean else {
      return state.means.rows(0..<1).reshaped(sampleShape.prepending(1)).broadcast(to: x.mask.shape)
    }
    let isRegression = method == .leastSquares
    let player = isRegression ? state.regression : state.generator
    let learned =
      state.averages.isEmpty
      ? (player.parameters, player.statistics) : state.averages[isRegression ? 1 : 0]
    let inference = Inference(
      network: player.network, parameters: learned.0.tensors, statistics: learned.1.tensors,
      reference: nil)
    let noise =
      RandomKey(.sampling, seed: seed).uniform(x.mask.shape) * settings.options.noise
    let input = x.input(select(x.mask, x.elements, noise), x.mask)
    return try inference.inChunks(input) { input, place in
      inference(input, nil, RandomKey(.layers, seed: seed).from(place.lowerBound))
    }
  }
}
