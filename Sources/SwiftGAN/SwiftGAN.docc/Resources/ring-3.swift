// Learns eight Gaussians on a ring: swift run -c release Ring [STEPS]
import SwiftGAN

@main
struct Ring {
  static func main() throws {
    let steps = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 16_000
    let data = try Dataset.open("ring")
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 16), generator: .mlp(), discriminator: .mlp(),
        optimizer: OptimizerSettings(Adam(learningRate: 0.001, beta1: 0.5)),
        generatorOptimizer: OptimizerSettings(Adam(learningRate: 0.0005, beta1: 0.5)),
        learningRate: .linear(steps: steps, to: 0.02), average: 0.999,
        tricks: Tricks(instanceNoise: 0.3, steps: steps / 2)))
  }
}
