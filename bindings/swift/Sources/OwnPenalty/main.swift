// A penalty of one's own, trained on the ring: swift run -c release OwnPenalty [STEPS]
import SwiftGAN

/// DRAGAN (Kodali et al. 2017): (‖∇ℓ‖ − 1)² near real samples, moved by noise of half their
/// deviation.
let dragan = Penalty(name: "dragan", weight: 1, every: 2) { critic, real, _, draws in
  let variance = (real - real.mean()).squared().mean()
  let noise = draws.next().uniform(real.shape, low: -1) * variance.squareRoot()
  let slopes = critic.squaredSlopes(at: real + 0.5 * noise)
  return ((slopes + 1e-12).squareRoot() - 1).squared().mean()
}

let steps = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 8000
var configuration = Configuration(
  shape: [2], latent: Prior(size: 16), generator: .mlp(), discriminator: .mlp(),
  objective: .relativistic, optimizer: OptimizerSettings(Adam(learningRate: 0.001)), average: 0.99)
configuration.penalties = [dragan, Penalty.r2.weighted(0.1)]
let ring = try Dataset.open("ring")
let model = try GAN(configuration)
for try await report in try Trainer(model, data: ring, batch: 256).reports(
  steps: steps, every: 1000)
{
  print("step \(report.step): \(report["penalty_dragan"] ?? 0), \(report.verdict ?? "")")
}
let again = try GAN(model.snapshot(), configuration: configuration)
let points = try again.sample(2500, seed: 1)
print(try modeCoverage(samples: points, centers: ring.mixture!.centers, deviation: 0.01))
