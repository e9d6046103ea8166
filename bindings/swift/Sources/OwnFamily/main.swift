// A family of models of one's own, trained on the ring: swift run -c release OwnFamily [STEPS]
import SwiftGAN

/// Generative moment matching (Li et al. 2015): a generator without a discriminator descends the
/// kernel distance between its samples and the data.
struct MomentMatching: LatentFamily {
  struct Options: Sendable {
    var (latent, width) = (8, 64)
  }
  static let family = "moment_matching"
  static let summary = "Generative moment matching (Li et al. 2015)."
  static let settings = Settings<Options>([
    .group(
      family,
      Settings([
        Setting("latent", \.latent, .int(in: 1...1000), "Numbers of a latent."),
        Setting("width", \.width, .int(in: 1...4096), "Units of a hidden layer."),
      ]), "The generator.")
  ])
  static func defaults(shape: [Int]) -> Options { Options() }
  let options: Options
  let generator: Network

  init(_ options: Options, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    do throws(ConfigError) {
      let (hidden, size) = (Dense(options.width), settings.shape.reduce(1, *))
      generator = try Network(
        [hidden, ActivationLayer.relu, hidden, ActivationLayer.relu, Dense(size)]
          + [Reshaping(settings.shape)], input: Shape([options.latent]), place: Self.family)
    } catch { throw Failure(error) }
  }

  var latentSize: Int { options.latent }
  func latents(_ count: Int, _ random: RandomKey) -> Tensor { random.normal([count, latentSize]) }
  var networks: [(name: String, network: Network)] { [("generator", generator)] }

  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    let made = pass(0, latents(x.shape[0], pass.random(.latents)))
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
