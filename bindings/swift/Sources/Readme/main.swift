import SwiftGAN

let data = try Dataset.open("ring")
let model = try GAN(
  Configuration(
    shape: [2], latent: Prior(size: 16), generator: .mlp(), discriminator: .mlp(),
    optimizer: OptimizerSettings(Adam(learningRate: 0.001, beta1: 0.5)),
    generatorOptimizer: OptimizerSettings(Adam(learningRate: 0.0005, beta1: 0.5)),
    learningRate: .linear(steps: 16_000, to: 0.02), average: 0.999,
    tricks: Tricks(instanceNoise: 0.3, steps: 8000)))
var trainer = try Trainer(model, data: data, batch: 256)
try trainer.run(steps: 16_000)
print(try model.sample(8, seed: 1).array)
