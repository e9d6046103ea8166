import SGTensors

/// What random numbers are for. The low twelve bits of a stream count layers within a pass.
package enum RandomStream: UInt16 {
  case generatorWeights = 0x1000, discriminatorWeights = 0x2000, latents = 0x3000
  case layers = 0x4000, sampling = 0x5000, order = 0x6000, synthetic = 0x7000
  case samplingLayers = 0x8000, estimates = 0x9000, labels = 0xA000, subset = 0xB000
  case subsets = 0xC000, projections = 0xD000, instanceNoise = 0xE000, flips = 0xF000
  case replay = 0x0001, stack = 0x0002, augmentation = 0x0003, labelledAugmentation = 0x0004
  case penalties = 0x0005, augment = 0x0006, degradation = 0x0007, inputOrder = 0x0008

  /// The key of a seed's draws for this purpose.
  package func key(_ seed: UInt64) -> RandomKey {
    RandomKey(seed: seed, stream: rawValue, step: 0)
  }
}
