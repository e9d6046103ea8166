import SGBasics

/// The bounds of what a model counts. A checkpoint beyond them is refused, and a step that could
/// pass one fails before it changes anything, so no counter reaches a value that the code behind it
/// cannot take.
enum Counter {
  /// The most steps and draws: a random key takes numbers below 2⁴⁸.
  static let mostSteps: UInt64 = 1 << 47
  /// The most samples seen and optimizer steps: they are written and compared as signed 64-bit
  /// integers.
  static let mostSamples: UInt64 = 1 << 62
  /// More than one step adds to any counter but the samples.
  static let mostPerStep: UInt64 = 1 << 32

  /// - Throws: `Failure` of kind limit where `value` has no room for what a call adds.
  static func check(
    _ name: String, _ value: UInt64, adding added: UInt64 = mostPerStep, most: UInt64
  ) throws(Failure) {
    guard added <= most, value <= most - added else {
      throw Failure(.limit, "\(name): \(value) leaves no room for another step (at most \(most))")
    }
  }
}

extension GAN {
  /// - Throws: `Failure` of kind limit where a counter has no room for a step.
  func checkCounters() throws(Failure) {
    try Counter.check("step", state.step, most: Counter.mostSteps)
    try Counter.check("draws", state.draws, most: Counter.mostSteps)
    for player in [state.generator, state.discriminator] + state.others {
      try Counter.check(
        "\(player.name).optimizer.steps", player.optimizerState.steps, most: Counter.mostSamples)
    }
  }
}
