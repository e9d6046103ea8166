// A family of models of one's own, trained on the ring: swift run -c release OwnFamily [STEPS]
import SwiftGAN

/// Generative moment matching (Li et al. 2015): a generator without a discriminator descends the
/// kernel distance between its samples and the data.
struct MomentMatching: LatentFamily {
  static let family = "moment_matching"
  let latent: Prior
  let generator: Network
  let width: Int

  init(_ o: inout JSONObject, _ settings: ModelSettings) throws(Failure) {
    var own = try o.object(Self.family, default: [])
    latent = Prior(size: try own.int("latent", in: 1...1000, default: 8))
    width = try own.int("width", in: 1...4096, default: 64)
    try own.finish()
    do throws(ConfigError) {
      generator = try Network(
        [Dense(width), ActivationLayer.relu, Dense(width), ActivationLayer.relu]
          + [Dense(settings.shape.reduce(1, *)), Reshaping(settings.shape)],
        input: Shape([latent.size]), place: Self.family)
    } catch { throw Failure(error) }
  }

  var members: [(String, JSON)] {
    [(Self.family, .object([("latent", JSON(latent.size)), ("width", JSON(width))]))]
  }
  var networks: [(name: String, network: Network)] { [("generator", generator)] }

  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let made = pass(0, latent.draw(x.shape[0], pass.random(.latents)))
    return DescentCost(similarity(made, made) - 2 * similarity(made, x) + similarity(x, x))
  }

  func decode(_ latents: Tensor, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    try learned.networks[0].outputs(for: latents, seed: seed)
  }

  /// Mean of a kernel, the sum of Gaussians of three widths, over all pairs.
  private func similarity(_ a: Tensor, _ b: Tensor) -> Tensor {
    let size = a.count / a.shape[0]
    let gaps = a.reshaped([a.shape[0], 1, size]) - b.reshaped([1, b.shape[0], size])
    let squares = gaps.squared().sum([2])
    return [0.02, 0.2, 1].map { exp(squares * (-1 / $0)).mean() }.reduce(Tensor(0), +)
  }
}

let steps = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 4000
try Families.register(DescentModel<MomentMatching>.self)
let model = try Families.create(
  JSON(parsing: #"{"family": "moment_matching", "data": {"shape": [2]}}"#))
let trainer = try Trainer(model, data: .open("ring"), batch: 128)
for try await report in trainer.reports(steps: steps, every: 1000) {
  print("step \(report.step): kernel distance \(report["cost"] ?? 0)")
}
if let again = try Families.load(model.snapshot()) as? any HasLatents {
  print(try again.sample(4, seed: 1))
}
