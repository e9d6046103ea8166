import SGBasics
import SGNets
import SGTensors

/// A normal distribution around a learned mean.
struct Toy: SamplingFamily {
  static let family = "toy"
  static let summary = "A normal distribution around a learned mean."
  static let settings = Settings<Float>([
    .group(
      family, Settings([Setting("deviation", \.self, .float(in: 0...10), "That of samples.")]), "")
  ])
  static func defaults(shape: [Int]) -> Float { 1 }
  let options: Float
  let networks: [(name: String, network: Network)]

  init(_ options: Float, _ settings: ModelSettings) throws(Failure) {
    self.options = options
    do throws(ConfigError) {
      networks = [("mean", try Network([Dense(settings.shape[0])], input: [1], place: "toy"))]
    } catch { throw Failure(error) }
  }

  func cost(of x: Tensor, _ pass: inout DescentPass) -> DescentCost {
    DescentCost((x - pass(0, .ones([x.shape[0], 1]))).squared().mean())
  }

  func sample(_ count: Int, seed: UInt64, _ learned: Learned) throws(Failure) -> Tensor {
    let mean = try learned.networks[0].outputs(for: .ones([count, 1]), seed: seed)
    return mean + RandomKey(.sampling, seed: seed).normal(mean.shape, deviation: options)
  }
}
