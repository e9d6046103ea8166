// A layer and a cost of one's own, trained on the ring: swift run -c release Own [STEPS]
import SwiftGAN

/// Units that gate each other: (x w) · sigmoid(x v) (Dauphin et al. 2017).
struct Gated: Layer {
  var units: Int
  func declare(_ x: Shape, _ d: inout Declarations) throws(ConfigError) -> Shape {
    guard x.rank == 1 else { throw d.error("gated expects a vector, found \(x)") }
    for name in ["weight", "gate"] {
      try d.parameter(name, [x[0], units], .he, fans: (x[0], units))
    }
    return [units]
  }
  func callAsFunction(_ x: Tensor, _ c: Context) -> Tensor {
    matmul(x, c.parameter()) * sigmoid(matmul(x, c.parameter()))
  }
}

/// Least squares (Mao et al. 2017).
let squares = Objective(
  name: "squares",
  discriminator: { real, fake, _ in 0.5 * ((real - 1).squared().mean() + fake.squared().mean()) },
  generator: { fake in 0.5 * (fake - 1).squared().mean() })

let steps = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 8000
let hidden: [any Layer] = [Dense(128), ActivationLayer.relu, Gated(units: 128)]
let configuration = Configuration(
  shape: [2], latent: Prior(size: 16), generator: .layers(hidden + [Dense(2)]),
  discriminator: .layers(hidden + [Dense(1)]), objective: squares,
  optimizer: OptimizerSettings(Adam(learningRate: 0.0005)), average: 0.99,
  tricks: Tricks(instanceNoise: 0.3, steps: steps / 2))
let ring = try Dataset.open("ring")
let model = try GAN(configuration)
for try await report in try Trainer(model, data: ring, batch: 256).reports(
  steps: steps, every: 1000)
{
  print("step \(report.step): cost D \(report.discriminatorCost), G \(report.generatorCost)")
}
// A checkpoint names what is code; a program that has the code gives it back with the
// configuration.
let again = try GAN(model.snapshot(), configuration: configuration)
let points = try again.sample(2500, seed: 1)
print(try modeCoverage(samples: points, centers: ring.mixture!.centers, deviation: 0.01))
