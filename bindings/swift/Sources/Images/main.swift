// Learns images: swift run -c release Images [DATA] [STEPS]
import SwiftGAN

let arguments = CommandLine.arguments.dropFirst()
let data = try Dataset.open(arguments.first ?? "/usr/share/datasets/fashion-mnist")
let steps = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 3000

let model = try GAN(
  Configuration(
    shape: data.shape.array, generator: .dcgan(width: 32), discriminator: .dcgan(width: 32),
    average: 0.99))
let trainer = try Trainer(model, data: data)
for try await report in trainer.reports(
  steps: steps, every: 100, checkpoint: ("model.safetensors", every: 500))
{
  print("step \(report.step): \(report.balance?.verdict ?? "")")
}
let samples = try model.sample(64, seed: 1)
try ImageGrid(samples, range: ValueRange(-1, 1), columns: 8).write(to: "samples.png")
